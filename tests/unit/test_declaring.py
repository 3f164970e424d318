"""What is refused where a dataset or a rule is declared, at import, and by the name of what is wrong."""

import dataclasses

import pandas as pd
import pyarrow as pa
import pytest

from schemas import validation
from schemas.column import default_reader
from schemas.dataset import Dataset, Moment, rule
from schemas.projections.postgres import sql_type
from schemas.registry import dataset_named, source_named
from schemas.validation import validate
from tests.fixtures import datasets as fixtures

WORKERS = dataset_named("labour_employment.workers")
REGISTER = dataset_named("social_protection.beneficiaries")


@rule("warning", "full_name", legal="Luật mẫu", ref="X-00", weight="cash")  # ty: ignore[invalid-argument-type]
def weighed(frame: pd.DataFrame, at: Moment) -> pd.Series:
    """Thông báo mẫu."""
    return frame["full_name"].notna()


@pytest.mark.parametrize(
    ("dataset", "facts", "told"),
    [
        (WORKERS, {"key": ("form_id", "ma_phieu")}, "key names the field 'ma_phieu'"),
        (WORKERS, {"commune": "ma_xa"}, "commune names the field 'ma_xa'"),
        (WORKERS, {"placed_by": "nam"}, "placed_by names the field 'nam'"),
        (WORKERS, {"placed_by": None}, "no field places a row"),
        (REGISTER, {"placed_by": "entitled_from"}, "no field places a row of a register"),
        (WORKERS, {"first_period": "now"}, "a register has no first period"),
        (REGISTER, {"first_period": "2024-01"}, "a register has no first period"),
        (WORKERS, {"rules": (weighed,)}, "weighed has the weight 'cash'; there are money, identity, record, note"),
    ],
)
def test_a_dataset_that_does_not_hold_together_is_refused_by_name(dataset: Dataset, facts: dict, told: str) -> None:
    with pytest.raises(ValueError, match=rf"{dataset.id}: {told}"):
        dataclasses.replace(dataset, **facts)


def test_a_rule_has_a_message_and_reads_fields_of_its_dataset() -> None:
    with pytest.raises(ValueError, match="rule without_words has no docstring"):

        @rule("error", "full_name", legal="Luật mẫu", ref="X-01")
        def without_words(frame: pd.DataFrame, at: Moment) -> pd.Series:
            return frame["full_name"].notna()

    @rule("error", "ho_ten", legal="Luật mẫu", ref="X-02")
    def reads_another(frame: pd.DataFrame, at: Moment) -> pd.Series:
        """Thông báo mẫu."""
        return frame["ho_ten"].notna()

    with pytest.raises(ValueError, match="rule reads_another reads the field 'ho_ten'"):
        dataclasses.replace(WORKERS, rules=(reads_another,))


def test_a_rule_that_does_not_answer_for_every_row_is_named() -> None:
    """Its answers would be taken for those of other rows."""

    @rule("error", "full_name", legal="Luật mẫu", ref="X-03")
    def answers_for_some(frame: pd.DataFrame, at: Moment) -> pd.Series:
        """Thông báo mẫu."""
        return frame["full_name"].notna()[:-1]

    moment = fixtures.moment_of(WORKERS)
    with pytest.raises(validation.RuleFault, match="answers_for_some") as fault:
        validate(dataclasses.replace(WORKERS, rules=(answers_for_some,)), fixtures.good(WORKERS, moment), moment)
    assert "Mẫu" not in str(fault.value)


def test_a_type_or_a_name_that_there_is_not_is_told() -> None:
    for ask in (default_reader, sql_type):
        with pytest.raises(ValueError, match="duration"):
            ask(pa.duration("s"))
    with pytest.raises(KeyError, match=r"labour_employment\.workers has no field 'ho_ten'"):
        WORKERS.column("ho_ten")
    with pytest.raises(KeyError, match="khong_co"):
        dataset_named("poverty.khong_co")
    with pytest.raises(KeyError, match="khong_co"):
        source_named("khong_co")
