"""What the forms of two months, and of one month beside each other, must keep together."""

from schemas.dataset import SetRule
from schemas.rules.sets import core, key_rules
from schemas.sources.social_evils_prevention.rules import CENTRE_ITEMS, COMMUNE_ITEMS, LAW

COMMUNES = core("social_evils_prevention.commune_forms")
CENTRES = core("social_evils_prevention.centre_forms")

MONTH_BEFORE = "to_char(cast(:first_day as date) - 1, 'YYYY-MM')"


def _communes_ended(items: tuple[str, ...]) -> str:
    """SQL: what communes ended the month before with, by the codes of this month.

    One that was formed on the first day is told by all of which it came, if all of them sent and none was divided.
    """
    told = ", ".join(
        f"case when count(*) = count({item}_closing) then sum({item}_closing) end as {item}_closing" for item in items
    )
    return f"""
            with formed as (select * from ref.commune_succession where valid_from = cast(:first_day as date)),
            of_whole as (
                select new_code, count(*) as communes from formed group by new_code having bool_and(is_whole)),
            ended as (
                select coalesce(new_code, commune_code) as commune_code, new_code, count(*) as communes, {told}
                from {COMMUNES} left join formed on old_code = commune_code
                where period = {MONTH_BEFORE} group by 1, 2)
            select e.* from ended e left join of_whole w using (new_code)
            where case when new_code is null then e.communes = 1 else e.communes = w.communes end"""


# A centre is itself, wherever its commune went.
CENTRES_ENDED = f"select * from {CENTRES} where period = {MONTH_BEFORE}"


def _begins_where_the_month_before_ended(table: str, sender: str, items: tuple[str, ...], ended: str) -> SetRule:
    """Of who sent both months. `ended`: SQL for what each ended the month before with."""
    differs = " or ".join(f"n.{item}_opening <> b.{item}_closing" for item in items)
    return SetRule(
        name="begins_where_the_month_before_ended",
        message="Có chỉ tiêu mà số đầu kỳ khác số cuối kỳ của tháng trước; xã vừa sắp xếp lại thì so với tổng của các xã cũ. Kiểm tra lại "
        "các biểu, sửa biểu sai (TT 05/2011/TT-BLĐTBXH).",
        column=f"{items[0]}_opening",
        legal=LAW,
        ref="X-02",
        sql=f"""
            with ended as ({ended})
            select distinct n.unit_code, n.row_key from {table} n join ended b using ({sender})
            where n.period = :period and ({differs})""",
        across_periods=True,
    )


COMMUNE_SETS: tuple[SetRule, ...] = (
    *key_rules(COMMUNES, "commune_code", LAW, key_holds_period=True),
    _begins_where_the_month_before_ended(COMMUNES, "commune_code", COMMUNE_ITEMS, _communes_ended(COMMUNE_ITEMS)),
)
CENTRE_SETS: tuple[SetRule, ...] = (
    *key_rules(CENTRES, "centre_id", LAW, key_holds_period=True),
    _begins_where_the_month_before_ended(CENTRES, "centre_id", CENTRE_ITEMS, CENTRES_ENDED),
)
