"""Units: three sets of codes, who follows whom, what a code and a name mean on a day."""

import datetime as dt
import itertools
import unicodedata

import pandas as pd
import pytest

from schemas import units
from schemas.column import Text

FIRST, SECOND, THIRD = dt.date(2024, 11, 30), dt.date(2024, 12, 1), dt.date(2025, 7, 1)


@pytest.mark.parametrize(
    ("on", "submitting", "communes", "kinds"),
    [
        (FIRST, 21, 460, {"xã": 411, "phường": 32, "thị trấn": 17}),
        (SECOND, 20, 412, {"xã": 362, "phường": 33, "thị trấn": 17}),
        (dt.date(2025, 6, 30), 20, 412, {"xã": 362, "phường": 33, "thị trấn": 17}),
        (THIRD, 130, 130, {"xã": 119, "phường": 11}),
    ],
)
def test_counts_of_each_epoch(on: dt.date, submitting: int, communes: int, kinds: dict[str, int]) -> None:
    owed = units.submitting_units(on)
    assert len(owed) == submitting
    assert [u.code for u in owed] == sorted(u.code for u in owed)
    frame = units.communes(on)
    assert len(frame) == communes and frame["code"].is_unique
    assert frame["kind"].value_counts().to_dict() == kinds


def test_names_follow_the_day() -> None:
    assert units.commune_name("16936", dt.date(2025, 6, 30)) == "Xã Tam Hợp"
    assert units.commune_name("16936", THIRD) == "Xã Tam Thái"
    assert units.commune_name("17542", FIRST) == "Xã Hồng Thành"
    assert units.commune_name("17542", SECOND) == "Xã Phú Thành"
    assert units.commune_name("17548", SECOND) is None
    assert units.unit_name("40", THIRD) == "Tỉnh Nghệ An"
    assert units.unit_name("413", FIRST) == "Thị xã Cửa Lò"
    assert units.unit_name("413", SECOND) is None
    assert units.district_successor("413", SECOND) == "412"
    assert units.district_successor("412", THIRD) is None


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("412", ("Thành phố Vinh", "Thành phố Vinh", "Thành phố Vinh")),  # a district that ended keeps its last name
        ("413", ("Thị xã Cửa Lò", "Thị xã Cửa Lò", "Thị xã Cửa Lò")),
        ("17548", ("Xã Phú Thành", "Xã Phú Thành", "Xã Phú Thành")),
        ("17542", ("Xã Hồng Thành", "Xã Phú Thành", "Xã Phú Thành")),  # the code was kept for another, then went
        ("16936", ("Xã Tam Hợp", "Xã Tam Hợp", "Xã Tam Thái")),
        ("40", ("Tỉnh Nghệ An", "Tỉnh Nghệ An", "Tỉnh Nghệ An")),
        ("99999", (None, None, None)),
    ],
)
def test_a_unit_is_called_as_on_the_day_or_as_it_was_last_called(code: str, names: tuple[str | None, ...]) -> None:
    assert tuple(units.latest_name(code, day) for day in (FIRST, SECOND, THIRD)) == names


def test_districts_that_ended_are_told_with_who_has_their_duty() -> None:
    every = units.district_codes()
    assert len(every) == 21 and list(every) == sorted(every)
    assert [units.ended_districts(day) for day in (FIRST, SECOND, THIRD)] == [{}, {"413": "412"}, dict.fromkeys(every)]


def test_every_code_of_two_days_became_one_of_the_later_day() -> None:
    for first, last in itertools.combinations((FIRST, SECOND, THIRD), 2):
        now, found = units.communes_on(last), units.became(first, last)
        assert found.keys() == units.communes_on(first).keys() | now.keys()
        assert {code: found[code] for code in now} == dict(zip(now, now, strict=True))
        gone = found.keys() - now.keys()
        assert gone and {code: found[code] for code in gone} == {c: units.main_successor(c, first, last) for c in gone}


@pytest.mark.parametrize(
    ("then", "on", "held"),
    [
        (FIRST, SECOND, {"412": {"412"}, "413": {"412"}, "429": {"412", "429"}, "415": {"415"}}),
        (SECOND, FIRST, {"412": {"412", "413", "429"}, "429": {"429"}, "415": {"415"}}),
        (THIRD, FIRST, {"16708": {"412", "429"}, "16681": {"412"}}),
        (FIRST, THIRD, {"413": {"16732"}, "415": {"16738", "16744", "16750", "16756", "16774"}}),
        (SECOND, dt.date(2025, 6, 30), {"412": {"412"}}),
    ],
)
def test_rows_of_a_unit_stand_in_the_cells_of_these(then: dt.date, on: dt.date, held: dict[str, set[str]]) -> None:
    found = units.holders(then, on)
    assert {unit: set(found[unit]) for unit in held} == held
    assert found.keys() == {u.code for u in units.submitting_units(then)}


def test_an_epoch_is_from_its_first_day_to_the_eve_of_the_next() -> None:
    days = [dt.date.min, FIRST, SECOND, dt.date(2025, 6, 30), THIRD, dt.date.max]
    assert [units.epoch(day) for day in days] == [0, 0, 1, 1, 2, 2]
    alike = [units.same_epoch(one, other) for one, other in itertools.pairwise(days)]
    assert alike == [True, False, True, False, True]
    codes = units.codes_of_all_days()
    assert list(codes) == sorted(set().union(*(units.communes_on(day) for day in days)))


def test_every_code_has_exactly_one_main_successor_in_the_same_district() -> None:
    for number, start in enumerate(units.epoch_starts()[:-1]):
        later = units.epoch_starts()[number + 1]
        for code, commune in units.communes_on(start).items():
            main = units.main_successor(code, start, later)
            assert main in units.communes_on(later)
            after = units.communes_on(later)[main].district_code
            # Cửa Lò and four communes of Nghi Lộc went into Vinh in December 2024; nothing crossed a district in July 2025.
            assert after == commune.district_code or (number == 0 and after == "412" and commune.district_code in ("413", "429"))


def test_placing_walks_from_the_day_of_judging_to_the_last_day() -> None:
    codes = pd.Series(["16717", "17542", "99999", None], dtype=Text, index=[5, 6, 7, 8])
    placed = units.place(codes, dt.date(2024, 11, 20), dt.date(2024, 11, 30))
    assert placed.index.tolist() == [5, 6, 7, 8] and placed.dtype == Text
    assert placed.tolist()[:2] == ["413", "426"] and placed.isna().tolist() == [False, False, True, True]
    assert units.place(codes, dt.date(2024, 11, 20), dt.date(2024, 12, 31)).tolist()[0] == "412"
    assert units.place(codes, dt.date(2024, 11, 20), dt.date(2025, 12, 31)).tolist()[:2] == ["16732", "17530"]
    # A code that went away is unlisted when it is judged after that, whatever it was before.
    gone = pd.Series(["17548"], dtype=Text)
    assert units.place(gone, SECOND, SECOND).isna().all() and not units.place(gone, FIRST, SECOND).isna().any()


def test_a_row_is_of_one_unit_on_every_day_wherever_it_stands() -> None:
    """Placed for any day from which on its commune code is judged, it is told back, or on, to the one unit of each other day."""
    starts = units.epoch_starts()
    for judged, wanted in itertools.product(starts, starts):
        moved, there = units.moved_rows(wanted), {u.code for u in units.submitting_units(wanted)}
        for last in (day for day in starts if day >= judged):
            for code, unit in units.placing(judged, last).items():
                now = moved.get((code, unit), unit)
                assert now in there
                assert wanted < judged or now == units.placing(judged, wanted)[code]
                assert wanted >= judged or code == "16708" or _of_district(code, judged, wanted) == {now}


def _of_district(code: str, on: dt.date, before: dt.date) -> set[str]:
    """The districts, on an earlier day, of all that went into a commune."""
    return {c.district_code for old, c in units.communes_on(before).items() if units.main_successor(old, before, on) == code}


def test_the_ward_whose_parts_lay_in_two_districts_is_of_the_one_that_had_its_code() -> None:
    assert _of_district("16708", THIRD, FIRST) == {"412", "429"}
    assert units.moved_rows(FIRST)["16708", "16708"] == units.communes_on(FIRST)["16708"].district_code == "412"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Phường Nghi Thuỷ", "P. NGHI THỦY"),
        ("Xã Nghĩa Hoà", "nghĩa  hòa"),
        ("Thị trấn Hoà Bình", "TT. Hòa Bình"),
        ("Xã Quỳnh Thuỷ", "Quỳnh Thu\u0309y"),
    ],
)
def test_folding_takes_away_what_people_write_differently(one: str, other: str) -> None:
    assert units.fold_commune(one) == units.fold_commune(other)


def test_folding_keeps_what_tells_communes_apart() -> None:
    assert units.fold_commune("Xã Diễn Hoa") != units.fold_commune("Xã Diên Hoa")
    assert units.fold_commune("Xã Phúc Thọ") != units.fold_commune("Phúc Tho")


@pytest.mark.parametrize(
    ("code", "name", "on", "outcome", "resolved", "resolved_name"),
    [
        ("16717", "P. NGHI THỦY", FIRST, "listed", "16717", "P. NGHI THỦY"),
        ("16717", None, FIRST, "listed", "16717", None),
        ("16774", "Cắm Muộn", FIRST, "spelled_otherwise", "16774", "Xã Căm Muộn"),
        ("16906", "Lượng Minh", FIRST, "spelled_otherwise", "16906", "Xã Lưỡng Minh"),
        ("17461", "Diên Hoa", FIRST, "spelled_otherwise", "17461", "Xã Diễn Hoa"),
        ("16702", "Xa Nghi Phu", FIRST, "spelled_otherwise", "16702", "Xã Nghi Phú"),
        ("16921", "XA LUONG", FIRST, "spelled_otherwise", "16921", "Xã Xá Lượng"),  # of which only the second word is a kind
        ("16921", "Xa Xa Luong", FIRST, "spelled_otherwise", "16921", "Xã Xá Lượng"),
        ("16921", "Xa Nghi Phu", FIRST, "name_differs", "16921", "Xa Nghi Phu"),
        ("18001", "TTr. Hưng Nguyên", FIRST, "listed", "18001", "TTr. Hưng Nguyên"),
        ("17548", None, SECOND, "of_another_epoch", "17542", None),
        ("17542", "Hồng Thành", SECOND, "of_another_epoch", "17542", "Xã Phú Thành"),
        ("17281", "Xã Nghĩa Bình", SECOND, "of_another_epoch", "17281", "Xã Bình Hợp"),
        ("17548", "Phú Thành", THIRD, "of_another_epoch", "17530", "Xã Đông Thành"),
        ("16936", "Tam Hợp", THIRD, "of_another_epoch", "16936", "Xã Tam Thái"),
        ("18007", "Hưng Yên Nam", FIRST, "spelled_otherwise", "18007", "Xã Hưng Yên"),  # called so by a list of aliases alone
        ("17329", "Xã Anh Sơn", SECOND, "of_another_epoch", "17329", "Thị trấn Kim Nhan"),  # a later name on an earlier day
        # Parts went to two communes: which one cannot be told from the code.
        ("17194", "Quỳnh Hưng", SECOND, "unlisted", "17194", "Quỳnh Hưng"),
        ("17185", "Quỳnh Bá", SECOND, "name_differs", "17185", "Quỳnh Bá"),
        # A later name on an earlier day, where three communes became that one.
        ("17542", "Phú Thành", FIRST, "name_differs", "17542", "Phú Thành"),
        ("16702", "Xã Hưng Đông", FIRST, "name_differs", "16702", "Xã Hưng Đông"),
        ("99999", "Xã Hưng Đông", FIRST, "unlisted", "99999", "Xã Hưng Đông"),
    ],
)
def test_what_a_code_and_a_name_mean(
    code: str, name: str | None, on: dt.date, outcome: str, resolved: str, resolved_name: str | None
) -> None:
    assert units.resolve(code, name, on) == units.Resolution(outcome, resolved, resolved_name)  # type: ignore[arg-type]


def test_every_commune_is_called_by_its_own_name_and_no_other_of_its_district() -> None:
    for on in (FIRST, SECOND, THIRD):
        everyone = units.communes_on(on)
        for commune in everyone.values():
            assert units.resolve(commune.code, commune.name, on).outcome == "listed"
        by_district: dict[str, list[units.Commune]] = {}
        for commune in everyone.values():
            by_district.setdefault(commune.district_code, []).append(commune)
        for neighbours in by_district.values():
            for one, other in zip(neighbours, neighbours[1:] + neighbours[:1], strict=True):
                if units.fold_commune(one.name) != units.fold_commune(other.name):
                    assert units.resolve(one.code, other.name, on).outcome in ("name_differs", "of_another_epoch")
                    assert not (units.resolve(one.code, other.name, on).outcome == "of_another_epoch" and on == FIRST)


def test_every_commune_is_known_by_its_name_without_marks() -> None:
    for on in (FIRST, SECOND, THIRD):
        for commune in units.communes_on(on).values():
            apart = unicodedata.normalize("NFD", commune.name).replace("đ", "d").replace("Đ", "D")
            bare = "".join(c for c in apart if not unicodedata.combining(c))
            for text in (bare, bare.upper(), bare.removeprefix("Xa ").removeprefix("Phuong ").removeprefix("Thi tran ")):
                assert units.resolve(commune.code, text, on).outcome in ("listed", "spelled_otherwise"), text
                assert units.is_commune_name(text)


def test_a_name_is_a_commune_s_of_any_day_or_it_is_none() -> None:
    for name in ("Xã Nghi Phú", "PHƯỜNG NGHI THUỶ", "xã cắm muộn", "Quang Trung"):
        assert units.is_commune_name(name)
    for text in ("Xã nghèo năm 2024", "Xã", "Xa ", "", "Huyện Mẫu"):
        assert not units.is_commune_name(text)
