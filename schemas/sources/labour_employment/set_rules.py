"""What the forms of a year and the unemployment decisions must keep together."""

from schemas.dataset import SetRule
from schemas.rules.sets import (
    born_on_any_day,
    core,
    identity_is_of_one_person,
    key_rules,
    one_row_a_person,
    person_has_one_identity,
)
from schemas.sources.labour_employment.rules import FORM_LAW, JOB_LAW

WORKERS = core("labour_employment.workers")
JOBS_CREATED = core("labour_employment.jobs_created")
UNEMPLOYMENT = core("labour_employment.unemployment_decisions")

one_form_a_year = one_row_a_person(
    WORKERS,
    where="true",
    name="one_form_a_year",
    message="Một người có hơn một phiếu thu thập trong cùng một năm. Mỗi người chỉ lập một phiếu trong năm, giữ phiếu mới nhất "
    "(TT 01/2022/TT-BLĐTBXH, Mẫu 01).",
    column="identity_number",
    legal=FORM_LAW,
    ref="L-08",
)

not_employed_in_the_month = SetRule(
    name="not_employed_in_the_month",
    weight="money",
    message="Người đang hưởng trợ cấp thất nghiệp nhưng cùng tháng đó được ghi là đã có việc làm. Xác minh việc làm và chấm dứt "
    "hưởng nếu đúng (Luật Việc làm 38/2013/QH13, Điều 53).",
    column="identity_number",
    legal="Luật Việc làm 38/2013/QH13, Điều 53",
    ref="L-04",
    # Only work from the first day of the benefit on: what came before is the job that was lost.
    sql=f"""
        with employed as (
            select identity_number, started_date as day from {JOBS_CREATED}
            where identity_number is not null and started_date between :first_day and :last_day
            union all
            select identity_number, collected_date from {WORKERS}
            where identity_number is not null and activity_code = 1 and collected_date between :first_day and :last_day)
        select distinct u.unit_code, u.row_key from {UNEMPLOYMENT} u join employed e using (identity_number)
        where u.period = :period and u.status_code = 1 and e.day >= coalesce(u.entitled_from, u.decision_date)""",
    needs=(JOBS_CREATED, WORKERS),
)

WORKER_SETS: tuple[SetRule, ...] = (
    *key_rules(WORKERS, "form_id", FORM_LAW, key_holds_period=False),
    one_form_a_year,
    identity_is_of_one_person(WORKERS),
    person_has_one_identity(WORKERS),
    born_on_any_day(WORKERS),
)

UNEMPLOYMENT_SETS: tuple[SetRule, ...] = (
    *key_rules(UNEMPLOYMENT, "decision_number", JOB_LAW, key_holds_period=False),
    not_employed_in_the_month,
)


def one_cell_a_key(name: str, column: str, legal: str) -> tuple[SetRule, ...]:
    """The only set rules of the register or list `name` of this source."""
    return key_rules(core(f"labour_employment.{name}"), column, legal, key_holds_period=False)
