"""By the words of its heading each column of each dataset is found, and no word is two columns' of one dataset."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas
from resources.workbooks.reading.headings import ORDINALS, Known, Top, find
from resources.workbooks.reading.wanted import Wanted, wanted_of
from resources.workbooks.reading.words import asides, folded, without_asides
from schemas.dataset import Dataset
from schemas.registry import DATASETS

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.id)
# What units send as files today, by whatever road the rest comes.
BY_FILE = ("children", "social_evils_prevention", "social_protection", "labour_employment")


def words_of(column: Wanted) -> set[str]:
    return {folded(text) for text in (column.title, column.name, *column.headings)}


@every_dataset
def test_no_word_is_two_columns(dataset: Dataset) -> None:
    claimed = defaultdict(set)
    for column in wanted_of(dataset):
        for word in words_of(column):
            claimed[word].add(column.name)
    assert not {word: names for word, names in claimed.items() if len(names) > 1 or not word}


@every_dataset
def test_each_of_its_words_finds_a_column(dataset: Dataset) -> None:
    columns = wanted_of(dataset)
    known = Known.of(columns, {})
    for heads in (
        [c.title for c in columns],
        [c.name for c in columns],  # but `stt`, which numbers the lines of every list
        [c.headings[-1] if c.headings else c.title for c in columns],
    ):
        found = find(Top.of([[f"{head} (*)" for head in heads]], []), known)
        assert found is not None and not found.twice and not found.unknown
        told = zip(columns, heads, strict=True)
        assert found.columns == {c.name: at for at, (c, head) in enumerate(told) if folded(head) not in ORDINALS}
    for column in columns:
        for text in column.headings:
            met = known.column(text)
            assert met is not None and met[0] == column.name, text


_KNOWN = [Known.of(wanted_of(dataset), {}) for dataset in DATASETS]


@given(st.data())
def test_what_cannot_be_a_heading_is_none_in_any_company(data: st.DataObject) -> None:
    """Sheets are not searched where no cell may speak: one that does not adds nothing to what two to four lines say together."""
    known = data.draw(st.sampled_from(_KNOWN))
    word = data.draw(st.sampled_from(sorted(known.words))).split()
    parts = data.draw(
        st.lists(st.sampled_from([*word, "(", ")", "[x", "]", "*", "12/03/1960", "Nguyễn Văn An", "Đ"]), max_size=4)
    )
    at = data.draw(st.integers(0, len(parts)))
    cells = [*parts[:at], " ".join(word), *parts[at:]] if data.draw(st.booleans()) else [*word, *parts]
    if known.column(" ".join(cells)) is not None:
        assert any(map(known.may_speak, cells)), cells


def test_what_stands_in_brackets_is_no_part_of_a_heading_and_what_is_too_long_is_none() -> None:
    assert without_asides("Họ tên (viết hoa (in đậm)) [nếu có] *").split() == ["Họ", "tên", ")"]
    assert asides("Họ tên (của cha) [nếu có]") == ["của cha", "nếu có"]
    assert without_asides("Họ tên ((( [[[") == "Họ tên ((( [[[" and asides("((( [[[") == []
    known = _KNOWN[0]
    word = next(iter(known.words))
    assert known.column(f"{word} {'(' * 500}x)") and known.column(f"{word} {'(' * 10_000}") is None
    assert not known.may_speak(f"{word} {'(' * 10_000}")


@pytest.mark.parametrize("dataset", [d for d in DATASETS if d.source.name in BY_FILE], ids=lambda d: d.id)
def test_what_comes_by_file_is_known_by_usual_words_too(dataset: Dataset) -> None:
    assert not [c.name for c in wanted_of(dataset) if not c.headings]


def test_no_word_is_written_for_nobody() -> None:
    with (Path(schemas.__file__).parent / "reading" / "headings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = {(c.name, folded(text)) for d in DATASETS for c in wanted_of(d) for text in c.headings}
    of_grids = {c.name for d in DATASETS for c in wanted_of(d) if c.item}
    for row in rows:
        name, word = row["source_column"], folded(row["heading"])
        if "*" in name:
            assert any(word in heard for heard_of, heard in told if heard_of in of_grids), row
        else:
            assert (name, word) in told, row
