"""Set rules of the yearly review of poor and near-poor households."""

from schemas.dataset import SetRule
from schemas.rules.sets import (
    account_is_not_shared,
    born_on_any_day,
    core,
    identity_is_of_one_person,
    key_rules,
    one_row_a_person,
    person_has_one_identity,
    received,
    set_aside,
)

HOUSEHOLDS = core("poverty.households")
IN_YEAR_CHANGES = core("poverty.in_year_changes")
MEMBERS = core("poverty.members")
REVIEW_RESULTS = core("poverty.review_results")

LAW = "QĐ 24/2021/QĐ-TTg; TT 07/2021/TT-BLĐTBXH"

# Members set aside in quarantine were received: a household that has one cannot be counted, and is not judged.
_MEMBERS_COUNTED = f"""
    members as (
        select household_id, count(*) as counted, count(*) filter (where head_relation_code = 1) as heads
        from {MEMBERS} where period = :period group by household_id),
    set_aside as (
        select distinct household_id from ({set_aside("poverty.members", "household_id", period=":period")}) aside)"""

exactly_one_head = SetRule(
    name="exactly_one_head",
    message="Danh sách thành viên của hộ không có chủ hộ hoặc có nhiều hơn một chủ hộ. Mỗi hộ tại một kỳ rà soát có đúng một "
    "chủ hộ (QĐ 24/2021/QĐ-TTg; TT 07/2021/TT-BLĐTBXH).",
    column="household_id",
    legal=LAW,
    ref="P-03",
    sql=f"""
        with {_MEMBERS_COUNTED}
        select h.unit_code, h.row_key from {HOUSEHOLDS} h join members m using (household_id)
        left join set_aside q using (household_id)
        where h.period = :period and m.heads <> 1 and q.household_id is null""",
    needs=(MEMBERS,),
)

members_are_counted = SetRule(
    name="members_are_counted",
    message="Số nhân khẩu của hộ khác số thành viên trong danh sách. Bổ sung thành viên còn thiếu hoặc sửa số nhân khẩu (QĐ "
    "24/2021/QĐ-TTg; TT 07/2021/TT-BLĐTBXH).",
    column="member_count",
    legal=LAW,
    ref="P-04",
    # Only poor and near-poor households list their members; a unit whose members have not arrived is not judged.
    sql=f"""
        with {_MEMBERS_COUNTED},
        arrived as (select distinct unit_code from {MEMBERS} where period = :period)
        select h.unit_code, h.row_key from {HOUSEHOLDS} h join arrived using (unit_code)
        left join members m using (household_id) left join set_aside q using (household_id)
        where h.period = :period and q.household_id is null and (m.household_id is not null or h.class_code in (1, 2))
            and h.member_count <> coalesce(m.counted, 0)""",
    needs=(MEMBERS,),
)

one_household_a_year = one_row_a_person(
    MEMBERS,
    apart="household_id",
    where="true",
    name="one_household_a_year",
    message="Một người có trong danh sách của hai hộ tại cùng một kỳ rà soát. Mỗi người chỉ thuộc một hộ, xóa ở hộ không đúng "
    "(QĐ 24/2021/QĐ-TTg; TT 07/2021/TT-BLĐTBXH).",
    column="identity_number",
    legal=LAW,
    ref="P-05",
)

previous_class_as_recorded = SetRule(
    name="previous_class_as_recorded",
    message="Phân loại năm trước ghi ở kỳ này khác phân loại của chính hộ đó ở kỳ rà soát năm trước. Đối chiếu quyết định công "
    "nhận năm trước rồi sửa lại (QĐ 24/2021/QĐ-TTg).",
    column="previous_class_code",
    legal="QĐ 24/2021/QĐ-TTg",
    ref="P-06",
    sql=f"""
        with last_year as (
            select household_id, min(class_code) as class_code from {HOUSEHOLDS}
            where period = to_char(cast(:first_day as date) - interval '1 year', 'YYYY')
            group by household_id having count(*) = 1)
        select h.unit_code, h.row_key from {HOUSEHOLDS} h join last_year l using (household_id)
        where h.period = :period and h.previous_class_code <> l.class_code""",
    across_periods=True,
)


def _adds_up(name: str, column: str, class_code: int, what: str) -> SetRule:
    """P-07. Households in quarantine may be of either class: the signed figure may lie between what counts and all of them.

    A household is of a commune by its code or by its name: a wrong code is what some of them are set aside for. A list that came
    before communes changed in the year bears their former codes, and so may a result: each counts with what its commune went into.
    Where one was divided nobody can say what went where.
    """
    return SetRule(
        name=name,
        message=f"Số {what} theo quyết định công nhận khác số {what} trong danh sách của xã. Đối chiếu danh sách với quyết định "
        "đã ký (QĐ 24/2021/QĐ-TTg, Điều 4).",
        column=column,
        legal="QĐ 24/2021/QĐ-TTg, Điều 4",
        ref="P-07",
        sql=f"""
            with changed as (
                select old_code, new_code, is_whole from ref.commune_succession where valid_from between :first_day and :last_day),
            formed as (select old_code, new_code from changed where is_whole),
            divided as (
                select old_code as code from changed where not is_whole union select new_code from changed where not is_whole),
            households as (
                select coalesce(new_code, commune_code) as commune, count(*) filter (where class_code = {class_code}) as counted
                from {HOUSEHOLDS} left join formed on old_code = commune_code where period = :period group by 1),
            arrived as (select distinct unit_code from {HOUSEHOLDS} where period = :period),
            quarantined as (
                select id, btrim({received("poverty.households", "commune_code")}) as code,
                    ops.folded(btrim({received("poverty.households", "commune_name")})) as name
                from quarantine.rows
                where source = 'poverty' and dataset = 'households' and period = :period and resolved_at is null),
            results as (
                select unit_code, row_key, coalesce(new_code, commune_code) as commune, ops.folded(commune_name) as name,
                    {column} as signed
                from {REVIEW_RESULTS} left join formed on old_code = commune_code
                where period = :period and not exists (select from divided where code in (commune_code, new_code))),
            signed as (select commune, sum(signed) as signed from results group by commune),
            set_aside as (
                select commune, count(*) as aside from (
                    select r.commune, q.id from results r
                    join (select id, coalesce(new_code, code) as commune from quarantined left join formed on old_code = code) q
                        using (commune)
                    union select r.commune, q.id from results r join quarantined q using (name)) either group by commune)
            select r.unit_code, r.row_key from results r join arrived using (unit_code) join signed s using (commune)
            left join households h using (commune) left join set_aside q using (commune)
            where s.signed < coalesce(h.counted, 0) or s.signed > coalesce(h.counted, 0) + coalesce(q.aside, 0)""",
        needs=(HOUSEHOLDS,),
    )


HOUSEHOLD_SETS: tuple[SetRule, ...] = (
    *key_rules(HOUSEHOLDS, "household_id", LAW, key_holds_period=True),
    exactly_one_head,
    members_are_counted,
    previous_class_as_recorded,
    account_is_not_shared(HOUSEHOLDS, "coalesce(head_identity_number, household_id)"),
)

MEMBER_SETS: tuple[SetRule, ...] = (
    *key_rules(MEMBERS, "household_id", LAW, key_holds_period=True),
    one_household_a_year,
    identity_is_of_one_person(MEMBERS),
    person_has_one_identity(MEMBERS),
    born_on_any_day(MEMBERS),
)

RESULT_SETS: tuple[SetRule, ...] = (
    *key_rules(REVIEW_RESULTS, "commune_code", LAW, key_holds_period=True),
    _adds_up("poor_households_add_up", "poor_count", 1, "hộ nghèo"),
    _adds_up("near_poor_households_add_up", "near_poor_count", 2, "hộ cận nghèo"),
)

CHANGE_SETS: tuple[SetRule, ...] = key_rules(IN_YEAR_CHANGES, "change_id", LAW, key_holds_period=False)
