"""The forms over a real warehouse and the real gateway: figures, states, revisions, corrections, the outbox, crashes."""

import datetime as dt
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from report_hub import DISTRICTS, GatewayProcess, SmallHub, at

from assets.reports.compute import FilledForm, compute, reconcile
from assets.reports.figures import Figure
from assets.reports.filing import file_form, prepare, submit
from assets.reports.night import file_due
from resources import report_outbox as outbox
from resources.embedded import server
from resources.report_outbox import OutboxRefused, Submission
from resources.report_sending import refresh_states, send_waiting
from resources.warehouse import Warehouse
from schemas import units
from schemas.reports import as_n, as_t

AS_T, AS_N = as_t.FORM, as_n.FORM
DUE = at("2024-10-22 02:00")  # AS-T 2024-10: the lists are due on Monday the 21st
LATER = at("2024-10-23 02:00")
ENTITLED = {"entitled_from": dt.date(2024, 10, 1)}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="an", dir="/tmp"))
    running = server(folder)
    running.ensure_database("warehouse")
    Warehouse(running.url("warehouse")).migrate()
    yield folder
    running.stop()
    shutil.rmtree(folder)


@pytest.fixture
def hub(home: Path) -> Iterator[SmallHub]:
    engine = sa.create_engine(server(home).url("warehouse"), hide_parameters=True)
    yield SmallHub(engine)
    engine.dispose()


@pytest.fixture
def gateway() -> Iterator[GatewayProcess]:
    folder = Path(tempfile.mkdtemp(prefix="an", dir="/tmp"))
    running = GatewayProcess(folder).start()
    yield running
    running.stop()
    shutil.rmtree(folder)


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


# Revisions --------------------------------------------------------------------------------------------------------


def night(
    hub: SmallHub, gateway: GatewayProcess | None, now: dt.datetime, period: str = "2024-10", **how: Any
) -> list[Submission]:
    """A night of AS-T for one period: composed and sent."""
    client = gateway.client() if gateway else None
    result = file_due(hub.engine, client, now, AS_T, [period], mode="automatic", **how)
    assert result.failed == {}
    return result.composed


def outbox_of(hub: SmallHub, period: str = "2024-10") -> list[Submission]:
    with hub.engine.connect() as connection:
        return outbox.list_submissions(connection, "AS-T", period)


def test_a_form_is_sent_once_and_the_receiver_holds_what_was_computed(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    assert len(night(hub, gateway, DUE)) == 1
    (kept,) = outbox_of(hub)
    assert (kept.revision, kept.status, kept.maturity, kept.replaces, kept.attempts) == (1, "received", "final", None, 1)
    assert (kept.regime, kept.window_start, kept.window_end) == ("ND09.T", dt.date(2024, 9, 15), dt.date(2024, 10, 14))
    packet = gateway.packet(kept.transaction_id)
    assert packet == kept.payload and packet["bam_noi_dung"] == kept.payload_hash
    assert packet["ky_bao_cao"] == "2024M10" and packet["tinh_chat"] == "chinh_thuc"
    assert packet["so_lieu"] == filled(hub).lines()
    (listed,) = gateway.listed()
    assert listed["so_tiep_nhan"] == kept.receipt


def test_no_figure_changed_no_revision(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    night(hub, gateway, DUE)
    assert night(hub, gateway, LATER) == []
    # The same rows arrive again: nothing to say either.
    hub.load("meritorious_persons.monthly_payments", "2024-10", "412", [{}], LATER)
    assert night(hub, gateway, at("2024-10-24 02:00")) == []
    assert len(gateway.listed()) == 1


def test_a_late_unit_makes_a_revision_that_names_the_one_it_replaces(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE, but=("415",))
    night(hub, gateway, DUE)
    for name in ("meritorious_persons.monthly_payments", "social_protection.monthly_payments"):
        hub.load(name, "2024-10", "415", [{}], LATER)
    hub.read(LATER)
    assert night(hub, gateway, DUE + dt.timedelta(hours=1)) == []  # the same night: at most one
    night(hub, gateway, LATER)
    first, second = outbox_of(hub)
    assert (first.maturity, first.status, first.superseded_by) == ("provisional", "replaced", second.transaction_id)
    assert (second.maturity, second.status, second.revision) == ("final", "received", 2)
    assert second.replaces == first.transaction_id == second.payload["thay_the"]
    assert "Huyện Quế Phong" in (second.reason or "") and second.payload["ly_do_dieu_chinh"] == second.reason
    states = {s["lan_gui"]: s["trang_thai"] for s in gateway.listed()}
    assert states == {1: "thay_the", 2: "da_tiep_nhan"}


def test_a_change_after_a_final_is_a_correction_and_a_manual_one_may_follow_the_nights(
    hub: SmallHub, gateway: GatewayProcess
) -> None:
    hub.month(DUE)
    night(hub, gateway, DUE)
    hub.load("meritorious_persons.monthly_payments", "2024-10", "412", [{}, {}], LATER)
    night(hub, gateway, LATER)
    hub.load("meritorious_persons.monthly_payments", "2024-10", "412", [{}, {}, {}], LATER)
    assert night(hub, gateway, LATER) == []
    done = night(hub, gateway, LATER, reason="Vinh gửi lại danh sách theo CV 12", by="Nguyễn Thử")
    assert len(done) == 1
    states = [(s.revision, s.maturity, s.status) for s in outbox_of(hub)]
    assert states == [(1, "final", "replaced"), (2, "correction", "replaced"), (3, "correction", "received")]
    last = outbox_of(hub)[-1]
    assert last.payload["tinh_chat"] == "dieu_chinh" and last.composed_by == "Nguyễn Thử"
    assert (last.reason or "").startswith("Vinh gửi lại danh sách theo CV 12. Thay đổi: NCC02")


def test_after_the_lock_a_provisional_is_corrected_and_a_register_alone_restates_nothing(
    hub: SmallHub, gateway: GatewayProcess
) -> None:
    hub.month(DUE, but=("415",))
    night(hub, gateway, DUE)
    locked = at("2024-12-02 02:00")
    hub.load("meritorious_persons.profiles", "now", "412", [{}, {}], locked)
    hub.read(locked)
    assert night(hub, gateway, locked) == []
    for name in ("meritorious_persons.monthly_payments", "social_protection.monthly_payments"):
        hub.load(name, "2024-10", "415", [{}], locked)
    hub.read(locked)
    night(hub, gateway, locked)
    assert [(s.maturity, s.status) for s in outbox_of(hub)] == [("provisional", "replaced"), ("correction", "received")]


def test_a_form_is_never_filed_before_its_day_nor_beyond_the_sources(hub: SmallHub) -> None:
    hub.month(at("2024-10-21 02:00"))
    with pytest.raises(OutboxRefused, match="22/10/2024"):
        file_form(hub.engine, AS_T, "2024-10", at("2024-10-21 02:00"))
    with pytest.raises(OutboxRefused, match="15/12/2023"):
        file_form(hub.engine, AS_T, "2024-01", DUE)
    assert outbox_of(hub) == []


def test_two_at_once_make_one_revision(hub: SmallHub) -> None:
    hub.month(DUE)
    made: list[Submission | None] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            made.append(file_form(hub.engine, AS_T, "2024-10", DUE))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and len([m for m in made if m is not None]) == 1
    assert [s.revision for s in outbox_of(hub)] == [1]


def test_stock_figures_that_jump_ask_for_a_note(hub: SmallHub, gateway: GatewayProcess) -> None:
    september = at("2024-09-20 02:00")
    hub.month(september, period="2024-09")
    night(hub, gateway, september, "2024-09")
    hub.month(DUE)
    hub.load("meritorious_persons.profiles", "now", "412", [{}] * 10, DUE)
    (done,) = night(hub, gateway, DUE)
    assert any(f["code"] == "NCC01" and "thuyết minh" in f["message"] for f in done.findings)


# The outbox ---------------------------------------------------------------------------------------------------------


def test_a_decision_survives_a_crash_before_the_sending(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    composed = file_form(hub.engine, AS_T, "2024-10", DUE)
    assert composed is not None and composed.status == "draft"
    # Another process, later: the same transaction id goes out.
    (sent,) = send_waiting(hub.engine, gateway.client(), LATER)
    assert (sent.transaction_id, sent.status) == (composed.transaction_id, "received")


def test_a_decision_that_is_rolled_back_sends_nothing(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    with hub.engine.connect() as connection:
        assert prepare(connection, AS_T, "2024-10", DUE) is not None
        connection.rollback()
    assert send_waiting(hub.engine, gateway.client(), LATER) == [] and gateway.listed() == []


def test_death_of_the_gateway_between_commit_and_answer_gives_one_receipt(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    gateway.switch(loi="chet_sau_ghi", lan=1)
    night(hub, gateway, DUE)
    (waiting,) = outbox_of(hub)
    assert (waiting.status, waiting.receipt) == ("sent", None) and "AS-T" in (waiting.last_error or "")
    gateway.wait_dead()
    # The figures change while the first is on its way: nothing new is composed until its receipt is there.
    hub.load("meritorious_persons.monthly_payments", "2024-10", "412", [{}, {}], LATER)
    assert file_form(hub.engine, AS_T, "2024-10", LATER) is None
    gateway.start()
    night(hub, gateway, LATER)
    first, second = outbox_of(hub)
    assert (first.status, second.status, second.replaces) == ("replaced", "received", first.transaction_id)
    assert first.attempts == 2 and first.submitted_at == DUE
    assert [s["ma_giao_dich"] for s in gateway.listed()] == [first.transaction_id, second.transaction_id]


def test_an_outage_waits_its_time_and_stops_the_pass(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(at("2024-09-20 02:00"), period="2024-09")
    hub.month(DUE)
    client = gateway.client()
    gateway.stop()
    for period in ("2024-09", "2024-10"):
        file_form(hub.engine, AS_T, period, DUE)
    assert len(send_waiting(hub.engine, client, DUE)) == 1  # the second would meet the same
    assert send_waiting(hub.engine, None, DUE) == []
    first = outbox_of(hub, "2024-09")[0]
    assert first.next_attempt_at is not None and first.next_attempt_at > DUE
    gateway.start()
    assert [s.period for s in send_waiting(hub.engine, gateway.client(), DUE)] == ["2024-10"]  # the first's time has not come
    assert [s.period for s in send_waiting(hub.engine, gateway.client(), DUE, at_once=True)] == ["2024-09"]
    assert {s.status for s in outbox_of(hub) + outbox_of(hub, "2024-09")} == {"received"}


def test_a_long_wait_asked_for_is_kept(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    gateway.switch(loi="429", lan=-1, retry_after=3600)
    night(hub, gateway, DUE)
    (waiting,) = outbox_of(hub)
    assert waiting.next_attempt_at == DUE + dt.timedelta(hours=1)


def test_a_refused_form_is_kept_with_the_reasons_and_filed_again_once_mended(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    gateway.switch(loi="tu_choi", lan=1, ly_do=["NCC02 lệch với biên bản quyết toán"])
    night(hub, gateway, DUE)
    (returned,) = outbox_of(hub)
    assert (returned.status, returned.receipt) == ("returned", None)
    assert "NCC02 lệch với biên bản quyết toán" in (returned.last_error or "")
    assert night(hub, gateway, LATER) == []  # the same would be refused again
    hub.load("meritorious_persons.monthly_payments", "2024-10", "412", [{}, {}], LATER)
    night(hub, gateway, LATER)
    first, second = outbox_of(hub)
    assert (first.status, second.status, second.revision, second.replaces) == ("returned", "received", 2, None)
    assert len(gateway.listed()) == 1


def test_an_officer_files_again_what_was_refused_without_a_change(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    gateway.switch(loi="tu_choi", lan=1)
    night(hub, gateway, DUE)
    again = submit(hub.engine, AS_T, "2024-10", DUE, mode="automatic", by="Trần Thử", reason="Nơi nhận đã sửa danh mục")
    send_waiting(hub.engine, gateway.client(), DUE, at_once=True)
    assert [(s.revision, s.status) for s in outbox_of(hub)] == [(1, "returned"), (2, "received")]
    assert again.composed_by == "Trần Thử"
    with pytest.raises(OutboxRefused, match="không có gì để gửi"):
        submit(hub.engine, AS_T, "2024-10", DUE, mode="automatic", by="Trần Thử")


def test_approval_lets_a_form_go_in_the_officers_name(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    composed = file_form(hub.engine, AS_T, "2024-10", DUE, mode="approved")
    assert composed is not None and composed.status == "waiting_approval"
    assert send_waiting(hub.engine, gateway.client(), LATER, at_once=True) == []
    with hub.engine.begin() as connection, pytest.raises(OutboxRefused, match="--by"):
        outbox.approve(connection, composed.transaction_id, "  ", LATER)
    with hub.engine.begin() as connection:
        outbox.approve(connection, composed.transaction_id, "Lê Thử", LATER)
    (sent,) = send_waiting(hub.engine, gateway.client(), LATER)
    packet = gateway.packet(composed.transaction_id)
    assert (sent.status, packet["nguoi_duyet"], packet["bam_noi_dung"]) == ("received", "Lê Thử", composed.payload_hash)
    with hub.engine.begin() as connection, pytest.raises(OutboxRefused, match="chờ duyệt"):
        outbox.approve(connection, composed.transaction_id, "Lê Thử", LATER)


def test_figures_that_change_before_approval_need_a_new_look(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    seen = file_form(hub.engine, AS_T, "2024-10", DUE, mode="approved")
    assert seen is not None and file_form(hub.engine, AS_T, "2024-10", LATER, mode="approved") is None
    hub.load("meritorious_persons.monthly_payments", "2024-10", "412", [{}, {}], LATER)
    newer = file_form(hub.engine, AS_T, "2024-10", LATER, mode="approved")
    assert newer is not None and newer.replaces is None
    with hub.engine.begin() as connection, pytest.raises(OutboxRefused, match=newer.transaction_id):
        outbox.approve(connection, seen.transaction_id, "Lê Thử", LATER)
    with hub.engine.begin() as connection:
        outbox.approve(connection, newer.transaction_id, "Lê Thử", LATER)
    send_waiting(hub.engine, gateway.client(), LATER)
    assert [(s.revision, s.status) for s in outbox_of(hub)] == [(1, "replaced"), (2, "received")]


def test_figures_that_go_back_withdraw_what_waits(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    night(hub, gateway, DUE)
    hub.load("meritorious_persons.monthly_payments", "2024-10", "412", [{}, {}], LATER)
    assert file_form(hub.engine, AS_T, "2024-10", LATER, mode="approved") is not None
    hub.load("meritorious_persons.monthly_payments", "2024-10", "412", [{}], LATER)
    assert file_form(hub.engine, AS_T, "2024-10", at("2024-10-24 02:00"), mode="approved") is None
    standing, withdrawn = outbox_of(hub)
    assert (standing.status, withdrawn.status, withdrawn.superseded_by) == ("received", "replaced", standing.transaction_id)


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


def test_what_the_receiver_decides_later_comes_back(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(at("2024-09-20 02:00"), period="2024-09")
    hub.month(DUE)
    for period in ("2024-09", "2024-10"):
        night(hub, gateway, DUE, period)
    approved, sent_back = outbox_of(hub, "2024-09")[0], outbox_of(hub)[0]
    gateway.switch(phe_duyet=approved.transaction_id)
    gateway.switch(tra_lai=sent_back.transaction_id, ly_do="Thiếu thuyết minh")
    assert len(refresh_states(hub.engine, gateway.client(), LATER)) == 2
    assert outbox_of(hub, "2024-09")[0].status == "accepted"
    assert (outbox_of(hub)[0].status, outbox_of(hub)[0].last_error) == ("returned", "Thiếu thuyết minh")
    submit(hub.engine, AS_T, "2024-10", LATER, mode="automatic", by="Trần Thử")
    send_waiting(hub.engine, gateway.client(), LATER, at_once=True)
    assert [(s.status, s.replaces) for s in outbox_of(hub)] == [("returned", None), ("received", None)]


def test_a_warehouse_that_lost_a_receipt_gets_the_same_one(hub: SmallHub, gateway: GatewayProcess) -> None:
    hub.month(DUE)
    night(hub, gateway, DUE)
    (kept,) = outbox_of(hub)
    with hub.engine.begin() as connection:
        connection.execute(sa.text("update ops.report_submissions set status = 'sent', receipt = null, received_at = null"))
    (again,) = send_waiting(hub.engine, gateway.client(), LATER, at_once=True)
    assert again.receipt == kept.receipt and len(gateway.listed()) == 1


# The graph ----------------------------------------------------------------------------------------------------------


def test_the_assets_file_what_is_due_and_say_what_lacks(
    hub: SmallHub, gateway: GatewayProcess, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    from assets.reports import REPORT_ASSETS

    now = at("2024-10-22 02:00")
    hub.month(now, but=("415",))
    (home / "clock").write_text("2024-10-22", encoding="ascii")
    monkeypatch.setenv("ANSINH_HOME", str(home))
    monkeypatch.setenv("ANSINH_PROFILE", "demo")
    monkeypatch.setenv("NATIONAL_REPORTING_URL", gateway.url)
    for name in ("client_id", "client_secret"):
        monkeypatch.setenv(f"NATIONAL_REPORTING_{name.upper()}_FILE", str(gateway.home / "run" / f"gateway.{name}"))
    instance = dg.DagsterInstance.ephemeral()
    definitions = dg.Definitions(assets=REPORT_ASSETS, executor=dg.in_process_executor)
    # A night has no partition of its own, and the forms have different ones: the job of all assets allows that.
    job = definitions.resolve_implicit_global_asset_job_def()
    tags = {"ansinh/night": "2024-10-22", "dagster/defer_asset_events": "true"}
    done = job.execute_in_process(instance=instance, tags=tags)
    assert done.success
    key = dg.AssetKey(["report", "national", "AS_T"])
    made = instance.get_materialized_partitions(key)
    assert "2024-10" in made
    assert {s.period for s in _all(hub)} == {p for p in made}
    checks = {e.check_name: e for e in done.get_asset_check_evaluations() if e.asset_key == key and e.partition is None}
    assert set(checks) == {"all_units_submitted", "indicators_reconcile", "receipt_kept"}
    assert not checks["all_units_submitted"].passed
    assert checks["receipt_kept"].passed
    # By hand, before its day: refused in words.
    early = dg.materialize(REPORT_ASSETS, selection=[key], partition_key="2024-11", instance=instance, raise_on_error=False)
    assert not early.success
    told = early.get_step_failure_events()[0].step_failure_data.user_failure_data
    assert told is not None and "20/11/2024" in (told.description or "")


def _all(hub: SmallHub) -> list[Submission]:
    with hub.engine.connect() as connection:
        return outbox.list_submissions(connection)
