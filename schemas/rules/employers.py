"""Row rules of the columns common to records of employers: the tax code."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas.dataset import Moment, rule
from schemas.rules.columns import answer, arrow

TAX_WEIGHTS = np.array([31, 29, 23, 19, 17, 13, 7, 5, 3])  # TT 105/2020/TT-BTC, Điều 5: a fixed formula, not a rate


@rule("error", "tax_code", legal="TT 105/2020/TT-BTC, Điều 5", ref="L-05")
def tax_code_check_digit(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mã số thuế sai chữ số kiểm tra (chữ số thứ 10): có thể gõ nhầm một chữ số. Tra lại mã số thuế của đơn vị (TT
    105/2020/TT-BTC, Điều 5)."""
    column = arrow(frame, "tax_code")
    formed = pc.fill_null(pc.match_substring_regex(column, r"^\d{10}(-?\d{3})?$"), False)  # type: ignore[attr-defined]
    first_ten = pc.utf8_slice_codeunits(pc.if_else(formed, column, None), 0, 10)  # type: ignore[attr-defined]
    number = pc.cast(pc.cast(first_ten, pa.int64()), pa.float64()).to_numpy()  # type: ignore[attr-defined]
    digits = [np.floor(number / 10 ** (9 - at)) % 10 for at in range(10)]
    check = 10 - np.sum([w * d for w, d in zip(TAX_WEIGHTS, digits[:9], strict=True)], axis=0) % 11
    return answer(frame, np.isnan(number) | (digits[9] == check))
