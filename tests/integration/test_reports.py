"""The figures of the forms over a real warehouse: what is counted, what is hidden, what is not reported and why."""

import dataclasses
import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from assets.reports.compute import FilledForm
from assets.reports.figures import Figure
from assets.reports.filing import file_form
from assets.reports.form import DueRule
from assets.reports.forms import form_named
from assets.reports.indicators.btx01 import AGES
from resources.warehouse.arrivals.cells import FROM_RAW
from schemas import calendar, units
from schemas.registry import dataset_named
from tests.fixtures.forms import compute
from tests.integration.report_hub import DISTRICTS, SmallHub, at

AS_T, AS_N = form_named("AS-T"), form_named("AS-N")
DUE = at("2024-10-22 02:00")  # AS-T 2024-10: the lists are due on Monday the 21st
LATER = at("2024-10-23 02:00")
FIRST = dt.date(2024, 10, 1)
ENTITLED = {"entitled_from": FIRST}


def filled(hub: SmallHub, form=AS_T, period: str = "2024-10", now: dt.datetime = DUE) -> FilledForm:
    with hub.engine.connect() as connection:
        return compute(connection, form, period, now)


def figure(form: FilledForm, code: str, unit_of_measure: str | None = None, **breakdown: str) -> Figure:
    wanted = {"don_vi": "40"} | breakdown
    found = [
        f for f in form.figures if f.code == code and dict(f.breakdown) == wanted and unit_of_measure in (None, f.unit_of_measure)
    ]
    assert len(found) == 1, f"{code} {wanted}: {len(found)} figures"
    return found[0]


def value(form: FilledForm, code: str, unit_of_measure: str | None = None, **breakdown: str) -> str | None:
    line = figure(form, code, unit_of_measure, **breakdown).line()
    return line["gia_tri"]


# Figures of AS-T ---------------------------------------------------------------------------------------------------


def test_a_person_counts_once_for_the_province_and_by_the_dates_of_entitlement(hub: SmallHub) -> None:
    hub.month(DUE)
    first = dt.date(2024, 10, 1)
    hub.load(
        "meritorious_persons.profiles",
        "now",
        "412",
        [
            ENTITLED | {"identity_number": "040050000001", "category_code": "07A"},
            ENTITLED | {"identity_number": "040050000001", "category_code": "08"},  # a second file of the same person
            ENTITLED | {"sex_code": 2},  # no number: told by the file
            ENTITLED | {"category_code": "03"},  # a martyr draws nothing, and who is paid once nothing monthly
            ENTITLED | {"category_code": "11"},
            {"entitled_from": dt.date(2024, 10, 2)},  # not yet on the first
            {"entitled_from": dt.date(2020, 1, 1), "entitled_until": first},  # no longer on the first
            {"entitled_from": dt.date(2020, 1, 1), "entitled_until": first + dt.timedelta(1)},  # the last day
        ],
        DUE,
    )
    hub.load("meritorious_persons.profiles", "now", "414", [ENTITLED | {"identity_number": "040050000001"}], DUE)
    form = filled(hub)
    assert value(form, "NCC01", don_vi="412") == "3"
    assert value(form, "NCC01", don_vi="414") == "1"
    # The twenty other units hold one person each; the one in 412 and 414 counts once for the province.
    assert value(form, "NCC01") == str(3 + len(DISTRICTS) - 2)
    assert value(form, "NCC01", don_vi="412", loai="07A") == "3"
    assert value(form, "NCC01", don_vi="412", loai="08") == "1"
    assert value(form, "NCC01", don_vi="412", gioi_tinh="2") == "1"


def test_only_the_community_counts_in_btx01(hub: SmallHub) -> None:
    hub.month(DUE)
    rows = [ENTITLED | {"care_place_code": place} for place in (1, 2, 2, 3)]
    hub.load("social_protection.beneficiaries", "now", "412", rows, DUE)
    assert value(filled(hub), "BTX01", don_vi="412") == "2"


def test_age_groups_are_of_the_first_of_the_month(hub: SmallHub) -> None:
    hub.month(DUE)
    # Of each age at which people move, one who reaches it on the day and one who reaches it on the next.
    born = [dt.date(2024 - age, 10, day) for age in (4, 16, 60, 75, 80) for day in (1, 2)]
    rows = [ENTITLED | {"birth_date": day, "birth_year": day.year} for day in born]
    rows += [ENTITLED | {"birth_year": 2021}, ENTITLED | {"birth_year": 2020}, ENTITLED | {"birth_year": None}]
    hub.load("social_protection.beneficiaries", "now", "412", rows, DUE)
    form = filled(hub)
    assert {t: value(form, "BTX01", don_vi="412", tuoi=t) for t in (*AGES, "khong_ro")} == {
        "0-3": "2",
        "4-15": "3",
        "16-59": "2",
        "60-74": "2",
        "75-79": "2",
        "80+": "1",
        "khong_ro": "1",
    }
    assert figure(form, "BTX01", don_vi="414", tuoi="16-59").state == "khong_phat_sinh"


def test_money_is_what_was_received_with_arrears_in_millions(hub: SmallHub) -> None:
    hub.month(DUE)
    hub.load(
        "meritorious_persons.monthly_payments",
        "2024-10",
        "412",
        [
            {"amount_vnd": 2_789_000, "arrears_vnd": 1_000_500, "payment_way_code": 2},
            {"amount_vnd": 5_578_000, "payment_way_code": 3},
            {"amount_vnd": 8_367_000, "payment_way_code": 1},
            {"amount_vnd": 9_999_000, "is_received": False, "payment_way_code": 2},
        ],
        DUE,
    )
    form = filled(hub)
    assert value(form, "NCC02", don_vi="412") == "17.735"  # 17.7345 half-up
    assert value(form, "NCC05", don_vi="412") == "66.67"
    assert figure(form, "NCC02", don_vi="412", loai="khong_ro").value == Decimal("17.735")


def test_payees_are_persons_not_files_and_who_was_paid_by_account_once_counts_so(hub: SmallHub) -> None:
    hub.month(DUE)
    number, other = "040050000001", "040050000002"
    files = [("A", number), ("B", number), ("C", other), ("D", other), ("E", None), ("F", None), ("H", None), ("I", number)]
    hub.load(
        "meritorious_persons.profiles",
        "now",
        "412",
        [ENTITLED | {"profile_id": file, "identity_number": told} for file, told in files],
        DUE,
    )
    rows = [
        {"profile_id": "A", "payment_way_code": 1},
        {"profile_id": "B", "payment_way_code": 2},  # by account too: the person is paid so
        {"profile_id": "I", "payment_way_code": 3},  # and into a wallet: still one person
        {"profile_id": "C", "payment_way_code": 1},
        {"profile_id": "D", "payment_way_code": None},  # the way is not told: no account
        {"profile_id": "E", "payment_way_code": 3},
        {"profile_id": "F", "payment_way_code": None},
        {"profile_id": "G", "payment_way_code": 2},  # of no file in the register: told by its number
        {"profile_id": "H", "payment_way_code": 2, "is_received": False},
    ]
    hub.load("meritorious_persons.monthly_payments", "2024-10", "412", rows, DUE)
    hub.load("meritorious_persons.monthly_payments", "2024-09", "412", [{"profile_id": "F", "payment_way_code": 2}], DUE)
    form = filled(hub)
    assert value(form, "NCC05", don_vi="412") == "60.00"  # three of five: A, B and I are one, C and D are one
    assert value(form, "NCC02", don_vi="412") == "22.312"  # what was paid in a way that is not told was paid


def test_who_did_not_collect_is_a_person_not_a_file(hub: SmallHub) -> None:
    hub.month(DUE)
    number = "040050000001"
    of_files = [{"beneficiary_id": f"412-{n}", "identity_number": told} for n, told in enumerate((number, number, None))]
    hub.load("social_protection.beneficiaries", "now", "412", [ENTITLED | row for row in of_files], DUE)
    rows = [{"is_received": False, "amount_vnd": 500_000}] * 3
    hub.load("social_protection.monthly_payments", "2024-10", "412", rows, DUE)
    of_september = [{"is_received": received, "beneficiary_id": f"412-{n}"} for n, received in ((2, True), (9, False))]
    hub.load("social_protection.monthly_payments", "2024-09", "412", of_september, DUE)
    form = filled(hub)
    assert value(form, "BTX02", don_vi="412") == "0"
    assert value(form, "BTX07", "nguoi", don_vi="412") == "2"
    assert value(form, "BTX07", "dong", don_vi="412") == "1500000"


def test_what_was_not_received_is_carried_over(hub: SmallHub) -> None:
    hub.month(DUE)
    rows = [{"is_received": False, "amount_vnd": 500_000, "arrears_vnd": 250_000}, {"is_received": False}, {"is_received": True}]
    hub.load("social_protection.monthly_payments", "2024-10", "412", rows, DUE)
    form = filled(hub)
    assert value(form, "BTX07", "nguoi", don_vi="412") == "2"
    assert value(form, "BTX07", "dong", don_vi="412") == "1250000"
    zero = figure(form, "BTX07", "nguoi", don_vi="414")
    assert (zero.state, zero.line()["gia_tri"]) == ("khong_phat_sinh", "0")


def test_a_form_of_another_calendar_needs_no_code_of_its_own(hub: SmallHub) -> None:
    """The same indicators by the quarter: the flows of its window, the payments of its months, the register on its last first."""
    due = DueRule(
        day=1, months_after=1, lock_months=1, legal_basis="Quy ước", confidence="proposal", valid_from=dt.date(2024, 1, 1)
    )
    quarterly = dataclasses.replace(
        AS_T,
        code="AS-Q",
        kind="quarterly",
        regime_code="ND09.Q",
        due=(due,),
        indicator_codes=("NCC01", "NCC02", "LD07"),
        controls=(),
    )
    assert quarterly.faults == ()
    hub.load("meritorious_persons.profiles", "now", "412", [ENTITLED | {"entitled_from": dt.date(2024, 9, 1)}], DUE)
    for month, money in (("2024-06", 1_000_000), ("2024-07", 2_000_000), ("2024-08", 4_000_000), ("2024-09", 8_000_000)):
        hub.load("meritorious_persons.monthly_payments", month, "412", [{"amount_vnd": money}], DUE)
    for month, days in (("2024-06", (14, 15)), ("2024-07", (1, 31)), ("2024-08", (2,)), ("2024-09", (14, 15))):
        rows = [{"decision_date": dt.date.fromisoformat(f"{month}-{day:02d}"), "district": "412"} for day in days]
        hub.load("labour_employment.unemployment_decisions", month, "40", rows, DUE)
    hub.read(DUE)
    with hub.engine.connect() as connection:
        form = compute(connection, quarterly, "2024-Q3", DUE)
    assert value(form, "NCC01", don_vi="412") == "1"
    assert value(form, "NCC02", don_vi="412") == "14.000"
    assert value(form, "LD07", don_vi="412") == "5"  # 15 June to 14 September


def test_the_window_of_the_flows_is_the_regimes(hub: SmallHub) -> None:
    hub.month(DUE, flows=False)
    days = {"2024-09": [14, 15, 30], "2024-10": [1, 14, 15, 31]}
    for period, numbers in days.items():
        rows = [
            {"started_date": dt.date.fromisoformat(f"{period}-{n:02d}"), "district": "412", "channel_code": 3, "sex_code": 2}
            for n in numbers
        ]
        hub.load("labour_employment.jobs_created", period, "40", rows, DUE)
        decisions = [
            {
                "decision_date": dt.date.fromisoformat(f"{period}-{n:02d}"),
                "district": "415",
                "benefit_vnd": 3_333_333,
                "benefit_months": 3,
            }
            for n in numbers
        ]
        hub.load("labour_employment.unemployment_decisions", period, "40", decisions, DUE)
    hub.read(DUE)
    form = filled(hub)
    assert value(form, "LD05") == "4"  # 15/9 to 14/10
    assert value(form, "LD05", don_vi="412", kenh="3") == "4"
    assert value(form, "LD05", gioi_tinh="2") == "4"
    assert figure(form, "LD05", don_vi="414").state == "khong_phat_sinh"
    assert value(form, "LD07", don_vi="415") == "4"
    assert value(form, "LD08") == "40.000"  # 4 x 3 x 3,333,333 = 39.999996
    assert figure(form, "LD06").state == "chua_bao_cao"


def test_rows_without_a_district_are_in_the_sum_and_in_a_line_of_their_own(hub: SmallHub) -> None:
    hub.month(DUE)
    rows = [{"started_date": dt.date(2024, 10, 3), "district": None}, {"started_date": dt.date(2024, 10, 3), "district": "412"}]
    hub.load("labour_employment.jobs_created", "2024-10", "40", rows, DUE)
    form = filled(hub)
    assert value(form, "LD05") == "3"
    assert value(form, "LD05", don_vi="unknown") == "1"
    assert form.is_final


def test_a_window_over_a_change_of_units_speaks_of_the_units_of_the_report_month(hub: SmallHub) -> None:
    now = at("2024-12-20 02:00")
    # A commune of Cửa Lò, a district of its own until 30/11/2024 and part of Vinh from 1/12/2024.
    rows = [{"started_date": dt.date(2024, 11, 20), "commune_code": "16717", "district": "413"}]
    hub.load("labour_employment.jobs_created", "2024-11", "40", rows, now)
    hub.load("labour_employment.jobs_created", "2024-12", "40", [], now)
    hub.read(now)
    form = filled(hub, period="2024-12", now=now)
    assert value(form, "LD05", don_vi="412") == "1"
    assert not [f for f in form.figures if ("don_vi", "413") in f.breakdown]


# What is never told -----------------------------------------------------------------------------------------------


def test_groups_that_imply_hiv_or_a_disability_are_one_line_of_the_province(hub: SmallHub) -> None:
    hub.month(DUE)
    groups = ["K3.A", "K8", "K6.N", "K6.DBN+", "K5C", "K1.A"]
    hub.load("social_protection.beneficiaries", "now", "412", [ENTITLED | {"group_code": g} for g in groups], DUE)
    form = filled(hub)
    assert value(form, "BTX01", nhom="khac") == "4"
    assert value(form, "BTX01", nhom="K1") == "1"
    for one in form.figures:
        breakdown = dict(one.breakdown)
        assert breakdown.get("nhom", "")[:2] not in ("K3", "K6", "K8")
        if "nhom" in breakdown and breakdown["don_vi"] != "40":
            assert (one.state, one.value) == ("bi_an", None)
    assert figure(form, "BTX01", don_vi="412", nhom="khac").state == "bi_an"
    assert figure(form, "BTX02", don_vi="412", nhom="khac").state == "bi_an"


def test_never_two_dimensions_beside_the_unit(hub: SmallHub) -> None:
    hub.month(DUE)
    figures = filled(hub).figures
    assert {len(f.breakdown) for f in figures} == {1, 2} and {f.breakdown[0][0] for f in figures} == {"don_vi"}


def test_no_personal_value_enters_the_outbox(hub: SmallHub) -> None:
    mark = "040999000123"
    hub.month(DUE)
    row = ENTITLED | {"identity_number": mark, "full_name": "DẤU VẾT", "profile_id": "NA/TB-DAUVET"}
    hub.load("meritorious_persons.profiles", "now", "412", [row], DUE)
    assert file_form(hub.engine, AS_T, "2024-10", DUE) is not None
    kept = json.dumps([list(r) for r in hub.rows("select to_jsonb(s)::text from ops.report_submissions s")], ensure_ascii=False)
    assert "NCC01" in kept
    for trace in (mark, "DẤU VẾT", "DAUVET"):
        assert trace not in kept


# Missing, empty, refused, dead --------------------------------------------------------------------------------------


def test_a_missing_unit_is_named_and_is_not_zero(hub: SmallHub) -> None:
    hub.month(DUE, but=("415", "417"))
    form = filled(hub)
    whole = figure(form, "NCC02")
    assert whole.line()["gia_tri"] == f"{Decimal('2.789') * (len(DISTRICTS) - 2)}"
    assert not whole.is_final and "Huyện Quế Phong, Huyện Kỳ Sơn" in (whole.note or "")
    lacking = figure(form, "NCC02", don_vi="415")
    assert (lacking.state, lacking.value, lacking.is_final) == ("chua_bao_cao", None, False)
    assert lacking.note
    assert figure(form, "NCC02", don_vi="414").is_final
    assert not form.is_final
    # The register has all units: its figure does not suffer.
    assert figure(form, "NCC01").is_final


def test_a_rate_has_the_same_units_on_both_sides(hub: SmallHub) -> None:
    hub.month(DUE, but=DISTRICTS[2:])
    hub.load("meritorious_persons.monthly_payments", "2024-10", DISTRICTS[0], [{"payment_way_code": 2}] * 3, DUE)
    form = filled(hub)
    assert value(form, "NCC05") == "75.00"  # 3 of the 4 paid in the two units that are in
    assert not figure(form, "NCC05").is_final


def test_declared_empty_is_a_true_zero_and_completes_the_form(hub: SmallHub) -> None:
    hub.month(DUE, but=("415",))
    for name in ("meritorious_persons.monthly_payments", "social_protection.monthly_payments"):
        hub.load(name, "2024-10", "415", [], DUE)
    hub.load("social_protection.beneficiaries", "now", "415", [], DUE)  # nobody is entitled who is not on the list
    hub.read(DUE)
    form = filled(hub)
    assert (figure(form, "NCC02", don_vi="415").state, figure(form, "NCC02", don_vi="415").value) == ("khong_phat_sinh", 0)
    assert (figure(form, "NCC05", don_vi="415").state, figure(form, "NCC05", don_vi="415").value) == ("khong_phat_sinh", None)
    assert form.is_final


def test_a_refused_unit_counts_as_missing_and_says_so(hub: SmallHub) -> None:
    hub.month(DUE, but=("415",))
    hub.load("meritorious_persons.monthly_payments", "2024-10", "415", [{}] * 5, DUE, outcome="refused")
    hub.load("social_protection.monthly_payments", "2024-10", "415", [{}], DUE)
    hub.read(DUE)
    lacking = figure(filled(hub), "NCC02", don_vi="415")
    assert lacking.state == "chua_bao_cao" and "bị từ chối" in (lacking.note or "")


def test_a_unit_of_whose_rows_none_is_good_is_missing_and_is_not_zero(hub: SmallHub) -> None:
    """One bad row was the list of a district that had sent none: no money was filed of it, as final."""
    hub.month(DUE, but=("415",))
    for name in ("meritorious_persons.monthly_payments", "social_protection.monthly_payments"):
        hub.load(name, "2024-10", "415", [], DUE, set_aside=1)
    hub.read(DUE)
    form = filled(hub)
    for code in ("NCC02", "BTX02"):
        lacking = figure(form, code, don_vi="415")
        assert (lacking.state, lacking.value, lacking.is_final) == ("chua_bao_cao", None, False)
        assert "mọi dòng của bản nhận ngày 22/10/2024 đều bị loại" in (lacking.note or "")
        assert not figure(form, code).is_final and "Huyện Quế Phong" in (figure(form, code).note or "")
    hub.load("meritorious_persons.monthly_payments", "2024-10", "415", [{}], LATER, set_aside=1)
    hub.read(LATER)
    assert figure(filled(hub, now=LATER), "NCC02", don_vi="415").line()["gia_tri"] == "2.789"


def test_a_source_never_read_is_not_reported_with_the_reason(hub: SmallHub) -> None:
    for name in ("meritorious_persons.profiles", "meritorious_persons.monthly_payments"):
        hub.load_all(name, "now" if name.endswith("profiles") else "2024-10", DUE)
    hub.read(DUE, "meritorious_persons")
    form = filled(hub)
    for code in ("BTX01", "BTX02", "LD05"):
        one = figure(form, code)
        assert (one.state, one.value) == ("chua_bao_cao", None)
        assert "Chưa đọc được lần nào" in (one.note or "")
    assert value(form, "NCC02") is not None and not form.is_final


def test_nothing_is_filed_where_nothing_was_ever_read(hub: SmallHub) -> None:
    hub.read(DUE)
    assert file_form(hub.engine, AS_T, "2024-10", DUE) is None


def test_a_dead_sources_last_good_rows_are_used_with_the_day_last_read(hub: SmallHub) -> None:
    before = at("2024-10-19 02:00")
    hub.month(before)
    hub.read(DUE, "meritorious_persons", "labour_employment")
    form = filled(hub)
    one = figure(form, "BTX02")
    assert one.value is not None and not one.is_final
    assert "đọc được lần cuối ngày 19/10/2024" in (one.note or "")
    assert figure(form, "NCC02").is_final and not form.is_final
    assert not figure(form, "BTX01").is_final  # the register was last read more than 48 hours before the form's day
    first = file_form(hub.engine, AS_T, "2024-10", DUE)
    assert first is not None and first.maturity == "provisional"
    assert any("19/10/2024" in note for note in first.payload["ghi_chu"])


def flows(hub: SmallHub, name: str, first: dt.datetime | None, last: dt.datetime | None, **how: Any) -> None:
    """A flow of the window of AS-T 2024-10, one row in each of its two months, each loaded at that moment or never."""
    day = {"jobs_created": "started_date", "overseas_workers": "departed_date", "unemployment_decisions": "decision_date"}[name]
    for period, when, date in (("2024-09", first, dt.date(2024, 9, 20)), ("2024-10", last, dt.date(2024, 10, 2))):
        if when:
            hub.load(f"labour_employment.{name}", period, "40", [{day: date, "district": "412"}], when, **how)


AFTER_SEPTEMBER, AFTER_THE_WINDOW = at("2024-10-01 02:00"), at("2024-10-15 02:00")


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (AFTER_SEPTEMBER, None, "kỳ 2024-10: chưa có số liệu"),
        (None, AFTER_THE_WINDOW, "kỳ 2024-09: chưa có số liệu"),
        (AFTER_SEPTEMBER, at("2024-10-14 02:00"), "kỳ 2024-10: bản nhận ngày 14/10/2024 chưa gồm hết các ngày"),
        (at("2024-09-30 02:00"), AFTER_THE_WINDOW, "kỳ 2024-09: bản nhận ngày 30/09/2024 chưa gồm hết các ngày"),
    ],
    ids=["the last cell never came", "the first never came", "days of the last are to come", "days of the first are to come"],
)
def test_half_a_window_is_not_reported(hub: SmallHub, first: dt.datetime | None, last: dt.datetime | None, told: str) -> None:
    """Of 315 lines, 227 said that nothing arose: in the half of the window that had come."""
    now = at("2024-10-07 02:00")  # September's flows are due at the end of this day: what was read since would be all
    hub.month(DUE, flows=False)
    flows(hub, "jobs_created", first, last)
    flows(hub, "overseas_workers", AFTER_SEPTEMBER, AFTER_THE_WINDOW)
    hub.read(DUE)
    hub.read(now, "labour_employment")
    form = filled(hub)
    lines = [f for f in form.figures if f.code == "LD05"]
    assert {(f.state, f.value, f.is_final) for f in lines} == {("chua_bao_cao", None, False)}
    assert all(told in (f.note or "") for f in lines) and any(told in note for note in form.notes)
    assert len(lines) == 1 + len(DISTRICTS)
    # What is in does not suffer.
    assert value(form, "LD06") == "2" and value(form, "LD06", don_vi="412") == "2"
    assert figure(form, "LD06", don_vi="414").state == "khong_phat_sinh"
    assert not form.is_final


def test_a_flow_is_in_by_an_arrival_after_the_window_or_once_it_is_due_and_read(hub: SmallHub) -> None:
    hub.month(DUE, flows=False)
    for name in ("jobs_created", "overseas_workers", "unemployment_decisions"):
        flows(hub, name, AFTER_SEPTEMBER, at("2024-10-14 02:00"))
    hub.read(DUE)
    assert figure(filled(hub), "LD05").state == "chua_bao_cao"
    hub.load("labour_employment.jobs_created", "2024-10", "40", [{"started_date": dt.date(2024, 10, 2)}], DUE)
    form = filled(hub)
    assert value(form, "LD05") == "2" and figure(form, "LD05").is_final
    assert figure(form, "LD06").state == "chua_bao_cao"
    # Due on 5 November, and read since: what did not move by then is all there is.
    november = at("2024-11-06 02:00")
    hub.read(november)
    form = filled(hub, now=november)
    assert value(form, "LD06") == "2" and figure(form, "LD06").is_final


@pytest.mark.parametrize(
    "how",
    [
        {"marked": at("2024-10-14 02:00")},
        {"road": FROM_RAW},
        {"kind": "patch"},
        {"outcome": "refused"},
    ],
    ids=["submitted before", "judged again from raw of before", "a patch of some rows", "refused"],
)
def test_what_is_loaded_after_the_window_but_is_not_of_it_does_not_count(hub: SmallHub, how: dict[str, Any]) -> None:
    hub.month(DUE, flows=False)
    flows(hub, "jobs_created", AFTER_SEPTEMBER, at("2024-10-14 01:00"))
    hub.load("labour_employment.jobs_created", "2024-10", "40", [{"started_date": dt.date(2024, 10, 2)}], DUE, **how)
    hub.read(DUE)
    assert figure(filled(hub), "LD05").state == "chua_bao_cao"


def test_what_was_refused_after_the_window_and_is_judged_again_from_raw_counts(hub: SmallHub) -> None:
    """The rules were loosened: what is held now is what came after the window."""
    hub.month(DUE, flows=False)
    flows(hub, "jobs_created", AFTER_SEPTEMBER, at("2024-10-14 01:00"))
    rows = [{"started_date": dt.date(2024, 10, 2)}] * 2
    hub.load("labour_employment.jobs_created", "2024-10", "40", rows, AFTER_THE_WINDOW, "refused")
    hub.load("labour_employment.jobs_created", "2024-10", "40", rows, DUE, road=FROM_RAW)
    hub.read(DUE)
    assert value(filled(hub), "LD05") == "3"


def test_a_flow_declared_empty_after_the_window_is_a_true_zero(hub: SmallHub) -> None:
    hub.month(DUE, flows=False)
    for period, when in (("2024-09", AFTER_SEPTEMBER), ("2024-10", AFTER_THE_WINDOW)):
        hub.load("labour_employment.jobs_created", period, "40", [], when)
    hub.read(DUE)
    one = figure(filled(hub), "LD05", don_vi="412")
    assert (one.state, one.value, one.is_final) == ("khong_phat_sinh", 0, True)


def test_a_unit_that_was_refused_after_it_was_accepted_stands_by_what_was_accepted(hub: SmallHub) -> None:
    """It did report, and what the hub holds of it is good; that something newer is on its way makes it provisional."""
    hub.month(at("2024-10-18 02:00"))
    hub.load("meritorious_persons.monthly_payments", "2024-10", "412", [{}, {}], at("2024-10-21 02:00"), "refused")
    hub.read(DUE)
    form = filled(hub)
    one = figure(form, "NCC02", don_vi="412")
    assert (one.line()["gia_tri"], one.state, one.is_final) == ("2.789", "co_so_lieu", False)
    assert "dùng bản nhận ngày 18/10/2024" in (one.note or "")
    whole = figure(form, "NCC02")
    assert whole.line()["gia_tri"] == f"{Decimal('2.789') * len(DISTRICTS)}" and not whole.is_final
    assert "Thành phố Vinh" in (whole.note or "")
    assert figure(form, "NCC02", don_vi="414").is_final


def test_a_breakdown_needs_the_register_it_is_looked_up_in_and_the_total_does_not(hub: SmallHub) -> None:
    """The total of the money is known without the register; by category it is known of those units whose files are in."""
    hub.month(DUE)
    name = "meritorious_persons.profiles"
    with hub.engine.begin() as connection:
        connection.execute(sa.text(f"delete from history.{dataset_named(name).table} where unit_code = '415'"))
        for table in ("arrivals", "cells"):
            connection.execute(
                sa.text(
                    f"delete from ops.{table} where source = 'meritorious_persons' and dataset = 'profiles' and unit_code = '415'"
                )
            )
    hub.load(name, "now", "412", [{"profile_id": "P1", "category_code": "08"}], DUE)
    hub.load("meritorious_persons.monthly_payments", "2024-10", "412", [{"profile_id": "P1"}], DUE)
    hub.load("meritorious_persons.monthly_payments", "2024-10", "415", [{"profile_id": "P1"}], DUE)
    hub.read(DUE)
    form = filled(hub)
    whole = figure(form, "NCC02")
    assert whole.is_final and whole.line()["gia_tri"] == f"{Decimal('2.789') * len(DISTRICTS)}"
    lacking = figure(form, "NCC02", don_vi="415")
    assert lacking.is_final and lacking.line()["gia_tri"] == "2.789"
    assert "phân tổ" in (lacking.note or "") and "Hồ sơ" in (lacking.note or "")
    of_it = [f for f in form.figures if f.code == "NCC02" and ("don_vi", "415") in f.breakdown]
    assert of_it == [lacking], "no line by category"
    by_category = figure(form, "NCC02", loai="08")
    assert by_category.line()["gia_tri"] == "2.789", "the row of 415 is not in it"
    assert not by_category.is_final and "Huyện Quế Phong" in (by_category.note or "")
    assert figure(form, "NCC02", don_vi="412", loai="08").is_final


def test_a_breakdown_by_a_register_outlives_the_units_of_its_month(hub: SmallHub) -> None:
    """Cửa Lò ended on 1 December 2024: its list of October is its own, its files lie with another unit since."""
    now = at("2024-12-20 02:00")
    hub.month(now)
    of_cua_lo = units.main_successor("16717", dt.date(2024, 10, 31), now.date())
    person = {"profile_id": "P1", "category_code": "08", "commune_code": of_cua_lo}
    hub.load("meritorious_persons.profiles", "now", "412", [person], now)
    hub.load("meritorious_persons.monthly_payments", "2024-10", "413", [{"profile_id": "P1"}], now)
    hub.read(now)
    form = filled(hub, now=now)
    assert value(form, "NCC02", don_vi="413", loai="08") == value(form, "NCC02", loai="08") == "2.789"
    assert (value(form, "NCC01", don_vi="413"), value(form, "NCC01", don_vi="412")) == ("1", "0")
    assert form.is_final


OF_TWO = {
    "17902",
    "17905",
    "17917",
    "17926",
}  # of Nghi Lộc until November 2024, in a ward of Vinh's since July 2025: nobody tells of which


@pytest.mark.parametrize(
    ("period", "due", "asked", "but"),
    [
        ("2024-11", "2024-11-21", "2024-12-01", set()),
        ("2025-06", "2025-06-24", "2025-07-25", set()),
        ("2024-11", "2024-11-21", "2025-07-25", OF_TWO),
    ],
    ids=["Cửa Lò goes into Vinh", "the districts end", "both"],
)
def test_a_month_is_told_in_its_own_units_whatever_became_of_them(
    hub: SmallHub, period: str, due: str, asked: str, but: set[str]
) -> None:
    """Nobody is added and nobody leaves: the rows of the registers stand in the cells of other units, under other codes."""
    before, after, first = at(f"{due} 02:00"), at(f"{asked} 02:00"), calendar.span(period)[1]
    hub.month(before, period=period)
    hub.registers_by_commune(before, first, but)
    told = filled(hub, period=period, now=before)
    hub.registers_by_commune(after, first, but)
    again = filled(hub, period=period, now=after)
    assert again.lines() == told.lines() and again.is_final == told.is_final
    of_units = {dict(f.breakdown)["don_vi"]: f.value for f in again.figures if f.code == "NCC01" and len(f.breakdown) == 1}
    assert of_units.keys() == {"40", *(u.code for u in units.submitting_units(first))}
    assert sum(number or 0 for unit, number in of_units.items() if unit != "40") == of_units["40"] > 400


def test_a_unit_is_in_where_all_are_that_hold_its_communes_now(hub: SmallHub) -> None:
    """Since July 2025 communes answer for what was a district: one whose register is not in leaves its district unreported."""
    now = at("2025-07-25 02:00")
    hub.month(at("2025-06-24 02:00"), period="2025-06")
    hub.registers_by_commune(now, dt.date(2025, 6, 30))
    with hub.engine.begin() as connection:
        for table in ("ops.cells", "ops.arrivals"):
            connection.execute(
                sa.text(f"delete from {table} where dataset = 'profiles' and period = 'now' and unit_code = '16681'")
            )
    hub.read(now)
    form = filled(hub, period="2025-06", now=now)
    assert figure(form, "NCC01", don_vi="412").state == "chua_bao_cao"
    assert {f.state for f in form.figures if f.code == "NCC01" and f.breakdown == (("don_vi", "417"),)} == {"co_so_lieu"}


def test_what_is_hidden_is_as_mature_as_what_it_hides(hub: SmallHub) -> None:
    hub.month(at("2024-10-18 02:00"))
    hub.load("social_protection.monthly_payments", "2024-10", "412", [{}], at("2024-10-21 02:00"), "refused")
    hub.read(DUE)
    form = filled(hub)
    assert not figure(form, "BTX02", don_vi="412", nhom="khac").is_final
    assert figure(form, "BTX02", don_vi="414", nhom="khac").is_final


# AS-N -------------------------------------------------------------------------------------------------------------


def test_the_yearly_form(hub: SmallHub) -> None:
    now = at("2024-01-15 02:00")
    kinds = {c.kind: c.code for c in units.communes_on(dt.date(2023, 12, 31)).values()}
    for name in ("poverty.households", "poverty.review_results", "labour_employment.workers"):
        hub.load_all(name, "2023", now)
    hub.load(
        "poverty.households",
        "2023",
        "417",
        [
            {"class_code": 1, "lacks_01": True, "lacks_12": True, "head_ethnicity_code": "04", "change_reason_code": 1},
            {"class_code": 1, "lacks_01": True, "change_reason_code": 2, "area_code": 1, "is_without_labour": True},
            {"class_code": 2, "previous_class_code": 1, "change_reason_code": 5, "is_without_labour": False},
            {"class_code": 3, "previous_class_code": 1, "change_reason_code": 5, "lacks_01": True},
            {"class_code": 9, "previous_class_code": 2},
            {"class_code": 1, "previous_class_code": 1},  # poor as before
            {"class_code": 1, "previous_class_code": 3, "change_reason_code": 1, "head_ethnicity_code": None},
        ],
        now,
    )
    results = [
        {"commune_code": kinds["xã"], "household_count": 700, "poor_count": 4, "near_poor_count": 1},
        {"commune_code": kinds["phường"], "household_count": 100, "poor_count": 1, "near_poor_count": 0},
    ]
    hub.load("poverty.review_results", "2023", "417", results, now)
    hub.load(
        "labour_employment.workers",
        "2023",
        "417",
        [
            {"activity_code": 1, "training_level_code": 4, "employment_position_code": 2, "commune_code": kinds["xã"]},
            {"activity_code": 1, "training_level_code": 3, "sex_code": 2},
            {"activity_code": 2, "training_level_code": 8, "sex_code": 2, "commune_code": "99999"},  # none of the year's
            {"activity_code": 3, "training_level_code": 7},
        ],
        now,
    )
    _the_year_before(hub, now)
    hub.read(now)
    form = filled(hub, AS_N, "2023", now)
    unit = {"don_vi": "417"}
    others = len(DISTRICTS) - 1
    # The signed result gives the totals, the list the breakdowns: of the others one household each is on it, and none signed.
    assert value(form, "HN01", **unit) == "5" and value(form, "HN01") == "5"
    assert value(form, "HN03", **unit) == "1"
    assert value(form, "HN01", dan_toc="01") == str(2 + others)
    assert value(form, "HN01", dan_toc="04") == "1" == value(form, "HN01", dan_toc="khong_ro")
    assert value(form, "HN01", khu_vuc="1") == "1" and value(form, "HN01", khu_vuc="2") == str(3 + others)
    # Those of whom nobody can work stand apart (P-09); of whom the list does not say it, too.
    poor = [value(form, "HN01", kha_nang_lao_dong=told, **unit) for told in ("khong", "khong_ro")]
    assert poor == ["1", "3"] and value(form, "HN03", kha_nang_lao_dong="co", **unit) == "1"
    assert figure(form, "HN01", kha_nang_lao_dong="co", **unit).state == "khong_phat_sinh"
    assert value(form, "HN02", **unit) == "0.63"  # 5 / 800 = 0.625 half-up
    assert value(form, "HN04", **unit) == "0.13"  # 1 / 800 = 0.125
    assert value(form, "HN05", **unit) == "0.75"
    assert [value(form, "HN02", khu_vuc=area, **unit) for area in ("1", "2")] == ["1.00", "0.57"]
    changes = [value(form, "HN06", bien_dong=b, **unit) for b in ("thoat_ngheo", "tai_ngheo", "phat_sinh")]
    assert changes == ["2", "2", "1"]
    # Of the five poor and near-poor households; the screened ones and those that left do not count.
    assert [value(form, "HN07", chi_so=c, **unit) for c in ("01", "12", "02")] == ["40.00", "20.00", "0.00"]
    assert [value(form, f"LD0{n}", **unit) for n in (1, 2, 3, 4)] == ["3", "2", "33.33", "66.67"]
    assert value(form, "LD03", gioi_tinh="2", **unit) == "50.00"
    assert value(form, "LD02", vi_the="2", **unit) == "1"
    assert [value(form, "LD01", khu_vuc=area, **unit) for area in ("1", "2", "khong_ro")] == ["1", "1", "1"]
    gap = figure(form, "HN02", dan_toc="tat_ca")
    assert gap.state == "chua_bao_cao" and gap.note
    assert form.is_final
    (told,) = [f for f in form.findings if f.code == "HN01"]
    assert told.kind == "for_sender" and "Huyện Kỳ Sơn (4 hộ so với 5)" in told.message
    # Of 460 communes two have a result: the others are in no total and in no base of a rate.
    (told,) = [f for f in form.findings if f.code == "HN02"]
    assert told.kind == "for_sender" and "của 458 xã" in told.message


def _the_year_before(hub: SmallHub, now: dt.datetime) -> None:
    """What was reviewed and collected then is held as well, and is no part of this year's figures."""
    households = [
        {"class_code": 1, "previous_class_code": 2, "change_reason_code": 1, "lacks_02": True},
        {"class_code": 1, "change_reason_code": 2, "lacks_02": True},
        {"class_code": 2, "previous_class_code": 1, "lacks_02": True},
    ]
    hub.load("poverty.households", "2022", "417", households, now)
    communes = sorted(c.code for c in units.communes_on(dt.date(2022, 12, 31)).values() if c.district_code == "417")
    results = [{"commune_code": code, "household_count": 50, "poor_count": 9, "near_poor_count": 9} for code in communes]
    hub.load("poverty.review_results", "2022", "417", results, now)
    workers = [{"activity_code": code, "training_level_code": 5, "employment_position_code": 2} for code in (1, 2)]
    hub.load("labour_employment.workers", "2022", "417", workers, now)


def test_households_are_those_of_the_signed_result_and_a_unit_needs_both_for_a_breakdown(hub: SmallHub) -> None:
    now = at("2024-01-15 02:00")
    hub.load_all("poverty.households", "2023", now, [{}, {}], but=("415",))
    hub.load_all("poverty.review_results", "2023", now, [{"poor_count": 3}], but=("417",))
    hub.load_all("labour_employment.workers", "2023", now)
    hub.read(now)
    form = filled(hub, AS_N, "2023", now)
    both = len(DISTRICTS) - 2
    whole = figure(form, "HN01")
    assert whole.line()["gia_tri"] == str(3 * (both + 1)) and not whole.is_final and "Huyện Kỳ Sơn" in (whole.note or "")
    # Listed, not signed: nothing is said of it, nor could a sum of its breakdown tell what nobody signed.
    assert figure(form, "HN01", don_vi="417").state == "chua_bao_cao"
    assert not [f for f in form.figures if f.code == "HN01" and ("don_vi", "417") in f.breakdown and len(f.breakdown) > 1]
    # Signed, not listed: a total without a breakdown.
    assert figure(form, "HN01", don_vi="415").is_final and value(form, "HN01", don_vi="415") == "3"
    assert not [f for f in form.figures if f.code == "HN01" and ("don_vi", "415") in f.breakdown and len(f.breakdown) > 1]
    by_ethnicity = figure(form, "HN01", dan_toc="01")
    assert by_ethnicity.line()["gia_tri"] == str(2 * both) and not by_ethnicity.is_final
    assert "Huyện Quế Phong" in (by_ethnicity.note or "")
    # What needs one alone suffers by that one alone.
    assert value(form, "HN02") == "3.00" and value(form, "HN02", don_vi="415") == "3.00"
    assert (
        figure(
            form,
            "HN06",
            don_vi="415",
        ).state
        == "chua_bao_cao"
    )
    assert figure(form, "HN06", don_vi="417", bien_dong="tai_ngheo").is_final
    assert figure(form, "LD01").is_final
    (told,) = [f for f in form.findings if f.code == "HN01"]
    assert told.kind == "for_sender" and f"ở {both} đơn vị" in told.message
    assert f"{2 * both} hộ so với {3 * both}" in told.message, "of the units of which both are known"


# Reconciliation -------------------------------------------------------------------------------------------------------


def test_payees_and_entitled_are_compared_over_the_same_units(hub: SmallHub) -> None:
    hub.month(DUE, but=("415",))
    for unit in DISTRICTS:
        # Two entitled in each unit; on the list of each unit that is in, both of them.
        persons = [ENTITLED | {"beneficiary_id": f"B{unit}{n}"} for n in (1, 2)]
        hub.load("social_protection.beneficiaries", "now", unit, persons, DUE)
        if unit != "415":
            rows = [{"beneficiary_id": f"B{unit}{n}"} for n in (1, 2)]
            hub.load("social_protection.monthly_payments", "2024-10", unit, rows, DUE)
    assert filled(hub).findings == ()
    # Neither who is not entitled on the first, nor who lives in an establishment, nor who is on the list of another month.
    others = [{"entitled_from": FIRST + calendar.ONE_DAY}, {"entitled_until": FIRST}, {"care_place_code": 2}]
    persons = [ENTITLED | {"beneficiary_id": f"B414{n}"} | more for n, more in enumerate(({}, {}, *others), start=1)]
    hub.load("social_protection.beneficiaries", "now", "414", persons, DUE)
    hub.load("social_protection.monthly_payments", "2024-10", "414", [{"beneficiary_id": f"B414{n}"} for n in (1, 2, 5)], DUE)
    hub.load("social_protection.monthly_payments", "2024-09", "414", [{"beneficiary_id": "B4144"}], DUE)
    assert filled(hub).findings == ()
    hub.load("social_protection.monthly_payments", "2024-10", "412", [{"beneficiary_id": "B4121"}], DUE)
    (found,) = filled(hub).findings
    assert (found.code, found.kind) == ("BTX01", "failed_control") and "chênh +1" in found.message
