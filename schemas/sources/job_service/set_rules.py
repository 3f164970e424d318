"""What the seekers, vacancies, referrals and consultations of the centre must keep together."""

from schemas.dataset import SetRule
from schemas.rules.sets import (
    born_on_any_day,
    core,
    identity_is_of_one_person,
    key_rules,
    one_row_a_person,
    person_has_one_identity,
    set_aside,
)
from schemas.sources.job_service.rules import LAW

SEEKERS = core("job_service.seekers")
VACANCIES = core("job_service.vacancies")
REFERRALS = core("job_service.referrals")
CONSULTATIONS = core("job_service.consultations")

one_record_a_seeker = one_row_a_person(
    SEEKERS,
    where="true",
    name="one_record_a_seeker",
    message="Một người có hơn một mã người tìm việc, nên dễ bị tính hai lần trong số người được tư vấn của quý. Gộp về một mã (NĐ "
    "23/2021/NĐ-CP).",
    column="identity_number",
    legal=LAW,
    ref="V-04",
)

referred_while_the_vacancy_was_open = SetRule(
    name="referred_while_the_vacancy_was_open",
    message="Ngày giới thiệu trước ngày đăng ký hoặc sau hạn tuyển của việc tìm người. Kiểm tra lại ngày giới thiệu và hạn tuyển "
    "(NĐ 23/2021/NĐ-CP).",
    column="referred_date",
    legal=LAW,
    ref="V-01",
    # Without a last day a vacancy stays open. One that stands in two periods is open from the first to the last of its days.
    sql=f"""
        with open as (
            select vacancy_id, min(registered_date) as first_day, max(coalesce(deadline_date, 'infinity')) as last_day
            from {VACANCIES} group by vacancy_id)
        select r.unit_code, r.row_key from {REFERRALS} r join open o using (vacancy_id)
        where r.period = :period and r.referred_date not between o.first_day and o.last_day""",
    needs=(VACANCIES,),
)


def _not_received(table: str, key: str, dataset: str) -> str:
    """SQL: the rows of a period whose key names nothing that was received of a dataset; what quarantine holds was received."""
    return f"""
        with known as (
            select {key} from {core(dataset)}
            union all
            {set_aside(dataset, key)})
        select r.unit_code, r.row_key from {table} r
        where r.period = :period and not exists (select from known k where k.{key} = r.{key})"""


vacancy_is_registered = SetRule(
    name="vacancy_is_registered",
    message="Lượt giới thiệu ghi mã việc không có trong danh sách việc tìm người, nên không biết hạn tuyển. Kiểm tra lại mã việc "
    "hoặc bổ sung việc tìm người (NĐ 23/2021/NĐ-CP).",
    column="vacancy_id",
    legal=LAW,
    ref="V-01",
    # What was registered before the first period is not held here: referrals are judged once there is a period before theirs.
    sql=_not_received(REFERRALS, "vacancy_id", "job_service.vacancies")
    + f" and exists (select from {VACANCIES} v where v.period < :period)",
    needs=(VACANCIES,),
)


def _seeker_is_registered(table: str, ref: str, told: str) -> SetRule:
    return SetRule(
        name="seeker_is_registered",
        message=f"Mã người tìm việc không có trong sổ người tìm việc, nên {told}. Kiểm tra lại mã hoặc bổ sung người tìm việc (NĐ "
        "23/2021/NĐ-CP).",
        column="seeker_id",
        legal=LAW,
        ref=ref,
        sql=_not_received(table, "seeker_id", "job_service.seekers"),
        needs=(SEEKERS,),
    )


SEEKER_SETS: tuple[SetRule, ...] = (
    *key_rules(SEEKERS, "seeker_id", LAW, key_holds_period=False),
    one_record_a_seeker,
    identity_is_of_one_person(SEEKERS),
    person_has_one_identity(SEEKERS),
    born_on_any_day(SEEKERS),
)

REFERRAL_SETS: tuple[SetRule, ...] = (
    *key_rules(REFERRALS, "referral_id", LAW, key_holds_period=False),
    referred_while_the_vacancy_was_open,
    vacancy_is_registered,
    _seeker_is_registered(REFERRALS, "V-03", "số người được giới thiệu nhiều hơn số người tìm việc"),
)

CONSULTATION_SETS: tuple[SetRule, ...] = (
    *key_rules(CONSULTATIONS, "consultation_id", LAW, key_holds_period=False),
    _seeker_is_registered(CONSULTATIONS, "V-04", "không biết người được tư vấn là ai để tính một lần trong quý"),
)


def one_cell_a_key(name: str, column: str) -> tuple[SetRule, ...]:
    """The only set rules of the list `name` of this source."""
    return key_rules(core(f"job_service.{name}"), column, LAW, key_holds_period=False)
