"""What the login at a source may see and do: a part is never taken for the whole, and none may write."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from assets.cells.run import refuse_other_than_declared
from resources.connectors.failures import (
    SourceRightMissing,
    StructureChanged,
)
from resources.connectors.postgresql.connector import connect
from schemas.dataset import Dataset
from schemas.registry import dataset_named, datasets_of, source_named
from schemas.roads import BY_ROW_HASH, Sql
from schemas.submissions import SUBMISSION_LOG
from tests.integration.agreement import check_nowhere, check_reconciled
from tests.integration.province import Province, province
from tests.integration.source_changes import FILTERED, body, changed, households, reader_url, told, view_of

pytestmark = pytest.mark.landing

MARK = "ZZLEAKZZ"
PERSON = f"Nguyễn Văn {MARK} 038099"  # of a name that a source gives, none but identifiers is told


@pytest.fixture(scope="module")
def made() -> Iterator[Province]:
    with province(after_first_night=True) as found:
        yield found


NAMED = (
    (f'alter table hn_ho add column "{PERSON}" text', f'alter table hn_ho drop column "{PERSON}"'),
    (f'grant select ("{PERSON}") on hn_ho to poverty_reader', "select 1"),
    (f"""comment on column hn_ho."{PERSON}" is '{PERSON}'""", "select 1"),
    (f'alter table hn_ho add constraint "{PERSON}" check (true)', f'alter table hn_ho drop constraint "{PERSON}"'),
    (f'create policy "{PERSON}" on hn_thanh_vien using (false)', f'drop policy "{PERSON}" on hn_thanh_vien'),
    (f"""create type "{PERSON}" as enum ('{PERSON}')""", f'drop type "{PERSON}"'),
    (f'create schema "{PERSON}"', f'drop schema "{PERSON}" cascade'),
    (f'create table "{PERSON}".hn_ho_khac ()', "select 1"),
    (f'grant usage on schema "{PERSON}" to poverty_reader', "select 1"),
)


def test_a_login_that_may_see_a_part_is_refused_by_name_and_nothing_is_taken_for_deleted(made: Province) -> None:
    """A column taken away, a policy over rows, and a schema in the login's path that holds another table of a declared name."""
    columns = [c.source_column for d in datasets_of(source_named("poverty")) if d.name == "households" for c in d.columns]
    readable = ", ".join(c for c in columns if c != "diem_b2")
    before = {d.table: made.one(f"select count(*) from core.{d.table}") for d in datasets_of(source_named("poverty"))}
    with changed(
        made,
        ("revoke select on hn_ho from poverty_reader", "grant select on hn_ho to poverty_reader"),
        (f"grant select ({readable}) on hn_ho to poverty_reader", "select 1"),
        *FILTERED,
        ("create schema khac", "drop schema khac cascade"),
        ("create table khac.hn_phat_sinh as select * from hn_phat_sinh limit 1", "select 1"),
        ("create table khac.nhat_ky_nop as select * from nhat_ky_nop limit 0", "select 1"),
        ("grant usage on schema khac to poverty_reader", "select 1"),
        ("grant select on all tables in schema khac to poverty_reader", "select 1"),
        *NAMED,
    ):
        made.execute("alter role poverty_reader set search_path = khac, public")
        made.execute(f'create role "{PERSON}"')
        card = made.nightly("--source", "poverty", status=1)
        doctor = made.doctor(status=1)
        made.execute(f'drop role "{PERSON}"')
        made.execute("alter role poverty_reader reset search_path")
    check_nowhere(made, MARK)
    assert MARK not in doctor and MARK not in str(card)
    messages = dict(made.rows("select dataset, last_failure from ops.datasets where last_failure is not null"))
    assert set(messages) == {"households", "members"}, "another table of the same name is not met"
    assert "không có quyền đọc cột diem_b2" in messages["households"]
    assert f"cột thứ {len(columns) + 1}, tên không phải định danh, {len(PERSON)} ký tự" in messages["households"]
    assert (
        "public.hn_thanh_vien" in messages["members"] and "theo_xa" in messages["members"] and "bypassrls" in messages["members"]
    )
    assert sorted(told(card)) == sorted(messages.values())
    assert "chỉ thấy một phần" in doctor and "theo_xa" in doctor and "diem_b2" in doctor
    assert {table: made.one(f"select count(*) from core.{table}") for table in before} == before
    assert made.nightly("--source", "poverty")["failures"] == []
    check_reconciled(made)


ASKS = ("create function ai() " + body("sql", "select current_setting('app.xa', true)"), "drop function ai")
HIDES = {
    "a view that filters by login": (view_of("hn_ho", where="current_user <> 'poverty_reader'"), "public.khung_nhin hỏi ai đang đọc (current_user)"),
    "one that is made of such a one": (
        (("create view ben_duoi as select * from hn_ho where session_user = 'x'", "drop view ben_duoi"), *view_of("ben_duoi")),
        "public.ben_duoi hỏi ai đang đọc (session_user)",
    ),
    "a function that asks, called by another": (
        (ASKS, ("create function qua() " + body("plpgsql", "begin return ai(); end"), "drop function qua"), *view_of("hn_ho", where="qua() is null")),
        "hàm public.ai hỏi ai đang đọc (current_setting)",
    ),
    "a policy that even its owner has to obey, beneath a view": (
        (*FILTERED, ("alter table hn_thanh_vien force row level security", "alter table hn_thanh_vien no force row level security"), *view_of("hn_ho", where="exists (select from hn_thanh_vien)")),
        "public.hn_thanh_vien có bảo mật theo dòng",
    ),
    "a view that reads with the reader's rights": (
        (*FILTERED, *view_of("hn_ho", where="exists (select from hn_thanh_vien)"), ("alter view khung_nhin set (security_invoker = true)", "select 1")),
        "public.hn_thanh_vien có bảo mật theo dòng",
    ),
    "a view that does not ask": (view_of("hn_ho", where="thon_xom is distinct from 'user'"), None),
    "a policy that only others have to obey, beneath a view": ((*FILTERED, *view_of("hn_ho", where="exists (select from hn_thanh_vien)")), None),
}  # fmt: skip


@pytest.mark.parametrize("way", HIDES)
def test_what_a_view_reads_is_looked_through(made: Province, way: str) -> None:
    changes, words = HIDES[way]
    by_view = replace(households(), road=Sql("khung_nhin", BY_ROW_HASH))
    with changed(made, *changes), connect(source_named("poverty"), reader_url(made)) as opened:
        assert opened.faults(by_view) == []
        hidden = opened.hidden(by_view)
        assert any(words in line for line in hidden) if words else hidden == []


def test_names_that_a_source_gives_are_told_as_identifiers_or_by_where_they_stand(made: Province) -> None:
    """Of columns, types, views, functions, schemas and parts of a table."""
    kept = ['null::"{0}" as thon_xom' if c.source_column == "thon_xom" else c.source_column for c in households().columns]
    view = f'create view khung_nhin as select {", ".join(kept)}, 1 as "{PERSON}", 2 as "x\x1b[2J", 3 as moi from "{PERSON}"."{PERSON}"'
    changes = (
        *NAMED[5:],
        (f'create view "{PERSON}"."{PERSON}" as select * from hn_ho where session_user is not null', "select 1"),
        (
            f'create function "{PERSON}"() ' + body("sql", "select 'has_x038099001234_privilege has_table_privilege'"),
            f'drop function "{PERSON}"',
        ),
        (view.replace("{0}", PERSON) + f' where "{PERSON}"() is not null', "drop view khung_nhin"),
        ("grant select on khung_nhin to poverty_reader", "select 1"),
    )
    by_view, elsewhere = (replace(households(), road=Sql(name, BY_ROW_HASH)) for name in ("khung_nhin", "hn_ho_khac"))
    with changed(made, *changes), connect(source_named("poverty"), reader_url(made)) as opened:
        said = [*opened.faults(by_view), *opened.faults(elsewhere), *opened.hidden(by_view)]
    assert len(said) == 5 and all(line.isprintable() for line in said) and MARK not in str(said) and "038099" not in str(said)
    of_type, added, other_place, *asking = said
    assert "cột thon_xom có kiểu (kiểu số " in of_type and f"định danh, {len(PERSON)} ký tự), khai báo là text" in of_type
    assert added.endswith("tên không phải định danh, 5 ký tự), moi") and "(lược đồ số " in other_place
    assert asking[0].startswith("hàm public.(hàm số ") and asking[0].endswith(" hỏi ai đang đọc (has_table_privilege)")
    assert asking[1].startswith("khung nhìn (lược đồ, tên ") and asking[1].endswith(" hỏi ai đang đọc (session_user)")


def test_a_policy_that_lets_this_login_see_every_row_is_no_fault_and_any_other_is_an_error_of_the_server(made: Province) -> None:
    members, today = dataset_named("poverty.members"), dt.date(2024, 11, 20)
    open_to_us = (
        "create policy trung_tam on hn_thanh_vien for select to poverty_reader using (true)",
        "drop policy trung_tam on hn_thanh_vien",
    )
    source = source_named("poverty")
    with changed(made, *FILTERED):
        with pytest.raises(SourceRightMissing), connect(source, reader_url(made)) as opened:
            opened.standings(members, today)  # whoever asks without having looked first
        every_row = made.one("select count(*) from hn_thanh_vien", "source_poverty")
        with changed(made, open_to_us):
            assert seen(made, members) == every_row
        made.execute("alter role poverty_reader bypassrls")
        assert seen(made, members) == every_row
        made.execute("alter role poverty_reader nobypassrls")


def seen(made: Province, dataset: Dataset) -> int:
    """How many rows of a dataset a login has that nothing is hidden from."""
    with connect(dataset.source, reader_url(made)) as opened:
        assert opened.faults(dataset) == opened.hidden(dataset) == []
        found = opened.standings(dataset, dt.date(2024, 11, 20)).periods
    return sum(standing.rows or 0 for standings in found.values() for standing in standings)


def test_a_log_that_is_not_as_declared_is_named_before_it_is_read(made: Province) -> None:
    source = source_named("poverty")
    differs = (
        (
            "alter table nhat_ky_nop alter column thoi_diem_nop type text",
            "alter table nhat_ky_nop alter column thoi_diem_nop type timestamptz using thoi_diem_nop::timestamptz",
        ),
        ("alter table nhat_ky_nop rename column khai_rong to rong", "alter table nhat_ky_nop rename column rong to khai_rong"),
        ("create policy cua_xa on nhat_ky_nop for select using (false)", "drop policy cua_xa on nhat_ky_nop"),
        ("alter table nhat_ky_nop enable row level security", "alter table nhat_ky_nop disable row level security"),
    )
    with changed(made, *differs), connect(source, reader_url(made)) as opened:
        faults, hidden = opened.faults(SUBMISSION_LOG), opened.hidden(SUBMISSION_LOG)
        with pytest.raises(StructureChanged, match="từ bảng nhat_ky_nop"):
            refuse_other_than_declared(opened, households())
    assert any("thoi_diem_nop có kiểu text" in f for f in faults) and any("thiếu cột khai_rong" in f for f in faults)
    assert len(hidden) == 1 and "cua_xa" in hidden[0]


def test_the_doctor_finds_a_login_that_can_write(made: Province) -> None:
    made.change("poverty", "grant insert on hn_ho to poverty_reader")
    doctor = made.doctor(status=1)
    assert "ghi được bảng hn_ho" in doctor and "thu hồi" in doctor
    made.change("poverty", "revoke insert on hn_ho from poverty_reader")
    odd = "'412', 'hn_phat_sinh', '2024-10', 'infinity', -1, true), ('999', 'hn_phat_sinh', '2024-13', now(), 0, true"
    with changed(
        made, (f"insert into nhat_ky_nop values ({odd})", "delete from nhat_ky_nop where so_dong = -1 or ma_don_vi = '999'")
    ):
        assert "hn_phat_sinh: sổ nộp có 2 dòng không dùng được" in made.doctor()
