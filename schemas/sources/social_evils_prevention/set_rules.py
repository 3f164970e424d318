"""What the forms of two months, and of one month beside each other, must keep together."""

from schemas.dataset import SetRule
from schemas.rules.sets import core, key_rules
from schemas.sources.social_evils_prevention.rules import CENTRE_ITEMS, COMMUNE_ITEMS, LAW

COMMUNES = core("social_evils_prevention.commune_forms")
CENTRES = core("social_evils_prevention.centre_forms")


def _begins_where_the_month_before_ended(table: str, sender: str, items: tuple[str, ...]) -> SetRule:
    """Of who sent both months. A commune that was merged in between has another code or extent: it is held against nothing."""
    differs = " or ".join(f"n.{item}_opening <> b.{item}_closing" for item in items)
    return SetRule(
        name="begins_where_the_month_before_ended",
        message="Có chỉ tiêu mà số đầu kỳ khác số cuối kỳ của tháng trước. Kiểm tra lại hai biểu, sửa biểu sai (TT 05/2011/TT-BLĐTBXH).",
        column=f"{items[0]}_opening",
        legal=LAW,
        ref="X-02",
        sql=f"""
            select n.unit_code, n.row_key from {table} n
            join {table} b on b.{sender} = n.{sender} and b.period = to_char(cast(:first_day as date) - 1, 'YYYY-MM')
            where n.period = :period and ops.folded(coalesce(n.commune_name, '')) = ops.folded(coalesce(b.commune_name, ''))
                and ({differs})""",
        across_periods=True,
    )


COMMUNE_SETS: tuple[SetRule, ...] = (
    *key_rules(COMMUNES, "commune_code", LAW, key_holds_period=True),
    _begins_where_the_month_before_ended(COMMUNES, "commune_code", COMMUNE_ITEMS),
)
CENTRE_SETS: tuple[SetRule, ...] = (
    *key_rules(CENTRES, "centre_id", LAW, key_holds_period=True),
    _begins_where_the_month_before_ended(CENTRES, "centre_id", CENTRE_ITEMS),
)
