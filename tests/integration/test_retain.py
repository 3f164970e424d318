"""What is past its term goes, and nothing else: what a cell is made of, what open figures and filings are counted from, stays."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from assets.open import figures
from assets.open.nights import kept
from resources.raw_store import KeptFile, RawFile
from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.deliveries import New
from resources.warehouse.running import retention
from schemas.dataset import Dataset
from schemas.registry import DATASETS, dataset_named
from tests.integration.open_hub import (
    BY_WAY,
    DISTRICTS,
    LATER,
    MERIT,
    MONEY,
    NIGHT,
    OCTOBER,
    PAYMENTS,
    load_payments,
    payments,
    released,
    run,
)
from tests.integration.report_hub import SmallHub, at

# --- what is still read as of old instants --------------------------------------------------------------------------------


def versions(hub: SmallHub, dataset: Dataset) -> int:
    return hub.rows(f"select count(*) as n from history.{dataset.table}")[0].n


def history(hub: SmallHub, dataset: Dataset, before: dt.datetime, since: dt.datetime | None = None) -> retention.Past:
    """A look, and the removal that it told."""
    with hub.engine.begin() as connection:
        look = retention.history(connection, dataset, before, since, remove=False)
    stood = versions(hub, dataset)
    with hub.engine.begin() as connection:
        done = retention.history(connection, dataset, before, since, remove=True)
    assert done == look and versions(hub, dataset) == stood - done.count
    return done


def test_what_open_figures_are_counted_from_stays(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """October is shown as of its first night; then the lists, and the register that tells persons apart, change three times."""
    lists, register = dataset_named(PAYMENTS), dataset_named(f"{MERIT}.profiles")
    files = [{"profile_id": f"430-{n}", "identity_number": f"0401600{n:05d}"} for n in range(40)]
    hub.load(register.id, "now", "430", files, NIGHT)
    load_payments(hub)
    run(hub, shared, home)
    shown = released(shared, BY_WAY), released(shared, MONEY)
    with figures.snapshot(hub.engine) as connection:
        as_of = {unit: i.as_of for (period, unit), i in kept(connection, lists).items() if period == OCTOBER}
        counted = {t.name: figures.figures(connection, lists, t, OCTOBER, as_of) for t in lists.open_tables}
    for day in (1, 2, 3):
        when = LATER + dt.timedelta(days=day)
        hub.load(lists.id, OCTOBER, "430", payments("430", 30 + day, 12, 5), when)
        hub.load(register.id, "now", "430", [f | {"identity_number": f"0401700{n:05d}"} for n, f in enumerate(files)], when)
        hub.read(when)
    far = at("2040-01-01 00:00")
    of_lists, of_register = history(hub, lists, far), history(hub, register, far)
    assert of_lists.count and of_lists.held and of_register.count and of_register.held == len(files)
    with figures.snapshot(hub.engine) as connection:
        assert {t.name: figures.figures(connection, lists, t, OCTOBER, as_of) for t in lists.open_tables} == counted
    with hub.engine.begin() as connection:
        connection.execute(sa.text("truncate ops.open_parts"))  # every period is made anew
    run(hub, shared, home, LATER + dt.timedelta(days=4), is_night=False)
    assert (released(shared, BY_WAY), released(shared, MONEY)) == shown
    assert set(as_of) >= set(DISTRICTS)
    with hub.engine.connect() as connection:
        assert retention.known_from(connection)[lists.id] == far
    assert history(hub, lists, far).count == 0


def test_what_a_filing_was_counted_from_stays_as_long_as_it_is_answered_for(hub: SmallHub) -> None:
    jobs, when = dataset_named("labour_employment.jobs_created"), at("2024-11-05 02:00")
    day = {"started_date": dt.date(2024, 10, 3), "district": "412"}
    for days in range(4):
        hub.load(jobs.id, OCTOBER, "40", [day] * 3, when + dt.timedelta(days=days))
    composed, later = when + dt.timedelta(days=1, hours=1), when + dt.timedelta(days=2, hours=1)
    _filed(hub, jobs.id, OCTOBER, composed)
    _filed(hub, jobs.id, OCTOBER, when + dt.timedelta(days=1))  # at the very instant: of what stood from it on
    # Of other days, of another dataset, and one that never went, nothing is asked.
    _filed(hub, jobs.id, "2024-09", later)
    _filed(hub, "labour_employment.overseas_workers", OCTOBER, later)
    _filed(hub, jobs.id, OCTOBER, later, "replaced")
    _shown(hub, "labour_employment", "jobs_created", "2024-09", later)
    _shown(hub, "labour_employment", "overseas_workers", OCTOBER, later)
    _shown(hub, "job_service", "jobs_created", OCTOBER, later)
    far = at("2040-01-01 00:00")
    first = history(hub, jobs, far, since=composed)
    assert (first.count, first.held) == (6, 3)
    assert (
        hub.rows(f"select count(*) as n from history.{jobs.table} where recorded_from <= :at and recorded_to > :at", at=composed)[
            0
        ].n
        == 3
    )
    second = history(hub, jobs, far, since=composed + dt.timedelta(days=1))
    assert (second.count, second.held) == (3, 0)
    assert versions(hub, jobs) == 3  # the current ones, for ever
    with hub.engine.begin() as connection:
        connection.execute(sa.text("delete from ops.open_instants"))


def test_what_was_filed_and_replaced_since_is_answered_for_too(hub: SmallHub) -> None:
    jobs, when = dataset_named("labour_employment.jobs_created"), at("2024-11-05 02:00")
    for days in range(3):
        hub.load(jobs.id, OCTOBER, "40", [{"started_date": dt.date(2024, 10, 3)}], when + dt.timedelta(days=days))
    _filed(hub, jobs.id, OCTOBER, when + dt.timedelta(hours=1), "replaced", receipt="r1")
    found = history(hub, jobs, at("2040-01-01 00:00"))
    assert (found.count, found.held) == (1, 1)


def _filed(
    hub: SmallHub, dataset: str, period: str, composed: dt.datetime, status: str = "draft", receipt: str | None = None
) -> None:
    """A filing of a form that was counted from a dataset."""
    with hub.engine.begin() as connection:
        number = connection.execute(sa.text("select count(*) + 1 from ops.report_submissions")).scalar_one()
        connection.execute(
            sa.text("""insert into ops.report_submissions (form, regime, period, window_start, window_end, revision, transaction_id,
                    payload_hash, status, maturity, due_day, payload, figures_hash, inputs, findings, composed_at, composed_by, receipt)
                values ('F' || :number, 'ND09.T', '2024-10', '2024-10-15', '2024-11-14', 1, 't' || :number, 'h', :status, 'final',
                    '2024-11-20', '{}', 'f', cast(:inputs as jsonb), '[]', :at, 'thử', :receipt)"""),
            {
                "number": number,
                "status": status,
                "at": composed,
                "receipt": receipt,
                "inputs": json.dumps([{"fingerprint": []}, {"dataset": dataset, "period": period, "units": {}}]),
            },
        )


def _shown(hub: SmallHub, source: str, dataset: str, period: str, as_of: dt.datetime) -> None:
    with hub.engine.begin() as connection:
        connection.execute(
            sa.text("insert into ops.open_instants values (:source, :dataset, :period, '40', :at, :at, :at)"),
            {"source": source, "dataset": dataset, "period": period, "at": as_of},
        )


def test_versions_go_by_their_end_alone(hub: SmallHub) -> None:
    jobs, when = dataset_named("labour_employment.jobs_created"), at("2024-11-05 02:00")
    for days in range(3):
        hub.load(jobs.id, OCTOBER, "40", [{"started_date": dt.date(2024, 10, 3)}], when + dt.timedelta(days=days))
    end = when + dt.timedelta(days=1)
    assert history(hub, jobs, end).count == 0, "what was closed at that instant is of that day"
    assert history(hub, jobs, end + dt.timedelta(seconds=1)) == retention.Past(1, end, end)


# --- registers of raw files, and quarantine -------------------------------------------------------------------------------

OLD, LIMIT, TODAY = at("2020-01-01 00:00"), at("2022-11-20 00:00"), dt.date(2024, 11, 20)
HASH = "0" * 64


def pull(
    hub: SmallHub,
    kind: str,
    units: list[str] | None,
    *,
    when: dt.datetime = OLD,
    path: str | None = None,
    of: tuple[str, str, str] = ("poverty", "households", "2023"),
) -> int:
    source, dataset, period = of
    with hub.engine.begin() as connection:
        number: int = connection.execute(
            sa.text("""insert into ops.pulls (run_id, source, dataset, period, kind, units, path, sha256, rows, pulled_at)
                values ('r', :source, :dataset, :period, :kind, :units, '', :hash, 1, :when) returning id"""),
            {"source": source, "dataset": dataset, "period": period} | {"kind": kind, "units": units, "hash": HASH, "when": when},
        ).scalar_one()
        named = {"id": number, "path": path or f"poverty/households/2023/{number}.parquet"}
        connection.execute(sa.text("update ops.pulls set path = :path where id = :id"), named)
        return number


def past(hub: SmallHub, source: str = "poverty") -> retention.PastRaw:
    of = dataset_named("poverty.households").source if source == "poverty" else dataset_named("children.profiles").source
    names = [d.name for d in DATASETS if d.source is of]
    with hub.engine.connect() as connection:
        return retention.raw(connection, of, dict.fromkeys(names, LIMIT), TODAY)


def test_a_pull_goes_once_all_its_cells_were_read_whole_after_it(hub: SmallHub) -> None:
    first = pull(hub, "whole", None)
    assert past(hub).pulls == [], "what cells are made of"
    delta, look = pull(hub, "delta", ["412", "413"]), pull(hub, "look", None)
    assert past(hub).pulls == [look], "of a look nothing was loaded"
    pull(hub, "whole", ["412"])
    assert past(hub).pulls == [look], "413 still stands on the first, and increments are proved by it"
    pull(hub, "whole", ["413"])
    assert past(hub).pulls == [look], "so are those of all other units"
    pull(hub, "whole", None, when=at("2024-11-20 02:00"))
    found = past(hub)
    assert len(found.pulls) == 5 and {first, delta} <= set(found.pulls)
    assert found.by_dataset["households"].held == 0


NOW = at("2024-11-20 02:00")
# Of another period, another dataset, and another system's dataset of the same name.
OTHERS = (("poverty", "households", "2024"), ("poverty", "members", "2023"), ("other", "households", "2023"))


def test_a_pull_is_superseded_by_those_of_its_own_dataset_and_period_alone(hub: SmallHub) -> None:
    for of in OTHERS:
        pull(hub, "whole", None, of=of, when=NOW)  # of them no increment of ours is proved
    pull(hub, "look", None, when=NOW)
    pull(hub, "whole", ["415"], when=NOW)
    one, nothing = pull(hub, "whole", ["412"]), pull(hub, "delta", [])
    for of in OTHERS:
        pull(hub, "whole", None, of=of, when=NOW)
        pull(hub, "whole", ["412"], of=of, when=NOW)
    assert past(hub).pulls == []
    pull(hub, "whole", ["412"], when=NOW)
    assert past(hub).pulls == [one], "a pull of no unit was superseded by none"
    pull(hub, "look", None, of=("other", "households", "2023"))
    pull(hub, "look", None, when=LIMIT)
    assert past(hub).pulls == [one], "another system's, and one of the very day, are not looked at"
    pull(hub, "whole", None, when=NOW)
    assert sorted(past(hub).pulls) == [one, nothing]


def test_cells_that_were_only_read_one_by_one(hub: SmallHub) -> None:
    both, patch = pull(hub, "whole", ["412", "413"]), pull(hub, "patch", ["412"])
    pull(hub, "whole", ["412"])
    pull(hub, "delta", ["413"], when=NOW)
    assert past(hub).pulls == [patch]
    pull(hub, "whole", ["413"])
    assert sorted(past(hub).pulls) == [both, patch]
    with hub.engine.begin() as connection:
        _answer(connection, patch, None)
        _answer(connection, both, OLD, -1)
    assert past(hub).pulls == [both], "an answer of it stands, and of the other none any more"


def _answer(
    connection: sa.Connection,
    pull_id: int,
    over_at: dt.datetime | None,
    names: int = 0,
    of: tuple[str, str] = ("poverty", "households"),
) -> None:
    connection.execute(
        sa.text("""insert into quarantine.answers (source, dataset, period, names, unit_code, received_hash, pull_id, ordinal,
                held_unit, held_key, answered_at, over_at)
            values (:source, :dataset, '2023', :names, '412', 'x', :pull, 0, '412', 'k', :at, :over)"""),
        {"source": of[0], "dataset": of[1], "names": names, "pull": pull_id, "at": OLD, "over": over_at},
    )


def test_a_file_goes_with_the_last_that_names_it(hub: SmallHub) -> None:
    """A whole pull that found what another had found is the same file."""
    same = "poverty/households/2023/same.parquet"
    pull(hub, "whole", None, path=same)
    pull(hub, "whole", None)
    pull(hub, "whole", None, when=at("2024-11-20 02:00"), path=same)
    found = past(hub)
    assert len(found.pulls) == 2 and len(found.files) == 1 and same not in found.files


@contextmanager
def _cleared(hub: SmallHub) -> Iterator[None]:
    clear = (
        "delete from quarantine.answers; delete from quarantine.rows; delete from quarantine.remarks; delete from ops.raw_leaving"
    )
    try:
        yield
    finally:
        with hub.engine.begin() as connection:
            connection.exec_driver_sql(clear)


@pytest.fixture(autouse=True)
def _cleared_quarantine(request: pytest.FixtureRequest) -> Iterator[None]:
    if "hub" not in request.fixturenames:
        yield
        return
    with _cleared(request.getfixturevalue("hub")):
        yield


def test_a_delivery_goes_once_another_holds_in_all_its_places(hub: SmallHub) -> None:
    profiles = dataset_named("children.profiles")

    def deliver(sender: str, when: dt.datetime, kind: str = "whole", *, is_loaded: bool = True) -> int:
        path = f"restricted/children/files/{sender}-{when:%Y%m%d}"
        file, rows = KeptFile(f"{path}.xlsx", HASH), RawFile(f"{path}.parquet", HASH, 1)
        new = New(profiles, sender, kind, ("now",), file, rows)  # ty: ignore[invalid-argument-type]
        with hub.engine.begin() as connection:
            number = deliveries.register(connection, new, when).id
            if is_loaded:
                deliveries.mark_loaded(connection, number, "r", when, {})
                deliveries.mark_told(connection, number, when)
        return number

    first, second = deliver("412", OLD), deliver("413", OLD)
    assert past(hub, "children").deliveries == [], "both hold"
    deliver("412", OLD + dt.timedelta(days=1))
    assert past(hub, "children").deliveries == [first]
    mended, waiting = deliver("413", OLD, "patch"), deliver("413", OLD, "patch", is_loaded=False)
    found = past(hub, "children")
    assert sorted(found.deliveries) == [first, mended] and waiting not in found.deliveries
    deliver("413", at("2024-11-20 02:00"))
    assert sorted(past(hub, "children").deliveries) == [first, second, mended]


def test_a_file_that_left_the_registers_is_named_until_it_left_the_disk(hub: SmallHub) -> None:
    pull(hub, "whole", None)
    pull(hub, "whole", None)
    found = past(hub)
    poverty, children = dataset_named("poverty.households").source, dataset_named("children.profiles").source
    files = KeptFile("restricted/children/files/a.xlsx", HASH), RawFile("restricted/children/files/a.parquet", HASH, 1)
    with hub.engine.begin() as connection:
        stays = deliveries.register(connection, New(dataset_named("children.profiles"), "412", "whole", ("now",), *files), OLD)
        retention.forget_raw(connection, found)
    named = {file.path for file in files}
    with hub.engine.begin() as connection:
        assert retention.leaving(connection, "poverty") == list(found.files)
        assert retention.leaving(connection, "pover") == []
        assert not retention.registered(connection, poverty) & (found.files.keys() | named)
        assert retention.registered(connection, children) == named
        assert [d.id for d in deliveries.of(connection, children)] == [stays.id]
        connection.execute(
            sa.text("insert into ops.raw_leaving (path) select unnest(cast(:paths as text[]))"),
            {"paths": [*named, "restricted/x"]},
        )
        assert retention.leaving(connection, "restricted") == ["restricted/x"], "a delivery names the others"
    pull(hub, "whole", None, path=next(iter(found.files)))  # found equal again before it left
    with hub.engine.begin() as connection:
        assert retention.leaving(connection, "poverty") == []
        retention.has_left(connection, "poverty")
        assert retention.leaving(connection, "restricted") == ["restricted/x"]
        retention.has_left(connection, "restricted")
        assert connection.execute(sa.text("select count(*) from ops.raw_leaving")).scalar() == 0


def test_settled_rows_go_and_those_that_an_answer_stands_on_stay(hub: SmallHub) -> None:
    households, end = dataset_named("poverty.households"), at("2024-08-01 00:00")
    patch, superseded, superseded_today = (
        pull(hub, "patch", [unit], when=when) for unit, when in (("412", OLD), ("413", OLD), ("414", LIMIT))
    )
    for of in OTHERS:
        pull(hub, "whole", ["412"], of=of)
        pull(hub, "whole", None, of=of)
    for unit in ("413", "414"):
        pull(hub, "whole", [unit])
    with hub.engine.begin() as connection:
        settled_at = (None, OLD, OLD + dt.timedelta(days=1), at("2024-11-01 00:00"), end, OLD, OLD)
        for number, resolved in enumerate(settled_at):
            source, name = {5: ("poverty", "members"), 6: ("other", "households")}.get(number, ("poverty", "households"))
            row = f"values ('{source}', '{name}', '2023', '412', 'k{number}'"
            connection.execute(
                sa.text(f"""insert into quarantine.rows (source, dataset, period, unit_code, row_key, received, failures, first_seen,
                    last_seen, resolved_at) {row}, '{{}}', '[]', :old, :old, :resolved)"""),
                {"old": OLD, "resolved": resolved},
            )
            connection.execute(
                sa.text(f"""insert into quarantine.remarks (source, dataset, period, unit_code, row_key, kind, rule, "column", message,
                    first_seen, last_seen, resolved_at) {row}, 'warning', 'r', 'c', 'm', :old, :old, :resolved)"""),
                {"old": OLD, "resolved": resolved},
            )
        answered, other = connection.execute(
            sa.text("select id from quarantine.rows where row_key in ('k1', 'k2') order by row_key")
        ).scalars()
        _answer(connection, patch, None, answered)  # stands
        _answer(connection, patch, OLD, -1)  # over, and its file may be read again
        _answer(connection, 0, OLD, other)  # over, and its file is gone
        _answer(connection, 0, at("2024-11-01 00:00"), -3)
        _answer(connection, 0, end, -4)
        _answer(connection, 0, OLD, -5, ("poverty", "members"))
        _answer(connection, 0, OLD, -6, ("other", "households"))
        _answer(connection, superseded, OLD, -7)  # over, and its file is past its term
        _answer(connection, superseded_today, OLD, -8)  # over, and its file is not

        def settled(*, remove: bool) -> retention.Past:
            return retention.quarantine(connection, households, end, LIMIT, remove=remove)

        look = settled(remove=False)
        assert settled(remove=True) == look == retention.Past(1 + 2 + 2, OLD, OLD + dt.timedelta(days=1))
        left = connection.execute(sa.text("select row_key from quarantine.rows order by 1")).scalars().all()
        assert left == ["k0", "k1", "k3", "k4", "k5", "k6"]
        left = connection.execute(sa.text("select row_key from quarantine.remarks order by 1")).scalars().all()
        assert left == ["k0", "k3", "k4", "k5", "k6"]
        answers = set(connection.execute(sa.text("select names from quarantine.answers")).scalars())
        assert answers == {answered, -1, -3, -4, -5, -6, -8}
        assert settled(remove=True).count == 0
