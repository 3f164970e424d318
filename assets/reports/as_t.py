"""AS-T: how each figure of the monthly form is counted.

Money is what was really received. A person is told by the personal number, else by the number of the file; whoever is
entitled on the first of the report month counts once for the province, whatever the number of files.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from assets.reports.figures import Figure
from assets.reports.measure import UNCLEAR, Query
from assets.reports.reconcile import Finding, by_unit, has_all, of, percent, total
from schemas import calendar, units
from schemas.dataset import UNKNOWN_UNIT
from schemas.reports import as_t
from schemas.reports.form import inputs_of
from schemas.reports.registry import Form

FORM: Form = as_t.FORM

ENTITLED = "entitled_from <= :first_of_month and (entitled_until is null or entitled_until > :first_of_month)"

# K3 and K8 mean HIV, K6 a disability: the code is that fact. The three are one line of the province, with nothing beside it.
GROUP = "case when group_code ~ '^K(3|6|8)' then 'khac' else split_part(group_code, '.', 1) end"

# NĐ 20/2021/NĐ-CP moves people at 4, 16, 60, 75 and 80.
AGE = """case when age < 4 then '0-3' when age < 16 then '4-15' when age < 60 then '16-59' when age < 75 then '60-74'
    when age < 80 then '75-79' when age >= 80 then '80+' end"""
AGE_ON_THE_FIRST = """case when birth_date is not null then extract(year from age(:first_of_month, birth_date))
    else extract(year from cast(:first_of_month as date)) - birth_year end"""


def _person(key: str) -> str:
    # Persons are told apart, never ordered for reading: bytes compare twice as fast as words of a language.
    return f"""coalesce(identity_number, 'ho_so:' || {key}) collate "C\""""


MERIT = f"""
    select coalesce(unit_code, '{UNKNOWN_UNIT}') as unit, {_person("profile_id")} as person,
        category_code as loai, sex_code::text as gioi_tinh
    from core.meritorious_persons_profiles where {ENTITLED}"""

MERIT_PAYMENTS = """
    select unit_code as unit, profile_id, is_received, payment_way_code, amount_vnd + coalesce(arrears_vnd, 0) as money
    from core.meritorious_persons_monthly_payments where period = any(:payment_months)"""
MERIT_PAYMENTS_BY_CATEGORY = f"""
    select p.*, coalesce(f.category_code, '{UNCLEAR}') as loai from ({MERIT_PAYMENTS}) p
    left join (select profile_id, min(category_code) as category_code from core.meritorious_persons_profiles group by 1) f
        using (profile_id)"""

ASSISTED = f"""
    select unit, person, {GROUP} as nhom, gioi_tinh, coalesce({AGE}, '{UNCLEAR}') as tuoi
    from (select coalesce(unit_code, '{UNKNOWN_UNIT}') as unit, {_person("beneficiary_id")} as person, group_code,
            sex_code::text as gioi_tinh, {AGE_ON_THE_FIRST} as age
        from core.social_protection_beneficiaries where {ENTITLED} and care_place_code in (1, 3)) entitled"""

ASSISTANCE_PAYMENTS = """
    select unit_code as unit, beneficiary_id, is_received, amount_vnd + coalesce(arrears_vnd, 0) as money
    from core.social_protection_monthly_payments where period = any(:payment_months)"""
ASSISTANCE_PAYMENTS_BY_GROUP = f"""
    select p.*, coalesce(b.nhom, '{UNCLEAR}') as nhom from ({ASSISTANCE_PAYMENTS}) p
    left join (select beneficiary_id, min({GROUP}) as nhom from core.social_protection_beneficiaries group by 1) b
        using (beneficiary_id)"""


def _flow(table: str, day: str, columns: str) -> str:
    """Rows by their own date in the window. A window may reach over a change of units: the unit is that of the report month."""
    return f"""
        select coalesce(m.unit, f.district_code, '{UNKNOWN_UNIT}') as unit, {columns}
        from core.labour_employment_{table} f
        left join unnest(cast(:moved_periods as text[]), cast(:moved_communes as text[]), cast(:moved_units as text[]))
            as m (period, commune_code, unit) on m.period = f.period and m.commune_code = f.commune_code
        where f.period = any(:flow_months) and f.{day} between :window_start and :window_end"""


PERSONS = "count(distinct person)"
RECEIVED_MONEY = "sum(money) filter (where is_received)"
JOBS = _flow("jobs_created", "started_date", "channel_code::text as kenh, sex_code::text as gioi_tinh")
DEPARTURES = _flow("overseas_workers", "departed_date", "country_code as nuoc, sex_code::text as gioi_tinh")
DECISIONS = _flow("unemployment_decisions", "decision_date", "sex_code::text as gioi_tinh, benefit_vnd * benefit_months as money")

QUERIES: dict[tuple[str, str], Query] = {
    ("NCC01", "nguoi"): Query(MERIT, PERSONS),
    ("NCC02", "trieu_dong"): Query(MERIT_PAYMENTS, RECEIVED_MONEY, breakdowns=Query(MERIT_PAYMENTS_BY_CATEGORY, RECEIVED_MONEY)),
    ("NCC05", "phan_tram"): Query(
        MERIT_PAYMENTS,
        "count(*) filter (where is_received and payment_way_code in (2, 3))",
        "count(*) filter (where is_received)",
    ),
    ("BTX01", "nguoi"): Query(ASSISTED, PERSONS),
    ("BTX02", "trieu_dong"): Query(
        ASSISTANCE_PAYMENTS, RECEIVED_MONEY, breakdowns=Query(ASSISTANCE_PAYMENTS_BY_GROUP, RECEIVED_MONEY)
    ),
    ("BTX07", "nguoi"): Query(ASSISTANCE_PAYMENTS, "count(*) filter (where not is_received)"),
    ("BTX07", "dong"): Query(ASSISTANCE_PAYMENTS, "sum(money) filter (where not is_received)"),
    ("LD05", "nguoi"): Query(JOBS, "count(*)"),
    ("LD06", "nguoi"): Query(DEPARTURES, "count(*)"),
    ("LD07", "quyet_dinh"): Query(DECISIONS, "count(*)"),
    ("LD08", "trieu_dong"): Query(DECISIONS, "sum(money)"),
}


def parameters(period: str) -> dict[str, Any]:
    start, end = FORM.window(period)
    first, last = calendar.span(period)
    months = {
        placed_by: sorted(
            {i.period for x in FORM.indicators(period) if x.placed_by == placed_by for i in inputs_of(x, FORM, period)}
        )
        for placed_by in ("payment_month", "own_date")
    }
    moved = [m for p in months["own_date"] for m in _moved(p, last)]
    return {
        "first_of_month": first,
        "window_start": start,
        "window_end": end,
        "payment_months": months["payment_month"],
        "flow_months": months["own_date"],
        "moved_periods": [p for p, _, _ in moved],
        "moved_communes": [c for _, c, _ in moved],
        "moved_units": [u for _, _, u in moved],
    }


def _moved(data_period: str, last_day: dt.date) -> list[tuple[str, str, str]]:
    """(period, commune, unit of the report month) where the data's period lies before a change of units."""
    then = calendar.span(data_period)[1]
    if units.same_epoch(then, last_day):
        return []
    communes = units.communes(then)["code"]
    placed = units.place(communes, then, last_day)
    return [(data_period, str(code), str(unit)) for code, unit in zip(communes, placed, strict=True) if isinstance(unit, str)]


def structural_gaps() -> list[Figure]:
    """What these sources cannot feed: nothing of this form."""
    return []


def controls(connection: sa.Connection, period: str, figures: Sequence[Figure], before: Mapping[str, Figure]) -> list[Finding]:
    """What the figures must keep among themselves and against the lists.

    `before`: the totals of the month before, as sent, of which no unit was missing.
    """
    found = []
    for code, dimension in (("NCC01", "loai"), ("NCC01", "gioi_tinh"), ("BTX01", "nhom"), ("BTX01", "gioi_tinh")):
        whole = total(figures, code)
        parts = of(figures, code, dimension)
        if whole is None or not parts:
            continue
        # One person may hold several kinds and stands in each: no kind exceeds the whole, and together they reach it.
        if max(parts) > whole:
            told = f"có một dòng theo {dimension} lớn hơn tổng số {whole:f}"
            found.append(Finding(code, told, "failed_control"))
        if sum(parts) < whole:
            told = f"các dòng theo {dimension} cộng lại {sum(parts):f}, nhỏ hơn tổng số {whole:f}"
            found.append(Finding(code, told, "failed_control"))
    for code in ("NCC01", "BTX01"):
        now, then = total(figures, code), before[code].value if code in before else None
        if now is not None and then and has_all(figures, code) and abs(now - then) * 5 > then:
            told = f"thay đổi {percent(now - then, then)} so với tháng trước ({then:f} → {now:f}): cần thuyết minh"
            found.append(Finding(code, told, "to_explain"))
    # The same units on both sides: a unit whose list is not in would else be taken for a difference. With all of them in no
    # unit is asked for, since those of the register may be others by now than those of the month.
    is_whole = has_all(figures, "BTX01") and has_all(figures, "BTX02")
    both = None if is_whole else sorted(by_unit(figures, "BTX01").keys() & by_unit(figures, "BTX02").keys())
    entitled, payees = connection.execute(sa.text(ON_THE_LIST), {**parameters(period), "both": both}).one()
    if entitled != payees:
        told = (
            f"ở các đơn vị đã có danh sách chi trả của tháng: {entitled} người đang hưởng tại cộng đồng, "
            f"{payees} người trong danh sách, chênh {entitled - payees:+d}"
        )
        found.append(Finding("BTX01", told, "failed_control"))
    return found


_IN_BOTH = "(cast(:both as text[]) is null or unit = any(:both))"
ON_THE_LIST = f"""
    select (select count(distinct person) from ({ASSISTED}) entitled where {_IN_BOTH}) as entitled,
        (select count(distinct {_person("beneficiary_id")}) from ({ASSISTANCE_PAYMENTS}) paid
            join core.social_protection_beneficiaries b using (beneficiary_id)
            where {_IN_BOTH} and b.care_place_code in (1, 3)) as payees"""
