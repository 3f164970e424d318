"""Set rules of the beneficiaries of monthly social assistance and their payment lists."""

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
    payment_rules,
    person_has_one_identity,
    set_aside,
    units_heard,
    year_before,
)

ASSISTANCE_PAYMENTS = core("social_protection.monthly_payments")
BENEFICIARIES = core("social_protection.beneficiaries")
HOUSEHOLDS = core("poverty.households")
IN_YEAR_CHANGES = core("poverty.in_year_changes")
INSTITUTIONS = core("social_protection.institutions")
MEMBERS = core("poverty.members")
PROFILES = core("meritorious_persons.profiles")

LAW = "NĐ 20/2021/NĐ-CP"
REVIEWED_ON = year_before(":first_day")
REVIEW = f"to_char({REVIEWED_ON}, 'YYYY')"  # of poverty, by which a month is judged
ENTITLED_NOW = f"{ACTIVE} and entitled_from <= :last_day"

one_allowance_a_person = SetRule(
    name="one_allowance_a_person",
    weight="money",
    message="Một người đang hưởng nhiều mức trợ cấp: mỗi người chỉ hưởng mức cao nhất, riêng người đơn thân nghèo nuôi con được "
    "hưởng thêm một mức của người cao tuổi, người khuyết tật hoặc người nhiễm HIV (NĐ 20/2021/NĐ-CP, Điều 6).",
    column="group_code",
    legal="NĐ 20/2021/NĐ-CP, Điều 6",
    ref="B-03",
    # Carers (CS.*) draw for another person. The same number under another name is C-09, not this.
    sql=f"""
        with entitled as (
            select unit_code, row_key, identity_number, full_name, birth_year, group_code from {BENEFICIARIES}
            where period = :period and identity_number is not null and {ENTITLED_NOW} and not starts_with(group_code, 'CS.')),
        twice as (select identity_number from entitled group by identity_number having count(*) > 1),
        people as materialized (
            select unit_code, row_key, identity_number, ops.folded(full_name) as name, birth_year, group_code
            from entitled join twice using (identity_number)),
        several as (
            select identity_number, name, birth_year, count(*) as held,
                min(group_code) as first_group, max(group_code) as last_group
            from people group by identity_number, name, birth_year having count(*) > 1),
        wrong as (
            select * from several s where held > 2 or not exists (
                select from ref.social_protection_assistance_additions a
                where (s.first_group = a.group_code and starts_with(s.last_group, a.beside))
                    or (s.last_group = a.group_code and starts_with(s.first_group, a.beside))))
        select unit_code, row_key from people join wrong using (identity_number, name, birth_year)""",
)

no_merit_allowance_beside = SetRule(
    name="no_merit_allowance_beside",
    weight="money",
    message="Đang hưởng trợ giúp xã hội hằng tháng đồng thời với trợ cấp người có công hằng tháng. Người thuộc cả hai diện chỉ "
    "hưởng một chế độ cao hơn, cần xác minh (NĐ 20/2021/NĐ-CP, Điều 6).",
    column="identity_number",
    legal="NĐ 20/2021/NĐ-CP, Điều 6",
    ref="B-07",
    sql=f"""
        with merit as (
            select distinct identity_number from {PROFILES}
            where identity_number is not null and allowance_vnd > 0 and {ENTITLED_NOW})
        select unit_code, row_key from {BENEFICIARIES} join merit using (identity_number)
        where period = :period and {ENTITLED_NOW} and not starts_with(group_code, 'CS.')""",
    needs=(PROFILES,),
)

# The register states the amount of the standard under which it was last read; a payment of a month under another standard, the
# provincial council's where it set one, is compared with that amount scaled. What equals coefficient x the month's standard is right
# too, so that a wrong amount in the register is reported there and not once more for every month.
amount_agrees_with_beneficiary = SetRule(
    name="amount_agrees_with_beneficiary",
    weight="money",
    message="Số tiền chi trả khác mức trợ cấp của đối tượng và khác hệ số nhân mức chuẩn của tháng đó. Kiểm tra hệ số, mức "
    "chuẩn và phần truy lĩnh (NĐ 20/2021/NĐ-CP, Điều 4, Điều 6; NĐ 76/2024/NĐ-CP).",
    column="amount_vnd",
    legal="NĐ 20/2021/NĐ-CP, Điều 4, Điều 6; NĐ 76/2024/NĐ-CP",
    ref="B-01",
    sql=f"""
        with due as (
            select r.beneficiary_id, r.allowance_vnd, s.amount_vnd as stated_standard, m.amount_vnd as paid_standard,
                r.coefficient * case when g.per_child and r.coefficient = g.coefficient then coalesce(r.child_count, 1) else 1 end
                    as factor
            from {BENEFICIARIES} r
            join ref.social_protection_assistance_standards s on s.group_code = r.group_code
                and least(r.entitled_until - 1, cast(r.recorded_from at time zone 'Asia/Ho_Chi_Minh' as date))
                    between s.valid_from and s.valid_to
            join ref.social_protection_assistance_standards m on m.group_code = r.group_code
                and cast(:first_day as date) between m.valid_from and m.valid_to
            left join ref.social_protection_assistance_groups g on g.group_code = r.group_code
                and cast(:first_day as date) between g.valid_from and g.valid_to)
        select distinct p.unit_code, p.row_key
        from {ASSISTANCE_PAYMENTS} p join due r using (beneficiary_id)
        where p.period = :period
            and p.amount_vnd <> round(cast(r.allowance_vnd as numeric) * r.paid_standard / r.stated_standard)
            and p.amount_vnd is distinct from round(r.factor * r.paid_standard)""",
    needs=(BENEFICIARIES,),
)

paid_out_of_age = SetRule(
    name="paid_out_of_age",
    weight="money",
    message="Đã chi trả khi tuổi tại ngày đầu tháng không còn thuộc nhóm đối tượng: phải chuyển nhóm hoặc thôi hưởng từ tháng "
    "sau tháng đến tuổi. Tính lại số tiền chi sai (NĐ 20/2021/NĐ-CP, Điều 5, Điều 6).",
    column="beneficiary_id",
    legal="NĐ 20/2021/NĐ-CP, Điều 5, Điều 6",
    ref="B-02",
    # Days as whole numbers yyyymmdd. Where only the month or the year of birth is known, any day of it may be meant; a birthday
    # on the first of the month leaves both groups right.
    sql=f"""
        with born as (
            select beneficiary_id, group_code, household_class_code, entitled_from,
                case when birth_date is null or birth_precision = 'nam' then birth_year * 10000 + 101
                    when birth_precision = 'thang' then cast(to_char(birth_date, 'YYYYMM01') as integer)
                    else cast(to_char(birth_date, 'YYYYMMDD') as integer) end as earliest,
                case when birth_date is null or birth_precision = 'nam' then birth_year * 10000 + 1231
                    when birth_precision = 'thang' then cast(to_char(birth_date, 'YYYYMM31') as integer)
                    else cast(to_char(birth_date, 'YYYYMMDD') as integer) end as latest
            from {BENEFICIARIES}
            where group_code in (select group_code from ref.social_protection_assistance_ages)
                and entitled_from <= cast(:last_day as date)),
        month as (select cast(to_char(cast(:first_day as date), 'YYYYMMDD') as integer) as first),
        out_of_age as (
            select b.beneficiary_id from born b cross join month
            join ref.social_protection_assistance_ages a on a.group_code = b.group_code
                and cast(:first_day as date) between a.valid_from and a.valid_to
            group by b.beneficiary_id
            having not bool_or(
                (not a.if_poor or coalesce(b.household_class_code, 0) in (1, 2))
                and b.earliest + a.age_from * 10000 <= month.first
                and (a.age_below is null or month.first <= b.latest + a.age_below * 10000)))
        select distinct p.unit_code, p.row_key from {ASSISTANCE_PAYMENTS} p join out_of_age using (beneficiary_id)
        where p.period = :period and {PAID}""",
    needs=(BENEFICIARIES,),
)

household_was_poor = SetRule(
    name="household_was_poor",
    weight="money",
    message="Chi trả cho nhóm dành cho hộ nghèo, hộ cận nghèo nhưng kết quả rà soát cuối năm trước và các lần phát sinh trong "
    "năm không ghi hộ này thuộc diện đó. Đối chiếu danh sách hộ (NĐ 20/2021/NĐ-CP, Điều 5; QĐ 24/2021/QĐ-TTg).",
    column="beneficiary_id",
    legal="NĐ 20/2021/NĐ-CP, Điều 5; QĐ 24/2021/QĐ-TTg",
    ref="B-05",
    # The review of a year is final at its end: a month is judged by the review of the year before. Units whose review has not
    # arrived are not judged, or every payment of theirs would be a finding; nor are households that stand in quarantine.
    sql=f"""
        with groups as (
            select group_code, 2 = any (household_classes) as near_poor from ref.social_protection_assistance_groups
            where 1 = any (household_classes) and cast(:first_day as date) between valid_from and valid_to),
        reviewed as (
            select household_id, class_code, unit_code from {HOUSEHOLDS}
            where period = {REVIEW}),
        arrived as ({units_heard("reviewed", REVIEWED_ON, ":last_day")}),
        listed as (
            select household_id, class_code from reviewed where class_code in (1, 2)
            union
            select household_id, class_code from {IN_YEAR_CHANGES}
            where class_code in (1, 2)
                and change_date between date_trunc('year', cast(:first_day as date)) and cast(:last_day as date)),
        people as (
            select m.identity_number, l.class_code from {MEMBERS} m join listed l using (household_id)
            where m.identity_number is not null and m.period = {REVIEW}),
        set_aside as (
            {set_aside("poverty.members", "household_id", "identity_number", period=REVIEW)}
            union all
            select household_id, null from ({set_aside("poverty.households", "household_id", period=REVIEW)}) aside
            union all
            select household_id, null from ({set_aside("poverty.in_year_changes", "household_id")}) aside),
        checked as (
            select r.beneficiary_id, r.household_id, r.identity_number, g.near_poor
            from {BENEFICIARIES} r join groups g using (group_code)
            where r.household_id is not null or r.identity_number is not null),
        right_ones as (
            select beneficiary_id from checked c join listed l using (household_id) where l.class_code = 1 or c.near_poor
            union
            select beneficiary_id from checked c join people p using (identity_number) where p.class_code = 1 or c.near_poor
            union
            select beneficiary_id from checked c join set_aside a on a.household_id = c.household_id
            union
            select beneficiary_id from checked c join set_aside a on a.identity_number = c.identity_number)
        select distinct p.unit_code, p.row_key
        from {ASSISTANCE_PAYMENTS} p join checked c using (beneficiary_id) join arrived using (unit_code)
        left join right_ones r using (beneficiary_id)
        where p.period = :period and {PAID} and r.beneficiary_id is null""",
    needs=(BENEFICIARIES, HOUSEHOLDS, MEMBERS, IN_YEAR_CHANGES),
)

BENEFICIARY_SETS: tuple[SetRule, ...] = (
    *key_rules(BENEFICIARIES, "beneficiary_id", LAW, key_holds_period=False),
    account_is_not_shared(BENEFICIARIES, "coalesce(identity_number, beneficiary_id)", active=ACTIVE),
    identity_is_of_one_person(BENEFICIARIES),
    person_has_one_identity(BENEFICIARIES),
    born_on_any_day(BENEFICIARIES),
    one_allowance_a_person,
    no_merit_allowance_beside,
    is_not_dead_in(BENEFICIARIES, PROFILES, "hồ sơ người có công"),
)

PAYMENT_SETS: tuple[SetRule, ...] = (
    *key_rules(ASSISTANCE_PAYMENTS, "beneficiary_id", LAW, key_holds_period=True),
    *payment_rules(
        ASSISTANCE_PAYMENTS,
        BENEFICIARIES,
        "beneficiary_id",
        other=PROFILES,
        other_title="hồ sơ người có công",
        transition="0",
        law=LAW,
        refs=("C-10", "B-08"),
    ),
    amount_agrees_with_beneficiary,
    paid_out_of_age,
    household_was_poor,
)

INSTITUTION_SETS: tuple[SetRule, ...] = key_rules(INSTITUTIONS, "institution_id", "NĐ 103/2017/NĐ-CP", key_holds_period=False)
