"""A hash of all that decides how a row of a dataset is read and judged: when it changes, open cells are judged anew."""

import hashlib
import sys
from functools import cache
from pathlib import Path

from schemas.dataset import Dataset

# Projections, forms and calendars do not touch how a row is judged.
APART = ("sources", "reports", "calendar_data")


@cache
def _shared() -> str:
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.suffix not in (".py", ".csv") or inside.parts[0] in APART:
            continue
        if inside.name.startswith("to_") or inside.name in (
            "release.py",
            "calendar.py",
            "owners.py",
            "owners.csv",
            "registry.py",
        ):
            continue
        digest.update(str(inside).encode() + path.read_bytes())
    return digest.hexdigest()


@cache
def declaration_hash(dataset: Dataset) -> str:
    own = Path(sys.modules[dataset.model.__module__].__file__ or "").read_bytes()
    return hashlib.sha256(_shared().encode() + own + dataset.id.encode()).hexdigest()[:16]
