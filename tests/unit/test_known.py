"""What a command is asked for by name: what there is not is refused, with what there is."""

import dataclasses
import datetime as dt

import pytest

from assets.reports.failures import FormDeclaredWrongly
from assets.reports.forms import FORMS
from pipelines.failures import DatasetUnknown, FormUnknown, PeriodUnknown, SourceUnknown, UnitUnknown, Usage
from pipelines.terminal import known
from schemas.registry import DATASETS, SOURCES, dataset_named

TODAY = dt.date(2024, 11, 20)
HOUSEHOLDS = dataset_named("poverty.households")


def test_systems_datasets_and_forms_are_known_by_name() -> None:
    assert known.known_sources(None) == list(SOURCES)
    assert known.known_datasets([HOUSEHOLDS.source], "households") == (HOUSEHOLDS,)
    for refusal, call in (
        (SourceUnknown, lambda: known.known_sources(["poverty", "povert"])),
        (DatasetUnknown, lambda: known.known_datasets([HOUSEHOLDS.source], "workers")),
        (FormUnknown, lambda: known.known_form("AS-X")),
    ):
        with pytest.raises(refusal, match=r"Chọn một trong: .*(poverty|households|AS-N)") as caught:
            call()
        assert isinstance(caught.value, Usage) and caught.value.exit_status == 2


@pytest.mark.parametrize(
    "period", ["2024-13", "2024-00", "2024-12", "2025", "2024-Q5", "1899", "now ", "", "24-11", "２０２４", "2024-11|421"]
)
def test_a_period_that_no_dataset_has_is_refused(period: str) -> None:
    with pytest.raises(PeriodUnknown, match="2024-11"):
        known.holding(period, DATASETS, TODAY)
    with pytest.raises(PeriodUnknown):
        known.due_period(period, FORMS, TODAY)


def test_a_period_is_held_by_the_datasets_of_its_kind() -> None:
    assert HOUSEHOLDS in known.holding("2024", DATASETS, TODAY)
    assert {d.kind for d in known.holding("2024-Q4", DATASETS, TODAY)} == {"quarterly"}
    with pytest.raises(PeriodUnknown, match="gần nhất: 2024"):
        known.holding("2024-11", [HOUSEHOLDS], TODAY)
    assert known.due_period("2024-10", FORMS, TODAY) == "2024-10"
    with pytest.raises(PeriodUnknown):  # begun and not due
        known.due_period("2024", FORMS, TODAY)


def test_of_a_form_that_is_declared_wrongly_it_is_told_what_is_wrong() -> None:
    wrong = dataclasses.replace(FORMS[0], indicator_codes=("HN99",))
    with pytest.raises(FormDeclaredWrongly, match="không có chỉ tiêu HN99"):
        known.due_period("2024-10", [wrong], TODAY)
    assert known.due_period("2024-10", [wrong, *FORMS], TODAY) == "2024-10"


def test_a_unit_is_one_that_owes_a_cell() -> None:
    assert known.known_unit("413", [HOUSEHOLDS], ["2023"], TODAY) == "413"
    assert known.known_unit("413", DATASETS, None, TODAY) == "413"
    for unit, periods in (("413", ["2024"]), ("999", None), ("unknown", None), ("40", ["2024"])):
        with pytest.raises(UnitUnknown, match="412"):
            known.known_unit(unit, [HOUSEHOLDS], periods, TODAY)
    assert known.known_unit("unknown", [HOUSEHOLDS], None, TODAY, also=["unknown"]) == "unknown"
