"""One table of the place: its file read and checked against the shipped one, cell by cell."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from resources.local.folder import Unfit, content
from schemas.dated import shipped
from schemas.local import FROM, TO, LocalTable, Row, last_of, overlap

MOST_ROWS = 5000
MOST_FAULTS = 20


@dataclass(frozen=True)
class Line:
    number: int
    row: Row


class Wrong(Exception):
    """What is wrong with one line, in which column."""

    def __init__(self, line: int, why: str, column: str | None = None) -> None:
        super().__init__()
        self.where = f"dòng {line}" + (f", cột {column}" if column else "")
        self.why = why


def rows(path: Path, table: LocalTable, at: tuple[str, ...]) -> tuple[list[Row], list[tuple[str, str]]]:
    """The rows of a file, each with all columns of the shipped table `at`; and what is wrong: where, and why. Raises Unfit."""
    found: list[Line] = []
    faults: list[tuple[str, str]] = []
    standing = shipped(*at)
    for line in _lines(path, table):
        try:
            if isinstance(line, Wrong):
                raise line
            found.append(_whole(line, table, at, standing, found))
        except Wrong as wrong:
            faults.append((wrong.where, wrong.why))
            if len(faults) == MOST_FAULTS:
                break
    if not found and not faults:
        raise Unfit("không có dòng nào dưới dòng tên cột")
    return [line.row for line in found], faults


def _lines(path: Path, table: LocalTable) -> Iterator[Line | Wrong]:
    text = unicodedata.normalize("NFC", content(path))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _refuse_other_header(header, table)
        for cells in islice(reader, MOST_ROWS):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                yield Wrong(reader.line_num, f"có {len(cells)} ô, cần {len(header)}; ô có dấu phẩy phải đặt trong ngoặc kép")
            else:
                yield Line(reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True)))
        if next(reader, None) is not None:
            raise Unfit(f"nhiều hơn {MOST_ROWS} dòng")
    except csv.Error:
        raise Unfit(f"dòng {reader.line_num}: không đọc được như CSV (ngoặc kép không đóng, ký tự lạ)") from None


def _refuse_other_header(header: Sequence[str], table: LocalTable) -> None:
    known = ", ".join(table.columns)
    if len(header) < 2:
        told = "các cột cách nhau bằng dấu chấm phẩy, cần dấu phẩy" if header and ";" in header[0] else "không có dòng tên cột"
        raise Unfit(f"dòng 1: {told}; các cột của bảng: {known}")
    for name in header:
        if name not in table.columns:
            raise Unfit(f"dòng 1: bảng không có cột {name[:40]!r}; các cột của bảng: {known}")
        if header.count(name) > 1:
            raise Unfit(f"dòng 1: cột {name} có hai lần")
    for name in (*table.subject, *table.must, *([FROM] if table.is_dated else [])):
        if name not in header:
            raise Unfit(f"dòng 1: thiếu cột {name}; cần có: {', '.join(dict.fromkeys((*table.subject, *table.must, FROM)))}")


def _whole(line: Line, table: LocalTable, own: tuple[str, ...], standing: Sequence[Row], before: Sequence[Line]) -> Line:
    """The row with what it leaves to the shipped one. Raises Wrong."""
    number, row = line.number, line.row
    for name, text in row.items():
        _refuse_other_value(number, name, text, table)
    about = [s for s in standing if table.about(s) == table.about(row)]
    if not about and not table.of_any:
        known = ", ".join(dict.fromkeys(" ".join(table.about(s)) for s in standing))
        raise Wrong(number, f"không có trong bảng đi kèm, cần một trong: {known}", " ".join(table.subject))
    for name, (at, column) in table.among.items():
        if not about and row[name] not in _held(at or own, column):
            raise Wrong(number, f"không có trong {'/'.join(at or own)}", name)
    if table.is_dated and (row.setdefault(TO, "")) and row[TO] < row[FROM]:
        raise Wrong(number, f"cần một ngày không trước {FROM}", TO)
    for name in table.columns.keys() - row.keys():
        row[name] = _taken_over(number, name, row, about, table)
    for other in before:
        if table.key(other.row) == table.key(row):
            raise Wrong(number, f"cùng một việc và ngày với dòng {other.number}")
        if table.is_dated and table.about(other.row) == table.about(row) and overlap(other.row, row):
            raise Wrong(number, f"những ngày của dòng {other.number} và của dòng này chồng nhau; ghi {TO} vào dòng trước", FROM)
    return line


def _refuse_other_value(line: int, name: str, text: str, table: LocalTable) -> None:
    value = table.columns[name]
    if not value.fits(text):
        raise Wrong(line, f"cần {value.expected}", name)


def _taken_over(line: int, name: str, row: Row, about: Sequence[Row], table: LocalTable) -> str:
    """The value of the shipped row that holds when this one begins, else of the newest."""
    day = row.get(FROM, "")
    dated = sorted(about, key=lambda s: s.get(FROM, ""))
    holding = [s for s in dated if not table.is_dated or s[FROM] <= day <= last_of(s).isoformat()]
    if found := (holding or dated)[-1:]:
        return found[0][name]
    if table.columns[name].fits(""):
        return ""
    raise Wrong(line, f"thiếu cột {name}, mà bảng đi kèm không có dòng nào để lấy", name)


@cache
def _held(at: tuple[str, ...], column: str) -> frozenset[str]:
    return frozenset(row[column] for row in shipped(*at))
