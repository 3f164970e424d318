"""What the workbook of rejected rows shows of any dataset is read as the source's own row was, when it comes back as text."""

import json

import pyarrow as pa
import pytest

from resources.workbooks.marks import shown
from schemas.dataset import Dataset
from schemas.registry import DATASETS
from schemas.validation import validate
from schemas.validation.findings import received_json
from tests.fixtures.datasets import good, moment_of


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.id)
def test_a_row_comes_back_as_it_was(dataset: Dataset) -> None:
    moment = moment_of(dataset)
    sent = good(dataset, moment)
    texts = [{name: shown(value) or None for name, value in json.loads(text).items()} for text in received_json(sent)]
    back = pa.table({name: pa.array([row[name] for row in texts], pa.string()) for name in sent.column_names})
    judged, again = validate(dataset, sent, moment), validate(dataset, back, moment)
    assert again.rejected.num_rows == 0
    assert again.accepted.equals(judged.accepted)
