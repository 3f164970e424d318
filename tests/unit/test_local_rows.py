"""What a place may lay over the shipped tables, and how what is wrong there is told: file, line, column, what was expected."""

import csv
import dataclasses
import datetime as dt
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest

from pipelines.doctor.local import look_at
from pipelines.runtime.processes import _loads
from resources.hub import Hub
from resources.inbox.headings import refuse_wrong_table, table_of
from resources.local import folder, tables
from resources.local.failures import LocalTableWrong
from resources.local.laying import failure, look
from resources.reporting import parties
from resources.reporting.failures import OrganisationUnknown, OrganisationUnverified
from resources.settings import PROJECT, Settings
from schemas import calendar, local, rates
from schemas.dated import shipped
from schemas.projections.fingerprint import fingerprint
from schemas.registry import dataset_named

DUE = local.LOCAL["sources/*/due_days.csv"]
HEADER = "dataset,day,valid_from,valid_to,legal_basis"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a place, empty."""
    made = tmp_path / "place"
    made.mkdir()
    monkeypatch.setenv("ANSINH_CONFIG", str(made))
    return made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings("demo", tmp_path / "home")


def laid(place: Path, name: str, text: str | bytes) -> Path:
    path = place / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# Rows over rows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "fits"), [("", True), ("412", True), ("17353", True), ("4121", False), ("H41", False)])
def test_an_office_is_of_a_district_of_a_commune_or_of_none(code: str, fits: bool) -> None:
    offices = local.LOCAL["sources/administrative_procedures/rates/offices.csv"]
    assert offices.values["district_code"].fits(code) is fits


def row(day: str, begins: str, ends: str = "", dataset: str = "a") -> dict[str, str]:
    return {"dataset": dataset, "day": day, "months_after": "1", "lock_months": "1", "legal_basis": "x"} | {
        "valid_from": begins,
        "valid_to": ends,
    }


def spans(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return [(r["dataset"], r["day"], r["valid_from"], r["valid_to"]) for r in rows]


STANDING = [row("5", "2020-01-01"), row("9", "2020-01-01", dataset="b")]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([row("7", "2020-01-01")], [("a", "7", "2020-01-01", "")]),
        ([row("7", "2025-01-01")], [("a", "5", "2020-01-01", "2024-12-31"), ("a", "7", "2025-01-01", "")]),
        (
            [row("7", "2025-01-01", "2025-06-30")],
            [("a", "5", "2020-01-01", "2024-12-31"), ("a", "7", "2025-01-01", "2025-06-30"), ("a", "5", "2025-07-01", "")],
        ),
        ([row("7", "2019-01-01")], [("a", "7", "2019-01-01", "")]),
        ([row("7", "2018-01-01", "2018-12-31")], [("a", "7", "2018-01-01", "2018-12-31"), ("a", "5", "2020-01-01", "")]),
        (
            [row("7", "2021-01-01", "2021-12-31"), row("8", "2023-01-01", "2023-12-31")],
            [
                ("a", "5", "2020-01-01", "2020-12-31"),
                ("a", "7", "2021-01-01", "2021-12-31"),
                ("a", "5", "2022-01-01", "2022-12-31"),
                ("a", "8", "2023-01-01", "2023-12-31"),
                ("a", "5", "2024-01-01", ""),
            ],
        ),
    ],
    ids=["the same key", "from a day on", "for some time", "before all", "earlier, apart", "twice"],
)
def test_a_row_of_the_place_holds_on_its_days(own: list[dict[str, str]], expected: list[tuple[str, ...]]) -> None:
    assert spans(local.merged(DUE, STANDING, own)) == [*expected, ("b", "9", "2020-01-01", "")]


def test_what_has_no_dates_is_replaced_by_its_key_or_added() -> None:
    swaps = local.LOCAL["swaps.csv"]
    one, two = ({"off_day": day, "work_day": "2027-01-09", "legal_basis": "x"} for day in ("2026-01-02", "2027-01-01"))
    assert local.merged(swaps, [one | {"work_day": "2026-01-10"}], [one, two]) == [one, two]


def test_rows_are_laid_before_a_table_is_read_or_not_at_all() -> None:
    calendar.due_rules()
    with pytest.raises(RuntimeError, match=r"before the tables are read: sources/poverty/due_days\.csv"):
        local.lay({"sources/poverty/due_days.csv": [row("5", "2020-01-01")]})
    assert calendar.due_rules.__wrapped__() == calendar.due_rules(), "nothing was laid"


# The folder -------------------------------------------------------------------------------------------------------------


def test_without_a_folder_nothing_is_laid(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANSINH_CONFIG", raising=False)
    assert look(settings).folder is None


def test_what_a_row_leaves_out_is_as_shipped(place: Path, settings: Settings) -> None:
    """A later edition with one more column finds the same file right."""
    laid(
        place, "poverty/due_days.csv", "\ufeffdataset , day,valid_from,legal_basis\r\n\r\nin_year_changes,12,2025-01-01,QĐ 1\r\n"
    )
    found = look(settings)
    assert found.faults == ()
    assert found.rows == {
        "sources/poverty/due_days.csv": [
            {"dataset": "in_year_changes", "day": "12", "valid_from": "2025-01-01", "valid_to": "", "legal_basis": "QĐ 1"}
            | {"months_after": "1", "lock_months": "1"}
        ]
    }


@pytest.mark.parametrize(
    ("name", "text", "told", "stops"),
    [
        (
            "poverty/due_days.csv",
            f"{HEADER}\nin_year_changes,32,2025-01-01,,x",
            "dòng 2, cột day: cần một số nguyên",
            {"poverty"},
        ),
        (
            "poverty/due_days.csv",
            f"{HEADER}\nhouseholds,1,01/01/2025,,x",
            "dòng 2, cột valid_from: cần một ngày dạng",
            {"poverty"},
        ),
        (
            "poverty/due_days.csv",
            f"{HEADER}\nhouseholds,1,2025-01-01,2024-01-01,x",
            "cột valid_to: cần một ngày không trước",
            {"poverty"},
        ),
        ("poverty/due_days.csv", f"{HEADER}\nhousehold,1,2025-01-01,,x", "cột dataset: không có trong bảng đi kèm", {"poverty"}),
        ("poverty/due_days.csv", f"{HEADER}\nhouseholds,1,2025-01-01,,", "cột legal_basis: cần chữ", {"poverty"}),
        ("poverty/due_days.csv", f"{HEADER}\nhouseholds,1,2025-01-01,x", "dòng 2: có 4 ô, cần 5", {"poverty"}),
        (
            "poverty/due_days.csv",
            f"{HEADER}\nhouseholds,1,2025-01-01,,x\nhouseholds,2,2026-01-01,,x",
            "dòng 3, cột valid_from: những ngày của dòng 2",
            {"poverty"},
        ),
        (
            "poverty/due_days.csv",
            f"{HEADER}\nhouseholds,1,2025-01-01,,x\nhouseholds,2,2025-01-01,,x",
            "dòng 3: cùng một việc và ngày với dòng 2",
            {"poverty"},
        ),
        ("poverty/due_days.csv", "dataset,ngay,valid_from,legal_basis\n", "bảng không có cột 'ngay'", {"poverty"}),
        ("poverty/due_days.csv", "dataset,day,day,valid_from,legal_basis\n", "cột day có hai lần", {"poverty"}),
        ("poverty/due_days.csv", "dataset,day,valid_from\nhouseholds,1,2025-01-01", "thiếu cột legal_basis", {"poverty"}),
        ("poverty/due_days.csv", "dataset;day;valid_from\n", "dấu chấm phẩy, cần dấu phẩy", {"poverty"}),
        ("poverty/due_days.csv", "", "không có dòng tên cột", {"poverty"}),
        ("poverty/due_days.csv", f"{HEADER}\n", "không có dòng nào", {"poverty"}),
        ("poverty/due_days.csv", f'{HEADER}\nhouseholds,1,2025-01-01,,"x', "không đọc được như CSV", {"poverty"}),
        (
            "poverty/due_days.csv",
            f"{HEADER}\nhouseholds,1,2025-01-01,,Quỹ".encode("utf-16"),
            "không phải văn bản UTF-8",
            {"poverty"},
        ),
        ("poverty/due_days.csv", "x" * (folder.LARGEST + 1), "lớn hơn 256 KB", {"poverty"}),
        (
            "poverty/due_days.csv",
            f"{HEADER}\n" + "\n" * tables.MOST_ROWS + "households,1,2025-01-01,,x",
            "nhiều hơn 5000 dòng",
            {"poverty"},
        ),
        ("poverty/due_day.csv", f"{HEADER}\n", "không có bảng đi kèm nào tên như vậy", {"poverty"}),
        ("povert/due_days.csv", f"{HEADER}\n", "không có bảng đi kèm nào tên như vậy", {"all"}),
        ("poverty/rates/thresholds.csv", "a,b\n", "địa phương không đặt được bảng này: quy tắc", {"poverty"}),
        ("poverty/codes/area.csv", "a,b\n", "địa phương không đặt được bảng này: danh mục", {"poverty"}),
        ("release_rules.csv", "a,b\n", "địa phương không đặt được bảng này: bảng này che người", {"all"}),
        ("release_decisions.csv", "number,title,issued_by,valid_from\n1,x,y,2025-01-01", "cột is_synthetic: thiếu cột", {"open"}),
        (
            "reports/organisations.csv",
            "role,code,name,valid_from,legal_basis,confidence,note\nboth,H41,x,2025-01-01,x,sure,",
            "cột role: cần một trong: sender, receiver",
            {"reports"},
        ),
        (
            "job_service/rates/wage_regions.csv",
            "district_code,region,valid_from,legal_basis,confidence\n999,2,2025-01-01,x,sure",
            "cột district_code: không có trong units/districts.csv",
            {"job_service"},
        ),
        ("headings/poverty/xa.csv", "heading,column\n", "cần headings/<hệ thống>.csv", {"poverty"}),
        ("a/b/c/d.csv", "x", "thư mục sâu quá", {"all"}),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_stops_what_it_is_about(
    place: Path, settings: Settings, name: str, text: str | bytes, told: str, stops: set[str]
) -> None:
    laid(place, name, text)
    found = look(settings)
    (fault,) = found.faults
    assert told in str(fault) and str(fault).startswith(name.rsplit("/", name.count("a/b/c"))[0][:3])
    assert fault.stops == stops
    assert found.rows == {}, "nothing of a wrong file is laid"
    assert told in str(failure(found.faults))


def test_a_wrong_file_leaves_the_others(place: Path, settings: Settings) -> None:
    laid(place, "poverty/due_days.csv", f"{HEADER}\nhouseholds,0,2025-01-01,,x\nmembers,99,2025-01-01,,x")
    laid(place, "meritorious_persons/due_days.csv", f"{HEADER}\nmonthly_payments,20,2025-01-01,,x")
    found = look(settings)
    assert set(found.rows) == {"sources/meritorious_persons/due_days.csv"}
    assert [fault.stops for fault in found.faults] == [{"poverty"}, {"poverty"}], "each line is told"


def test_no_value_of_a_cell_is_told(place: Path, settings: Settings) -> None:
    laid(place, "poverty/due_days.csv", f"{HEADER}\nhouseholds,NGUYỄN VĂN A 040012345678,2025-01-01,,x")
    assert "NGUYỄN" not in str(failure(look(settings).faults))


@pytest.mark.parametrize("where", ["relative", "absent", "home", "checkout", "file"])
def test_a_folder_that_cannot_be_the_places_is_named(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    (settings.home / "config").mkdir(parents=True)
    (tmp_path / "tep").write_text("x")
    paths = {
        "relative": "etc/ansinh",
        "absent": tmp_path / "x",
        "home": settings.home / "config",
        "checkout": PROJECT / "schemas",
    }
    monkeypatch.setenv("ANSINH_CONFIG", str(paths.get(where, tmp_path / "tep")))
    (fault,) = look(settings).faults
    assert fault.stops == {local.ALL}


def test_who_may_write_is_no_stranger(place: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    path = laid(place, "poverty/due_days.csv", f"{HEADER}\nhouseholds,1,2025-01-01,,x")
    path.chmod(0o666)
    assert "chmod o-w" in str(look(settings).faults[0])
    path.chmod(0o664)
    assert look(settings).faults == ()
    place.chmod(0o777)
    assert "chmod o-w" in str(look(settings).faults[0])
    found = os.statvfs(place)
    read_only = os.statvfs_result([*found[:8], found.f_flag | os.ST_RDONLY, *found[9:]])
    monkeypatch.setattr(os, "statvfs", lambda path: read_only)
    assert look(settings).faults == (), "as a cluster lays it, whatever its rights say"


def test_links_stay_in_the_folder_as_a_cluster_lays_them(place: Path, settings: Settings, tmp_path: Path) -> None:
    laid(place, "..2025_01_01/release_decisions.csv", "number,title,issued_by,valid_from,is_synthetic\n1/QĐ,x,y,2025-01-01,false")
    (place / "..data").symlink_to("..2025_01_01")
    (place / "release_decisions.csv").symlink_to("..data/release_decisions.csv")
    laid(place, "README.md", "ghi chú")
    found = look(settings)
    assert found.faults == () and set(found.rows) == {"release_decisions.csv"}
    (place / "swaps.csv").symlink_to(laid(tmp_path, "outside.csv", "off_day,work_day,legal_basis\n"))
    (place / "population.csv").symlink_to(place / "population.csv")
    told = sorted(map(str, look(settings).faults))
    assert len(told) == 2 and "liên kết ra ngoài" in told[1]


def test_what_is_no_file_is_not_waited_for(place: Path, settings: Settings) -> None:
    os.mkfifo(place / "swaps.csv")
    assert "không phải tệp thường" in str(look(settings).faults[0])


def test_a_folder_of_too_much_is_not_read_to_its_end(place: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MOST_FILES", 3)
    for number in range(9):
        laid(place, f"headings/poverty/42{number}.csv", "heading,column\n")
    assert len(look(settings).faults) == 1


def test_the_stamp_changes_with_a_table_alone(place: Path) -> None:
    path = laid(place, "swaps.csv", "off_day,work_day,legal_basis\n2027-01-01,2027-01-09,x")
    before = folder.stamp(place)
    laid(place, "headings/poverty.csv", "heading,column\n")
    assert folder.stamp(place) == before and folder.stamp(None) == ""
    path.write_text("off_day,work_day,legal_basis\n2027-01-01,2027-01-16,x\n")
    assert folder.stamp(place) != before


def test_the_examples_of_the_guide_are_right(place: Path, settings: Settings) -> None:
    """One for each table that a place may differ in."""
    guide = (PROJECT / "docs" / "huong-dan.md").read_text(encoding="utf-8")
    examples = re.findall(r"^\| `([\w/]+\.csv)`: .*\| `(.+)`<br>`(.+)` \|$", guide, re.MULTILINE)
    for name, header, line in examples:
        laid(place, name, f"{header}\n{line}\n")
    found = look(settings)
    assert found.faults == () and len(found.rows) == len(examples)
    assert {id(local.table_of(path)) for path in found.rows} == {id(table) for table in local.LOCAL.values()}


# Headings of senders ----------------------------------------------------------------------------------------------------


def test_headings_of_the_place_come_before_those_of_the_state_the_senders_own_before_all(place: Path, settings: Settings) -> None:
    of_all = laid(place, "headings/children.csv", "heading,column\n")
    assert table_of(settings, "children", "421") == of_all
    in_home = laid(settings.home, "headings/children/421.csv", "heading,column\n")
    assert table_of(settings, "children", "421") == in_home
    own = laid(place, "headings/children/421.csv", "heading,column\n")
    assert table_of(settings, "children", "421") == own
    assert look(settings).headings == ("headings/children.csv", "headings/children/421.csv")
    with pytest.raises(LocalTableWrong, match=r"headings/children\.csv: bảng không dùng được"):
        refuse_wrong_table(place, "headings/children.csv")


# What the doctor tells, and who goes by it ---------------------------------------------------------------------------------


def test_the_doctor_tells_what_is_replaced_and_what_should_be_looked_at(
    place: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Children's owner is another one from March 2025 on as shipped: a row of the place that goes on over it hides that one."""
    hub = Hub(settings)
    assert look_at(hub).text.endswith("place: không có bảng nào")
    laid(
        place,
        "children/owners.csv",
        "department,valid_from,legal_basis\nSở Nội vụ,2020-01-01,NQ 1/NQ-HĐND\n",
    )
    standing = shipped("sources", "children", "owners.csv")
    told = look_at(hub)
    assert told.text == f"{place}: children/owners.csv 1 dòng (thay 1)"
    (hidden,) = told.warnings
    assert f"{len(standing) - 1} dòng đi kèm mới hơn" in str(hidden)
    with (place / "children" / "owners.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(standing[0]))
        writer.writeheader()
        writer.writerow(standing[0])
    assert "1 dòng giống hệt dòng đi kèm" in str(look_at(hub).warnings)
    laid(place, "headings/children.csv", "heading,column\n")
    with pytest.raises(LocalTableWrong, match=r"headings/children\.csv"):
        look_at(hub)
    monkeypatch.delenv("ANSINH_CONFIG")
    assert look_at(hub).is_absent


def test_the_code_server_is_started_anew_when_a_table_changes(
    place: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _loads(settings)
    laid(place, "swaps.csv", "off_day,work_day,legal_basis\n2027-01-04,2027-01-09,x\n")
    assert _loads(settings) != before
    monkeypatch.setenv("ANSINH_CONFIG", "khong/tuyet/doi")
    assert _loads(settings)[1] == "", "it goes on: what loads the code says what is wrong"


@pytest.mark.parametrize("role", ["sender", "receiver"])
def test_production_files_under_no_placeholder(settings: Settings, role: Literal["sender", "receiver"]) -> None:
    on, production = dt.date(2024, 11, 20), dataclasses.replace(settings, profile="production")
    assert parties.party(settings, role, on).confidence == "unsure"
    with pytest.raises(OrganisationUnverified, match="mã giữ chỗ"):
        parties.party(production, role, on)
    for either in (settings, production):
        with pytest.raises(OrganisationUnknown, match="chưa có mã định danh còn hiệu lực"):
            parties.party(either, role, dt.date(2025, 3, 1))


# In a process of its own ------------------------------------------------------------------------------------------------

LOADED = """
import json
from resources.local.laying import lay
faults = [str(f) for f in lay().faults]
from tests.unit.test_local_rows import judged
print(json.dumps(judged() | {"faults": faults}))
"""
JUDGED = ("poverty.households", "social_protection.monthly_payments")


def judged() -> dict[str, Any]:
    """What this process goes by."""
    return {
        "due": calendar.due_day(dataset_named("poverty.in_year_changes"), "2024-10").isoformat(),
        "standard": rates.standard("social_assistance", dt.date(2024, 10, 1)),
        "prints": {n: [(f := fingerprint(dataset_named(n))).judges.digest, f.over_sets] for n in JUDGED},
    }


def loaded(**environment: str) -> dict[str, Any]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("ANSINH_")}
    command = [sys.executable, "-W", "ignore", "-c", LOADED]
    done = subprocess.run(command, cwd=PROJECT, env=known | environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_process_goes_by_the_place_and_only_what_it_judges_is_judged_anew(tmp_path: Path) -> None:
    place = tmp_path / "place"
    laid(place, "poverty/due_days.csv", f"{HEADER}\nin_year_changes,12,2024-01-01,,x")
    laid(
        place,
        "social_protection/rates/standards.csv",
        "name,amount_vnd,valid_from,legal_basis,confidence\nsocial_assistance,550000,2024-09-01,NQ 1/NQ-HĐND,sure",
    )
    laid(place, "vocational_education/due_days.csv", "sai")
    without, within = judged(), loaded(ANSINH_CONFIG=str(place), ANSINH_HOME=str(tmp_path / "home"))
    assert (without["due"], within["due"]) == ("2024-11-05", "2024-11-12")
    assert (without["standard"], within["standard"]) == (500_000, 550_000)
    assert len(within["faults"]) == 1 and within["faults"][0].startswith("vocational_education/due_days.csv: ")
    assert [n for n in JUDGED if without["prints"][n] != within["prints"][n]] == ["social_protection.monthly_payments"]


def test_the_row_that_holds_is_taken_over_from(place: Path, settings: Settings) -> None:
    """A service that a place speaks to at another path: all else is as shipped on that day."""
    laid(
        place, "administrative_procedures/services.csv", "resource,valid_from,path,source\nho_so,2025-01-01,/v2/ho-so,Công văn 1"
    )
    (own,) = look(settings).rows["sources/administrative_procedures/services.csv"]
    (standing,) = [r for r in shipped("sources", "administrative_procedures", "services.csv") if r["resource"] == "ho_so"]
    assert own == standing | {"path": "/v2/ho-so", "source": "Công văn 1", "valid_from": "2025-01-01"}
    assert dt.date.fromisoformat(own["valid_from"]).year == 2025
