"""The night on real parts: what is planted has its outcome, twice is once, rows are mended and turn bad, history answers."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from assets.cells.checks import READ_LAST, RULES_EXAMINED
from assets.reports.forms import FORMS
from demo.lives.deliveries import START
from schemas import calendar
from schemas.registry import DATASETS, comes_by_file, dataset_named
from schemas.units import unit_name
from schemas.weights import TITLES
from tests.fixtures.forms import due_forms
from tests.fixtures.played_systems import played_systems
from tests.foretold import compare
from tests.integration.agreement import (
    asking,
    check_nowhere,
    check_reconciled,
    check_ui_agrees,
    checks_in_the_ui,
    told_of_a_cell,
    told_of_a_partition,
)
from tests.integration.province import Province, province

# Everything a second night over the same sources must leave as it is.
COUNTED = {
    "history": " union all ".join(f"select count(*) as n from history.{d.table}" for d in DATASETS),
    "arrivals": "select count(*) as n from ops.arrivals",
    "pulls": "select count(*) as n from ops.pulls",
    "quarantine": "select count(*) as n from quarantine.rows",
    "remarks": "select count(*) as n from quarantine.remarks",
    "reports": "select count(*) as n from ops.report_submissions",
}


@pytest.fixture(scope="module")
def home() -> Iterator[tuple[Province, dict[str, Any]]]:
    with province(after_first_night=True) as made:
        yield made, made.first_night


def counted(made: Province) -> dict[str, int]:
    found = {name: made.one(f"select sum(n)::bigint from ({query}) q") for name, query in COUNTED.items()}
    found["releases"] = made.one("select count(*) from open_data.releases", "shared")
    return found


def test_the_night_ends_whole(home: tuple[Province, dict[str, Any]]) -> None:
    made, card = home
    assert card["failures"] == []
    assert [s["source"] for s in card["systems"]] == sorted({d.source.name for d in DATASETS})
    for system in card["systems"]:
        assert system["expected"] == system["received"] + system["missing"]
        assert system["refused"] == 0
        # Of a system of files alone all that was due before the first look is of no rate: no day of sending is known of it.
        assert system["rows_accepted"] > 0 and (system["received"] > 0 or comes_by_file(system["source"]))
    assert made.one("select count(*) from ops.datasets where last_failure is not null") == 0


def test_every_form_due_was_filed_once_and_has_a_receipt(home: tuple[Province, dict[str, Any]]) -> None:
    made, _ = home
    filed = made.rows("select form, period, revision, receipt is not null as kept from ops.report_submissions order by 1, 2")
    due = sorted((form.code, period) for form, period in due_forms(START))
    assert {code for code, _ in due} == {form.code for form in FORMS} - {"TE-N"}, "its first year has not ended"
    assert filed == [(code, period, 1, True) for code, period in due]


def test_received_is_accepted_plus_rejected_and_current_rows_are_the_accepted(home: tuple[Province, dict[str, Any]]) -> None:
    made, _ = home
    check_reconciled(made)


def test_every_planted_fault_has_its_outcome_and_nothing_else_has_any(home: tuple[Province, dict[str, Any]]) -> None:
    made, _ = home
    compared = compare(made.truth(), made.rows)
    assert len(compared.faults) >= 20
    assert compared.absent == []
    assert compared.unplanted == set(), "rejected or remarked, though nothing was planted"


def test_every_file_has_the_fate_that_was_foretold(home: tuple[Province, dict[str, Any]]) -> None:
    """Each goes back with its note, or is in the register; whose place another took, or that came twice, changes nothing."""
    made, _ = home
    fates: dict[str, set[str]] = defaultdict(set)
    for planted in made.truth():
        if planted["outcome"].startswith("file_"):
            fates[planted["outcome"]].add(f"{planted['source']}/{planted['locator']['tep']}")
    assert [path for path in (made.home / "inbox").rglob("*") if path.is_file()] == []
    lying = {str(path.relative_to(made.home / "returned")) for path in (made.home / "returned").rglob("*") if path.is_file()}
    back = {path for path in lying if not path.endswith(".txt")}
    assert back == fates["file_returned"] and len(back) == 5
    assert {f"{path}.txt" for path in back} <= lying
    assert len(fates["file_replaced"]) == len(fates["file_repeated"]) == 1
    several = made.rows("select sender from ops.deliveries group by source, dataset, sender, periods having count(*) > 1")
    assert several == [(path.split("/")[1],) for path in fates["file_replaced"]], "what came twice is registered once"


def test_cells_that_came_as_a_file_beside_their_database_are_there(home: tuple[Province, dict[str, Any]]) -> None:
    made, card = home
    came = [
        f"{s.source.name}.{name}|{period}|{unit}"
        for s in played_systems()
        for name, files in s.files.items()
        for period, unit in files.cells
    ]
    held = made.rows(
        "select source, dataset, period, unit_code, rows_accepted from ops.cells where status in ('on_time', 'late')"
    )
    rows = {f"{source}.{dataset}|{period}|{unit}": count for source, dataset, period, unit, count in held}
    assert came and all(rows.get(cell, 0) > 0 for cell in came)
    systems = {system["source"]: (system["roads"], system["cells_beside"]) for system in card["systems"]}
    assert systems["children"] == systems["social_evils_prevention"] == (["drop"], 0)
    assert systems["social_protection"] == (["drop", "sql"], 2) and systems["labour_employment"] == (["drop", "sql"], 1)


def test_a_night_that_is_run_twice_changes_nothing(home: tuple[Province, dict[str, Any]]) -> None:
    made, _ = home
    before, said = counted(made), checks_in_the_ui(made)
    card = made.nightly()
    assert card["failures"] == []
    assert counted(made) == before
    again = checks_in_the_ui(made)
    assert again.keys() == said.keys()
    for check, then in said.items():
        now = again[check]
        assert (now.passed, standing(now)) == (then.passed, standing(then)), check
    rules = again["core/labour_employment/workers", "rows_follow_rules"]
    assert (
        not rules.passed and rules.metadata["dòng bị loại"].value > 0 and rules.metadata["dòng đã xét trong lượt này"].value == 0
    )
    assert all(r.data["quy tắc"] and r.data["sai gì"] for r in rules.metadata["dòng bị loại theo quy tắc"].records), (
        "a rule is told in words beside its name"
    )
    weights = [str(r.data["mức"]) for r in rules.metadata["cảnh báo theo quy tắc"].records]
    assert weights == sorted(weights, key=list(TITLES.values()).index) and weights[-1] == "ghi chú"


def test_what_a_check_tells_is_named_in_vietnamese(home: tuple[Province, dict[str, Any]]) -> None:
    """Of what it counts and of the headings of its tables: an officer reads both. Rules and columns keep the names that they have."""
    made, _ = home
    for check, said in checks_in_the_ui(made).items():
        tables = [told for told in said.metadata.values() if isinstance(told, dg.TableMetadataValue)]
        named = {*said.metadata, *(column.name for told in tables for column in told.schema.columns)}
        assert not {name for name in named if name.isascii()}, check


def standing(check: dg.AssetCheckEvaluation) -> dict[str, Any]:
    """What it says of how things stand: neither the run's own part nor when it was read."""
    passing = (READ_LAST, RULES_EXAMINED)
    return {name: told.value if hasattr(told, "value") else told for name, told in check.metadata.items()
            if not name.endswith("trong lượt này") and name not in passing}  # fmt: skip


def test_units_that_have_not_sent_are_named_by_the_check_of_their_dataset_and_of_the_report(
    home: tuple[Province, dict[str, Any]],
) -> None:
    made, _ = home
    missing = made.rows(
        "select period, unit_code from ops.cells where dataset = 'monthly_payments' and source = 'social_protection' and status = 'missing'"
    )
    said = checks_in_the_ui(made)
    check = said["core/social_protection/monthly_payments", "all_units_submitted"]
    named = {(r.data["kỳ"], r.data["đơn vị"]) for r in check.metadata["các ô quá hạn"].records}
    assert missing and named == {(p, f"{u} {unit_name(u, calendar.span(p)[1])}") for p, u in missing}
    assert all(r.data["số ngày quá hạn"] > 0 and r.data["hạn nộp"] for r in check.metadata["các ô quá hạn"].records)
    reported = [str(r.data["nội dung"]) for r in said["report/national/AS_T", "all_units_submitted"].metadata["chi tiết"].records]
    for period, unit in named:
        assert any(unit in told and f"kỳ {period}" in told for told in reported), (period, unit)


def test_a_cell_in_the_grid_says_whose_it_is_when_it_was_due_and_how_it_stands(home: tuple[Province, dict[str, Any]]) -> None:
    made, _ = home
    [(period, unit)] = made.rows(
        """select period, unit_code from ops.cells where dataset = 'monthly_payments' and source = 'social_protection'
        and status = 'late' and maturity = 'final' order by 1, 2 limit 1"""
    )
    told = told_of_a_cell(made, "social_protection", "monthly_payments", f"{period}|{unit}")
    assert told["đơn vị"] == f"{unit} {unit_name(unit, calendar.span(period)[1])}"
    due = calendar.due_day(dataset_named("social_protection.monthly_payments"), period)
    assert (told["tình trạng"], told["mức độ hoàn chỉnh"], told["hạn nộp"]) == ("muộn", "chính thức", f"{due:%d/%m/%Y}")
    assert told["dòng nhận"] == told["dòng được chấp nhận"] + told["dòng bị loại"]


def test_what_a_report_and_an_open_table_tell_of_a_period_is_in_the_officers_words(home: tuple[Province, dict[str, Any]]) -> None:
    made, _ = home
    report = told_of_a_partition(made, ["report", "national", "AS_T"], "2024-10")
    assert list(report) == [
        "lần", "mức độ hoàn chỉnh", "trạng thái", "biên nhận", "mã giao dịch", "kỳ số liệu", "hạn gửi", "số dòng đã gửi", "lý do", "ghi chú",
    ]  # fmt: skip
    assert report["biên nhận"].startswith("TN-") and report["kỳ số liệu"] == "từ 15/09/2024 đến 14/10/2024"
    table = told_of_a_partition(made, ["open", "social_protection", "payments_by_way"], "2024-10")
    assert {"bản mới", "số đã công bố", "số dưới 5, không nêu", "quyết định công bố", "thay đổi"} <= table.keys()
    assert not any("_" in name for name in {*report, *table} if not name.startswith("dagster/"))


def test_no_marked_value_leaves_the_hub(home: tuple[Province, dict[str, Any]]) -> None:
    """A marker stands in bad rows of every kind; no log, event, metadata, open table or file may hold it."""
    made, _ = home
    marker = "ZZLEAKZZ"
    changed = made.change(
        "poverty",
        "update hn_thanh_vien set ho_ten = :m || '?', ngay_sinh = :m, gioi_tinh = :m, so_dinh_danh = :m where ctid in"
        " (select ctid from hn_thanh_vien where nam_ra_soat = 2024 limit 3)",
        m=marker,
    )
    changed += made.change(
        "social_protection",
        "update btxh_doi_tuong set ma_xa_goc = :m, he_so = :m where ctid in (select ctid from btxh_doi_tuong limit 1)",
        m=marker,
    )
    assert changed == 4
    made.nightly("--source", "poverty", "--source", "social_protection")
    assert made.one("select count(*) from quarantine.rows where received::text like '%ZZLEAKZZ%' and resolved_at is null") == 4
    assert made.one("select count(*) from quarantine.rows where failures::text like '%ZZLEAKZZ%'") == 0
    assert made.one("select count(*) from quarantine.remarks where message like '%ZZLEAKZZ%'") == 0
    check_nowhere(made, marker)


def test_a_mended_row_comes_back_and_a_row_that_turns_bad_goes(home: tuple[Province, dict[str, Any]]) -> None:
    made, _ = home
    key, year, b2 = made.rows(
        """select ma_ho, nam_ra_soat, diem_b2 from hn_ho where nam_ra_soat = 2024 and phan_loai in ('1', '2')
        order by ma_ho limit 1""",
        "source_poverty",
    )[0]
    row_key = f"{key}|{year}"
    assert made.one("select count(*) from core.poverty_households where row_key = :k", k=row_key) == 1
    others = "select row_key, recorded_from from core.poverty_households where row_key <> :k order by 1"
    untouched = made.rows(others, k=row_key)
    made.change("poverty", "update hn_ho set diem_b2 = '35' where ma_ho = :k and nam_ra_soat = 2024", k=key)
    made.nightly("--source", "poverty")
    assert made.one("select count(*) from core.poverty_households where row_key = :k", k=row_key) == 0
    assert (
        made.one("select count(*) from history.poverty_households where row_key = :k and recorded_to is not null", k=row_key) == 1
    )
    bad = made.rows("select failures from quarantine.rows where row_key = :k and resolved_at is null", k=row_key)
    assert len(bad) == 1 and all(f["message"] for f in bad[0][0])
    check_reconciled(made)
    made.change("poverty", "update hn_ho set diem_b2 = :v where ma_ho = :k and nam_ra_soat = 2024", k=key, v=b2)
    card = made.nightly("--source", "poverty")
    [poverty] = card["systems"]
    assert poverty["days_to_resolve"] == 0.0, "it was mended on the day it was found"
    [of_poverty] = made.rows(
        """select jsonb_path_query_first(scorecard, '$.systems[*] ? (@.source == "poverty").rows_warned')::int, scorecard ->> 'first'
        from ops.nights order by started_at desc limit 1"""
    )
    assert of_poverty == (poverty["rows_warned"], card["first"])
    assert made.one("select count(*) from core.poverty_households where row_key = :k", k=row_key) == 1
    assert made.one("select count(*) from quarantine.rows where row_key = :k and resolved_at is null", k=row_key) == 0
    assert made.one("select count(*) from quarantine.rows where row_key = :k and resolved_at is not null", k=row_key) == 1
    assert made.rows(others, k=row_key) == untouched, "unchanged rows were rewritten"
    check_reconciled(made)


def test_what_was_known_on_a_day(home: tuple[Province, dict[str, Any]]) -> None:
    """Over three nights: the rows as of each night's end are those that were current then. Two systems move, the others stand still."""
    made, _ = home
    kept = []
    for step in range(3):
        if step:
            made.ansinh("demo", "day", "+1")
            made.nightly("--source", "labour_employment", "--source", "social_protection")
        with asking(made) as asked:
            [(instant,)] = asked("select max(loaded_at) from ops.arrivals")
            kept.append((instant, {d.table: asked(f"select count(*) from core.{d.table}") for d in DATASETS}))
    for moving in ("labour_employment", "social_protection"):
        first, last = ({t: n for t, n in counts.items() if t.startswith(moving)} for _, counts in (kept[0], kept[2]))
        assert first != last, f"two days passed and nothing moved in {moving}"
    with asking(made) as asked:
        for instant, counts in kept:
            for table, count in counts.items():
                known = asked(
                    f"select count(*) from history.{table} where recorded_from <= :at and (recorded_to is null or recorded_to > :at)",
                    at=instant,
                )
                assert known == count, (table, instant)
    check_reconciled(made)


def test_a_backfill_needs_its_reason_and_touches_only_its_cell(home: tuple[Province, dict[str, Any]]) -> None:
    made, _ = home
    period, unit = made.rows(
        """select period, unit_code from ops.cells where dataset = 'monthly_payments' and source = 'social_protection'
        and status in ('on_time', 'late') and rows_accepted > 1 and period >= '2024-02' order by period, unit_code limit 1"""
    )[0]
    empty = made.ansinh(
        "backfill", "--source", "social_protection", "--period", period, "--unit", unit, "--reason", " ", status=2
    )
    assert "lý do" in empty.stderr
    others = "select unit_code, row_key, recorded_from from core.social_protection_monthly_payments where not (period = :p and unit_code = :u)"
    before = sorted(made.rows(others, p=period, u=unit))
    changed = made.change(
        "social_protection",
        """update btxh_chi_tra set da_nhan = not da_nhan, ngay_nhan = case when da_nhan then null else thang + 10 end
        where ctid in (select ctid from btxh_chi_tra where to_char(thang, 'YYYY-MM') = :p and ma_doi_tuong in (:a))""",
        p=period,
        a=made.one(
            """select beneficiary_id from core.social_protection_monthly_payments where period = :p and unit_code = :u
            and row_key not in (select row_key from quarantine.remarks) order by 1 limit 1""",
            p=period,
            u=unit,
        ),
    )
    assert changed >= 1
    done = made.ansinh(
        "backfill", "--source", "social_protection", "--dataset", "monthly_payments", "--period", period, "--unit", unit,
        "--reason", "Đơn vị chi trả báo lại số đã nhận", "--by", "Cán bộ thử", "--document", "12/CV",
    )  # fmt: skip
    assert f"{period}|{unit}" in done.stdout
    assert sorted(made.rows(others, p=period, u=unit)) == before
    kept = made.rows("select requested_by, reason, document, outcome, unit_code from ops.backfills order by id desc limit 1")[0]
    assert kept == ("Cán bộ thử", "Đơn vị chi trả báo lại số đã nhận", "12/CV", "accepted", unit)
    again = made.rows(
        "select revision, replaces is not null, reason, receipt is not null from ops.report_submissions where form = 'AS-T'"
        " and period = :p order by revision desc limit 1",
        p=period,
    )
    [(revision, replaces, reason, receipt)] = again
    assert revision > 1 and replaces and receipt and reason.startswith("Đơn vị chi trả báo lại số đã nhận. Thay đổi")
    assert f"Báo cáo AS-T {period}, lần {revision}: đã tiếp nhận, biên nhận TN-" in done.stdout
    check_reconciled(made)


def test_a_school_year_is_loaded_shown_opened_and_corrected_as_any_other_period(home: tuple[Province, dict[str, Any]]) -> None:
    made, _ = home
    kept = "select period, status, rows_accepted > 0 from ops.cells where dataset = 'graduates' order by period"
    assert made.rows(kept) == [("2023-2024", "on_time", True), ("2024-2025", "on_time", True)]
    opened = "select distinct period from open_data.vocational_education_graduates_by_level"
    assert made.rows(opened, "shared") == [("2023-2024",)]
    graduates = made.one("select sum(graduate_count) from core.vocational_education_graduates where period = '2023-2024'")
    sent = json.loads(made.ansinh("report", "show", "GD-NH", "2023-2024", "--json").stdout)["payload"]
    (told,) = [f for f in sent["so_lieu"] if (f["ma_chi_tieu"], f["phan_to"]) == ("GD02", {"don_vi": "40"})]
    assert sent["ky_bao_cao"] == "2024NH"
    assert told["gia_tri"] == str(graduates)

    (institution, occupation, level, day), *_ = made.rows(
        """select institution_id, occupation_code, level_code, graduated_date from core.vocational_education_graduates
        where period = '2023-2024' and row_key not in (select row_key from quarantine.remarks) order by 1, 2, 3, 4"""
    )
    one_more = """update tot_nghiep set so_tot_nghiep = (so_tot_nghiep::int + 1)::text,
        so_nhap_hoc_dau_khoa = (so_nhap_hoc_dau_khoa::int + 1)::text
        where ma_co_so = :i and ma_nghe = :o and trinh_do = :l and ngay_cong_nhan = :d"""
    assert made.change("vocational_education", one_more, i=institution, o=occupation, l=str(level), d=day) == 1
    which = ("--source", "vocational_education", "--period", "2023-2024")
    done = made.ansinh("backfill", *which, "--reason", "Trường gửi bổ sung một người tốt nghiệp", "--by", "Cán bộ thử")
    assert "2023-2024|40" in done.stdout and "Báo cáo GD-NH 2023-2024, lần 2: đã tiếp nhận" in done.stdout
    assert (
        made.one("select sum(graduate_count) from core.vocational_education_graduates where period = '2023-2024'")
        == graduates + 1
    )
    assert "2023-2024" in made.ansinh("status", *which).stdout
    made.ansinh("quarantine", "export", "--unit", "40", "--period", "2023-2024", "--into", str(made.home))
    assert (made.home / "quarantine-40-2023-2024.xlsx").stat().st_size > 4000
    assert "YYYY-YYYY" in made.ansinh("status", "--period", "2023-2025", status=2).stderr
    check_reconciled(made)


def test_the_command_line_answers(home: tuple[Province, dict[str, Any]]) -> None:
    made, _ = home
    cells = json.loads(made.ansinh("status", "--json").stdout)
    kept = made.rows(
        "select source, dataset, period, unit_code, status, last_outcome, rows_received, rows_accepted from ops.cells"
    )
    shown = [tuple(c[n] for n in kept[0]._fields) for c in cells]
    assert sorted(map(str, shown)) == sorted(str(tuple(r)) for r in kept)
    check_ui_agrees(made)
    unit, period = made.rows(
        "select unit_code, period from quarantine.rows where resolved_at is null and unit_code <> 'unknown' and source = 'poverty' limit 1"
    )[0]
    made.ansinh("quarantine", "export", "--unit", unit, "--period", period, "--into", str(made.home))
    book = made.home / f"quarantine-{unit}-{period}.xlsx"
    assert book.stat().st_size > 4000 and oct(book.stat().st_mode)[-3:] == "600"
    found = json.loads(made.ansinh("quarantine", "list", "--json").stdout)
    for kind, query in (
        ("rejected", "select count(*) from quarantine.rows, jsonb_array_elements(failures) where resolved_at is null"),
        ("warning", "select count(*) from quarantine.remarks where resolved_at is null and kind = 'warning'"),
    ):
        assert sum(f["rows"] for f in found if f["kind"] == kind) == made.one(query) > 0
    listed = made.ansinh("quarantine", "list").stdout
    assert max(map(len, listed.splitlines())) <= 100
    warnings = listed.partition("Cảnh báo đang mở")[2]
    assert warnings.index("tiền") < warnings.index("định danh") < warnings.index("Ghi chú, không phải xử lý: ")
    assert json.loads(made.ansinh("report", "list", "--json").stdout)
    assert made.ansinh("doctor").returncode == 0
    assert made.ansinh("nightly", "--source", "nobody", status=2).stderr
    assert made.ansinh("url", "warehouse").stdout.startswith("postgresql://")
