"""What kind of file it is, by its content: a name is anybody's word."""

import zipfile
from typing import BinaryIO

from resources.workbooks.reading.apart.ole import SIGNATURE
from resources.workbooks.reading.apart.refusing import Refused, broken

_OTHERS = (
    (b"%PDF", "tệp PDF"),
    (b"{\\rtf", "văn bản RTF"),
    (b"Rar!", "tệp nén RAR"),
    (b"7z\xbc\xaf", "tệp nén 7z"),
    (b"\x1f\x8b", "tệp nén gzip"),
)
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table")


def kind_of(file: BinaryIO) -> str:
    """csv, xls, xlsx or ods. Raises Refused."""
    file.seek(0)
    head = file.read(4_096)
    if not head.strip(b"\0 \r\n\t\xef\xbb\xbf\xff\xfe"):
        raise Refused("FileEmpty")
    if head.startswith(SIGNATURE):
        return "xls"
    if head.startswith(b"PK"):
        return _in_archive(file)
    for start, what in _OTHERS:
        if head.startswith(start):
            raise Refused("FileUnknown", why=what)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_MARKUP):
        raise Refused("FileUnknown", why="trang web hoặc XML mang tên sổ bảng tính")
    return "csv"


def _in_archive(file: BinaryIO) -> str:
    try:
        names = {info.filename for info in zipfile.ZipFile(file).infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise broken("không phải tệp nén đầy đủ") from None
    if "xl/workbook.bin" in names:
        raise Refused("FileUnknown", why="sổ .xlsb")
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    raise Refused("FileUnknown", why="tệp nén, không phải sổ bảng tính")
