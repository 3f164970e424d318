"""Open data over real servers: the figures that reach the shared warehouse, and the runs that bring them there."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from assets.open.tables import releasable, stored_period, tables_of
from resources.embedded import server
from schemas.dataset import PROVINCE
from schemas.registry import DATASETS, SOURCES
from tests.fixtures.rounded import count, rounded
from tests.integration.open_hub import (
    BY_WAY,
    DECISION,
    DISTRICTS,
    LATER,
    MERIT,
    MONEY,
    NIGHT,
    OCTOBER,
    PAYMENTS,
    SECRET,
    load_payments,
    payments,
    released,
    releases,
    run,
)
from tests.integration.report_hub import SmallHub, at

# What is published ---------------------------------------------------------------------------------------------------


MONEY_STEP = 50_000_000


def way(unit: str, category: str = "") -> tuple[str, ...]:
    """The identity of a count of payments received."""
    by = "payment_way_code" if category else ""
    return (MERIT, "monthly_payments", "rows", "received", unit, by, category)


def test_figures_are_those_of_core_rounded_by_their_identities(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    done = run(hub, shared, home)
    rows = released(shared, BY_WAY)
    cash = 30 + DISTRICTS.index("430")
    assert rows[OCTOBER, "430", "1"] == (*count(SECRET, cash, *way("430", "1")), "final")
    assert rows[OCTOBER, "430", "total"][:2] == count(SECRET, cash + 17, *way("430"))
    total = hub.rows("select count(*) as n from core.meritorious_persons_monthly_payments")[0].n
    assert rows[OCTOBER, PROVINCE, "total"][:2] == count(SECRET, total, *way(PROVINCE))
    assert rows[OCTOBER, "415", "2"][:2] == count(SECRET, 3, *way("415", "2"))
    assert rows[OCTOBER, "415", "3"] == (None, "under_5", "final"), "a zero is no more than under five"
    money = released(shared, MONEY)
    of = (MERIT, "monthly_payments", "amount_vnd+arrears_vnd", "received", PROVINCE, "", "")
    assert money[OCTOBER, PROVINCE][:2] == (rounded(SECRET, total * 2_789_000, *of, step=MONEY_STEP), "published")
    assert not done[BY_WAY].unmatched and not done[MONEY].unmatched
    assert done[BY_WAY].statuses["under_5"] > 0
    (release,) = releases(shared, BY_WAY)
    assert (release.version, release.decision, release.rows) == (1, DECISION, len(rows))
    assert release.changes == "Lần công bố đầu tiên"


def test_the_rows_follow_from_the_lists_and_not_from_what_was_met(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub, **{f"u{unit}": (20, 0, 0) for unit in DISTRICTS})
    run(hub, shared, home)
    rows = released(shared, BY_WAY)
    assert rows.keys() == {(OCTOBER, u, c) for u in (PROVINCE, *DISTRICTS) for c in ("total", "1", "2", "3", "unstated")}
    assert rows[OCTOBER, PROVINCE, "3"][:2] == rows[OCTOBER, PROVINCE, "unstated"][:2] == (None, "under_5")


def test_a_payment_whose_way_is_not_told_counts_and_stands_apart(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    lines = [{"profile_id": f"417-{n}", "payment_way_code": None, "amount_vnd": 2_789_000} for n in range(40)]
    hub.load("meritorious_persons.monthly_payments", OCTOBER, "417", lines, NIGHT)
    run(hub, shared, home)
    rows = released(shared, BY_WAY)
    for category in ("total", "unstated"):
        by, code = ("", "") if category == "total" else ("payment_way_code", category)
        shown = rounded(SECRET, 40, MERIT, "monthly_payments", "rows", "received", "417", by, code)
        assert rows[OCTOBER, "417", category][:2] == (shown, "published"), category


def test_a_table_no_longer_declared_is_withdrawn(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Table and folder go, the record of its releases stays, and no other system's table is touched."""
    load_payments(hub)
    run(hub, shared, home)
    former, others = "meritorious_persons_payments_by_mood", "poverty_households_by_class"
    odd = 'meritorious_persons_x"; drop table open_data.releases; --%s:y'
    with shared.begin() as connection:
        connection.execute(sa.schema.CreateTable(sa.Table(odd, sa.MetaData(), sa.Column("a", sa.Text), schema="open_data")))
        for name in (former, others):
            connection.exec_driver_sql(f"create table open_data.{name} as table open_data.{BY_WAY}")
        connection.exec_driver_sql(
            f"insert into open_data.releases select '{former}', version, released_at, rows, sha256, decision, maturity_note "
            f"from open_data.releases where dataset = '{BY_WAY}'"
        )
    (home / "open" / former).mkdir()
    run(hub, shared, home)
    with shared.connect() as connection:
        standing = set(connection.execute(sa.text("select tablename from pg_tables where schemaname = 'open_data'")).scalars())
    assert not {former, odd} & standing
    assert {BY_WAY, MONEY, others} <= standing
    assert not (home / "open" / former).exists()
    assert (home / "open" / BY_WAY).exists()
    assert len(releases(shared, former)) == 1


def test_the_last_table_of_a_system_is_withdrawn_with_the_next_publication_of_any(
    hub: SmallHub, shared: sa.Engine, home: Path
) -> None:
    """A system without an open table publishes nothing any more, nor does one that is no longer there."""
    load_payments(hub)
    run(hub, shared, home)
    last, gone, odd = "social_evils_prevention_visits", "former_system_persons", "somebodys_table"
    with shared.begin() as connection:
        for name in (last, gone, odd):
            connection.exec_driver_sql(f"create table open_data.{name} as table open_data.{BY_WAY}")
        connection.exec_driver_sql(
            f"insert into open_data.releases select '{gone}', version, released_at, rows, sha256, decision, maturity_note "
            f"from open_data.releases where dataset = '{BY_WAY}'"
        )
    for name in (last, gone, odd):
        (home / "open" / name).mkdir()
    run(hub, shared, home, source="labour_employment")
    with shared.connect() as connection:
        standing = set(connection.execute(sa.text("select tablename from pg_tables where schemaname = 'open_data'")).scalars())
    assert not {last, gone} & standing and {odd, BY_WAY, MONEY} <= standing
    assert not (home / "open" / last).exists() and not (home / "open" / gone).exists() and (home / "open" / odd).exists()
    assert len(releases(shared, gone)) == 1


def test_a_system_without_an_open_table_withdraws_its_own(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    with shared.begin() as connection:
        connection.exec_driver_sql(f"create table open_data.social_evils_prevention_visits as table open_data.{BY_WAY}")
    assert run(hub, shared, home, source="social_evils_prevention") == {}
    with shared.connect() as connection:
        assert connection.execute(sa.text("select to_regclass('open_data.social_evils_prevention_visits')")).scalar() is None


def test_money_stands_over_ten_persons_and_rates_over_a_hundred(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub, u415=(6, 3, 0), u416=(7, 3, 0))
    run(hub, shared, home)
    money = released(shared, MONEY)
    assert money[OCTOBER, "415"][:2] == (None, "too_few"), "nine persons"
    of = (MERIT, "monthly_payments", "amount_vnd+arrears_vnd", "received", "416", "", "")
    shown = rounded(SECRET, 10 * 2_789_000, *of, step=MONEY_STEP)
    assert money[OCTOBER, "416"][:2] == ((shown, "published") if shown else (None, "too_few")), "ten persons"
    small = {"415": (400, 0), "417": (90, 30)}
    for unit in DISTRICTS:
        base, poor = small.get(unit, (400, 30))
        hub.load(
            "poverty.review_results",
            "2023",
            unit,
            [{"household_count": base, "poor_count": poor, "near_poor_count": 40}],
            NIGHT,
        )
    hub.read(NIGHT)
    run(hub, shared, home, source="poverty")
    rates = released(shared, "poverty_rates_by_class")

    def result(counted: str, unit: str) -> tuple[str, ...]:
        return ("poverty", "review_results", counted, "", unit, "", "")

    def rate(part: int, counted: str, unit: str, whole: int = 400) -> str:
        numerator = rounded(SECRET, part, *result(counted, unit))
        return f"{100 * numerator / rounded(SECRET, whole, *result('household_count', unit)):.1f}"

    assert rates["2023", "415", "1"][:2] == (None, "under_5")
    assert rates["2023", "417", "1"][:2] == (None, "too_few")
    assert (str(rates["2023", "416", "1"][0]), rates["2023", "416", "1"][1]) == (rate(30, "poor_count", "416"), "published")
    assert str(rates["2023", "416", "total"][0]) == rate(70, "near_poor_count+poor_count", "416"), "its own numerator"
    whole = 400 * (len(DISTRICTS) - 1) + 90
    assert str(rates["2023", PROVINCE, "2"][0]) == rate(40 * len(DISTRICTS), "near_poor_count", PROVINCE, whole)


def test_a_missing_unit_is_not_reported_and_the_province_with_it(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub, but=("420",))
    run(hub, shared, home)
    for name in (BY_WAY, MONEY):
        rows = released(shared, name)
        silent = {k[1] for k, v in rows.items() if v[1] == "not_reported"}
        assert silent == {"420", PROVINCE}
        assert all(v[0] is None for k, v in rows.items() if k[1] in silent)
        assert {v[2] for k, v in rows.items() if k[1] == PROVINCE} == {"provisional"}
    assert "chưa có số của Huyện Quỳ Hợp" in releases(shared, BY_WAY)[0].maturity_note
    hub.load(PAYMENTS, OCTOBER, "420", payments("420", 33, 3, 1), LATER)
    hub.read(LATER)
    run(hub, shared, home, LATER)
    rows = released(shared, BY_WAY)
    assert rows[OCTOBER, PROVINCE, "total"][1] == "published"
    assert rows[OCTOBER, "420", "1"][:2] == count(SECRET, 33, *way("420", "1"))
    assert [r.version for r in releases(shared, BY_WAY)] == [1, 2]


def test_a_declared_empty_unit_is_reported(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub, u420=(0, 0, 0))
    run(hub, shared, home)
    rows = released(shared, BY_WAY)
    assert rows[OCTOBER, "420", "total"] == (None, "under_5", "final")
    assert rows[OCTOBER, PROVINCE, "total"][1] == "published"


def test_a_refused_unit_without_a_good_version_is_not_reported(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub, but=("420",))
    hub.load(PAYMENTS, OCTOBER, "420", payments("420", 9, 9), NIGHT, outcome="refused")
    hub.read(NIGHT)
    run(hub, shared, home)
    assert released(shared, BY_WAY)[OCTOBER, "420", "1"][:2] == (None, "not_reported")


def test_rows_without_a_commune_stand_apart_and_in_the_sum(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    rows: list[dict] = [{"district": unit, "channel_code": 1 + n % 3} for unit in DISTRICTS for n in range(27)]
    rows += [{"district": None, "channel_code": 1}] * 2 + [{"district": None, "channel_code": 2}] * 21
    hub.load("labour_employment.jobs_created", OCTOBER, PROVINCE, rows, NIGHT)
    hub.read(NIGHT)
    run(hub, shared, home, source="labour_employment")
    name = "labour_employment_jobs_created_by_channel"
    found = released(shared, name)

    def jobs(unit: str, channel: str = "") -> tuple[str, ...]:
        by = "channel_code" if channel else ""
        return ("labour_employment", "jobs_created", "rows", "", unit, by, channel)

    assert found[OCTOBER, "unknown", "1"][:2] == count(SECRET, 2, *jobs("unknown", "1"))
    assert found[OCTOBER, "unknown", "2"][:2] == count(SECRET, 21, *jobs("unknown", "2"))
    assert found[OCTOBER, PROVINCE, "total"][:2] == count(SECRET, len(rows), *jobs(PROVINCE))


def test_a_list_that_names_no_commune_is_shown_of_the_province_alone(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """A unit would say under five of what nobody counted; an `unknown` would be the province's own figure in a second rounding."""
    key, table = "administrative_procedures.dossiers", "administrative_procedures_dossiers_by_channel"
    rows = [{"dossier_id": f"{n}", "applicant_id": f"{n}", "channel_code": 1 + n % 2} for n in range(61)]
    hub.read(NIGHT)
    hub.load(key, OCTOBER, PROVINCE, [row | {"received_at": "2024-10-07 09:00+07"} for row in rows], NIGHT)
    done = run(hub, shared, home, source="administrative_procedures")
    shown = {place[1:]: figure for place, figure in released(shared, table).items() if place[0] == OCTOBER}
    assert {unit for unit, _ in shown} == {PROVINCE}
    of = ("administrative_procedures", "dossiers", "rows", "", PROVINCE)
    assert shown[PROVINCE, "total"] == (*count(SECRET, 61, *of, "", ""), "final")
    assert shown[PROVINCE, "2"] == (*count(SECRET, 30, *of, "channel_code", "2"), "final")
    assert not done[table].unmatched
    with hub.engine.begin() as connection:  # of a declaration before this one
        connection.execute(
            sa.text("""insert into ops.open_instants
                select (jsonb_populate_record(i, jsonb_build_object('unit_code', '412'))).* from ops.open_instants i where unit_code = '40'""")
        )
    # All found to have come online, on the night of revisions.
    hub.load(key, OCTOBER, PROVINCE, [row | {"received_at": "2024-10-07 09:00+07", "channel_code": 2} for row in rows], LATER)
    run(hub, shared, home, source="administrative_procedures", now=at("2024-11-25 02:00"))
    assert {unit for _, unit, _ in released(shared, table)} == {PROVINCE}
    moved = released(shared, table)[OCTOBER, PROVINCE, "2"]
    assert moved == (*count(SECRET, 61, *of, "channel_code", "2"), "corrected")


def test_a_period_before_the_end_of_its_due_day_is_not_published(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """November's lists are due on the 19th: nothing on the 19th, all on the 20th. A flow of November waits for December."""
    for unit in DISTRICTS:
        hub.load(PAYMENTS, "2024-11", unit, payments(unit, 30, 20), at("2024-11-18 02:00"))
    hub.load("labour_employment.jobs_created", "2024-11", PROVINCE, [{"district": "415"}] * 40, at("2024-11-18 02:00"))
    hub.read(at("2024-11-19 02:00"))
    assert run(hub, shared, home, at("2024-11-19 02:00"))[BY_WAY].release is None
    hub.read(NIGHT)
    assert run(hub, shared, home)[BY_WAY].standing == ("2024-11",)
    assert not any(p.standing for p in run(hub, shared, home, source="labour_employment").values())


def test_a_register_shows_the_month_in_which_it_was_read(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    def profiles(active: int, ended: int) -> list[dict]:
        return [{"is_relative": n % 2 == 0} for n in range(active)] + [
            {"entitled_until": dt.date(2024, 11, 1)} for _ in range(ended)
        ]

    for unit in DISTRICTS:
        hub.load(f"{MERIT}.profiles", "now", unit, profiles(40, 3), NIGHT)
    hub.read(NIGHT)
    run(hub, shared, home)
    name = f"{MERIT}_profiles_by_relative"

    def entitled(number: int) -> tuple[int | None, str]:
        return count(SECRET, number, MERIT, "profiles", "rows", "entitled_on_first_day", "415", "", "")

    assert released(shared, name)["2024-11", "415", "total"][:2] == entitled(40), "entitled on the first of the month"
    for unit in DISTRICTS:
        hub.load(f"{MERIT}.profiles", "now", unit, profiles(60, 0), at("2024-12-02 02:00"))
    hub.read(at("2024-12-02 02:00"))
    run(hub, shared, home, at("2024-12-02 02:00"))
    rows = released(shared, name)
    assert rows["2024-12", "415", "total"][:2] == entitled(60)
    assert rows["2024-11", "415", "total"][:2] == entitled(40), "a month that is over keeps what was said in it"
    assert ("2024-12", "413", "total") not in rows, "Cửa Lò is no unit any more"


def test_people_are_counted_once_across_their_files(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Six payments to the files of three people rest on three."""
    load_payments(hub, u421=(40, 20, 6))
    for unit in DISTRICTS:
        rows = [{"profile_id": f"{unit}-{n}", "identity_number": f"0401500{n:05d}"} for n in range(60)]
        if unit == "421":
            rows += [{"profile_id": f"421-{n}", "identity_number": f"0401600{n // 2:05d}"} for n in range(60, 66)]
        hub.load(f"{MERIT}.profiles", "now", unit, rows, NIGHT)
    hub.read(NIGHT)
    run(hub, shared, home)
    assert released(shared, BY_WAY)[OCTOBER, "421", "3"][:2] == (None, "too_few")
    assert released(shared, BY_WAY)[OCTOBER, "421", "2"][1] == "published"


def test_every_declared_table_of_every_system_can_be_asked(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Each table's query runs against the real warehouse, with a row of its own kind in every unit."""
    for dataset in DATASETS:
        if dataset.open_tables:
            hub.load_all(dataset.id, stored_period(dataset, releasable(dataset, NIGHT.date())[-1]), NIGHT)
    hub.read(NIGHT)
    for source in SOURCES:
        done = run(hub, shared, home, source=source.name)
        assert len(done) == len(tables_of(source)) and (done or source.restricted)
        for published in done.values():
            assert published.release is not None, published.name
            assert published.unmatched == ()


# In Dagster ----------------------------------------------------------------------------------------------------------


def test_a_run_for_a_period_marks_it_and_checks_it(
    hub: SmallHub, shared: sa.Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    from assets.cells.checks import INPUTS_READ
    from assets.keys import open_key
    from assets.open.asset import MATCHES, open_assets
    from schemas.registry import source_named

    for name in ("WAREHOUSE_URL", "SHARED_WAREHOUSE_URL", "ANSINH_RELEASE_DECISION", "ANSINH_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANSINH_HOME", str(home))
    (home / "clock").write_text("2024-11-20", encoding="ascii")
    load_payments(hub)
    steps = open_assets(source_named(MERIT))
    key = open_key(MERIT, "payments_by_way")
    instance = dg.DagsterInstance.ephemeral()

    def asked(period: str, **tags: str) -> dg.ExecuteInProcessResult:
        return dg.materialize(steps, partition_key=period, instance=instance, tags=tags, raise_on_error=False)

    # By hand before the night, or after a late cell: nothing new is shown, and the officer is told how long it waits.
    follow_up = {"ansinh/night": "follow-up", "ansinh/correction": OCTOBER, "ansinh/periods": OCTOBER}
    for early in (asked(OCTOBER), asked(OCTOBER, **follow_up)):
        assert early.success
        assert not instance.get_materialized_partitions(key)
        (told,) = [c for c in early.get_asset_check_evaluations() if c.asset_key == key and c.check_name == MATCHES]
        assert told.passed and f"kỳ {OCTOBER}: {len(DISTRICTS)} đơn vị, đến đêm 21/11/2024" in told.description
    done = asked(OCTOBER, **{"ansinh/night": "2024-11-20"})
    assert done.success
    assert instance.get_materialized_partitions(key) == {OCTOBER}
    checks = {(c.asset_key, c.check_name): c.passed for c in done.get_asset_check_evaluations()}
    assert checks[key, MATCHES] and checks[key, INPUTS_READ]
    assert len(checks) == 2 * len(tables_of(MERIT))
    assert len(releases(shared, BY_WAY)) == 1
    assert asked(OCTOBER).success, "asked again, it stands as it should"
    assert len(releases(shared, BY_WAY)) == 1
    # A period of which nothing may be published is said, not passed over.
    early = asked("2024-01")
    assert not early.success
    (failure,) = [e for e in early.all_events if e.is_step_failure]
    assert "chưa đơn vị nào nộp" in failure.step_failure_data.user_failure_data.description
    assert asked("2024-01", **{"ansinh/correction": "2024-01"}).success, "the follow-up of a late cell asks for what there is"


def test_production_without_a_decision_reports_it_and_publishes_nothing(
    hub: SmallHub, shared: sa.Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    from assets.open.asset import MATCHES, open_assets
    from schemas.registry import source_named

    load_payments(hub)
    monkeypatch.setenv("ANSINH_HOME", str(home))
    monkeypatch.setenv("ANSINH_PROFILE", "production")
    monkeypatch.setenv("WAREHOUSE_URL", server(home).url("warehouse"))
    monkeypatch.delenv("ANSINH_RELEASE_DECISION", raising=False)
    said = {}
    for given in (None, server(home).url("shared")):
        if given:
            monkeypatch.setenv("SHARED_WAREHOUSE_URL", given)
        else:
            monkeypatch.delenv("SHARED_WAREHOUSE_URL", raising=False)
        done = dg.materialize(open_assets(source_named(MERIT)), partition_key=OCTOBER, instance=dg.DagsterInstance.ephemeral())
        assert done.success
        evaluations = [c for c in done.get_asset_check_evaluations() if c.check_name == MATCHES]
        assert not any(c.passed for c in evaluations)
        assert all(c.severity == dg.AssetCheckSeverity.WARN for c in evaluations)
        said[given] = evaluations[0].description
    assert "SHARED_WAREHOUSE_URL" in said[None]
    assert "ANSINH_RELEASE_DECISION" in said[given]
    with shared.connect() as connection:
        assert connection.execute(sa.text("select to_regnamespace('open_data')")).scalar() is None
