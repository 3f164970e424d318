"""CSV files of strangers as records of texts: encoding, separator and width are found first, in one pass over the bytes.

Bytes that are no Unicode are told as cp1252 tells them: which of the old encodings they are is decided by column, elsewhere.
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from resources.workbooks.reading.apart.refusing import Refused, broken, too_large
from resources.workbooks.reading.limits import Limits

PIECE = 1 << 20
LOOKED_AT = 1_000  # records by which separator and width are told
SEPARATORS = ";,\t|"
LONGEST_FIELD = 1 << 20
SHIFTED = "#SHIFTED"  # stands in every cell of a record that has more cells than columns: nobody knows which belongs where
EIGHT_BIT = "8-bit"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """The five bytes that cp1252 leaves undefined come through as they are."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("ansinh_cp1252", _as_cp1252)


@dataclass(frozen=True)
class Form:
    """How a file is written."""

    encoding: str
    separator: str
    width: int
    skipped: int  # lines before the first record: Excel's own `sep=;`


def form_of(file: BinaryIO, limits: Limits) -> Form:
    """Look through the file once. Raises Refused."""
    encoding = _encoding(file, limits)
    records: dict[str, list[list[str]]] = {}
    for separator in SEPARATORS:
        file.seek(0)
        records[separator] = [
            record for record, _ in zip(_raw(file, encoding, separator, 0, limits), range(LOOKED_AT), strict=False)
        ]
    first = next((record for record in records[","] if any(record)), None)
    if first is None:
        raise Refused("FileEmpty")
    if first[0].lower().startswith("sep=") and len("".join(first)) <= len("sep=;"):
        separator = (",".join(first))[4:5] or ","
        if separator in SEPARATORS:
            return Form(encoding, separator, _width(records[separator][1:]), 1)
    separator = max(SEPARATORS, key=lambda s: _fitness(records[s]))
    return Form(encoding, separator, _width(records[separator]), 0)


def _encoding(file: BinaryIO, limits: Limits) -> str:
    file.seek(0)
    head = file.read(4_096)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        halves = head[::2].count(0), head[1::2].count(0)
        if max(halves) * 4 < len(head):
            raise Refused("FileUnknown", why="tệp nhị phân")
        return "utf-16-be" if halves[0] > halves[1] else "utf-16-le"
    decoder, total = codecs.getincrementaldecoder("utf-8")(), len(head)
    try:
        decoder.decode(head)
        while piece := file.read(PIECE):
            total += len(piece)
            if total > limits.content_bytes:
                raise too_large(f"hơn {limits.content_bytes >> 20} MB")
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return EIGHT_BIT
    return "utf-8"


def _fitness(records: list[list[str]]) -> tuple[int, int]:
    """Cells in records of the width that most wide records have."""
    widths = Counter(len(record) for record in records if len(record) > 1)
    if not widths:
        return 0, 0
    width, count = max(widths.items(), key=lambda item: item[0] * item[1])
    return width * count, count


def _width(records: list[list[str]]) -> int:
    return max((max((at + 1 for at, cell in enumerate(record) if cell), default=0) for record in records), default=1) or 1


def records(file: BinaryIO, form: Form, limits: Limits) -> Iterator[list[str]]:
    """All records, each of the same width, one that holds nothing included. Raises Refused."""
    if form.width > limits.columns:
        raise too_large(f"{form.width} cột, cho phép {limits.columns}")
    file.seek(0)
    empty = [""] * form.width
    for number, record in enumerate(_raw(file, form.encoding, form.separator, form.skipped, limits), 1):
        if number > limits.csv_rows:
            raise too_large(f"hơn {limits.csv_rows} dòng")
        missing = form.width - len(record)
        if missing > 0:
            record += empty[:missing]
        elif missing < 0:
            record = record[: form.width] if not any(record[form.width :]) else [SHIFTED] * form.width
        yield record


def _raw(file: BinaryIO, encoding: str, separator: str, skipped: int, limits: Limits) -> Iterator[list[str]]:
    """Records as the file has them; a quote that is never closed is found, not followed to the end of the file."""
    csv.field_size_limit(LONGEST_FIELD)
    codec, errors = ("cp1252", "ansinh_cp1252") if encoding == EIGHT_BIT else (encoding, "replace")
    lines = io.TextIOWrapper(file, encoding=codec, errors=errors, newline="")
    held: list[str] = []

    def kept() -> Iterator[str]:
        while line := lines.readline(LONGEST_FIELD):
            if len(held) > limits.record_lines:
                raise broken(f"dấu nháy kép mở mà không đóng, quanh dòng {reader.line_num - limits.record_lines}")
            held.append(line)
            yield line

    reader = csv.reader(kept(), delimiter=separator)
    try:
        for number, record in enumerate(reader):
            if len(held) > 1:
                _closed(held, separator, reader.line_num)
            held.clear()
            if number >= skipped:
                yield record
    except csv.Error:
        raise broken(f"ô quá dài hoặc dấu nháy kép không đóng, quanh dòng {reader.line_num}") from None
    finally:
        lines.detach()


def _closed(lines: list[str], separator: str, number: int) -> None:
    """Refuse a record of several lines whose quote the end of the file closes."""
    try:
        list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error as error:
        if "end of data" in str(error):
            raise broken(f"dấu nháy kép mở mà không đóng, quanh dòng {number - len(lines) + 1}") from None
