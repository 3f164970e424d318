"""An erased person is known again however the number or the key is written that the readers take, and whatever file it lies in."""

import io
import unicodedata
import zipfile
from pathlib import Path

import pytest

from resources.person.digests import Person, is_card, normal
from resources.person.files import MEMBERS, holding
from schemas.persons import NUMBER, OLD_NUMBER
from schemas.reading.characters import mend

IDENTITY = "040123456789"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
WRITTEN = (
    IDENTITY,
    IDENTITY.translate(WIDE),
    f"\u2066{IDENTITY}\u2069",
    "040 123 456 789",
    "040.123.456.789",
    "040\u200b123456789",
    "\u00a0040123456789 ",
    "'040123456789",
    "40123456789",
)


@pytest.mark.parametrize("written", WRITTEN)
def test_a_number_is_known_in_every_writing_that_its_reader_takes(written: str) -> None:
    assert normal(NUMBER, written) == IDENTITY
    assert normal(NUMBER, "1099123456") == "001099123456", "with the two zeros that a spreadsheet took away"


def test_an_old_number_keeps_its_nine_digits() -> None:
    assert normal(OLD_NUMBER, "１８７ 654 329") == "187654329"


@pytest.mark.parametrize(
    "written", ["BT-ĐỒI-01", unicodedata.normalize("NFD", "BT-ĐỒI-01"), " BT-ĐỒI-01\u200b", "BT\u2067-ĐỒI-01"]
)
def test_a_key_is_known_as_its_reader_mends_it(written: str) -> None:
    assert normal("profile", written) == mend(written)[0].strip() == "BT-ĐỒI-01"
    assert normal("profile", "BT  01 ") == "BT 01"


def packed(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in members.items():
            into.writestr(name, content)
    return made.getvalue()


def test_it_is_found_in_files_also_packed_and_in_wide_digits(tmp_path: Path) -> None:
    for name, content in {
        "plain.csv": f"a;{IDENTITY}".encode(),
        "wide.csv": f"a;{IDENTITY.translate(WIDE)}".encode(),
        "utf16.csv": f"a;{IDENTITY}".encode("utf-16"),
        "packed.xlsx": packed(a=b"x" * 3_000_000 + IDENTITY.encode()),
    }.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "other.xlsx").write_bytes(packed(a=b"040999999999"))
    assert {p.name for p in holding(tmp_path, {IDENTITY})} == {"plain.csv", "wide.csv", "utf16.csv", "packed.xlsx"}


def test_what_cannot_be_searched_to_its_end_is_taken_for_one_that_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = bytearray(packed(a=bytes(range(256)) * 400))
    damaged[60:90] = b"\xff" * 30
    (tmp_path / "damaged.xlsx").write_bytes(damaged)
    (tmp_path / "many.xlsx").write_bytes(packed(**{str(n): b"" for n in range(MEMBERS + 1)}))
    (tmp_path / "no-zip.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    assert {p.name for p in holding(tmp_path, {IDENTITY})} == {"damaged.xlsx", "many.xlsx"}
    monkeypatch.setattr("resources.person.files.MOST", 1000)
    (tmp_path / "bomb.xlsx").write_bytes(packed(a=b"0" * 2000))
    assert tmp_path / "bomb.xlsx" in holding(tmp_path, {IDENTITY})


def test_a_person_is_told_by_what_was_learnt_too_and_by_nothing_that_is_empty() -> None:
    person = Person({NUMBER: frozenset({IDENTITY})})
    more = person.also([(NUMBER, "040 987 654 321"), (OLD_NUMBER, "187 654 329"), ("profile", " "), (OLD_NUMBER, "-")])
    assert more.values(NUMBER) == {IDENTITY, "040987654321"} and more.values(OLD_NUMBER) == {"187654329"}
    assert more.values("profile") == frozenset() and more.all_values == {IDENTITY, "040987654321", "187654329"}
    assert more.has(OLD_NUMBER, "187.654.329") and not more.has(OLD_NUMBER, None) and not more.has("profile", "")
    assert person.all_values == {IDENTITY} and Person({}).all_values == frozenset()
    assert [is_card(text) for text in ("187 654 329", "18765432", IDENTITY)] == [True, False, False]
