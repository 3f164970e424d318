"""The switches of a synthetic server, in one JSON file: they can be set while it is down, and outlive a restart of it."""

import json
import threading
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from resources.durable import write_whole

S = TypeVar("S")
FOREVER = -1


class SwitchFile(Generic[S]):
    """`S`: a frozen dataclass, whose defaults are how a server behaves that nobody spoils."""

    def __init__(self, path: Path, kind: type[S]) -> None:
        self._path, self._kind = path, kind
        self._lock = threading.RLock()

    def read(self) -> S:
        try:
            return self._kind(**json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return self._kind()

    def change(self, **values: Any) -> S:
        """Set some switches and leave the others."""
        with self._lock:
            return self._write(replace(self.read(), **values))  # ty: ignore[invalid-argument-type]

    def clear(self) -> None:
        with self._lock:
            self._path.unlink(missing_ok=True)

    def _write(self, switches: S) -> S:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._path, json.dumps(asdict(switches), ensure_ascii=False))  # ty: ignore[invalid-argument-type]
        return switches
