"""Workbooks that leave the hub: no value of the data is a formula in them, and each takes its place whole."""

import io
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import xlsxwriter

from resources.durable import write_whole
from resources.failing import why_not
from resources.workbooks.failures import WorkbookNotWritten


@contextmanager
def workbook(into: Path) -> Iterator[xlsxwriter.Workbook]:
    """A workbook to fill, readable by its owner alone. It stands at its place once the block has ended well, and not before."""
    held = io.BytesIO()
    # strings_to_formulas False: a value that starts with = would else become a formula in the reader's Excel. in_memory: parts
    # of it would else lie in the machine's folder for temporary files.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(held, options) as book:
        yield book
    try:
        write_whole(into, held.getvalue())
    except OSError as error:
        raise WorkbookNotWritten(path=into, kind=why_not(error)) from None


def lines_of(text: str, width: int) -> int:
    """How many lines a text takes where about so many characters have room and words stay whole.

    A row is given its height by it: Excel finds the height of wrapped text when it opens a workbook, others do not.
    """
    return sum(max(1, len(textwrap.wrap(part, width))) for part in text.split("\n"))
