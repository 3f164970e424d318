"""A register that was not read for 48 hours fails its check, in words; nothing else does."""

import datetime as dt

import dagster as dg
import pytest

from assets.cells.freshness import FRESHNESS_CHECKS, judged
from schemas.registry import DATASETS, dataset_named

NOW = dt.datetime(2024, 11, 20, 18, 0, tzinfo=dt.UTC)
REGISTER = dataset_named("social_protection.beneficiaries")


@pytest.mark.parametrize(("hours", "fresh"), [(0, True), (48, True), (48.1, False), (500, False)])
def test_a_register_is_fresh_for_48_hours(hours: float, fresh: bool) -> None:
    assert judged(REGISTER, NOW - dt.timedelta(hours=hours), NOW).passed is fresh


def test_the_message_says_when_it_was_last_read_and_what_to_do() -> None:
    told = judged(REGISTER, dt.datetime(2024, 11, 17, 18, 30, tzinfo=dt.UTC), NOW).description
    assert told is not None
    assert judged(REGISTER, NOW, NOW).metadata == {"đọc được lần cuối": dg.TextMetadataValue("01:00 21/11/2024")}
    assert "lần đọc gần nhất 01:30 18/11/2024" in told
    assert "ansinh doctor" in told
    assert "chưa đọc được lần nào" in (judged(REGISTER, None, NOW).description or "")


def test_every_register_has_the_check_and_nothing_else_has() -> None:
    checked = {key.asset_key.path[-2] + "." + key.asset_key.path[-1] for c in FRESHNESS_CHECKS for key in c.check_keys}
    assert checked == {d.id for d in DATASETS if d.kind == "register"}
