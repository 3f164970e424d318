"""Set rules that several datasets share, each made for one of them: accounts, identity, doubles, deaths, two places.

A set rule is SQL on the warehouse's core views and on the dated tables of schema `ref` (schemas/projections/reference.py): it holds no
figure of its own. `:period` is the cell's period (`now` for a register), `:first_day` and `:last_day` its days. The largest tables
hold two million rows a period: sets are joined whole, and rows are compared with their like by windows, since a join of two
aggregates is planned for one row and then loops over millions.
"""

from schemas.column import Weight
from schemas.dataset import NO_ROW, SetRule
from schemas.rules.persons import BIRTH_LAW

NUMBER_LAW = "Luật Căn cước 26/2023/QH15, Điều 12"
# Of a line of a payment list: whether any money is paid by it, for its month or in arrears for earlier ones. What is held against the
# standard of the month is `amount_vnd` alone.
PAID = "p.amount_vnd + coalesce(p.arrears_vnd, 0) > 0"
ACTIVE = "status_code = 1 and (entitled_until is null or entitled_until > :last_day)"


def core(dataset: str) -> str:
    """The relation that holds the current rows of a dataset (`poverty.members`), its own or another system's."""
    return f"core.{dataset.replace('.', '_')}"


def received(dataset: str, field: str) -> str:
    """What was received of a quarantined row for a field (`poverty.members`, `household_id`), as an expression of a set rule.

    The column that the source has for it is put in when the rule runs (schemas/projections/postgres.py: `set_rule_query`).
    """
    return f"received ->> [[{dataset}.{field}]]"


def set_aside(dataset: str, *fields: str, period: str | None = None) -> str:
    """SQL: fields as they were received of a dataset's rows that stand in quarantine, of a period where one is named (an expression).

    They were sent: who looks for a row and finds none has to look here too, or one fault is told as a second one elsewhere.
    """
    source, name = dataset.split(".")
    told = ", ".join(f"btrim({received(dataset, field)}) as {field}" for field in fields)
    of_period = f" and period = {period}" if period else ""
    return f"""select {told} from quarantine.rows
                where source = '{source}' and dataset = '{name}' and resolved_at is null{of_period}"""


def limit(name: str, on: str = ":last_day") -> str:
    """The limit of a name on a day of the query, as an expression."""
    return f"(select value from ref.limits where name = '{name}' and cast({on} as date) between valid_from and valid_to)"


def year_before(day: str) -> str:
    """The last day of the year before that of a day (`:first_day`), as an expression."""
    return f"cast(date_trunc('year', cast({day} as date)) - interval '1 day' as date)"


def units_heard(sent: str, then: str, now: str) -> str:
    """SQL: the units of a day `now` of whose whole extent something was sent (`sent` has its `unit_code`) by the units of a day `then`.

    Units change between the two: a commune of July 2025 is heard where its district of before was, and Vinh of December 2024 where
    Vinh, Cửa Lò and Nghi Lộc were. The code of one day names nobody, or another unit, on the other.
    """
    return f"""
            select s.unit_code from ref.unit_succession s
            left join (select distinct unit_code as former_code from {sent}) heard using (former_code)
            where {then} between s.former_from and s.former_to and cast({now} as date) between s.valid_from and s.valid_to
            group by s.unit_code having count(*) = count(heard.former_code)"""


def key_rules(table: str, column: str, legal: str, *, key_holds_period: bool) -> tuple[SetRule, SetRule]:
    """What is asked of the row keys of a dataset beside each other, whatever they mean.

    `key_holds_period`: rows of two periods cannot share a key, the others need not be looked at.
    """
    return (
        _same_key_in_two_cells(table, column, legal, key_holds_period=key_holds_period),
        _keys_differ_by_more_than_case(table, column, legal, key_holds_period=key_holds_period),
    )


def _same_key_in_two_cells(table: str, column: str, legal: str, *, key_holds_period: bool) -> SetRule:
    """The same row key in two cells of a dataset: a warning on both. Within a cell a key is unique."""
    if key_holds_period:
        sql = f"""
            select unit_code, row_key from {table}
            where period = :period and row_key in
                (select row_key from {table} where period = :period group by row_key having count(*) > 1)"""
    else:
        # In the order of the unique index, which has the keys in that of the collation "C": a fifth of the time.
        sql = f"""
            with twice as materialized (
                select row_key collate "C" as row_key from {table} group by 1 having count(*) > 1)
            select r.unit_code, r.row_key from {table} r join twice t on r.row_key collate "C" = t.row_key
            where r.period = :period"""
    return SetRule(
        name="same_key_in_two_cells",
        message="Cùng một mã dòng có ở hai đơn vị hoặc hai kỳ khác nhau. Hai đơn vị đối chiếu, mỗi mã chỉ để ở một nơi "
        f"({legal}).",
        column=column,
        legal=legal,
        ref="C-09",
        sql=sql,
        across_periods=not key_holds_period,
    )


def _keys_differ_by_more_than_case(table: str, column: str, legal: str, *, key_holds_period: bool) -> SetRule:
    """NCC-001 and ncc-001: one file written in two ways, or two; a warning on both.

    Of keys that differ so, all but one hold small letters. Those are few or none: they are looked for first, and the others
    one by one, through the unique index; the planner, which expects all rows, would read and sort all.
    """
    within = "and period = :period" if key_holds_period else ""
    capitals = "upper(row_key collate ops.letters)"
    return SetRule(
        name="keys_differ_by_more_than_case",
        message="Mã dòng chỉ khác một mã dòng khác ở chữ hoa, chữ thường: có thể một hồ sơ được ghi hai lần. Đối chiếu, nếu là "
        f"một thì ghi cùng một mã ({legal}).",
        column=column,
        legal=legal,
        ref="C-09",
        sql=f"""
            with small as materialized (
                select row_key, {capitals} as capitals from {table} where row_key <> {capitals} {within}),
            alike as (
                select s.row_key, c.row_key as other from small s cross join lateral (
                    select row_key from {table} where row_key collate "C" = s.capitals collate "C" {within} limit 1) c
                union all
                select s.row_key, o.row_key from small s join small o using (capitals) where s.row_key <> o.row_key),
            keys as materialized (select row_key from alike union select other from alike)
            select r.unit_code, r.row_key from keys k cross join lateral (
                select unit_code, row_key from {table}
                where row_key collate "C" = k.row_key collate "C" and period = :period offset 0) r""",
        across_periods=not key_holds_period,
    )


def account_is_not_shared(table: str, person: str, *, active: str = "true") -> SetRule:
    """C-08: one account for more people than the limit. `person` is the SQL that tells one beneficiary from another."""
    return SetRule(
        name="account_is_not_shared",
        weight="money",
        message="Nhiều người hưởng dùng chung một tài khoản, vượt số người được phép. Kiểm tra người nhận hộ và lập giấy ủy "
        "quyền hoặc mở tài khoản riêng (NĐ 20/2021/NĐ-CP, chi trả qua tài khoản).",
        column="account_number",
        legal="NĐ 20/2021/NĐ-CP, chi trả qua tài khoản",
        ref="C-08",
        sql=f"""
            with held as (
                select unit_code, row_key, account_number, coalesce(bank_code, '') as bank, {person} as person
                from {table} where period = :period and account_number is not null and {active}),
            shared as (
                select account_number, bank from held group by account_number, bank
                having count(distinct person) > cast({limit("people_per_account")} as bigint))
            select unit_code, row_key from held join shared using (account_number, bank)""",
    )


def identity_is_of_one_person(table: str) -> SetRule:
    """C-09: the same personal number with another name (folded) or another birth year."""
    return SetRule(
        name="identity_is_of_one_person",
        weight="identity",
        message="Cùng một số định danh cá nhân nhưng họ tên hoặc năm sinh khác nhau. Mỗi số định danh chỉ cấp cho một người, "
        "kiểm tra lại theo thẻ căn cước (Luật Căn cước 26/2023/QH15, Điều 12).",
        column="identity_number",
        legal=NUMBER_LAW,
        ref="C-09",
        sql=f"""
            with twice as (
                select identity_number from {table} where period = :period and identity_number is not null
                group by identity_number having count(*) > 1),
            people as materialized (
                select unit_code, row_key, identity_number, ops.folded(full_name) as name, birth_year
                from {table} join twice using (identity_number) where period = :period),
            compared as (
                select unit_code, row_key, min(name) over one <> max(name) over one
                    or min(birth_year) over one <> max(birth_year) over one as clash
                from people window one as (partition by identity_number))
            select unit_code, row_key from compared where clash""",
    )


def person_has_one_identity(table: str) -> SetRule:
    """C-09: the same folded name, full birth date and commune under two numbers; 1 January often stands for an unknown day."""
    return SetRule(
        name="person_has_one_identity",
        weight="identity",
        message="Cùng họ tên, ngày sinh và xã nhưng số định danh khác nhau: có thể một người được nhập hai lần. Đối chiếu và "
        "giữ một số đúng theo thẻ căn cước (Luật Căn cước 26/2023/QH15, Điều 12).",
        column="identity_number",
        legal=NUMBER_LAW,
        ref="C-09",
        sql=f"""
            with people as (
                select unit_code, row_key, full_name, birth_date, commune_code,
                    coalesce(identity_number, old_identity_number) as number
                from {table}
                where period = :period and birth_date is not null and coalesce(birth_precision, 'ngay') = 'ngay'
                    and coalesce(identity_number, old_identity_number) is not null
                    and not (extract(month from birth_date) = 1 and extract(day from birth_date) = 1)),
            near as (
                select birth_date, commune_code from people group by birth_date, commune_code
                having min(number) <> max(number)),
            folded as materialized (
                select unit_code, row_key, ops.folded(full_name) as name, birth_date, commune_code, number
                from people join near using (birth_date, commune_code)),
            compared as (
                select unit_code, row_key, min(number) over one <> max(number) over one as twins
                from folded window one as (partition by name, birth_date, commune_code))
            select unit_code, row_key from compared where twins""",
    )


def born_on_any_day(table: str) -> SetRule:
    """C-04: more people born on 1 January than the limit allows of those who would be if all days were alike.

    It tells of a day that was made up where only the year is known. The least number of rows has two expected: ten where ten are too many
    come by chance once in thirty thousand cells. A day whose precision is not told counts as a whole one.
    """
    return SetRule(
        name="born_on_any_day",
        message="Trong danh sách của đơn vị, số người ghi sinh ngày 01 tháng 01 nhiều bất thường so với các ngày khác: có thể người chỉ biết "
        "năm sinh bị ghi thêm ngày, tháng. Đối chiếu giấy tờ; ai chỉ biết năm sinh thì để trống ngày sinh và ghi độ chính xác là năm "
        f"({BIRTH_LAW}).",
        column="birth_date",
        legal=BIRTH_LAW,
        ref="C-04",
        sql=f"""
            select unit_code, '{NO_ROW}' as row_key from {table}
            where period = :period and birth_date is not null and coalesce(birth_precision, 'ngay') = 'ngay'
            group by unit_code
            having count(*) >= {limit("least_birth_days")}
                and count(*) filter (where extract(month from birth_date) = 1 and extract(day from birth_date) = 1)
                    > {limit("births_on_1_january")} * count(*) / 365.25""",
        of_cell=True,
    )


def one_row_a_person(
    table: str,
    *,
    same: str = "",
    apart: str = "",
    where: str,
    name: str,
    message: str,
    column: str,
    legal: str,
    ref: str,
    weight: Weight = "identity",
) -> SetRule:
    """The same person (number, folded name, birth year) in two rows that agree in `same` and differ in `apart`, where given.

    The same number under another name is another finding (identity_is_of_one_person), not this one.
    """
    differ = f"min({apart}) over one <> max({apart}) over one" if apart else "count(*) over one > 1"
    more = "".join(f", {c}" for c in (same, apart) if c)
    who = "identity_number, name, birth_year" + (f", {same}" if same else "")
    return SetRule(
        name=name,
        message=message,
        column=column,
        legal=legal,
        ref=ref,
        weight=weight,
        sql=f"""
            with counted as (
                select unit_code, row_key, identity_number, full_name, birth_year{more}
                from {table} where period = :period and identity_number is not null and {where}),
            twice as (select identity_number from counted group by identity_number having count(*) > 1),
            people as materialized (
                select unit_code, row_key, identity_number, ops.folded(full_name) as name, birth_year{more}
                from counted join twice using (identity_number)),
            compared as (select unit_code, row_key, {differ} as several from people window one as (partition by {who}))
            select unit_code, row_key from compared where several""",
    )


def is_not_dead_in(table: str, other: str, other_title: str) -> SetRule:
    """C-10: active here, while another source ended the same personal number by death in an earlier month."""
    return SetRule(
        name="is_not_dead_in_another_source",
        weight="money",
        message=f"Đang ở trạng thái hưởng nhưng {other_title} đã ghi người này chết từ tháng trước đó. Xác minh với công chức tư "
        "pháp - hộ tịch xã và dừng hưởng nếu đúng (NĐ 20/2021/NĐ-CP; NĐ 131/2021/NĐ-CP, thôi hưởng khi chết).",
        column="status_code",
        legal="NĐ 20/2021/NĐ-CP; NĐ 131/2021/NĐ-CP, thôi hưởng khi chết",
        ref="C-10",
        sql=f"""
            with dead as ({_deaths(other)})
            select unit_code, row_key from {table} join dead using (identity_number)
            where period = :period and {ACTIVE} and died < date_trunc('month', cast(:last_day as date))""",
        needs=(other,),
    )


def _deaths(register: str) -> str:
    """SQL: personal numbers that a register ended by death, with the earliest day."""
    return f"""
        select identity_number, min(entitled_until) as died from {register}
        where end_reason_code = 1 and entitled_until is not null and identity_number is not null group by identity_number"""


def payment_rules(
    payments: str, register: str, key: str, *, other: str, other_title: str, transition: str, law: str, refs: tuple[str, str]
) -> tuple[SetRule, ...]:
    """What a payment list is asked about a person's entitlement, where anything is paid.

    `refs`: of payment after death, and outside the entitled time.
    `transition` is the SQL of the months that are still paid after the month of death.
    """

    def paid(where: str) -> str:
        # distinct: the same register key may stand in two cells, which is a finding of its own.
        return f"""
            select distinct p.unit_code, p.row_key from {payments} p join {register} r using ({key})
            where p.period = :period and {PAID} and {where}"""

    after = f"cast(:first_day as date) > date_trunc('month', %s) + make_interval(months => cast({transition} as integer))"
    return (
        SetRule(
            name="paid_after_death",
            weight="money",
            message="Đã chi trả cho người mà hồ sơ ghi thôi hưởng do chết, quá thời gian còn được chi trả. Dừng chi trả và thu "
            f"hồi số tiền chi sai ({law}).",
            column=key,
            legal=law,
            ref=refs[0],
            sql=paid(f"r.end_reason_code = 1 and {after % 'r.entitled_until'}"),
            needs=(register,),
        ),
        SetRule(
            name="paid_after_death_in_another_source",
            weight="money",
            message=f"Đã chi trả cho người mà {other_title} ghi đã chết từ tháng trước, quá thời gian còn được chi trả. Xác "
            f"minh, dừng chi trả và thu hồi số tiền chi sai ({law}).",
            column=key,
            legal=law,
            ref="C-10",
            sql=f"""
                with dead as ({_deaths(other)})
                select distinct p.unit_code, p.row_key
                from {payments} p join {register} r using ({key}) join dead using (identity_number)
                where p.period = :period and {PAID} and {after % "dead.died"}""",
            needs=(register, other),
        ),
        SetRule(
            name="paid_before_entitlement",
            weight="money",
            message="Đã chi trả cho tháng trước tháng bắt đầu hưởng ghi trong hồ sơ. Kiểm tra ngày hưởng theo quyết định "
            f"({law}).",
            column=key,
            legal=law,
            ref=refs[1],
            sql=paid("cast(:last_day as date) < r.entitled_from"),
            needs=(register,),
        ),
        SetRule(
            name="paid_after_entitlement_ended",
            weight="money",
            message="Đã chi trả cho tháng mà hồ sơ ghi đã thôi hưởng từ ngày 01 hoặc từ trước đó. Dừng chi trả và thu hồi số tiền chi "
            f"sai ({law}).",
            column=key,
            legal=law,
            ref=refs[1],
            # A month is paid for whoever is entitled on its first day, as the lists and the figures have it.
            sql=paid("r.end_reason_code is distinct from 1 and r.entitled_until <= cast(:first_day as date)"),
            needs=(register,),
        ),
        SetRule(
            name="paid_by_one_district",
            weight="money",
            message="Một người được hai đơn vị chi trả trong cùng một tháng. Hai đơn vị đối chiếu nơi quản lý hồ sơ và thu hồi "
            f"khoản chi trùng ({law}).",
            column=key,
            legal=law,
            ref="F-25",
            sql=f"""
                with people as (
                    select distinct {key}, coalesce(identity_number, {key}) as person from {register}),
                paid as (
                    select p.unit_code, p.row_key, coalesce(person, {key}) as person
                    from {payments} p left join people using ({key})
                    where p.period = :period and {PAID} and p.unit_code <> 'unknown'),
                twice as (select person from paid group by person having min(unit_code) <> max(unit_code))
                select distinct unit_code, row_key from paid join twice using (person)""",
            needs=(register,),
        ),
    )
