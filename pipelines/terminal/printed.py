"""What the commands print alike: progress, tables, figures, names; and where they put a file."""

import datetime as dt
import logging
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.pager import Pager, SystemPager
from rich.table import Table

from resources.settings import Settings
from schemas.dataset import Source
from schemas.registry import dataset_named
from schemas.roads import TITLES as ROADS
from schemas.written import grouped, unit_title

WIDEST = 100  # columns: a table that is drawn wider is read worse, and one without a terminal goes into a file or a mail
NONE = "–"  # a count of none: a column of zeros hides the figures that are not

# Ten figures a system have to fit an 80 column terminal.
TABLE: dict[str, Any] = {
    "box": box.SIMPLE_HEAD,
    "padding": (0, 0),
    "pad_edge": False,
    "show_edge": False,
    "collapse_padding": True,
}


LINES: dict[str, Any] = TABLE | {"padding": (0, 1)}  # columns of words


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


def roads_in_words(roads: Mapping[str, Sequence[str]]) -> str | None:
    """The road by which the rows of each system come. `roads`: by the system's label; systems that nobody has read yet are left out."""
    by_road: dict[str, list[str]] = {}
    for label, names in roads.items():
        for name in names:
            by_road.setdefault(ROADS.get(name, name), []).append(label)
    told = "; ".join(f"từ {road}: {', '.join(labels)}" for road, labels in sorted(by_road.items()))
    return f"Lấy dữ liệu {told}." if told else None


def console(*, stderr: bool = False) -> Console:
    """The console for commands that print more than a line."""
    width = shutil.get_terminal_size((WIDEST, 24)).columns
    return Console(stderr=stderr, highlight=False, width=min(width, WIDEST))


def unconfigured_in_words(sources: Sequence[Source]) -> str:
    """The systems that stand in no count, each with the setting that would bring it in."""
    named = ", ".join(f"{s.label} ({s.environment})" for s in sources)
    return f"[bold]Chưa cấu hình[/bold], không tính là thiếu: {named}."


@contextmanager
def paged() -> Iterator[Console]:
    """A console whose lines go through the pager, where a person would not see all of them at once."""
    found = console()
    if not found.is_terminal:
        yield found
        return
    os.environ.setdefault("LESS", "FRX")  # as git does: colours, and what was read stays on the screen
    with found.pager(_PagerOfLongTexts(found.height), styles=True):
        yield found


class _PagerOfLongTexts(Pager):
    def __init__(self, height: int) -> None:
        self._height = height

    def show(self, content: str) -> None:
        if content.count("\n") < self._height:
            print(content, end="")
        else:
            SystemPager().show(content)


def into(asked: str | None, name: str) -> Path:
    """The file to write: `asked` is that file, or a folder that takes it under its own name.

    Without `asked` it lies in EXPORT_DIR, or in the folder we are in.
    """
    if asked is None:
        folder = Settings.load().exports_dir
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return (folder or Path()) / name
    is_folder = asked.endswith(os.sep) or Path(asked).is_dir()
    return Path(asked) / name if is_folder else Path(asked)


def say(line: str) -> None:
    """A line of progress, at once."""
    print(line, flush=True)


def refused_in_words(source: Source, cell: Any, today: dt.date) -> str:
    """A cell whose latest arrival was refused, by its names and as it stands in the grid, and why (a row of ledger.refused_cells)."""
    title = dataset_named(f"{source.name}.{cell.dataset}").title
    unit = unit_title(cell.unit_code, cell.period, today)
    return f"{source.label}, {title}, ô {cell.period}|{unit}: {cell.reason}"


def counted(count: int) -> str:
    """A count as `grouped` writes it; none is a dash."""
    return grouped(count) if count else NONE


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
