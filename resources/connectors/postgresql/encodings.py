"""The encodings of PostgreSQL databases: what a source keeps comes over byte for byte, and becomes UTF-8 where it enters.

A server that is asked for UTF-8 ends the query at the first byte that has no character in its own encoding, and where it does not
know its encoding (SQL_ASCII) at the first that is not UTF-8: of a whole table, for one cell. So it is asked to convert nothing.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from resources.connectors.postgresql.failures import SourceEncodingUnknown
from resources.servers.names import shown
from schemas.dataset import Source
from schemas.reading.cells import LONGEST_TEXT, lengths, spans
from schemas.reading.received import utf8

AS_KEPT = {"client_encoding": "SQL_ASCII"}  # the option of a session in which the server converts nothing

# The encodings that a database can have -> Python's names of them. In a database without one, UTF-8 is what its users write today.
CODECS = {
    "UTF8": "utf-8",
    "SQL_ASCII": "utf-8",
    "EUC_CN": "gb2312",
    "EUC_JP": "euc_jp",
    "EUC_JIS_2004": "euc_jis_2004",
    "EUC_KR": "euc_kr",
    "JOHAB": "johab",
    "KOI8R": "koi8_r",
    "KOI8U": "koi8_u",
    "WIN866": "cp866",
    "WIN874": "cp874",
    **{f"WIN{n}": f"cp{n}" for n in range(1250, 1259)},
    **{f"ISO_8859_{n}": f"iso8859_{n}" for n in range(5, 9)},
    **{f"LATIN{n}": f"iso8859_{part}" for n, part in enumerate((1, 2, 3, 4, 9, 10, 13, 14, 15, 16), 1)},
}
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_LITERAL = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True)
class Encoding:
    """The encoding of one database."""

    codec: str
    is_utf8: bool = False  # the server has proved each value

    @classmethod
    def named(cls, name: str, source: Source) -> "Encoding":
        """The encoding that PostgreSQL calls so. Raises SourceEncodingUnknown."""
        if name not in CODECS:
            raise SourceEncodingUnknown(source=source.name, title=source.title, encoding=shown(name, "máy chủ tự đặt"))
        return cls(CODECS[name], name == "UTF8")

    @property
    def longest(self) -> int:
        """How much the server counts in a text of the greatest allowed length: without an encoding it counts bytes."""
        return LONGEST_TEXT * 4 if self.codec == "utf-8" and not self.is_utf8 else LONGEST_TEXT

    def query(self, text: str) -> str:
        """A query whose literals are written in bytes of this encoding: the server takes them as they come, too."""
        if self.codec == "utf-8" or text.isascii():
            return text
        return _LITERAL.sub(lambda at: at[0] if at[0].isascii() else self._escaped(at[0][1:-1].replace("''", "'")), text)

    def received(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """A batch as it came, its texts in UTF-8.

        In a database of another encoding they are binary: UTF-8 where they could be decoded, and the source's own bytes, which
        then are no UTF-8, where they could not. Whoever reads them sets that row aside.
        """
        if self.is_utf8:
            return batch
        columns = [self._decoded(column) if pa.types.is_string(column.type) else column for column in batch.columns]
        return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)

    def values(self, column: pa.ChunkedArray) -> list[Any]:
        """The values of a column; what could not be decoded is shown by its numbers, like \\xd2."""
        if not pa.types.is_string(column.type):
            return column.to_pylist()
        parts = (part if self.is_utf8 else self._decoded(part) for part in column.chunks)
        return [
            v if v is None else v.decode(errors="backslashreplace") for part in parts for v in part.view(pa.binary()).to_pylist()
        ]

    def _decoded(self, texts: pa.Array) -> pa.Array:
        kept = texts.view(pa.binary())
        data, _ = spans(texts)
        if self.codec == "utf-8" or ((data < 0x80).all() and (lengths(texts) <= LONGEST_TEXT).all()):
            return kept
        coded = kept.dictionary_encode()
        return pa.array(map(self._utf8, coded.dictionary.to_pylist()), pa.binary()).take(coded.indices)

    def _utf8(self, kept: bytes) -> bytes:
        try:
            text = kept.decode(self.codec)[: LONGEST_TEXT + 1]  # by letters, as the server would have cut it
        except UnicodeDecodeError:
            return kept + b"\xff" if utf8(kept) is not None else kept
        if self.codec == "cp1258" and len(text) <= LONGEST_TEXT:  # a longer one has been cut, and must be seen to be too long
            # It has no letters with two marks, and writes each as two characters: that is no fault of who wrote them.
            text = unicodedata.normalize("NFC", text)
        return text.encode()

    def _escaped(self, text: str) -> str:
        kept = b"".join(self._bytes(letter) for letter in unicodedata.normalize("NFC", text))
        return "E'" + "".join(f"\\x{byte:02x}" for byte in kept) + "'"

    def _bytes(self, letter: str) -> bytes:
        """A letter in this encoding; a tone may be a character of its own there. One that it does not have equals nothing."""
        marks = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in marks if mark in _TONES)
        without = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
        for written in (letter, without + tone):
            try:
                return written.encode(self.codec)
            except UnicodeEncodeError:
                continue
        return b"\x7f"
