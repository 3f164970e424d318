"""Open data over real servers: the figures that reach the shared warehouse, and the runs that bring them there."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from assets.open.figures import tables_of
from resources.embedded import server
from schemas.dataset import PROVINCE
from schemas.registry import SOURCES
from tests.fixtures.outsider import Released, betrayed
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
    load_payments,
    payments,
    released,
    releases,
    run,
)
from tests.integration.report_hub import SmallHub, at

# What is published ---------------------------------------------------------------------------------------------------


def test_figures_are_those_of_core_by_unit_and_dimension(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    done = run(hub, shared, home)
    rows = released(shared, BY_WAY)
    assert rows[OCTOBER, "430", "1"][:2] == (30 + DISTRICTS.index("430"), "published")
    assert rows[OCTOBER, "430", "total"][0] == 30 + DISTRICTS.index("430") + 17
    total = hub.rows("select count(*) as n from core.meritorious_persons_monthly_payments")[0].n
    assert rows[OCTOBER, PROVINCE, "total"][:2] == (total, "published")
    assert rows[OCTOBER, "415", "2"] == (None, "suppressed", "final")
    assert rows[OCTOBER, "415", "3"][:2] == (0, "published"), "zero is published"
    money = released(shared, MONEY)
    assert money[OCTOBER, PROVINCE][:2] == (total * 2_789_000, "published")
    assert not done[BY_WAY].unmatched
    assert done[BY_WAY].hidden > 0
    (release,) = releases(shared, BY_WAY)
    assert (release.version, release.decision, release.rows) == (1, DECISION, len(rows))


def test_a_table_no_longer_declared_is_withdrawn(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Table and folder go, the record of its releases stays, and no other system's table is touched."""
    load_payments(hub)
    run(hub, shared, home)
    former, others = "meritorious_persons_payments_by_mood", "poverty_households_by_class"
    with shared.begin() as connection:
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
    assert former not in standing
    assert {BY_WAY, MONEY, others} <= standing
    assert not (home / "open" / former).exists()
    assert (home / "open" / BY_WAY).exists()
    assert len(releases(shared, former)) == 1


def test_no_hidden_cell_can_be_worked_out_from_what_anyone_reads(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    tables = [
        Released(
            name,
            name if name == MONEY else "files",
            tuple((k[1], k[2] if len(k) == 3 else "total", v[0], v[1]) for k, v in released(shared, name).items()),
        )
        for name in (BY_WAY, MONEY)
    ]
    assert any(status == "suppressed" for t in tables for *_, status in t.rows)
    assert betrayed(tables) == []


def test_money_and_rates_stand_over_ten_or_more(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub, u415=(5, 3, 0))
    run(hub, shared, home)
    assert released(shared, MONEY)[OCTOBER, "415"][:2] == (None, "suppressed")
    for unit in DISTRICTS:
        hub.load(
            "poverty.review_results",
            "2023",
            unit,
            [{"household_count": 400, "poor_count": 8 if unit == "415" else 30, "near_poor_count": 40}],
            NIGHT,
        )
    hub.read(NIGHT)
    run(hub, shared, home, source="poverty")
    rates = released(shared, "poverty_rates_by_class")
    assert rates["2023", "415", "1"][:2] == (None, "suppressed")
    assert (str(rates["2023", "416", "1"][0]), rates["2023", "416", "1"][1]) == ("7.50", "published")
    assert str(rates["2023", PROVINCE, "2"][0]) == "10.00"


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
    assert rows[OCTOBER, "420", "1"][1] in ("published", "suppressed")
    assert [r.version for r in releases(shared, BY_WAY)] == [1, 2]


def test_a_declared_empty_unit_is_zero_not_missing(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub, u420=(0, 0, 0))
    run(hub, shared, home)
    rows = released(shared, BY_WAY)
    assert rows[OCTOBER, "420", "total"][:2] == (0, "published")
    assert rows[OCTOBER, PROVINCE, "total"][1] == "published"


def test_a_refused_unit_without_a_good_version_is_not_reported(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub, but=("420",))
    hub.load(PAYMENTS, OCTOBER, "420", payments("420", 9, 9), NIGHT, outcome="refused")
    hub.read(NIGHT)
    run(hub, shared, home)
    assert released(shared, BY_WAY)[OCTOBER, "420", "1"][:2] == (None, "not_reported")


def test_rows_without_a_commune_stand_apart_and_in_the_sum(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    rows = [{"district": unit, "channel_code": 1 + n % 3} for unit in DISTRICTS for n in range(27)]
    rows += [{"district": None, "channel_code": 1}] * 2 + [{"district": None, "channel_code": 2}] * 21
    hub.load("labour_employment.jobs_created", OCTOBER, PROVINCE, rows, NIGHT)
    hub.read(NIGHT)
    run(hub, shared, home, source="labour_employment")
    name = "labour_employment_jobs_created_by_channel"
    found = released(shared, name)
    assert found[OCTOBER, "unknown", "1"][:2] == (None, "suppressed")
    assert found[OCTOBER, PROVINCE, "total"][:2] == (len(rows), "published")
    table = Released(name, "jobs", tuple((k[1], k[2], v[0], v[1]) for k, v in found.items()))
    assert betrayed([table]) == []


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
    assert released(shared, name)["2024-11", "415", "total"][0] == 40, "entitled on the first of the month"
    for unit in DISTRICTS:
        hub.load(f"{MERIT}.profiles", "now", unit, profiles(60, 0), at("2024-12-02 02:00"))
    hub.read(at("2024-12-02 02:00"))
    run(hub, shared, home, at("2024-12-02 02:00"))
    rows = released(shared, name)
    assert rows["2024-12", "415", "total"][0] == 60
    assert rows["2024-11", "415", "total"][0] == 40, "a month that is over keeps what was said in it"
    assert ("2024-12", "413", "total") not in rows, "Cửa Lò is no unit any more"


def test_a_period_without_any_cell_keeps_its_former_rows(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    load_payments(hub)
    run(hub, shared, home)
    before = released(shared, BY_WAY)
    with hub.engine.begin() as connection:
        connection.execute(sa.text("truncate ops.cells, history.meritorious_persons_monthly_payments, ops.open_editions"))
    run(hub, shared, home, LATER)
    assert released(shared, BY_WAY) == before


def test_people_are_counted_once_across_their_files(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Six payments to the files of three people are as small as three."""
    load_payments(hub, u421=(40, 20, 6))
    for unit in DISTRICTS:
        rows = [{"profile_id": f"{unit}-{n}", "identity_number": f"0401500{n:05d}"} for n in range(60)]
        if unit == "421":
            rows += [{"profile_id": f"421-{n}", "identity_number": f"0401600{n // 2:05d}"} for n in range(60, 66)]
        hub.load(f"{MERIT}.profiles", "now", unit, rows, NIGHT)
    hub.read(NIGHT)
    run(hub, shared, home)
    assert released(shared, BY_WAY)[OCTOBER, "421", "3"][:2] == (None, "suppressed")


def test_every_declared_table_of_every_system_can_be_asked(hub: SmallHub, shared: sa.Engine, home: Path) -> None:
    """Each table's query runs against the real warehouse, with a row of its own kind in every unit."""
    hub.month(NIGHT, period=OCTOBER)
    for name in ("poverty.households", "poverty.members", "poverty.review_results", "labour_employment.workers"):
        hub.load_all(name, "2023", NIGHT)
    hub.load_all("labour_employment.vacancies", "2024-Q3", NIGHT)
    hub.read(NIGHT)
    for source in SOURCES:
        done = run(hub, shared, home, source=source.name)
        assert len(done) == len(tables_of(source)) >= 2
        for published in done.values():
            assert published.release is not None, published.name
            assert published.unmatched == ()


# In Dagster ----------------------------------------------------------------------------------------------------------


def test_a_run_for_a_period_marks_it_and_checks_it(
    hub: SmallHub, shared: sa.Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    from assets.open.asset import open_assets, open_key
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

    done = asked(OCTOBER)
    assert done.success
    assert instance.get_materialized_partitions(key) == {OCTOBER}
    checks = {(c.asset_key, c.check_name): c.passed for c in done.get_asset_check_evaluations()}
    assert checks[key, "no_cell_reveals_a_person"] and checks[key, "matches_core_totals"]
    assert len(checks) == 2 * len(tables_of(MERIT))
    assert len(releases(shared, BY_WAY)) == 1
    assert asked(OCTOBER).success, "asked again, it stands as it should"
    assert len(releases(shared, BY_WAY)) == 1
    # A period of which nothing may be published is said, not passed over.
    early = asked("2024-12")
    assert not early.success
    (failure,) = [e for e in early.all_events if e.is_step_failure]
    assert "kỳ chưa hết hạn nộp" in failure.step_failure_data.user_failure_data.description
    assert asked("2024-12", **{"ansinh/correction": "2024-12"}).success, "the follow-up of a late cell asks for what there is"


def test_production_without_a_decision_reports_it_and_publishes_nothing(
    hub: SmallHub, shared: sa.Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    from assets.open.asset import open_assets
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
        evaluations = done.get_asset_check_evaluations()
        assert not any(c.passed for c in evaluations)
        assert all(c.severity == dg.AssetCheckSeverity.WARN for c in evaluations)
        said[given] = evaluations[0].description
    assert "SHARED_WAREHOUSE_URL" in said[None]
    assert "ANSINH_RELEASE_DECISION" in said[given]
    with shared.connect() as connection:
        assert connection.execute(sa.text("select to_regnamespace('open_data')")).scalar() is None
