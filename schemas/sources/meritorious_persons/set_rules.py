"""Set rules of the merit register and its monthly payment lists."""

from schemas.dataset import SetRule
from schemas.rules.sets import (
    ACTIVE,
    PAID,
    account_is_not_shared,
    born_on_any_day,
    core,
    identity_is_of_one_person,
    is_not_dead_in,
    key_rules,
    limit,
    one_row_a_person,
    payment_rules,
    person_has_one_identity,
)

BENEFICIARIES = core("social_protection.beneficiaries")
MERIT_PAYMENTS = core("meritorious_persons.monthly_payments")
PROFILES = core("meritorious_persons.profiles")

LAW = "Pháp lệnh 02/2020/UBTVQH14; NĐ 131/2021/NĐ-CP"
PAYMENT_LAW = "NĐ 131/2021/NĐ-CP"
AMOUNT_LAW = "NĐ 75/2021/NĐ-CP; NĐ 55/2023/NĐ-CP; NĐ 77/2024/NĐ-CP"

one_profile_a_category = one_row_a_person(
    PROFILES,
    same="category_code",
    # Two categories of one person are two files by right; only relatives may have several files of one category.
    where=f"not is_relative and {ACTIVE}",
    name="one_profile_a_category",
    message="Một người có hai hồ sơ đang hưởng cùng một loại đối tượng. Mỗi người chỉ một hồ sơ cho một loại đối tượng; khác "
    "loại thì được có nhiều hồ sơ (Pháp lệnh 02/2020/UBTVQH14; NĐ 131/2021/NĐ-CP).",
    column="category_code",
    legal=LAW,
    ref="N-08",
    weight="money",
)

martyr_is_not_paid = SetRule(
    name="martyr_is_not_paid",
    weight="money",
    message="Chi trả hằng tháng cho hồ sơ liệt sĩ: liệt sĩ không có trợ cấp hằng tháng, chỉ thân nhân được hưởng theo hồ sơ "
    "riêng (Pháp lệnh 02/2020/UBTVQH14, Điều 15, Điều 16).",
    column="profile_id",
    legal="Pháp lệnh 02/2020/UBTVQH14, Điều 15, Điều 16",
    ref="N-06",
    sql=f"""
        select distinct p.unit_code, p.row_key from {MERIT_PAYMENTS} p join {PROFILES} r using (profile_id)
        where p.period = :period and r.category_code = '03' and not r.is_relative and {PAID}""",
    needs=(PROFILES,),
)

# A profile states the amount of the standard under which it was last read (or of its last day); a payment of a month under
# another standard is compared with that amount scaled. What fits the decree's table of the month is right too, so that a
# wrong amount in the register is reported there and not once more for every month.
amount_agrees_with_profile = SetRule(
    name="amount_agrees_with_profile",
    weight="money",
    message="Số tiền chi trả khác mức trợ cấp cộng phụ cấp ghi trong hồ sơ và khác mức theo quy định của tháng đó. Kiểm tra mức "
    "hưởng và phần truy lĩnh (NĐ 75/2021/NĐ-CP; NĐ 55/2023/NĐ-CP; NĐ 77/2024/NĐ-CP).",
    column="amount_vnd",
    legal=AMOUNT_LAW,
    ref="N-07",
    sql=f"""
        with standard as (select amount_vnd as amount, valid_from, valid_to from ref.standards where name = 'merit'),
        paid_standard as (select amount from standard where cast(:first_day as date) between valid_from and valid_to),
        profiles as (
            select profile_id, category_code, relation_code, injury_rate, martyr_count,
                allowance_vnd + coalesce(supplement_vnd, 0) as due, coalesce(supplement_vnd, 0) as supplement,
                least(entitled_until - 1, cast(recorded_from at time zone 'Asia/Ho_Chi_Minh' as date)) as stated_on
            from {PROFILES} where allowance_vnd is not null and category_code <> '03'),
        compared as (
            select p.unit_code, p.row_key, p.amount_vnd, r.*, s.amount as stated_standard, m.amount as paid_standard
            from {MERIT_PAYMENTS} p join profiles r using (profile_id)
            join standard s on r.stated_on between s.valid_from and s.valid_to
            cross join paid_standard m
            where p.period = :period),
        off as (
            select *, supplement * paid_standard / stated_standard as scaled_supplement from compared
            where case when stated_standard = paid_standard then amount_vnd <> due
                else abs(amount_vnd - due * paid_standard / stated_standard)
                    > {limit("merit_amount_band")} * due * paid_standard / stated_standard end),
        allowance as materialized (
            select *, case when is_exact then 0 else {limit("merit_amount_band", "a.valid_from")} end as band
            from ref.meritorious_persons_allowances a
            where kind = 'allowance' and cast(:first_day as date) between valid_from and valid_to),
        lawful as (
            select o.unit_code, o.row_key, o.amount_vnd, o.scaled_supplement, a.band,
                coalesce(a.amount_vnd, a.ratio * o.paid_standard, a.ratio_per_percent * o.injury_rate * o.paid_standard) as amount
            from off o join allowance a on a.category_code = o.category_code
                and (cardinality(a.relations) = 0 or o.relation_code = any (a.relations))
                and (a.injury_least is null or o.injury_rate between a.injury_least and a.injury_most)
                and (a.martyrs_least is null or o.martyr_count between a.martyrs_least and a.martyrs_most)),
        right_ones as (
            select unit_code, row_key from lawful
            where abs(amount_vnd - scaled_supplement - amount)
                <= {limit("merit_amount_band")} * scaled_supplement + band * amount)
        select unit_code, row_key from off except select unit_code, row_key from right_ones""",
    needs=(PROFILES,),
)

PROFILE_SETS: tuple[SetRule, ...] = (
    *key_rules(PROFILES, "profile_id", "NĐ 131/2021/NĐ-CP", key_holds_period=False),
    account_is_not_shared(PROFILES, "coalesce(identity_number, profile_id)", active=ACTIVE),
    identity_is_of_one_person(PROFILES),
    person_has_one_identity(PROFILES),
    born_on_any_day(PROFILES),
    one_profile_a_category,
    is_not_dead_in(PROFILES, BENEFICIARIES, "danh sách trợ giúp xã hội"),
)

PAYMENT_SETS: tuple[SetRule, ...] = (
    *key_rules(MERIT_PAYMENTS, "profile_id", PAYMENT_LAW, key_holds_period=True),
    martyr_is_not_paid,
    *payment_rules(
        MERIT_PAYMENTS,
        PROFILES,
        "profile_id",
        other=BENEFICIARIES,
        other_title="danh sách trợ giúp xã hội",
        transition=limit("merit_death_transition_months"),
        law=PAYMENT_LAW,
        refs=("N-06", "N-07"),
    ),
    amount_agrees_with_profile,
)
