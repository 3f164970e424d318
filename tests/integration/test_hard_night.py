"""One night with three dead systems, one that crawls and one that lies, and the next one, when all of them are as they should be.

Real parts: the demo's platform with its switches, the lines and logins of its servers, a night of the real commands.
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from assets.reports.forms import form_named
from schemas.registry import SOURCES, comes_by_file, datasets_of, source_named
from tests.fixtures.forms import due_forms
from tests.fixtures.mailbox import mailbox
from tests.integration.agreement import asking, check_nowhere, check_reconciled, check_ui_agrees
from tests.integration.province import LIMIT, Province, province
from tests.integration.proxies import line
from tests.integration.source_changes import told
from tests.integration.warm import warm

pytestmark = pytest.mark.landing

NEVER_READ = ("meritorious_persons", "poverty")  # until this night
DEAD = (*NEVER_READ, "social_protection")
CRAWLS, LIES = "labour_employment", "vocational_education"
BAD = (*DEAD, CRAWLS, LIES)
OF_ONE = "social_evils_prevention"  # of whose offices the province alone has sent
OTHERS = [s.name for s in SOURCES if s.name not in BAD]
LISTS = "tuyen_sinh"
FIRST, NIGHT = dt.date(2024, 11, 19), dt.date(2024, 11, 24)  # on the first day the lists of November were due
LAST_READ = f"{source_named(DEAD[-1]).title} đọc được lần cuối ngày {FIRST:%d/%m/%Y}: "
# The next day is a revision day: whatever form has other figures then is filed again.
NEVER_READ_TOLD = "Chưa đọc được lần nào: "
MARK = "Nguyễn Dấu Riêng"  # in a row of each dead system, of the one that crawls, and of the one that lies
MARKED = {
    # Two that are set aside, once these are read: whatever is told of a row, it is told without what stands there.
    "poverty": "hn_thanh_vien set so_dinh_danh = :mark, ngay_sinh = :mark, nam_sinh = :mark, gioi_tinh = :mark, so_dien_thoai = :mark "
    "where ctid = (select min(ctid) from hn_thanh_vien)",
    "meritorious_persons": "ncc_ho_so set loai_doi_tuong = :mark, ngay_huong = :mark, muc_tro_cap = :mark, so_tai_khoan = :mark "
    "where ctid = (select min(ctid) from ncc_ho_so)",
    "social_protection": "btxh_doi_tuong set ho_ten = :mark where ma_doi_tuong = (select min(ma_doi_tuong) from btxh_doi_tuong)",
    CRAWLS: "ld_lao_dong_nuoc_ngoai set ho_ten = :mark where so_giay_phep = (select min(so_giay_phep) from ld_lao_dong_nuoc_ngoai)",
    LIES: "co_so set co_quan_chu_quan = :mark where ma_co_so = (select min(ma_co_so) from co_so)",
}
# A day on which all but two were read, and the machine was off before the reports.
READ = """
import sys
from pipelines.definitions import defs
from pipelines.runtime import running
from resources.hub import Hub

hub = Hub.open()
with running.dagster(hub.settings, defs) as runner:
    for source in sys.argv[1:]:
        failures, has_more = runner.night(source, hub.today().isoformat(), None, False, others_wait=False)
        assert not failures and not has_more, source
"""


@dataclass(frozen=True)
class Nights:
    """A province, what it held before the night and after, and what the night said."""

    made: Province
    before: dict[str, list[Any]]
    dropped: set[str]  # the systems in whose inbox a file lay at that time
    last_run: int
    after: dict[str, list[Any]]
    card: dict[str, Any]
    stderr: str
    letters: list[str]  # to the operators


def switch(made: Province, **values: Any) -> None:
    """How the demo's platform behaves."""
    url = (made.home / "run" / "platform.url").read_text().strip()
    assert requests.post(f"{url}/cong-tac", data=json.dumps(values), timeout=10).ok


def kept(made: Province) -> dict[str, list[Any]]:
    """All that the hub holds of each system: every version of every row, what was set aside, how each cell stands."""
    found = {}
    with asking(made) as asked:
        for source in SOURCES:
            of = found[source.name] = []
            for dataset in datasets_of(source):
                of += asked(f"select count(*), sum(hash_record_extended(h, 0)) from history.{dataset.table} h")
            for table, what in (("quarantine.rows", "*"), ("ops.pulls", "*"), ("ops.arrivals", "*")):
                of += asked(
                    f"select count(*), sum(hash_record_extended(t, 0)) from (select {what} from {table} where source = :s) t",
                    s=source.name,
                )
    return found


@pytest.fixture(scope="module")
def nights() -> Iterator[Nights]:
    with province() as made:
        for path in (made.home / "inbox" / OF_ONE).glob("4??/*"):
            path.unlink()  # each file takes its time, and that of the province says the same
        asked = [s.name for s in SOURCES if s.name not in NEVER_READ]
        built_on = (clock := made.home / "clock").read_text()
        clock.write_text(FIRST.isoformat())
        first = warm().run("tests.integration.script", (READ, *asked), made.environment, LIMIT)
        assert first.returncode == 0, first.stderr[-3000:]
        clock.write_text(built_on)
        made.ansinh("demo", "day", NIGHT.isoformat())
        for source, change in MARKED.items():
            assert made.change(source, f"update {change}", mark=MARK) == 1
        before, last_run = kept(made), made.one("select max(id) from runs", "dagster")
        inbox = made.home / "inbox"
        dropped = {path.relative_to(inbox).parts[0] for path in inbox.rglob("*") if path.is_file()}
        for source in DEAD:
            made.ansinh("demo", "fault", "dead", "--source", source)
        # More rows than it gives; of a list a page in the middle is left out, and what it says that there are stays.
        switch(made, toi_da_dong=150)
        switch(made, dich_vu=f"{LIES}.co_so", loi="tong_sai", lech=7)
        for resource in (LISTS, "tot_nghiep"):
            switch(made, dich_vu=f"{LIES}.{resource}", loi="mat_trang")
        with line(made.server, silent_after=100, drips=1) as crawling, mailbox() as box:
            hard = made.having(
                **{source_named(CRAWLS).environment: crawling.url(CRAWLS)},
                ANSINH_ANSWER_SECONDS="3",
                ANSINH_RETRY_SECONDS="0.1",
                ALERT_SMTP_URL=box.url,
                ALERT_TO="cntt@so.vi-du.invalid",
            )
            done = hard.ansinh("nightly", "--json", status=1)
        card = json.loads(done.stdout.splitlines()[-1])
        yield Nights(made, before, dropped, last_run, kept(made), card, done.stderr, box.told)


def test_the_others_finish_before_anybody_is_waited_for_again(nights: Nights) -> None:
    runs = nights.made.rows(
        "select pipeline_name, status, start_time, end_time from runs where id > :last order by id",
        "dagster",
        last=nights.last_run,
    )
    ended = {run.pipeline_name: run for run in runs if run.status == "SUCCESS"}
    failed = [run for run in runs if run.status != "SUCCESS"]
    assert ended.keys() == {*(f"nightly_{name}" for name in OTHERS), "nightly_reports", "population_check"}
    waited_for = [run for run in failed if run.pipeline_name == f"nightly_{CRAWLS}"]
    assert len(waited_for) == 2, "a turn while others wait, and one after them"
    assert all(ended[f"nightly_{name}"].end_time <= waited_for[-1].start_time for name in OTHERS)
    systems = {s["source"]: s for s in nights.card["systems"]}
    for name in OTHERS:
        assert systems[name]["failed_datasets"] == [] and systems[name]["rows_accepted"] > 0
        # A system of files alone stands until an office sends one: no night changes it then, not even a hard one.
        is_fed = not comes_by_file(name) or name in nights.dropped
        assert (nights.after[name] != nights.before[name]) == is_fed, name


def test_nothing_of_who_lies_or_is_silent_is_loaded_or_taken_for_deleted(nights: Nights) -> None:
    for name in (*DEAD, CRAWLS, LIES):
        assert nights.after[name] == nights.before[name], name
    assert sum(rows for rows, _ in nights.after[LIES]) > 100
    check_reconciled(nights.made)
    check_ui_agrees(nights.made)


def test_each_failure_is_named_once_where_it_is_looked_for(nights: Nights) -> None:
    failures = told(nights.card)
    assert all(failure in nights.stderr for failure in failures)
    for name in DEAD:
        assert sum(f"nguồn {name}" in failure for failure in failures) == 1
    (crawls,) = [failure for failure in failures if f"nguồn {CRAWLS}" in failure]
    assert "không trả lời trong 3 giây" in crawls
    lies = [failure for failure in failures if f"{LIES}." in failure]
    assert len(lies) == len(datasets_of(LIES)) and all("dịch vụ nói có" in failure for failure in lies), lies
    assert len(failures) == len(DEAD) + 1 + len(lies)
    assert "Hỏng" in nights.made.ansinh("status").stdout


def test_the_operators_are_told_of_them_by_one_letter_that_names_nobody(nights: Nights) -> None:
    (letter,) = nights.letters
    assert all(f"Hệ thống {source_named(name).label}: " in letter for name in BAD)
    assert not any(f"ansinh status --source {name}, ansinh doctor" in letter for name in OTHERS)
    assert not any(word in letter for word in MARK.split())
    status = " ".join(nights.made.ansinh("status").stdout.split())
    assert (
        f"Đêm gần nhất: đêm {NIGHT:%d/%m/%Y} xong lúc" in status
        and source_named(CRAWLS).label in status.partition("Bộ lập lịch")[0]
    )


def filed(made: Province) -> dict[tuple[str, str], list[Any]]:
    """The revisions of each form."""
    found: dict[tuple[str, str], list[Any]] = {}
    for row in made.rows(
        "select form, period, revision, maturity, status, transaction_id, payload from ops.report_submissions order by form, period, revision"
    ):
        found.setdefault((row.form, row.period), []).append(row)
    return found


def lines_of(submission: Any, *, is_missing: bool = False) -> list[dict[str, Any]]:
    return [told for told in submission.payload["so_lieu"] if not is_missing or told["trang_thai"] == "chua_bao_cao"]


def notes_of(submission: Any) -> str:
    return " ".join(told.get("ghi_chu") or "" for told in lines_of(submission))


def systems_read_by(form: str, period: str) -> set[str]:
    """The systems that a form of a period reads."""
    return {i.dataset.source.name for i in form_named(form).inputs(period)}


def never_sent(made: Province, form: str, period: str) -> set[str]:
    """The units that owe a list that a form reads, and never sent it though its due day is over."""
    read = [f"{i.dataset.id}|{i.period}" for i in form_named(form).inputs(period)]
    missing = "select distinct unit_code from ops.cells where status = 'missing' and source || '.' || dataset || '|' || period = any(:read)"
    return {row.unit_code for row in made.rows(missing, read=read)}


def test_the_forms_due_say_what_is_missing_and_are_provisional(nights: Nights) -> None:
    forms = filed(nights.made)
    assert forms.keys() == {(form.code, period) for form, period in due_forms(NIGHT)}
    assert {(len(revisions), revisions[0].status) for revisions in forms.values()} == {(1, "received")}
    for form, period in forms:
        (first,) = forms[form, period]
        missing = lines_of(first, is_missing=True)
        if systems_read_by(form, period).isdisjoint(NEVER_READ):
            # What is held of them is whole, but for the units that owe a list to this day.
            lacking = never_sent(nights.made, form, period)
            assert first.maturity == ("provisional" if lacking else "final"), (form, period)
            assert {told["phan_to"]["don_vi"] for told in missing} == lacking, (form, period)
            assert NEVER_READ_TOLD not in notes_of(first)
            continue
        assert first.maturity == "provisional" and missing and {told["gia_tri"] for told in missing} == {None}
        assert NEVER_READ_TOLD in notes_of(first)
    assert {key for key, (first,) in forms.items() if LAST_READ in notes_of(first)} == {("AS-T", "2024-11")}


def test_no_value_of_a_person_is_anywhere(nights: Nights) -> None:
    check_nowhere(nights.made, MARK)
    assert MARK not in nights.stderr + json.dumps(nights.card, ensure_ascii=False)


def test_the_next_night_mends_all_and_corrects_the_forms(nights: Nights) -> None:
    made = nights.made
    switch(made, quen_het=True)
    for source in DEAD:
        made.ansinh("demo", "fault", "alive", "--source", source)
    made.ansinh("demo", "day", "+1")
    assert made.nightly()["failures"] == []
    after = kept(made)
    for name in (*DEAD, CRAWLS, LIES):
        assert after[name] != nights.before[name], name
    with asking(made) as asked, asking(made, f"source_{LIES}") as there:
        arrived = "select sum(rows_received) from ops.cells where source = :s and dataset = 'enrolments'"
        assert asked(arrived, s=LIES) == there(f"select count(*) from {LISTS}")
    for (form, period), (first, *later) in filed(made).items():
        if systems_read_by(form, period).isdisjoint(NEVER_READ):
            assert not later, "it was final, or lacks a list that has not come to this day either"
            continue
        (corrected,) = later
        assert (first.status, corrected.status) == ("replaced", "received"), (form, period)
        assert corrected.payload["thay_the"] == first.transaction_id
        assert not any(told in notes_of(corrected) for told in (NEVER_READ_TOLD, LAST_READ))
        assert len(lines_of(corrected, is_missing=True)) < len(lines_of(first, is_missing=True))
    check_nowhere(made, MARK)
    with asking(made) as asked:
        set_aside = asked("select source from quarantine.rows where received::text like :m order by 1", m=f"%{MARK}%")
        assert set_aside == [(name,) for name in sorted(NEVER_READ)]
        assert asked("select count(*) from quarantine.rows where failures::text like :m", m=f"%{MARK}%") == [(0,)]
    assert "Hỏng" not in made.ansinh("status").stdout
    check_reconciled(made)
    check_ui_agrees(made)
