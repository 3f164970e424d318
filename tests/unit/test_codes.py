"""Code lists: every list that a column names exists, is dated, and says on what it rests."""

import datetime as dt
import itertools

import pytest

from schemas import codes
from schemas.registry import DATASETS

DAY = dt.date(2024, 11, 20)


def test_every_list_that_a_column_names_exists_and_fits_its_type() -> None:
    kinds = set()
    for dataset in DATASETS:
        for column in dataset.columns:
            if column.codes:
                listed = codes.listed(column.codes, DAY)
                assert listed, (dataset.id, column.name)
                kinds.add(str(column.dtype))
                if str(column.dtype) == "int64":
                    assert all(str(int(code)) == code for code in listed), column.codes
    assert kinds == {"int64", "string"}, "a list of codes is of numbers or of texts"


@pytest.mark.parametrize("name", codes.names())
def test_rows_of_a_list_are_whole_and_do_not_overlap(name: str) -> None:
    rows = codes.rows(name)
    for r in rows:
        assert r.code == r.code.strip() != "" and r.label_vi.strip() and r.label_en.strip() and r.legal_basis.strip()
        assert r.confidence in codes.CONFIDENCES and r.valid_from <= r.valid_to
    for code in {r.code for r in rows}:
        spans = sorted((r.valid_from, r.valid_to) for r in rows if r.code == code)
        assert all(earlier[1] < later[0] for earlier, later in itertools.pairwise(spans)), (name, code)


def test_a_list_is_that_of_the_day() -> None:
    assert "HTXH" not in codes.listed("assistance_group", dt.date(2025, 6, 30))
    assert "HTXH" in codes.listed("assistance_group", dt.date(2025, 7, 1))
    assert codes.edition("assistance_group", dt.date(2025, 6, 30)) != codes.edition("assistance_group", dt.date(2025, 7, 1))
    assert codes.listed("assistance_group", dt.date(2020, 1, 1)) == frozenset()
    assert "V" in codes.ever("industry") and "V" not in codes.listed("industry", DAY)


def test_labels_follow_the_day_and_the_language() -> None:
    assert codes.label("sex", 1) == codes.label("sex", "1") == "Nam"
    assert codes.label("sex", 2, language="en") == "Female"
    assert codes.label("sex", 7) is None
    assert codes.label("industry", "L", DAY) == "Hoạt động kinh doanh bất động sản"
    assert codes.label("industry", "L", dt.date(2026, 1, 1)) != codes.label("industry", "L", DAY)


def test_personal_numbers_begin_with_the_codes_of_63_provinces() -> None:
    listed = codes.listed("provinces", DAY)
    assert len([c for c in listed if c.startswith("0")]) == 63
    assert {"001", "040", "096", "123"} <= listed and not {"003", "041", "097", "999", "000"} & listed


def test_lists_have_as_many_codes_as_their_sources() -> None:
    assert len(codes.listed("ethnicity", DAY)) == 55
    assert len(codes.listed("countries", DAY)) == 249
    assert len(codes.listed("industry", DAY)) == 21
    assert len(codes.listed("occupation_group", DAY)) == 10
    assert {"07A", "07B", "TN.01", "TN.12"} <= codes.listed("merit_category", DAY) and "07" not in codes.listed(
        "merit_category", DAY
    )


def test_an_unknown_list_is_named() -> None:
    with pytest.raises(KeyError, match="no_such_list"):
        codes.listed("no_such_list", DAY)
