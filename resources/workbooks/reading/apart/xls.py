"""The guard of .xls: the records of a workbook of Excel 5 to 2003 (MS-XLS), for the same facts. Values are the reader's business."""

import struct
from collections.abc import Iterator

from resources.workbooks.reading.apart.facts import FIRST_DAY, FIRST_DAY_OF_1904, SheetFacts, shown_as, within
from resources.workbooks.reading.apart.ole import Container
from resources.workbooks.reading.apart.refusing import Refused, broken
from resources.workbooks.reading.limits import Limits

ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
MONTH_AND_YEAR = 17
_BOF, _EOF = 0x0809, 0x000A
_SHEET_TYPES = {0: "worksheet", 2: "chart"}
_SELF = (0x0401, 0x3A01)  # what SUPBOOK says where it means the workbook itself, or functions of an add-in
_NUMBER, _RK, _MULRK, _FORMULA, _STRING, _BOOLERR = 0x0203, 0x027E, 0x00BD, 0x0006, 0x0207, 0x0205
_TEXTS = (0x00FD, 0x0204, 0x00D6)  # LABELSST, LABEL, RSTRING
_ROW, _COLINFO, _NOTE, _DATEMODE = 0x0208, 0x007D, 0x001C, 0x0022


def guard(data: bytes, limits: Limits) -> list[SheetFacts]:
    """The sheets in their order. Raises Refused."""
    container = Container(data)
    if "EncryptedPackage" in container.entries:
        raise Refused("FileLocked")
    if any(name.startswith("_VBA_PROJECT") for name in container.entries):
        raise Refused("FileActive", what="macro")
    name = next((name for name in ("Workbook", "Book", "WORKBOOK", "BOOK") if name in container.entries), None)
    if name is None:
        raise Refused("FileUnknown", why="tệp Office nhưng không phải sổ .xls")
    stream = container.stream(name)
    formats, found = _book(stream, limits)
    sheets = []
    for sheet, offset in found:
        if offset is not None:
            _Cells(sheet, formats).read(stream, offset)
        sheets.append(sheet)
    return within(sheets, limits)


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of one substream, those of what lies inside it left out."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + length]
        if len(body) < length:
            raise broken("bản ghi cụt")
        at += 4 + length
        depth += kind == _BOF
        if kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, body
    raise broken("thiếu phần cuối")


def _book(stream: bytes, limits: Limits) -> tuple[list[str | None], list[tuple[SheetFacts, int | None]]]:
    """How each style shows a value, and the sheets with where their records begin."""
    codes: dict[int, str] = {MONTH_AND_YEAR: "mmm-yy"}
    styles: list[int] = []
    sheets: list[tuple[SheetFacts, int | None]] = []
    begins = FIRST_DAY
    is_wide = len(stream) > 6 and struct.unpack_from("<H", stream, 4)[0] >= 0x0600
    for kind, body in _records(stream, 0):
        if kind == 0x002F:
            raise Refused("FileLocked")
        if kind == 0x00D3:
            raise Refused("FileActive", what="macro")
        if kind == 0x01AE and len(body) >= 4 and struct.unpack_from("<H", body, 2)[0] not in _SELF:
            raise Refused("FileActive", what="công thức lấy từ tệp khác")
        if kind == 0x041E and is_wide and len(body) > 5:
            codes[struct.unpack_from("<H", body)[0]] = _text(body[2:])
        elif kind == 0x00E0 and len(body) >= 4:
            styles.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _DATEMODE and body[:1] == b"\1":
            begins = FIRST_DAY_OF_1904
        elif kind == 0x0085 and len(body) > 7:
            offset, hidden, type_ = struct.unpack_from("<IBB", body)
            if type_ == 1:
                raise Refused("FileActive", what="macro")
            if type_ in _SHEET_TYPES:
                sheets.append((SheetFacts("", limits, bool(hidden & 3)), offset if type_ == 0 else None))
    for sheet, _ in sheets:
        sheet.begins = begins
    return [shown_as(codes.get(style, "")) for style in styles], sheets


def _text(body: bytes) -> str:
    """A string with its length and its width before it."""
    if len(body) < 3:
        return ""
    length, flags = struct.unpack_from("<HB", body)
    return body[3 : 3 + 2 * length].decode("utf-16-le", "replace") if flags & 1 else body[3 : 3 + length].decode("latin-1")


class _Cells:
    """One pass over the records of a sheet."""

    def __init__(self, sheet: SheetFacts, formats: list[str | None]) -> None:
        self.sheet, self.formats = sheet, formats
        self.awaits: tuple[int, int] | None = None  # the formula whose text is told by the next record

    def read(self, stream: bytes, offset: int) -> None:
        for kind, body in _records(stream, offset):
            if kind == _STRING and self.awaits:
                text = _text(body).strip()
                if text.isdecimal():
                    self.sheet.mark(*self.awaits, f"'{text}")
            elif kind == _ROW and len(body) >= 16:
                if struct.unpack_from("<H", body, 12)[0] & 0x20:
                    self.sheet.hidden_rows.add(struct.unpack_from("<H", body)[0])
            elif kind == _COLINFO and len(body) >= 10:
                first, last, _, _, flags = struct.unpack_from("<5H", body)
                if flags & 1:
                    self.sheet.hidden_columns.add(first, max(first, last))
            elif kind == _NOTE and len(body) >= 4:
                self.sheet.comments.add(struct.unpack_from("<H", body)[0])
            elif len(body) >= 6:
                self._cell(kind, body)

    def _cell(self, kind: int, body: bytes) -> None:
        row, column, style = struct.unpack_from("<HHH", body)
        if kind == _MULRK:
            for at in range((len(body) - 6) // 6):
                self._number(row, column + at, struct.unpack_from("<H", body, 4 + 6 * at)[0])
        elif kind in (_NUMBER, _RK):
            self._number(row, column, style)
        elif kind in _TEXTS:
            self.sheet.fill(row, column)
        elif kind == _BOOLERR and len(body) >= 8:
            self.sheet.fill(row, column)
            if body[7]:
                self.sheet.mark(row, column, ERRORS.get(body[6], "#N/A"))
        elif kind == _FORMULA and len(body) >= 14:
            self._formula(row, column, style, body)

    def _number(self, row: int, column: int, style: int) -> None:
        self.sheet.fill(row, column)
        shown = self.formats[style] if style < len(self.formats) else None
        if shown is not None:
            self.sheet.mark(row, column, shown)

    def _formula(self, row: int, column: int, style: int, body: bytes) -> None:
        self.sheet.fill(row, column)
        self.sheet.formulas[column] += 1
        self.awaits = None
        if body[12:14] != b"\xff\xff":
            self._number(row, column, style)
        elif body[6] == 0:
            self.awaits = (row, column)
        elif body[6] == 2:
            self.sheet.mark(row, column, ERRORS.get(body[8], "#N/A"))
