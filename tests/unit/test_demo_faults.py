"""A dataset that no system has: its faults follow from its declaration alone, and the product says of each what was foretold."""

import collections
import datetime as dt
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandera.typing import Series

from demo.faults.choosing import faults_of, spoiled
from demo.faults.planting import REJECTED, REPAIRED, SILENT, WARNING, Planted, Row
from demo.faults.rules import Break
from demo.people.dates import number
from demo.writing.plans import Plan
from schemas import calendar
from schemas.column import Day, Decimal1, Flag, Table, Text, Whole, field
from schemas.dataset import Dataset, Moment, Source, rule
from schemas.registry import datasets_of
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.validation import validate
from tests.fixtures.played_systems import played_systems

TODAY = dt.date(2024, 11, 20)
ROWS = 2_000


class Boats(Table):
    boat: Series[Text] = field("so_hieu", "Số hiệu", "Number", nullable=False)
    home_port: Series[Text] = field("xa_ben", "Xã có bến", "Commune of the port", reader="commune_code", nullable=False)
    home_port_name: Series[Text] = field("ten_ben", "Tên xã có bến", "Name of the commune", reader="commune_name")
    owner: Series[Text] = field("chu_thuyen", "Chủ thuyền", "Owner", reader="person_name", nullable=False)
    owner_number: Series[Text] = field(
        "dinh_danh_chu", "Số định danh", "Owner's number", reader="identity_number", str_matches=r"^\d{12}$"
    )
    call: Series[Text] = field("dien_thoai", "Điện thoại", "Telephone", reader="phone_number")
    built: Series[Day] = field("ngay_dong", "Ngày đóng", "Day of building")
    price_vnd: Series[Whole] = field("gia", "Giá", "Price", reader="amount_vnd", ge=0)
    length: Series[Decimal1] = field("chieu_dai", "Chiều dài", "Length", ge=1)
    crew: Series[Whole] = field("so_nguoi", "Số người", "Crew", nullable=False)
    seats: Series[Whole] = field("so_cho", "Số chỗ", "Seats")
    area_code: Series[Whole] = field("khu_vuc", "Khu vực", "Area", codes="area")
    insured: Series[Flag] = field("bao_hiem", "Bảo hiểm", "Insured", nullable=False)
    note: Series[Text] = field("ghi_chu", "Ghi chú", "Note")


@rule("error", "crew", "seats", legal="Luật", ref="T-01")
def crew_has_seats(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số người nhiều hơn số chỗ."""
    return ~(frame["crew"] > frame["seats"])


BOATS = Dataset(
    source=Source("harbour", "Bến", "Bến thuyền", "Thuyền", "Luật", "0 1 * * *", rule_letter="T", last_rule=1),
    name="boats",
    title="Thuyền",
    model=Boats,
    road=Sql("thuyen", BY_ROW_VERSION),
    each_row_is="một thuyền",
    key=("boat",),
    kind="register",
    legal="Luật",
    commune="home_port",
    commune_name="home_port_name",
    rules=(crew_has_seats,),
)


def too_many(row: Row, n: int) -> Row | None:
    return {"crew": str(int(row["seats"]) + 1)}


def boats() -> Plan:
    def values(at: np.ndarray) -> dict:
        return {
            "boat": pa.array([f"TH-{i:05d}" for i in at]),
            "home_port": "17392",
            "home_port_name": "Xã Diễn Lâm",
            "owner": pa.array([("Nguyễn Thị Hòa", "Phạm Hữu Cường", "Hồ Sỹ Bình", "Cao Sỹ Hùng")[i % 4] for i in at]),
            "owner_number": pa.array([f"0401589{i:05d}" for i in at]),
            "call": pa.array([f"03012{i:05d}" for i in at]),
            "built": number(dt.date(2001, 1, 1)) + at % 5_000,
            "price_vnd": 1_000_000 + at * 1_000,
            "length": 5.5,
            "crew": 3,
            "seats": 8,
            "area_code": 2,
            "insured": True,
            "note": "thuyền mô phỏng",
        }

    at = np.zeros(ROWS, dtype=int)
    facts = {"today": number(TODAY), "seed": 1}
    return Plan(BOATS, [("now", "425")], at, at.astype(np.int32), values, facts)


@pytest.fixture(scope="module")
def planted() -> Planted:
    return spoiled(boats(), (Break("crew_has_seats", too_many), Break("no_rule_of_this_dataset", too_many)))


def test_what_the_product_finds_is_what_was_foretold(planted: Planted) -> None:
    received = pa.concat_tables([batch.table for batch in planted.batches()])
    verdict = validate(BOATS, received, calendar.moment(BOATS, "now", TODAY))
    found = {(r["row_key"], r["rule"], r["kind"]) for r in verdict.remarks.to_pylist()}
    for row in verdict.rejected.to_pylist():
        found |= {(row["row_key"], failure["rule"], REJECTED) for failure in json.loads(row["failures"])}
    assert found == {(t.source_key, rule, t.outcome) for t in planted.truth for rule in t.rules}
    assert verdict.accepted.num_rows + verdict.rejected.num_rows == ROWS


def test_every_reader_has_its_faults_and_every_row_one_at_most(planted: Planted) -> None:
    told = collections.Counter(rule for t in planted.truth for rule in t.rules)
    wanted = {
        "owner_readable", "owner_unicode_composed", "owner_encoding_restored", "owner_characters_cleaned", "owner_present",
        "owner_number_leading_zero_restored", "owner_number_readable", "owner_number_prefix_listed",
        "call_number_rewritten", "call_well_formed", "built_date_rewritten", "built_readable",
        "price_vnd_amount_rewritten", "price_vnd_readable", "price_vnd_in_range", "length_decimal_comma_read",
        "crew_number_rewritten", "seats_number_rewritten", "area_code_listed", "insured_words_read", "insured_readable",
        "note_characters_cleaned", "home_port_listed", "home_port_name_matches", "home_port_name_spelled_otherwise", "crew_has_seats",
    }  # fmt: skip
    assert wanted - set(told) == set()
    assert max(collections.Counter(t.source_key for t in planted.truth).values()) == 1
    # An error rule reads them: a wrong value would break that too.
    assert not {"crew_present", "crew_in_range", "seats_listed"} & set(told)


def test_the_same_seed_plants_the_same(planted: Planted) -> None:
    assert spoiled(boats(), (Break("crew_has_seats", too_many),)).truth == planted.truth


def test_each_rule_of_a_row_has_something_that_breaks_it() -> None:
    """Of every dataset that the province plays. The old card is good until the end of 2024, and the old groups of the social pension
    until July 2025: both after the last day."""
    for system in played_systems():
        own = getattr(system.module, "FAULTS", ())
        for dataset in datasets_of(system.source):
            faults = {fault.name: fault.outcome for fault in faults_of(dataset, own)}
            assert set(faults.values()) <= {REJECTED, WARNING, REPAIRED, SILENT}
            wanted = {r.name: {"error": REJECTED, "warning": WARNING}[r.severity] for r in dataset.rules}
            for later in ("has_current_identity", "group_is_not_replaced"):
                wanted.pop(later, None)
            assert wanted.items() <= faults.items(), dataset.id
        declared = {r.name for d in datasets_of(system.source) for r in (*d.rules, *d.set_rules)}
        assert [b.rule for b in own if b.outcome is None and b.rule not in declared] == []
