"""The figures of the forms over a real warehouse: what is counted, what is hidden, what is not reported and why."""

import datetime as dt
import json
from decimal import Decimal

from assets.reports.compute import FilledForm, compute, reconcile
from assets.reports.figures import Figure
from assets.reports.filing import file_form
from schemas import units
from schemas.reports import as_n, as_t
from tests.integration.report_hub import DISTRICTS, SmallHub, at

AS_T, AS_N = as_t.FORM, as_n.FORM
DUE = at("2024-10-22 02:00")  # AS-T 2024-10: the lists are due on Monday the 21st
LATER = at("2024-10-23 02:00")
ENTITLED = {"entitled_from": dt.date(2024, 10, 1)}


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
    rows = [
        ENTITLED | {"birth_date": dt.date(1944, 10, 1), "birth_year": 1944},  # 80 on the day
        ENTITLED | {"birth_date": dt.date(1944, 10, 2), "birth_year": 1944},  # 79
        ENTITLED | {"birth_year": 2021},
    ]
    hub.load("social_protection.beneficiaries", "now", "412", rows, DUE)
    form = filled(hub)
    assert [value(form, "BTX01", don_vi="412", tuoi=t) for t in ("80+", "75-79", "0-3")] == ["1", "1", "1"]
    assert figure(form, "BTX01", don_vi="412", tuoi="16-59").state == "khong_phat_sinh"


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


def test_what_was_not_received_is_carried_over(hub: SmallHub) -> None:
    hub.month(DUE)
    rows = [{"is_received": False, "amount_vnd": 500_000, "arrears_vnd": 250_000}, {"is_received": False}, {"is_received": True}]
    hub.load("social_protection.monthly_payments", "2024-10", "412", rows, DUE)
    form = filled(hub)
    assert value(form, "BTX07", "nguoi", don_vi="412") == "2"
    assert value(form, "BTX07", "dong", don_vi="412") == "1250000"
    zero = figure(form, "BTX07", "nguoi", don_vi="414")
    assert (zero.state, zero.line()["gia_tri"]) == ("khong_phat_sinh", "0")


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
    assert all(len(f.breakdown) <= 2 and f.breakdown[0][0] == "don_vi" for f in filled(hub).figures)


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
    assert lacking.state == "chua_bao_cao" and "bị trả lại" in (lacking.note or "")


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


def test_a_flow_is_final_by_an_arrival_after_the_window_and_not_before(hub: SmallHub) -> None:
    hub.month(DUE, flows=False)
    early = at("2024-10-14 02:00")
    for name, day in (
        ("jobs_created", "started_date"),
        ("overseas_workers", "departed_date"),
        ("unemployment_decisions", "decision_date"),
    ):
        hub.load(f"labour_employment.{name}", "2024-09", "40", [{day: dt.date(2024, 9, 20)}], early)
        hub.load(f"labour_employment.{name}", "2024-10", "40", [{day: dt.date(2024, 10, 2)}], early)
    hub.read(DUE)
    form = filled(hub)
    assert value(form, "LD05") == "2" and not figure(form, "LD05").is_final
    hub.load("labour_employment.jobs_created", "2024-10", "40", [{"started_date": dt.date(2024, 10, 2)}], DUE)
    assert figure(filled(hub), "LD05").is_final


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
            {"class_code": 1, "lacks_01": True, "change_reason_code": 2, "area_code": 1},
            {"class_code": 2, "previous_class_code": 1, "change_reason_code": 5},
            {"class_code": 3, "previous_class_code": 1, "change_reason_code": 5, "lacks_01": True},
            {"class_code": 9, "previous_class_code": 2},
        ],
        now,
    )
    results = [
        {"commune_code": kinds["xã"], "household_count": 700, "poor_count": 2, "near_poor_count": 1},
        {"commune_code": kinds["phường"], "household_count": 100, "poor_count": 1, "near_poor_count": 0},
    ]
    hub.load("poverty.review_results", "2023", "417", results, now)
    hub.load(
        "labour_employment.workers",
        "2023",
        "417",
        [
            {"activity_code": 1, "training_level_code": 4, "employment_position_code": 2},
            {"activity_code": 1, "training_level_code": 3, "sex_code": 2},
            {"activity_code": 2, "training_level_code": 8, "sex_code": 2},
            {"activity_code": 3, "training_level_code": 7},
        ],
        now,
    )
    hub.read(now)
    form = filled(hub, AS_N, "2023", now)
    unit = {"don_vi": "417"}
    others = len(DISTRICTS) - 1
    assert value(form, "HN01", **unit) == "2" and value(form, "HN01") == str(2 + others)
    assert value(form, "HN03", **unit) == "1"
    assert value(form, "HN01", khu_vuc="1") == "1" and value(form, "HN01", dan_toc="04") == "1"
    assert value(form, "HN02", **unit) == "0.38"  # 3 / 800 = 0.375 half-up
    assert value(form, "HN04", **unit) == "0.13"  # 1 / 800 = 0.125
    assert value(form, "HN05", **unit) == "0.50"
    assert value(form, "HN02", khu_vuc="1", **unit) == "1.00"
    changes = [value(form, "HN06", bien_dong=b, **unit) for b in ("thoat_ngheo", "tai_ngheo", "phat_sinh")]
    assert changes == ["2", "1", "1"]
    # Of the three poor and near-poor households; the screened ones and those that left do not count.
    assert [value(form, "HN07", chi_so=c, **unit) for c in ("01", "12", "02")] == ["66.67", "33.33", "0.00"]
    assert [value(form, f"LD0{n}", **unit) for n in (1, 2, 3, 4)] == ["3", "2", "33.33", "66.67"]
    assert value(form, "LD03", gioi_tinh="2", **unit) == "50.00"
    assert value(form, "LD02", vi_the="2", **unit) == "1"
    gap = figure(form, "HN02", dan_toc="tat_ca")
    assert gap.state == "chua_bao_cao" and gap.note
    assert form.is_final
    with hub.engine.connect() as connection:
        told = {f.code: f.message for f in reconcile(connection, form)}
    assert "417" in told["HN01"]  # two listed, three signed


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
    with hub.engine.connect() as connection:
        assert reconcile(connection, compute(connection, AS_T, "2024-10", DUE)) == []
    hub.load("social_protection.monthly_payments", "2024-10", "412", [{"beneficiary_id": "B4121"}], DUE)
    with hub.engine.connect() as connection:
        (found,) = reconcile(connection, compute(connection, AS_T, "2024-10", DUE))
    assert found.code == "BTX01" and "chênh +1" in found.message
