"""Of what a source still sends an erased person is taken out: the own row whole, in another's row what is of the person, and no other."""

from typing import Any

import pyarrow as pa

from resources.connectors.connector import KEY
from resources.person.digests import Person, Secret
from resources.person.masking import hits, masked, masks
from resources.person.suppression import by_digests
from schemas.origin import BESIDE
from schemas.persons import ERASED, NAMELESS, NUMBER, OLD_NUMBER, Place, place_of
from schemas.registry import dataset_named

IDENTITY, CARD, OTHER, FILE = "040150000001", "187654329", "040150000002", "BT-01"
SOMEBODY = Person(
    {NUMBER: frozenset({IDENTITY}), OLD_NUMBER: frozenset({CARD}), "social_protection.beneficiary_id": frozenset({FILE})}
)


def place(name: str) -> Place:
    found = place_of(dataset_named(name))
    assert found is not None
    return found


BENEFICIARIES, HOUSEHOLDS = place("social_protection.beneficiaries"), place("poverty.households")


def batch(rows: list[dict[str, Any]], kind: pa.DataType = pa.string()) -> pa.RecordBatch:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.record_batch({name: pa.array([row.get(name) for row in rows], kind) for name in names})


def persons(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    common = {
        KEY: "k",
        "ma_xa_goc": "16681",
        "ma_doi_tuong": "BT-09",
        "ho_ten": "NGƯỜI THỬ",
        "so_dinh_danh": None,
        "so_cmnd_cu": None,
    }
    return [common | row for row in rows]


def own(*rows: dict[str, Any]) -> list[bool]:
    return hits(BENEFICIARIES, batch(persons(*rows)), SOMEBODY.has).own.tolist()


def test_a_row_is_a_persons_own_by_the_number_or_by_the_card_or_the_file_where_it_has_no_number() -> None:
    assert own({"so_dinh_danh": "040 150 000 001"}, {"so_dinh_danh": OTHER}, {}) == [True, False, False]
    assert own({"so_dinh_danh": CARD}, {"so_dinh_danh": "187 654 329"}) == [True, True], "an old card in the field of the number"
    assert own({"so_cmnd_cu": CARD}, {"ma_doi_tuong": FILE}) == [True, True]
    # Whose number it is the number says, whatever file or card stands beside it.
    assert own({"so_cmnd_cu": CARD, "so_dinh_danh": OTHER}, {"ma_doi_tuong": FILE, "so_dinh_danh": OTHER}) == [False, False]
    # What is no whole number says nothing: neither another's old card there.
    assert own({"ma_doi_tuong": FILE, "so_dinh_danh": "không có"}, {"ma_doi_tuong": FILE, "so_dinh_danh": "187654320"}) == [
        True,
        True,
    ]
    assert own({"ma_doi_tuong": FILE, "so_dinh_danh": "0401500000"}) == [False], "ten digits: a number that lost its zeros"


def test_of_an_own_row_nothing_stays_but_where_and_when_it_counts() -> None:
    beside = dict.fromkeys(BESIDE, "x")
    rows = persons({"so_dinh_danh": IDENTITY, "la_co": "tín hiệu", **beside}, {"so_dinh_danh": OTHER, "la_co": "khác", **beside})
    found = masked(BENEFICIARIES, batch(rows), SOMEBODY.has).to_pylist()
    assert found[0] == dict.fromkeys(rows[0]) | {KEY: "k", "ma_xa_goc": "16681", ERASED: True, **beside}
    assert found[1] == rows[1] | {ERASED: False}
    assert hits(BENEFICIARIES, batch(rows), SOMEBODY.has).any and not hits(BENEFICIARIES, batch(rows[1:]), SOMEBODY.has).any


def test_of_anothers_row_what_is_of_the_person_goes_and_a_name_that_may_not_be_missing_is_none() -> None:
    household = {
        KEY: "k",
        "ma_ho": "H1",
        "ho_ten_chu_ho": "CHỦ HỘ",
        "ma_dan_toc_chu_ho": "04",
        "so_tai_khoan": "1",
        "so_nhan_khau": "4",
    }
    rows = [household | {"so_dinh_danh_chu_ho": number} for number in (IDENTITY, CARD, OTHER, None)]
    found = masked(HOUSEHOLDS, batch(rows), SOMEBODY.has).to_pylist()
    gone = {
        "so_dinh_danh_chu_ho": None,
        "ma_dan_toc_chu_ho": None,
        "so_tai_khoan": None,
        "ho_ten_chu_ho": NAMELESS,
        ERASED: False,
    }
    assert found == [household | gone, household | gone, rows[2] | {ERASED: False}, rows[3] | {ERASED: False}]
    seen = hits(HOUSEHOLDS, batch(rows), SOMEBODY.has)
    assert seen.any and seen.rows.tolist() == [True, True, False, False] and not seen.own.any()
    assert not hits(HOUSEHOLDS, batch(rows[2:]), SOMEBODY.has).any


def test_what_was_masked_stays_marked_and_types_stay_what_they_were() -> None:
    rows = persons({"so_dinh_danh": IDENTITY}, {"so_dinh_danh": OTHER}, {"so_dinh_danh": OTHER})
    for kind in (pa.string(), pa.large_string(), pa.string_view(), pa.binary()):
        given = [{k: v.encode() if v and kind == pa.binary() else v for k, v in row.items()} for row in rows]
        marked = batch(given, kind).append_column(ERASED, pa.array([False, True, None]))
        found = masked(BENEFICIARIES, marked, SOMEBODY.has)
        assert found.schema.field("ho_ten").type == kind and found.column("ho_ten").is_null().to_pylist() == [True, False, False]
        assert found.column(ERASED).to_pylist() == [True, True, False], kind
    for kind in (pa.binary(), pa.large_binary()):  # what is of no encoding is nobody's number, and stops nothing
        broken = batch([{"so_dinh_danh": n} for n in (b"\xff\xfe", IDENTITY.encode())], kind)
        assert masked(BENEFICIARIES, broken, SOMEBODY.has).column(ERASED).to_pylist() == [False, True], kind


def test_a_file_of_fewer_columns_holds_nobody_in_those_that_it_has_not() -> None:
    rows = [{KEY: "k", "ho_ten": "NGƯỜI THỬ"}]
    assert masked(BENEFICIARIES, batch(rows), SOMEBODY.has).to_pylist() == [rows[0] | {ERASED: False}]


def test_who_was_erased_is_known_by_the_digest_of_this_kind_of_value_alone() -> None:
    by = Secret(b"x" * 32)
    known = by_digests(by, frozenset({(NUMBER, by.digest(NUMBER, IDENTITY))}))
    assert known(NUMBER, "40150000001") and known(NUMBER, "040.150.000.001")
    assert not known(NUMBER, OTHER) and not known(OLD_NUMBER, IDENTITY)
    assert not by_digests(Secret(b"y" * 32), frozenset({(NUMBER, by.digest(NUMBER, IDENTITY))}))(NUMBER, IDENTITY)
    found = masks(BENEFICIARIES.dataset, known)
    assert found is not None
    one, other = (
        masked_batch.to_pylist()[0]
        for masked_batch in found.over([batch(persons({"so_dinh_danh": n})) for n in (IDENTITY, OTHER)])
    )
    assert (one["ho_ten"], other["ho_ten"]) == (None, "NGƯỜI THỬ")
    assert masks(BENEFICIARIES.dataset, None) is None and masks(dataset_named("poverty.review_results"), known) is None
