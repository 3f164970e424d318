"""What the commands print alike: progress, tables, figures, and the names that they take."""

import logging
from typing import Any

from rich import box
from rich.console import Console

from pipelines.refusals import SourceUnknown
from schemas.dataset import Source
from schemas.registry import SOURCES

# Ten figures a system have to fit an 80 column terminal.
TABLE: dict[str, Any] = {
    "box": box.SIMPLE_HEAD,
    "padding": (0, 0),
    "pad_edge": False,
    "show_edge": False,
    "collapse_padding": True,
}


def grouped(count: int) -> str:
    """1234567 -> 1.234.567, as officers write it."""
    return f"{count:,}".replace(",", ".")


def known_source(name: str) -> Source:
    found = next((s for s in SOURCES if s.name == name), None)
    if found is None:
        raise SourceUnknown(name=name, known=", ".join(s.name for s in SOURCES))
    return found


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
