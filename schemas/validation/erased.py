"""Judging a batch in which rows of erased persons are: these are set aside by that alone, and nothing is kept of what was received."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.dataset import Dataset, Moment
from schemas.validation import Examined, Verdict, validate

# pyright: reportAttributeAccessIssue=false

ERASED_RULE = "erased_on_request"
ERASED_WORDS = (
    "Dòng của một người đã được xóa theo yêu cầu: nguồn vẫn gửi, trung tâm chỉ đếm và không giữ giá trị nào (Luật 91/2025/QH15)."
)
EMPTY = "{}"  # what is kept of it as received


def failures(dataset: Dataset) -> str:
    """Why an erased row is set aside, as quarantine keeps it."""
    return json.dumps([{"rule": ERASED_RULE, "column": dataset.key[0], "message": ERASED_WORDS}], ensure_ascii=False)


def validate_but(
    dataset: Dataset, batch: pa.Table, erased: pa.ChunkedArray | None, moment: Moment, first_ordinal: int
) -> Verdict:
    """Validate rows, of which some were of a person who was erased (`erased`): these are set aside, and no value of them is kept."""
    gone = None if erased is None else pc.fill_null(erased, False).to_numpy(zero_copy_only=False)
    if gone is None or not gone.any():
        return validate(dataset, batch, moment, first_ordinal)
    judged = validate(dataset, batch.filter(pa.array(~gone)), moment, first_ordinal)
    others = validate(dataset, batch.filter(pa.array(gone)), moment, first_ordinal)
    at, at_gone = first_ordinal + np.flatnonzero(~gone), first_ordinal + np.flatnonzero(gone)
    count = int(gone.sum())
    placed = pa.concat_tables([t.select(["unit_code", "row_key", "ordinal"]) for t in (others.accepted, others.rejected)])
    rejected = _placed(placed, at_gone, first_ordinal)
    rejected = rejected.append_column("received", pa.repeat(pa.scalar(EMPTY), count))
    why = pa.repeat(pa.scalar(failures(dataset)), count).dictionary_encode()
    rejected = rejected.append_column("failures", why)
    mine = _placed(judged.rejected, at, first_ordinal)
    return replace(
        judged,
        accepted=_placed(judged.accepted, at, first_ordinal),
        rejected=pa.concat_tables([mine, rejected.select(mine.column_names).cast(mine.schema)]),
        remarks=_placed(judged.remarks, at, first_ordinal),
        examined=Examined(batch.num_rows, judged.examined.columns, judged.examined.rules),
        failures_by_rule=judged.failures_by_rule | {(dataset.key[0], ERASED_RULE): count},
    )


def _placed(rows: pa.Table, at: np.ndarray, first_ordinal: int) -> pa.Table:
    """The rows under the ordinals that they have in the whole batch."""
    places = pa.chunked_array([pa.array(at[rows.column("ordinal").to_numpy() - first_ordinal], pa.int64())])
    return rows.set_column(rows.schema.get_field_index("ordinal"), "ordinal", places)
