"""The population check that the platform plays: number, name and birth date in; match, mismatch or unknown out.

Its truth is made of a hash of the number, so that the same person is always judged alike. What was asked is never kept: the log
counts calls and people by the service that asked.
"""

import datetime as dt
import hashlib
import json
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resources.durable import write_whole

MATCH, MISMATCH, UNKNOWN = "1", "0", "2"
MOST = 100  # people a call
LONGEST = {"MaYeuCau": 40, "MaDVC": 20, "MaTichHop": 20, "MaDonVi": 35, "MaCanBo": 20, "HoVaTen": 100}
FORMS = {"SoDinhDanh": re.compile(r"\d{12}"), "NgayThangNamSinh": re.compile(r"\d{4}(-\d{2}-\d{2})?")}
FIELDS = (*LONGEST, *FORMS)


class Refused(Exception):
    """A call that is not in the form of the guide: where, never with what."""


class OverQuota(Exception):
    """More calls than a day allows."""


class PopulationCheck:
    def __init__(self, folder: Path) -> None:
        self._log = folder / "dan_cu.json"
        self._lock = threading.Lock()

    def answer(self, body: bytes, day: dt.date, allowed: int | None) -> list[dict[str, str]]:
        """What is said of each person. Raises Refused and OverQuota; then nothing is counted."""
        asked = _asked(body)
        with self._lock:
            log = self.log()
            today = log.setdefault(day.isoformat(), {})
            if allowed is not None and sum(counted["luot"] for counted in today.values()) >= allowed:
                raise OverQuota
            counted = today.setdefault(asked[0]["MaDVC"], {"luot": 0, "nguoi": 0})
            counted["luot"] += 1
            counted["nguoi"] += len(asked)
            self._log.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._log, json.dumps(log))
        return [{"MaYeuCau": person["MaYeuCau"], "KetQua": result(person["SoDinhDanh"])} for person in asked]

    def log(self) -> dict[str, dict[str, dict[str, int]]]:
        """day -> purpose (MaDVC) -> calls and people."""
        return json.loads(self._log.read_text(encoding="utf-8")) if self._log.exists() else {}

    def forget(self) -> None:
        self._log.unlink(missing_ok=True)


def result(number: str) -> str:
    """What is answered: of a thousand people five are unknown, and fifteen are others than they are said to be."""
    drawn = int.from_bytes(hashlib.sha256(number.encode()).digest()[:4]) % 1000
    return UNKNOWN if drawn < 5 else MISMATCH if drawn < 20 else MATCH


def _asked(body: bytes) -> list[dict[str, str]]:
    try:
        people = json.loads(body)["data"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Refused("Nội dung không phải JSON có mục data.") from None
    if not isinstance(people, list) or not 1 <= len(people) <= MOST:
        raise Refused(f"Mỗi lần hỏi từ 1 đến {MOST} người.")
    for place, person in enumerate(people):
        if not isinstance(person, Mapping) or person.keys() != set(FIELDS):
            raise Refused(f"data/{place}: cần đúng các mục {', '.join(FIELDS)}.")
        for name in FIELDS:
            if not _is_right(name, person[name]):
                raise Refused(f"data/{place}/{name}: không đúng dạng.")
    if len({person["MaYeuCau"] for person in people}) < len(people):
        raise Refused("Hai người cùng một MaYeuCau.")
    if len({person["MaDVC"] for person in people}) > 1:
        raise Refused("Một lần hỏi là của một MaDVC.")
    return people


def _is_right(name: str, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if name in FORMS:
        return FORMS[name].fullmatch(value) is not None
    return 1 <= len(value) <= LONGEST[name] and (name != "HoVaTen" or value == value.upper())
