"""What a run by hand asks for, from its tags: what keeps it from starting, in words, and who follows what it loaded."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.cells import asked
from assets.cells.asset import cell_assets
from assets.cells.failures import (
    CellNotExpected,
    CellUnknown,
    NoCellChosen,
    PeriodsUnknown,
    ReasonMissing,
    TagMisspelt,
    TagUnknown,
)
from assets.dagster_internals import PartitionBackfill
from assets.keys import core_key, raw_key
from assets.tags import (
    CELLS,
    CONFIRM,
    FOLLOWED,
    FROM,
    KNOWN,
    MEANINGS,
    NIGHT,
    OFFICER,
    PERIODS,
    REASON,
    SOURCE,
    process_tags,
)
from pipelines.following import BACKFILL, Load, followed_with, followers, is_by_hand
from pipelines.jobs import NIGHT_JOBS
from pipelines.runtime.dagster_instance import origin, refusal, refusal_of_cells
from pipelines.sensors import _goes_on
from resources.failing import Failure
from resources.warehouse.arrivals.backfills import LATE_ROWS
from schemas.registry import dataset_named

PAYMENTS = dataset_named("social_protection.monthly_payments")
NOW = dt.datetime(2024, 11, 2, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
SAID = {REASON: "Huyện nộp muộn", OFFICER: "Cán bộ thử"}
PAST, OPEN = "2024-05|412", "2024-11|412"


def test_a_cell_past_its_day_needs_a_reason_and_a_name() -> None:
    asked.refuse(PAYMENTS, {asked.ONE: OPEN}, NOW)
    asked.refuse(PAYMENTS, {asked.ONE: PAST, **SAID}, NOW)
    for lacking, missing in (
        ({}, "lý do (thẻ ansinh/reason) và người yêu cầu (thẻ ansinh/officer)"),
        ({REASON: "Huyện nộp muộn"}, "người yêu cầu (thẻ ansinh/officer)"),
        ({**SAID, OFFICER: "  "}, "người yêu cầu (thẻ ansinh/officer)"),
        ({OFFICER: "Cán bộ thử"}, "lý do (thẻ ansinh/reason)"),
    ):
        with pytest.raises(ReasonMissing, match=r"ô 2024-05\|412 đã quá hạn") as refused:
            asked.refuse(PAYMENTS, {asked.ONE: PAST, **lacking}, NOW)
        assert f"; còn thiếu {missing}. " in str(refused.value)


@pytest.mark.parametrize(
    "name", ["ansinh/documnet", "ansinh/Document", "ansinh/document ", " ansinh/document", "Ansinh/document"]
)
def test_a_tag_of_ours_that_is_misspelt_is_named(name: str) -> None:
    """The number of the paper would else be lost, and the run go on."""
    with pytest.raises(TagMisspelt, match="không có thẻ nào tên là «") as refused:
        asked.refuse(PAYMENTS, {asked.ONE: PAST, **SAID, name: "15/CV"}, NOW)
    assert "ansinh/document," in str(refused.value)
    asked.refuse(PAYMENTS, {asked.ONE: PAST, **SAID, **dict.fromkeys(KNOWN - set(MEANINGS) - {CELLS, NIGHT, PERIODS}, "x")}, NOW)
    asked.refuse(PAYMENTS, {asked.ONE: PAST, **SAID, "ghi-chu": "x", "dagster/backfill": "x"}, NOW)


def test_a_rectangle_of_the_grid_is_judged_cell_by_cell() -> None:
    rectangle = {asked.FIRST: "2024-09|412", asked.LAST: "2024-11|413"}
    assert asked.cells_of(PAYMENTS, rectangle) == {(f"2024-{m}", u) for m in ("09", "10", "11") for u in ("412", "413")}
    with pytest.raises(ReasonMissing) as refused:
        asked.refuse(PAYMENTS, rectangle, NOW)
    assert "2024-09|412, 2024-09|413" in str(refused.value) and "2024-11" not in str(refused.value)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({CELLS: "2024-05|412;rác"}, CellUnknown),
        ({CELLS: "2024-05"}, CellUnknown),
        ({CELLS: "2024-13|412"}, CellUnknown),
        ({CELLS: "2024-05|412|x"}, CellUnknown),
        ({CELLS: "2024-Q1|412"}, CellUnknown),
        ({CELLS: ";"}, CellUnknown),
        ({asked.FIRST: "2024-05|412", asked.LAST: "rác"}, CellUnknown),
        ({asked.ONE: "2025-05|412"}, CellUnknown),  # a period to come
        ({asked.ONE: "2024-05|16690"}, CellUnknown),  # a commune of 2025
        ({asked.ONE: PAST, CONFIRM: "shrnk"}, TagUnknown),
        ({asked.ONE: PAST, FROM: "Raw"}, TagUnknown),
        ({asked.ONE: PAST, NIGHT: "rác"}, TagUnknown),
        ({NIGHT: "launched", PERIODS: "2024-13"}, PeriodsUnknown),
        ({asked.FIRST: OPEN, asked.LAST: PAST}, NoCellChosen),  # the wrong way round
        ({}, NoCellChosen),
    ],
)
def test_what_cannot_be_is_named(tags: dict[str, str], kind: type[Failure]) -> None:
    with pytest.raises(kind):
        asked.refuse(PAYMENTS, {**tags, **SAID}, NOW)


def test_a_cell_of_the_grid_that_no_unit_owes_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From July 2025 on the grid holds today's communes in the periods of the districts, and the districts in theirs."""
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    monkeypatch.setenv("ANSINH_TODAY", "2025-08-15")
    now = dt.datetime(2025, 8, 15, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    for cell in ("2024-05|16690", "2025-07|412"):
        with pytest.raises(CellNotExpected):
            asked.refuse(PAYMENTS, {asked.ONE: cell, **SAID}, now)
    asked.refuse(PAYMENTS, {asked.ONE: "2025-07|16690", **SAID}, now)


CELL_TEXTS = st.lists(
    st.sampled_from([PAST, OPEN, "2024-09|413", "2024-Q1|40", "now|412", "", "rác", "\x00", "2024-05|"]) | st.text(max_size=9)
).map(";".join)
TAG_TEXTS = st.text() | CELL_TEXTS | st.binary(max_size=40).map(lambda b: b.decode(errors="surrogateescape"))
ASKED_BY = [CELLS, asked.ONE, asked.FIRST, asked.LAST, CONFIRM, FROM, NIGHT, PERIODS, REASON, OFFICER]


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from(ASKED_BY), TAG_TEXTS))
def test_no_tag_of_any_text_is_anything_but_refused_in_words(tags: dict[str, str]) -> None:
    try:
        asked.refuse(PAYMENTS, tags, NOW)
    except Failure as refused:
        assert len(str(refused)) < 2000 and str(refused).isprintable()


@pytest.mark.parametrize("text", [";" * 10**6, "x" * 10**6, ";".join(map(str, range(10**5))), f"{PAST};" * 10**5])
def test_a_million_characters_of_cells_are_refused_in_words(text: str) -> None:
    with pytest.raises(CellUnknown) as refused:
        asked.refuse(PAYMENTS, {CELLS: text, **SAID}, NOW)
    assert len(str(refused.value)) < 1200


def run_of(**given: object) -> dg.DagsterRun:
    return dg.DagsterRun(**{"job_name": "__ASSET_JOB", **given})  # ty: ignore[invalid-argument-type]


def test_the_instance_asks_every_dataset_of_a_run_and_lets_nights_go(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    keys = frozenset(dg.AssetKey([layer, "social_protection", "monthly_payments"]) for layer in ("raw", "core"))
    assert "đã quá hạn nộp" in str(refusal(run_of(asset_selection=keys, tags={asked.ONE: PAST})))
    assert refusal(run_of(asset_selection=keys, tags={asked.ONE: PAST, **SAID})) is None
    night = {**NIGHT_JOBS["social_protection"].tags, NIGHT: "2024-11-20"}
    assert refusal(run_of(job_name="nightly_social_protection", tags=night)) is None
    assert "không có ô rác" in str(refusal(run_of(job_name="nightly_social_protection", tags={**night, CELLS: "rác"})))
    report = frozenset([dg.AssetKey(["report", "national", "AS_T"])])
    assert refusal(run_of(asset_selection=report, tags={asked.ONE: "2024-05", SOURCE: "social_protection"})) is None
    assert origin("nightly_poverty").location_name == "ansinh"


def launch_over(cells: set[str], tags: dict[str, str]) -> PartitionBackfill:
    """As the UI launches it."""
    return PartitionBackfill.from_asset_partitions(
        "a",
        dg.Definitions([cell_assets(PAYMENTS)]).resolve_asset_graph(),
        sorted(cells),
        [raw_key(PAYMENTS), core_key(PAYMENTS)],
        backfill_timestamp=0.0,
        tags=tags,
        dynamic_partitions_store=dg.DagsterInstance.ephemeral(),
        all_partitions=False,
        title=None,
        description=None,
        run_config=None,
    )


def test_a_launch_over_several_cells_is_judged_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run by run, those of the open month would be on their way before the first that is past is refused."""
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    monkeypatch.setenv("ANSINH_TODAY", "2024-11-02")
    assert "ô 2024-05|412 đã quá hạn nộp" in str(refusal_of_cells(launch_over({PAST, OPEN}, {})))
    assert refusal_of_cells(launch_over({OPEN, "2024-11|413"}, {})) is None
    assert refusal_of_cells(launch_over({PAST, OPEN}, SAID)) is None


def test_the_sensor_leaves_to_a_living_run_what_that_will_follow() -> None:
    dead = psutil.Process().pid, 1
    with dg.DagsterInstance.ephemeral() as instance:
        mine, gone = process_tags(), {**process_tags(), "ansinh/process": "{}-{}".format(*dead)}
        assert _goes_on(instance, run_of(tags=mine))
        assert not _goes_on(instance, run_of(tags=gone))
        assert not _goes_on(instance, run_of(run_id="a", tags={**mine, FOLLOWED: "a"}))
        assert _goes_on(instance, run_of(run_id="b", tags={**mine, FOLLOWED: "a"})), "the mark of the run it was started from"
        # Of several cells launched together, the last one follows all.
        first = instance.add_run(run_of(tags={**gone, BACKFILL: "k"}, status=dg.DagsterRunStatus.SUCCESS))
        last = instance.add_run(run_of(tags={BACKFILL: "k"}, status=dg.DagsterRunStatus.STARTED))
        assert _goes_on(instance, first) and followed_with(instance, first) == []
        assert {run.run_id for run in followed_with(instance, last)} == {first.run_id, last.run_id}


def test_open_tables_come_before_the_forms_that_read_what_was_loaded() -> None:
    def load(source: str, dataset: str, **said: str) -> Load:
        return Load(source, dataset, "2024-05", "412", {REASON: "vì sao", OFFICER: "ai", **said})

    paid = list(followers([load("social_protection", "monthly_payments"), load("social_protection", "monthly_payments")]))
    assert [f.job for f in paid] == ["nightly_social_protection", "nightly_reports"]
    assert [key.path[-1] for key in paid[1].assets] == ["AS_T"]
    assert all(f.tags["ansinh/correction"] == "2024-05" and f.tags[REASON] == "vì sao" for f in paid)
    by_sensor = list(followers([load("social_protection", "monthly_payments", **{OFFICER: LATE_ROWS})]))
    assert [f.job for f in by_sensor] == ["nightly_social_protection"]
    assert is_by_hand(run_of(tags={NIGHT: "launched", CELLS: PAST})) and not is_by_hand(run_of(tags={NIGHT: "2024-11-20"}))
