"""What the contributions and the register of houses must keep together."""

from schemas.dataset import SetRule
from schemas.rules.sets import core, key_rules

HOUSES = core("gratitude_fund.houses")
CONTRIBUTIONS = core("gratitude_fund.contributions")

LAW = "NĐ 131/2021/NĐ-CP, Điều 155"

house_is_in_the_register = SetRule(
    name="house_is_in_the_register",
    message="Mã nhà tình nghĩa ghi ở khoản đóng góp không có trong sổ nhà tình nghĩa. Kiểm tra lại mã nhà hoặc bổ sung nhà vào sổ "
    "(NĐ 131/2021/NĐ-CP, Điều 155).",
    column="house_id",
    legal=LAW,
    ref="Q-07",
    sql=f"""
        select unit_code, row_key from {CONTRIBUTIONS} c
        where period = :period and house_id is not null and not exists (select 1 from {HOUSES} h where h.house_id = c.house_id)""",
    needs=(HOUSES,),
)

HOUSE_SETS: tuple[SetRule, ...] = key_rules(HOUSES, "house_id", LAW, key_holds_period=False)
CONTRIBUTION_SETS: tuple[SetRule, ...] = (
    *key_rules(CONTRIBUTIONS, "contribution_id", LAW, key_holds_period=False),
    house_is_in_the_register,
)
