"""The employment service centre's consultations and referrals: visits, and the people behind them.

A visit is a row. A person is counted once in a quarter, whatever the number of visits and of records: by the personal number, else
by the number of the record. The quarters are those of the window, three months each from its first day, so that a half-year is the
sum of its two quarters.
"""

from assets.reports.dimensions import Dimension
from assets.reports.populations.flows import flow
from assets.reports.populations.persons import person

LAW = "NĐ 23/2021/NĐ-CP, Mẫu số 05"
CONSULTED, REFERRED = "tu_van", "gioi_thieu"
HIRED = 2
SERVICE = Dimension(
    name="dich_vu",
    title="Dịch vụ",
    values={CONSULTED: "Tư vấn", REFERRED: "Giới thiệu việc làm"},
    always=(CONSULTED, REFERRED),
)

_CONSULTATIONS = flow(
    "job_service_consultations",
    "consulted_date",
    f"'{CONSULTED}' as dich_vu, sex_code::text as gioi_tinh, seeker_id, consulted_date as day, 0 as result_code",
)
_REFERRALS = flow(
    "job_service_referrals",
    "referred_date",
    f"'{REFERRED}' as dich_vu, sex_code::text as gioi_tinh, seeker_id, referred_date as day, result_code",
)

VISITS = f"{_CONSULTATIONS} union all {_REFERRALS}"
HIRINGS = f"select * from ({_REFERRALS}) r where result_code = {HIRED}"


def with_persons(visits: str) -> str:
    """Visits with the person behind each, and the quarter of the window in which it was."""
    return f"""
        select v.*, {person("seeker_id")} as person,
            div(extract(year from since) * 12 + extract(month from since), 3) as quarter
        from ({visits}) v cross join lateral age(v.day, cast(:window_start as date)) since
        left join (
            select seeker_id, min(identity_number) as identity_number from core.job_service_seekers group by seeker_id) s
            using (seeker_id)"""


PERSONS = "count(distinct (person, quarter))"
