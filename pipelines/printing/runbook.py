"""The operator's runbook, docs/van-hanh.md: what is written by hand stands above the mark, an entry a failure below it.

The entries are the declarations of the failures themselves: a failure that can be met and is not in the book cannot exist.
Each package declares its own in its failures.py, and `CHAPTER` there says under which heading they stand.
"""

import importlib
import pkgutil
import re
import sys
from collections import defaultdict

from assets.cells.failures import CELL_REFUSALS, CellRefusal
from resources.failing import Failure, Transient, declared
from resources.settings import PROJECT

BOOK = PROJECT / "docs" / "van-hanh.md"
MARK = "<!-- Phần dưới do `make docs` sinh ra từ khai báo của các lỗi; không sửa tay. -->"
ROOTS = ("resources", "assets", "pipelines")


def load_all() -> None:
    """Import every module that may declare a failure."""
    for name in ROOTS:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            importlib.import_module(module.name)


def book() -> str:
    """The whole book: the hand-written part as it stands, the entries anew."""
    by_hand = BOOK.read_text(encoding="utf-8").split(MARK)[0].rstrip()
    return "\n".join([by_hand, "", MARK, "", *_entries()])


def _entries() -> list[str]:
    load_all()
    chapters: dict[str, list[type[Failure]]] = defaultdict(list)
    for kind in sorted(declared(), key=_place):
        chapters[chapter_of(kind.__module__)].append(kind)
    lines = []
    for title, kinds in chapters.items():
        lines += [f"## {title}", ""]
        for kind in kinds:
            lines += _entry(kind)
    lines += ["## Ô bị từ chối", ""]
    for refusal in CELL_REFUSALS:
        lines += _refused(refusal)
    return lines


def _place(kind: type[Failure]) -> tuple[int, str, str]:
    package = kind.__module__.rpartition(".")[0]
    return ROOTS.index(package.partition(".")[0]), package, kind.__name__


def chapter_of(module: str) -> str:
    """What the failures of a package are about, as they say themselves; of one that is silent, what the package around it says."""
    package = module.rpartition(".")[0]
    return getattr(sys.modules[module], "CHAPTER", None) or chapter_of(f"{package.rpartition('.')[0]}.failures")


def _entry(kind: type[Failure]) -> list[str]:
    retried = "tự thử lại, có giới hạn" if issubclass(kind, Transient) else "không tự thử lại"
    if kind.was_waited_for:
        retried = "ansinh nightly thử lại một lượt, sau các hệ thống khác"
    message = f"{_shown(kind.attempted)}: {_shown(kind.found)}. {_shown(kind.remedy)}."
    title = ": ".join(part for part in (_shown(kind.attempted), _shown(kind.found)) if part != "…")
    return _block(title, message, f"{kind.means} ({retried})", kind.steps)


def _refused(refusal: CellRefusal) -> list[str]:
    name = refusal.text.split("; ")[0]
    return _block(_shown(name), _shown(refusal.text), refusal.means, refusal.steps)


def _block(title: str, message: str, means: str, steps: tuple[str, ...]) -> list[str]:
    numbered = [f"{place}. {step}" for place, step in enumerate(steps, start=1)]
    return [f"### {title}", "", f"> {message}", "", means, "", *numbered, ""]


def _shown(template: str) -> str:
    """`{what}` and its like, as the reader of the book meets them."""
    return re.sub(r"\{[^{}]*\}", "…", template)
