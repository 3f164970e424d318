"""What a database of any encoding keeps is UTF-8 when it has entered, or the bytes as they were; and no more of it than is read."""

import codecs
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.connectors.batches import resized
from resources.connectors.connector import BATCH_BYTES, BATCH_ROWS, KEY, ROW_BYTES, keyed
from resources.connectors.postgresql.encodings import CODECS, Encoding
from resources.connectors.postgresql.failures import SourceEncodingUnknown
from schemas.reading.cells import LONGEST_TEXT
from schemas.sources.social_protection.datasets import BENEFICIARIES

SOURCE = BENEFICIARIES.source


def received(encoding: str, *cells: bytes | None) -> list[Any]:
    """Cells as the driver gives them: as text, whatever they are."""
    batch = pa.RecordBatch.from_arrays([pa.array([b"Xa", *cells], pa.binary()).view(pa.string())], ["ten"])
    return Encoding.named(encoding, SOURCE).received(batch.slice(1)).column(0).to_pylist()


def test_each_encoding_has_a_codec_and_another_is_named() -> None:
    assert all(codecs.lookup(codec) for codec in CODECS.values())
    with pytest.raises(SourceEncodingUnknown, match="MULE_INTERNAL"):
        Encoding.named("MULE_INTERNAL", SOURCE)


def test_a_text_becomes_utf_8_and_what_is_none_stays_what_it_was() -> None:
    name = "Nguyễn Thị Tuyết"
    apart = "Nguyê\u0303n Thi\u0323 Tuyê\u0301t".encode("cp1258")
    assert received("UTF8", name.encode(), None) == [name, None]
    assert received("WIN1258", apart, b"abc", None, b"") == [name.encode(), b"abc", None, b""]
    assert received("LATIN1", "Hélène".encode("latin-1")) == ["Hélène".encode()]
    assert received("SQL_ASCII", name.encode(), b"\xd2\xfd", None) == [name.encode(), b"\xd2\xfd", None]
    assert received("WIN1258", b"Tr\x8dn") == [b"Tr\x8dn"]
    (kept,) = received("WIN1258", "\u034d".encode())  # no text there, though it would be one in UTF-8
    with pytest.raises(UnicodeDecodeError):
        kept.decode()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(CODECS)), st.lists(st.one_of(st.none(), st.binary(max_size=12)), min_size=1, max_size=6))
def test_no_bytes_stop_a_batch(encoding: str, cells: list[bytes | None]) -> None:
    if encoding == "UTF8":
        return
    for kept, cell in zip(received(encoding, *cells), cells, strict=True):
        assert (kept is None) == (cell is None)
    shown = Encoding.named(encoding, SOURCE).values(pa.chunked_array([pa.array(cells, pa.binary()).view(pa.string())]))
    assert [type(text) for text in shown] == [type(None) if cell is None else str for cell in cells]


def test_the_literals_of_a_query_are_written_in_the_encoding() -> None:
    asked = "select 'it''s', 'a\\b' from t where x = 'Lê ''Ế'''"
    assert Encoding.named("SQL_ASCII", SOURCE).query(asked) == asked
    told = Encoding.named("WIN1258", SOURCE).query(asked)
    assert told == r"select 'it''s', 'a\b' from t where x = E'\x4c\xea\x20\x27\xca\xec\x27'"
    assert b"L\xea '\xca\xec'".decode("cp1258") == "Lê 'Ê\u0301'"


@pytest.mark.parametrize("length", [LONGEST_TEXT, LONGEST_TEXT + 1, LONGEST_TEXT + 2, 3 * LONGEST_TEXT])
def test_a_text_too_long_is_the_same_whether_the_server_cut_it_or_not(length: int) -> None:
    """And is seen to be too long, also where its letters are fewer once composed."""
    for encoding, letter in (("UTF8", "ễ"), ("WIN1258", "ế"), ("WIN1258", "x"), ("SQL_ASCII", "ễ"), ("EUC_KR", "가")):
        found = Encoding.named(encoding, SOURCE)
        text = ("ê\u0301" if letter == "ế" else letter) * length
        kept = text.encode(found.codec)
        by_bytes = encoding in ("SQL_ASCII", "WIN1258")
        cut = kept[: found.longest + 1] if by_bytes else text[: found.longest + 1].encode(found.codec)
        whole, part = (keyed_text(found, bytes_) for bytes_ in (kept, cut))
        assert whole == part
        told = whole if isinstance(whole, str) else whole.decode(errors="replace")
        assert len(told) <= LONGEST_TEXT * 2
        assert (len(told) > LONGEST_TEXT) == (len(text) > LONGEST_TEXT)


@pytest.mark.parametrize("letter", ["x", "ễ", "😀"])
def test_a_text_too_long_is_the_same_whether_it_comes_as_text_or_as_bytes(letter: str) -> None:
    texts = ["ngắn", None, letter * (LONGEST_TEXT + 1), letter * LONGEST_TEXT, letter * (LONGEST_TEXT + 500)]
    by_texts, by_bytes = (pa.array(texts, pa.string()).cast(kind) for kind in (pa.string(), pa.binary()))
    (batch,) = keyed(
        [pa.RecordBatch.from_arrays([by_texts, by_bytes, pa.array([1] * 5)], ["ten", "byte", KEY])], BENEFICIARIES, "now", "sql"
    )
    assert batch.column(0).cast(pa.binary()) == batch.column(1)
    assert batch.column(0).to_pylist()[:2] == texts[:2] and batch.column(0).to_pylist()[3] == texts[3]


def keyed_text(encoding: Encoding, kept: bytes) -> Any:
    batch = pa.RecordBatch.from_arrays([pa.array([kept]).view(pa.string()), pa.array([1])], ["ten", KEY])
    (given_on,) = keyed([encoding.received(batch)], BENEFICIARIES, "now", "sql")
    return given_on.column(0)[0].as_py()


@pytest.mark.parametrize(("width", "count", "expected"), [(8, BATCH_ROWS + 500, 2), (2_000, 30_000, 10), (300_000, 90, 5)])
def test_batches_of_wide_rows_are_of_fewer(width: int, count: int, expected: int) -> None:
    def given_batches() -> Iterator[pa.RecordBatch]:
        at_once = max(1, (2 << 20) // width)
        for first in range(0, count, at_once):
            numbers = range(first, min(first + at_once, count))
            yield pa.record_batch({"n": pa.array(numbers), "text": pa.array(["x" * (width - 8)] * len(numbers))})

    batches = list(resized(given_batches()))
    assert [n for batch in batches for n in batch.column("n").to_pylist()] == list(range(count))
    for batch in batches:
        assert batch.num_rows <= BATCH_ROWS
        assert batch.nbytes <= batch.num_rows * ROW_BYTES + BATCH_BYTES + (3 << 20)
    assert len(batches) == expected
