"""The figures of the administrative procedures over a real warehouse, and the store of result papers, whose uses are one of them."""

import datetime as dt
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assets.reports.compute import FilledForm
from assets.reports.figure import Figure
from assets.reports.forms import form_named
from resources.warehouse.persons import papers
from resources.warehouse.persons.papers import Look
from schemas import calendar, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT
from tests.fixtures.forms import compute
from tests.integration.province import LIMIT
from tests.integration.report_hub import SmallHub, at
from tests.integration.warm import warm

HC_T, HC_Q = form_named("HC-T"), form_named("HC-Q")
NOW = at("2024-07-15 02:00")  # HC-Q 2024-Q2: 15 March to 14 June
OWNER = "040190000001"
DAY = dt.date.fromisoformat


def load(
    hub: SmallHub,
    dossiers: Sequence[dict[str, Any]],
    progress: Sequence[dict[str, Any]] = (),
    held: Sequence[dict[str, Any]] = (),
) -> None:
    """Dossiers by the month of their receipt, steps by their own."""
    for name, field, rows in (("dossiers", "received_at", dossiers), ("progress", "processed_at", progress)):
        for period in calendar.periods("monthly", "2024-01", DAY("2024-06-30")):
            mine = [row for row in rows if row[field].startswith(period)]
            hub.load(f"administrative_procedures.{name}", period, PROVINCE, mine, NOW)
    hub.load("administrative_procedures.result_papers", "now", PROVINCE, held, NOW)
    hub.read(NOW)


def filled(hub: SmallHub, form=HC_Q, period: str = "2024-Q2") -> FilledForm:
    with hub.engine.connect() as connection:
        return compute(connection, form, period, NOW)


def value(form: FilledForm, code: str, measure: str = "phan_tram", **breakdown: str) -> str | None:
    (found,) = [
        f
        for f in form.figures
        if (f.code, f.unit_of_measure, dict(f.breakdown)) == (code, measure, {"don_vi": PROVINCE} | breakdown)
    ]
    return found.line()["gia_tri"]


def dossier(key: str, received: str, finished: str | None = None, appointed: str | None = None, **more: Any) -> dict[str, Any]:
    whole = {f"{name}_at": f"2024-{when}+07" for name, when in (("finished", finished), ("appointed", appointed)) if when}
    return {"dossier_id": key, "received_at": f"2024-{received}+07"} | whole | more


def paper(key: str, **more: Any) -> dict[str, Any]:
    return {"paper_id": key, "dossier_id": f"D-{key}", "identity_number": OWNER, "issued_on": "2024-03-01"} | more


def step(key: str, number: int, status: int, when: str) -> dict[str, Any]:
    return {"dossier_id": key, "step_number": number, "status_code": status, "processed_at": f"2024-{when}+07"}


def test_dossiers_are_counted_by_the_day_of_receipt_in_vietnam(hub: SmallHub) -> None:
    load(
        hub,
        [
            dossier("before", "03-14 23:59:59", channel_code=2),
            dossier("first", "03-15 00:00", channel_code=2),
            dossier("last", "06-14 23:59:59", field_code="NCC", office_code="H41.412.07"),
            dossier("after", "06-15 00:00"),
            dossier("of-the-department", "04-01 09:00", channel_code=2, office_code="H41.21"),
            dossier("of-its-old-code", "04-01 09:00", office_code="000.00.21.H41"),
            dossier("of-a-room-of-it", "04-01 09:00", office_code="H41.21.03"),
            dossier("of-nobody", "04-01 09:00", office_code="H41.99"),
        ],
    )
    form = filled(hub)
    assert value(form, "HC01", "ho_so") == "6"
    assert value(form, "HC02") == "33.33"
    assert {cap: value(form, "HC01", "ho_so", cap=cap) for cap in ("1", "2", "3", "khong_ro")} == {
        "1": "3",
        "2": "1",
        "3": "1",
        "khong_ro": "1",
    }
    assert value(form, "HC01", "ho_so", linh_vuc="NCC") == "1"
    assert value(form, "HC01", "ho_so", kenh_nop="3") == "0"
    assert value(form, "HC02", cap="1") == "33.33"
    assert value(form, "HC01", "ho_so", don_vi="412") == "2"
    assert form.is_final


def test_in_time_counts_what_was_finished_in_the_window_without_what_waited_for_the_applicant(hub: SmallHub) -> None:
    load(
        hub,
        [
            dossier("long-ago", "01-05 09:00", "03-15 09:00", "02-01 17:00"),  # of a month that the window does not touch
            dossier("waited", "03-20 09:00", "04-10 09:00", "04-05 17:00"),
            dossier("in-time", "04-01 09:00", "04-10 17:00", "04-10 17:00", channel_code=2),
            dossier("too-late", "04-01 09:00", "04-10 17:00:01", "04-10 17:00", channel_code=2),
            dossier("asked-after-it-ended", "04-01 09:00", "04-10 09:00", "04-05 17:00"),
            dossier("no-appointment", "04-01 09:00", "04-10 09:00"),
            dossier("before", "03-01 09:00", "03-14 23:59:59", "03-10 17:00"),
            dossier("open", "04-01 09:00", None, "04-10 17:00"),
        ],
        [
            step("waited", 1, 4, "03-21 09:00"),
            step("waited", 2, 5, "03-25 09:00"),
            step("waited", 3, 4, "04-01 09:00"),
            step("asked-after-it-ended", 1, 5, "04-10 09:00"),
            step("asked-after-it-ended", 2, 4, "04-20 09:00"),
        ],
    )
    form = filled(hub)
    assert value(form, "HC03") == "40.00"
    assert value(form, "HC03", kenh_nop="1") == "33.33"
    assert value(form, "HC03", kenh_nop="2") == "50.00"
    assert form.is_final


def test_a_delay_is_excused_by_what_waited_for_the_applicant_while_the_dossier_was_in_hand(hub: SmallHub) -> None:
    late, in_time = ("04-01 09:00", "04-10 09:00", "04-05 17:00"), ("04-01 09:00", "04-10 09:00", "04-10 17:00")
    load(
        hub,
        [
            dossier("paid", *late),
            dossier("worked-on", *late),
            dossier("asked-and-never-answered", *late),
            dossier("answered-after-it-ended", *late),
            dossier("asked-and-answered-after-it-ended", *in_time),
            dossier("answered-before-it-was-asked", *in_time),
        ],
        [
            step("paid", 1, 6, "04-02 09:00"),
            step("paid", 2, 4, "04-08 09:00"),
            step("worked-on", 1, 4, "04-02 09:00"),
            step("worked-on", 2, 9, "04-08 09:00"),
            step("asked-and-never-answered", 1, 5, "04-02 09:00"),
            step("answered-after-it-ended", 1, 5, "04-09 09:00"),
            step("answered-after-it-ended", 2, 4, "04-20 09:00"),
            step("asked-and-answered-after-it-ended", 1, 5, "04-20 09:00"),
            step("asked-and-answered-after-it-ended", 2, 4, "04-25 09:00"),
            step("answered-before-it-was-asked", 1, 5, "04-08 09:00"),
            step("answered-before-it-was-asked", 2, 4, "04-02 09:00"),
        ],
    )
    assert value(filled(hub), "HC03") == "50.00"


def test_a_period_before_the_window_that_is_not_in_leaves_what_is_finished_later_unreported(hub: SmallHub) -> None:
    load(hub, [dossier("in-time", "04-01 09:00", "04-10 17:00", "04-10 17:00", channel_code=2)])
    with hub.engine.begin() as connection:
        for table in ("ops.cells", "ops.arrivals"):
            connection.execute(sa.text(f"delete from {table} where dataset = 'dossiers' and period = '2024-02'"))
    form = filled(hub)
    assert value(form, "HC01", "ho_so") == "1"
    assert value(form, "HC03") is None
    (figure,) = [f for f in form.figures if (f.code, dict(f.breakdown)) == ("HC03", {"don_vi": PROVINCE})]
    assert figure.line()["trang_thai"] == "chua_bao_cao"


def test_the_satisfied_are_those_of_the_ones_who_said_so(hub: SmallHub) -> None:
    said = [1, 3, 4, 5, 5, None]
    load(
        hub, [dossier(f"{n}", "03-01 09:00", returned_at="2024-04-01 09:00+07", satisfaction_code=s) for n, s in enumerate(said)]
    )
    assert value(filled(hub), "HC04") == "60.00"


def test_results_are_digitised_where_a_signed_file_can_be_told_by_its_hash(hub: SmallHub) -> None:
    keys = ("good", "refused", "unsigned", "no-hash", "none")
    load(
        hub,
        [dossier(k, "03-20 09:00", "04-01 09:00") for k in keys],
        held=[
            paper("1", dossier_id="good"),
            paper("4", dossier_id="refused", kind_code="TC"),  # a refusal is the dossier's answer too
            paper("2", dossier_id="unsigned", is_signed=False),
            paper("3", dossier_id="no-hash", sha256=None),
        ],
    )
    assert value(filled(hub), "HC05") == "40.00"


# --- units that end ---------------------------------------------------------------------------------------------------------


def of_offices(hub: SmallHub, now: dt.datetime, period: str, form=HC_T, **dossiers: Any) -> FilledForm:
    """The form of a period, of dossiers by the month of their receipt: code -> (office, received, finished), each in time."""
    whole = [
        {"dossier_id": f"{office}-{key}", "office_code": office, "received_at": f"{received} 09:00+07", "channel_code": 2}
        | ({"finished_at": f"{finished} 09:00+07", "appointed_at": f"{finished} 17:00+07"} if finished else {})
        for key, (office, received, finished) in dossiers.items()
    ]
    for month in calendar.periods("monthly", "2024-01", now.date()):
        mine = [row for row in whole if row["received_at"].startswith(month)]
        hub.load("administrative_procedures.dossiers", month, PROVINCE, mine, now)
        hub.load("administrative_procedures.progress", month, PROVINCE, [], now)
    hub.load("administrative_procedures.result_papers", "now", PROVINCE, [], now)
    hub.read(now)
    with hub.engine.connect() as connection:
        return compute(connection, form, period, now)


def by_unit(form: FilledForm, code: str) -> dict[str, Figure]:
    return {f.breakdown[0][1]: f for f in form.figures if f.code == code and len(f.breakdown) == 1}


def test_a_dossier_of_a_district_that_was_merged_since_is_of_its_successor(hub: SmallHub) -> None:
    """Cửa Lò (413) is a part of Vinh (412) from 1 December 2024 on; the window of December begins on 15 November."""
    form = of_offices(
        hub,
        at("2024-12-20 02:00"),
        "2024-12",
        first=("H41.413", "2024-11-20", "2024-12-04"),
        second=("H41.413", "2024-11-21", None),
        third=("H41.413.07", "2024-10-01", "2024-12-02"),
        fourth=("H41.412", "2024-12-03", None),
        stale=("H41.413", "2024-12-05", None),  # an office that was none any more
    )
    assert form.is_final
    of_none = {UNKNOWN_UNIT: 1}
    for code, expected in (("HC01", {"412": 3} | of_none), ("HC02", {"412": 100, UNKNOWN_UNIT: 100}), ("HC03", {"412": 100})):
        assert {u: f.value for u, f in by_unit(form, code).items() if f.value and u != PROVINCE} == expected, code
        assert "413" not in by_unit(form, code)
    earlier = of_offices(hub, at("2024-12-20 02:00"), "2024-11", a=("H41.413", "2024-11-01", None))
    assert by_unit(earlier, "HC01")["413"].value == 1


JULY_2025 = at("2025-08-20 02:00")  # HC-T 2025-08: 15 July to 14 August, when the units are communes


def test_where_no_office_is_listed_no_unit_is_told_to_have_had_nothing(hub: SmallHub) -> None:
    """The list of offices ends with the districts: whose the dossiers are nobody knows, and how many there are everybody."""
    given = {f"d{n}": ("H41.101", "2025-07-20", "2025-08-04") for n in range(3)}
    form = of_offices(hub, JULY_2025, "2025-08", **given, late=("H41.412", "2025-06-20", "2025-08-04"))
    communes = {u.code for u in units.submitting_units(DAY("2025-08-31"))}
    for code, expected in (("HC01", 3), ("HC03", 100)):
        told = by_unit(form, code)
        assert told[PROVINCE].value == told[UNKNOWN_UNIT].value == expected
        assert "130 đơn vị" in (told[PROVINCE].note or "")
        assert told.keys() - {PROVINCE, UNKNOWN_UNIT} == communes
        assert {(told[u].state, told[u].value, told[u].is_final) for u in communes} == {("chua_bao_cao", None, False)}
        assert all("Danh sách nơi tiếp nhận" in (told[u].note or "") for u in communes)
    assert not form.is_final and [n for n in form.notes if "Danh sách nơi tiếp nhận" in n]


def test_a_commune_is_told_where_its_office_is_listed_on_a_day_of_the_window(hub: SmallHub) -> None:
    offices = {  # code -> commune, from, to
        "H41.101": ("17353", "2025-07-01", "9999-12-31"),
        "H41.103": ("17357", "2025-08-14", "9999-12-31"),
        "H41.104": ("17329", "2025-08-15", "9999-12-31"),
        "H41.105": ("17344", "2025-07-01", "2025-07-15"),
        "H41.106": ("17380", "2025-07-01", "2025-07-14"),
    }
    with hub.engine.begin() as connection:
        connection.execute(
            sa.text("""insert into ref.administrative_procedures_offices
                values (:code, 3, :commune, 'Một cửa xã', 'QĐ', 'sure', :since, :until)"""),
            [{"code": code, "commune": of[0], "since": of[1], "until": of[2]} for code, of in offices.items()],
        )
    try:
        two = {"one": ("H41.101", "2025-07-20", None), "other": ("H41.102", "2025-07-21", None)}
        form = of_offices(hub, JULY_2025, "2025-08", **two)
    finally:
        with hub.engine.begin() as connection:
            connection.execute(
                sa.text("delete from ref.administrative_procedures_offices where code = any(:codes)"), {"codes": list(offices)}
            )
    told = by_unit(form, "HC01")
    assert (told["17353"].value, told["17353"].is_final) == (1, True)
    assert {unit for unit, f in told.items() if f.state == "khong_phat_sinh"} == {"17344", "17357"}
    others = told.keys() - {"17353", "17344", "17357", PROVINCE, UNKNOWN_UNIT}
    assert {told[unit].state for unit in others} == {"chua_bao_cao"}
    assert told[UNKNOWN_UNIT].value == 1 and value(form, "HC01", "ho_so", cap="3") == "1"


# --- the store of papers ----------------------------------------------------------------------------------------------------


def found(
    hub: SmallHub, kind: str = "QD-TCXH", on: str = "2024-06-01", owner: str = OWNER, dossier: str | None = None
) -> str | None:
    with hub.engine.connect() as connection:
        held = papers.find(connection, owner, kind, DAY(on), dossier)
    return held.paper_id if held else None


@pytest.mark.parametrize(
    ("more", "on", "is_valid"),
    [
        ({}, "2024-03-01", True),
        ({}, "2024-02-29", False),
        ({"expires_on": "2024-06-01"}, "2024-06-01", True),
        ({"expires_on": "2024-06-01"}, "2024-06-02", False),
        ({"validity_code": 2, "ended_on": "2024-06-01"}, "2024-05-31", True),
        ({"validity_code": 2, "ended_on": "2024-06-01"}, "2024-06-01", False),
        ({"validity_code": 3, "ended_on": "2024-06-01"}, "2024-06-02", False),
        ({"validity_code": 3}, "2024-03-01", False),  # nobody says since when
        ({"ended_on": "2024-06-01"}, "2024-06-01", False),  # revoked, whatever its state still says
        ({"is_signed": False}, "2024-06-01", False),
        ({"is_signed": None}, "2024-06-01", False),
        ({"sha256": None}, "2024-06-01", False),
        ({"identity_number": "040190000002"}, "2024-06-01", False),
        ({"identity_number": None}, "2024-06-01", False),
        ({"kind_code": "QD-TN"}, "2024-06-01", False),
    ],
)
def test_a_paper_is_found_by_owner_and_kind_while_it_is_valid(
    hub: SmallHub, more: dict[str, Any], on: str, is_valid: bool
) -> None:
    load(hub, [], held=[paper("1", **more)])
    assert (found(hub, on=on) == "1") is is_valid


def test_the_newest_is_found_but_never_a_refusal_nor_the_dossiers_own_result(hub: SmallHub) -> None:
    load(
        hub,
        [],
        held=[
            paper("old"),
            paper("new", issued_on="2024-05-01"),
            paper("no", kind_code="TC"),
            paper("later", issued_on="2024-06-02"),
        ],
    )
    assert found(hub) == "new"
    assert found(hub, dossier="D-new") == "old"
    assert found(hub, kind="TC") is None


def test_a_use_is_counted_once_for_a_paper_and_a_dossier_and_a_look_is_none(hub: SmallHub) -> None:
    load(hub, [dossier("D-1", "03-20 09:00", field_code="GN")], held=[paper("1"), paper("2", kind_code="QD-TN")])
    for kind, used_for, counted in (
        ("QD-TCXH", "H41.412.07-240601-0001", True),
        ("QD-TCXH", "H41.412.07-240601-0001", False),
        ("QD-TCXH", "H41.21-240601-0001", True),
        ("QD-TN", "H41.412.07-240601-0001", True),
        ("QD-TN", "H41.99-240601-0001", True),  # of no office of the list
        ("QD-TCXH", None, False),
        ("GP-LD", "H41.412.07-240601-0001", False),  # none is held
    ):
        with hub.engine.begin() as connection:
            held = papers.find(connection, OWNER, kind, DAY("2024-06-01"), used_for)
            look = Look("Cán bộ A", "Giải quyết hồ sơ", used_for)
            assert papers.keep(connection, held, kind, DAY("2024-06-01"), look, at("2024-06-01 09:00")) is counted
    form = filled(hub)
    assert value(form, "HC05", "luot") == "4"
    assert value(form, "HC05", "luot", linh_vuc="GN") == "2"  # of the dossier from which the paper came
    assert value(form, "HC05", "luot", linh_vuc="khong_ro") == "2"
    assert value(form, "HC05", "luot", don_vi="412") == "2"  # of the office whose dossier needs no other paper
    assert value(form, "HC05", "luot", don_vi="413") == "0"
    kept = hub.rows("select * from ops.paper_uses")
    assert len(kept) == 6 and not [row for row in kept if OWNER in str(row)]
    load(hub, [dossier("D-1", "03-20 09:00", field_code="GN")], held=[paper("2", kind_code="QD-TN")])
    form = filled(hub)  # the store holds the other paper no more: its uses were
    assert value(form, "HC05", "luot") == value(form, "HC05", "luot", linh_vuc="khong_ro") == "4"


def asked(
    home: Path, given: bytes, *arguments: str, reason: str = "Giải quyết hồ sơ", by: str = "Cán bộ A"
) -> subprocess.CompletedProcess[str]:
    """`ansinh paper find`, the owner's number by standard input."""
    command = ("paper", "find", "--reason", reason, "--by", by, *arguments)
    environment = {**os.environ, "ANSINH_HOME": str(home), "ANSINH_PROFILE": "demo"}
    return warm().run("pipelines.cli", command, environment, LIMIT, given)


def test_the_command_tells_what_is_needed_and_nobody_s_number(hub: SmallHub, home: Path) -> None:
    load(hub, [], held=[paper("1", paper_number="12/QĐ", issuer="H41.412", expires_on="2029-03-01")])
    (home / "clock").write_text("2024-07-16\n")
    try:
        for counted in ("Đã đếm một lượt tái sử dụng", "không đếm thêm"):
            told = asked(home, f"{OWNER}\n".encode(), "--kind", "QD-TCXH", "--for", "H41.412-240716-0001")
            assert (told.returncode, told.stderr) == (0, "")
            assert "Số hiệu 12/QĐ, cấp ngày 01/03/2024, hết hạn: 01/03/2029" in told.stdout and counted in told.stdout
            assert OWNER not in told.stdout
        as_json = asked(home, OWNER.encode(), "--kind", "QD-TCXH", "--on", "2024-02-29", "--json")
        assert as_json.returncode == 1 and json.loads(as_json.stdout)["paper"] is None
        for given in (b"12345\n", b"\xff\xfe\n", b"", b"0" * 5_000):
            refused = asked(home, given, "--kind", "QD-TCXH")
            assert refused.returncode == 2 and "12 chữ số" in refused.stderr and "Traceback" not in refused.stderr
            assert "12345" not in refused.stderr.replace("12 chữ số", "") and "000" not in refused.stderr
        for said in ({"reason": f"Tra cứu cho {OWNER}"}, {"by": "182345678"}):
            refused = asked(home, OWNER.encode(), "--kind", "QD-TCXH", **said)
            assert refused.returncode == 2 and "từ 9 chữ số" in refused.stderr
            assert not any(words in refused.stderr for words in said.values())
    finally:
        (home / "clock").unlink()
    assert hub.rows("select paper_id, dossier_id, used_by from ops.paper_uses order by id") == [
        ("1", "H41.412-240716-0001", "Cán bộ A"),
        (None, None, "Cán bộ A"),
    ]
