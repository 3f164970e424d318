"""The operator's runbook, docs/van-hanh.md: what is written by hand stands above the mark, an entry a failure below it.

The entries are the declarations of the failures themselves: a failure that can be met and is not in the book cannot exist.
"""

import importlib
import pkgutil
import re
from collections import defaultdict

from assets.cells.failures import CELL_REFUSALS, CellRefusal
from resources.failing import Failure, Transient, declared
from resources.settings import PROJECT

BOOK = PROJECT / "docs" / "van-hanh.md"
MARK = "<!-- Phần dưới do `make docs` sinh ra từ khai báo của các lỗi; không sửa tay. -->"

# Where a failure is declared tells what it is about.
CHAPTERS = (
    (
        "Cấu hình",
        (
            "resources.settings",
            "resources.environment",
            "resources.servers.addresses",
            "resources.state_folder",
            "resources.embedded",
            "resources.servers.encryption",
            "pipelines.door",
        ),
    ),
    ("Kho dữ liệu của trung tâm", ("resources.warehouse", "resources.clock", "resources.locks")),
    ("Dữ liệu gốc, sao lưu và khôi phục", ("resources.raw_store", "resources.backup")),
    ("Hệ thống nguồn", ("resources.connectors",)),
    (
        "Lượt chạy",
        (
            "assets.cells.failures",
            "assets.long_tags",
            "assets.cells",
            "resources.servers.dagster_database",
            "resources.failing",
            "resources.workbooks.writing",
            "pipelines",
        ),
    ),
    ("Số liệu mở", ("resources.publication", "assets.open")),
    (
        "Báo cáo và cổng báo cáo quốc gia",
        ("resources.reporting", "assets.reports"),
    ),
)


def load_all() -> None:
    """Import every module that may declare a failure."""
    for name in ("resources", "assets", "pipelines"):
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
    for kind in declared():
        chapters[_chapter(kind.__module__)].append(kind)
    lines = []
    for title, _ in CHAPTERS:
        lines += [f"## {title}", ""]
        for kind in sorted(chapters[title], key=lambda k: (k.__module__, k.__name__)):
            lines += _entry(kind)
    lines += ["## Ô bị từ chối", ""]
    for refusal in CELL_REFUSALS:
        lines += _refused(refusal)
    return lines


def _chapter(module: str) -> str:
    for title, prefixes in CHAPTERS:
        if module.startswith(prefixes):
            return title
    raise LookupError(f"{module} declares a failure and is in no chapter of the runbook; add it to pipelines/printing/runbook.py")


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
