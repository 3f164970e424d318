"""What the commands print alike: progress, tables, figures, and the names that they take."""

import logging
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from pipelines.refusals import SourceUnknown
from schemas.dataset import Source
from schemas.registry import SOURCES, source_named

# Ten figures a system have to fit an 80 column terminal.
TABLE: dict[str, Any] = {
    "box": box.SIMPLE_HEAD,
    "padding": (0, 0),
    "pad_edge": False,
    "show_edge": False,
    "collapse_padding": True,
}


# What is told of each system's cells; a command adds the one that is its own.
CELL_COLUMNS = (
    ("Phải\nnộp", "expected"),
    ("Đã\nnhận", "received"),
    ("Đúng\nhạn", "on_time"),
    ("Muộn", "late"),
    ("Thiếu", "missing"),
    ("Từ\nchối", "refused"),
    ("Dòng\nnhận", "rows_accepted"),
    ("Dòng\nloại", "rows_rejected"),
)


def cells_table(title: str, columns: Sequence[tuple[str, str]]) -> Table:
    """A table with a row a system, still without rows."""
    table = Table(title=title, title_justify="left", **TABLE)
    table.add_column("Hệ thống", no_wrap=True)
    for heading, _ in columns:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def say(line: str) -> None:
    """A line of progress, at once."""
    print(line, flush=True)


def decimal(number: float) -> str:
    """12.34 -> 12,3, as officers write it."""
    return f"{number:.1f}".replace(".", ",")


def grouped(count: int) -> str:
    """1234567 -> 1.234.567, as officers write it."""
    return f"{count:,}".replace(",", ".")


def known_source(name: str) -> Source:
    try:
        return source_named(name)
    except KeyError:
        raise SourceUnknown(name=name, known=", ".join(s.name for s in SOURCES)) from None


def log_to(console: Console) -> None:
    """Show what the steps tell while they run."""
    logging.getLogger("ansinh").addHandler(_Progress(console))
    logging.getLogger("ansinh").setLevel(logging.INFO)


class _Progress(logging.Handler):
    """A line a dataset, as it is done. Counts only."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        self._console.print(f"  {record.getMessage()}", highlight=False, soft_wrap=True)
