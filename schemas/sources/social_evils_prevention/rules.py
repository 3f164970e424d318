"""What one form of a month must keep: what was there, came and went makes what is left; women are among them; December alone tells means."""

import numpy as np
import pandas as pd

from schemas.dataset import Moment, Rule, rule
from schemas.rules.columns import answer, days, given, numbers

LAW = "TT 05/2011/TT-BLĐTBXH"
COMMUNE_ITEMS = ("family", "community", "ordered", "aftercare", "helped", "relapsed")
CENTRE_ITEMS = ("centre_ordered", "centre_voluntary")
DECEMBER = 12


def _item_rules(items: tuple[str, ...]) -> tuple[Rule, Rule]:
    """Of each item of a form; a part that is not told is not held against the others."""

    def items_add_up(frame: pd.DataFrame, moment: Moment) -> pd.Series:
        """Có chỉ tiêu mà số cuối kỳ khác số đầu kỳ cộng số tăng trừ số giảm. Kiểm tra lại bốn số của từng chỉ tiêu (TT
        05/2011/TT-BLĐTBXH)."""
        fine = np.ones(len(frame), dtype=bool)
        for item in items:
            opening, added, removed, closing = (numbers(frame, f"{item}_{part}") for part in PARTS)
            due = opening + added - removed
            fine &= np.isnan(due) | np.isnan(closing) | (closing == due)
        return answer(frame, fine)

    def women_are_among_them(frame: pd.DataFrame, moment: Moment) -> pd.Series:
        """Có chỉ tiêu mà số nữ lớn hơn số người cuối kỳ. Kiểm tra lại hai số của từng chỉ tiêu (TT 05/2011/TT-BLĐTBXH)."""
        over = [numbers(frame, f"{item}_female") > numbers(frame, f"{item}_closing") for item in items]
        return answer(frame, ~np.logical_or.reduce(over))

    told = tuple(f"{item}_{part}" for item in items for part in PARTS)
    women = tuple(f"{item}_{part}" for item in items for part in ("female", "closing"))
    return (
        rule("warning", *told, legal=LAW, ref="X-01")(items_add_up),
        rule("warning", *women, legal=LAW, ref="X-03")(women_are_among_them),
    )


PARTS = ("opening", "added", "removed", "closing")


@rule("warning", "staff_count", "budget_vnd", "month", legal=LAW, ref="X-04", weight="note")
def means_are_told_in_december(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số cán bộ hoặc kinh phí được ghi ở tháng khác tháng 12. Hai cột này chỉ báo cáo trong biểu tháng 12, các tháng khác để trống (TT
    05/2011/TT-BLĐTBXH)."""
    month = np.floor(days(frame, "month") / 100) % 100
    return answer(frame, (month == DECEMBER) | ~(given(frame, "staff_count") | given(frame, "budget_vnd")))


COMMUNE_RULES = (*_item_rules(COMMUNE_ITEMS), means_are_told_in_december)
CENTRE_RULES = _item_rules(CENTRE_ITEMS)
