"""What the register of children must keep together, and beside those of poor households and of social assistance."""

from schemas.dataset import SetRule
from schemas.rules.sets import (
    born_on_any_day,
    core,
    identity_is_of_one_person,
    key_rules,
    person_has_one_identity,
    set_aside,
    units_heard,
    year_before,
)
from schemas.sources.children.rules import GROUP_LAW

PROFILES = core("children.profiles")
BENEFICIARIES = core("social_protection.beneficiaries")
HOUSEHOLDS = core("poverty.households")
IN_YEAR_CHANGES = core("poverty.in_year_changes")
REVIEWED_ON = year_before(":last_day")
REVIEW = f"to_char({REVIEWED_ON}, 'YYYY')"  # the last that is final
ILL_LAW = "NĐ 56/2017/NĐ-CP, Điều 15"
ALLOWANCE_LAW = "NĐ 20/2021/NĐ-CP, Điều 5"
IN_A_GROUP = """status_code = 1 and special_groups is not null and (entered_date is null or entered_date <= :last_day)
                and (left_date is null or left_date > :last_day)"""

ill_child_is_of_a_poor_household = SetRule(
    name="ill_child_is_of_a_poor_household",
    message="Trẻ thuộc nhóm mắc bệnh hiểm nghèo hoặc phải điều trị dài ngày của hộ nghèo, hộ cận nghèo nhưng kết quả rà soát gần nhất và các "
    "lần phát sinh trong năm không ghi hộ này thuộc diện đó. Đối chiếu mã hộ và danh sách hộ (NĐ 56/2017/NĐ-CP, Điều 15).",
    column="household_id",
    legal=ILL_LAW,
    ref="T-02",
    # The review of a year is final at its end; households are found poor within the year too. Where the review of a unit has not
    # arrived, nobody there is judged by it; nor is who belongs to a household in quarantine.
    sql=f"""
        with reviewed as (
            select household_id, class_code, unit_code from {HOUSEHOLDS} where period = {REVIEW}),
        arrived as ({units_heard("reviewed", REVIEWED_ON, ":last_day")}),
        poor as (
            select household_id from reviewed where class_code in (1, 2)
            union all
            select household_id from {IN_YEAR_CHANGES}
            where class_code in (1, 2) and change_date between date_trunc('year', cast(:last_day as date)) and cast(:last_day as date)
            union all
            {set_aside("poverty.households", "household_id", period=REVIEW)}
            union all
            {set_aside("poverty.in_year_changes", "household_id")}),
        ill as (
            select unit_code, row_key, household_id from {PROFILES}
            where period = :period and {IN_A_GROUP} and special_groups ~ '(^|[, ])13[.]')
        select i.unit_code, i.row_key from ill i join arrived using (unit_code)
        where not exists (select from poor p where p.household_id = i.household_id)""",
    needs=(HOUSEHOLDS, IN_YEAR_CHANGES),
)


def _without_allowance(name: str, groups: str, allowances: str, who: str, what: str) -> SetRule:
    """Of whom a right follows from the group: who draws nothing by it may not have claimed it. Told apart by the personal number alone;
    of whom a row stands in quarantine nobody can say what is drawn."""
    return SetRule(
        name=name,
        weight="money",
        message=f"{who} nhưng không có trong danh sách hưởng trợ giúp xã hội hằng tháng {what}. Có thể trẻ chưa được lập hồ sơ hưởng, cần "
        f"kiểm tra và hướng dẫn gia đình ({ALLOWANCE_LAW}).",
        column="identity_number",
        legal=ALLOWANCE_LAW,
        ref="T-06",
        sql=f"""
            with entitled as (
                select identity_number from {BENEFICIARIES}
                where group_code ~ '{allowances}' and identity_number is not null
                    and (entitled_until is null or entitled_until > :last_day)
                union all
                {set_aside("social_protection.beneficiaries", "identity_number")})
            select c.unit_code, c.row_key from {PROFILES} c
            where c.period = :period and c.identity_number is not null and {IN_A_GROUP} and c.special_groups ~ '{groups}'
                and not exists (select from entitled e where e.identity_number = c.identity_number)""",
        needs=(BENEFICIARIES,),
    )


PROFILE_SETS: tuple[SetRule, ...] = (
    *key_rules(PROFILES, "child_id", GROUP_LAW, key_holds_period=False),
    identity_is_of_one_person(PROFILES),
    person_has_one_identity(PROFILES),
    born_on_any_day(PROFILES),
    ill_child_is_of_a_poor_household,
    _without_allowance(
        "disabled_child_draws_an_allowance",
        "(^|[, ])04[.][12]",
        "^K6",
        "Trẻ khuyết tật đặc biệt nặng hoặc nặng",
        "của người khuyết tật",
    ),
    _without_allowance(
        "child_without_nurture_draws_an_allowance",
        "(^|[, ])(01|02|03)[.]",
        "^K[13]",
        "Trẻ mồ côi, bị bỏ rơi hoặc không nơi nương tựa",
        "của trẻ em không có nguồn nuôi dưỡng",
    ),
)
