"""Dossiers of administrative procedures: those received, finished or returned in the window, by the office that received them.

A dossier is of the month of its receipt; it is finished and returned on later days, so those are looked for in every period. The unit
is the district of the office on the day of receipt, or which of the report period's last day has its duty; since July 2025 none has
one as a whole. A dossier of the province's own office is of none. Of a unit that has no office in the list nothing is told.
"""

from assets.reports.dimensions import UNCLEAR
from assets.reports.indicator import Reach
from schemas.dataset import UNKNOWN_UNIT
from schemas.sources.administrative_procedures.states import waited

LAW = "NĐ 61/2018/NĐ-CP; NĐ 107/2021/NĐ-CP; NĐ 118/2025/NĐ-CP"
CORE = "core.administrative_procedures_dossiers"
ONLINE = 2
SATISFIED = 4  # of five


def day_of(instant: str) -> str:
    """SQL: the day of an instant in Vietnam."""
    return f"cast({instant} at time zone 'Asia/Ho_Chi_Minh' as date)"


def _office(code: str, day: str) -> str:
    """SQL: the condition by which office `o` is the one of a code on a day; a commune's has its district's code with a further part."""
    return f"""{day} between o.valid_from and o.valid_to
            and o.code = case when left({code}, 4) = 'H41.'
                then split_part({code}, '.', 1) || '.' || split_part({code}, '.', 2) else {code} end"""


_UNIT = f"coalesce(e.unit, o.district_code, '{UNKNOWN_UNIT}') as unit"


def _received_at(code: str, day: str) -> str:
    """SQL: joins the office `o` of a code on a day, and what has the duty of its district where that ended: `e`."""
    return f"""left join ref.administrative_procedures_offices o on {_office(code, day)}
        left join unnest(cast(:ended_units as text[]), cast(:duty_of_ended as text[])) as e (code, unit) on e.code = o.district_code"""


def _dossiers(happened: str, columns: str, joined: str = "", condition: str = "true") -> str:
    """SQL: dossiers of which something happened in the window, with their unit and dimensions."""
    day = day_of(f"f.{happened}")
    return f"""
        select {_UNIT},
            coalesce(case when o.level = 2 and o.code <> f.office_code then '3' else o.level::text end, '{UNCLEAR}') as cap,
            f.field_code as linh_vuc, f.channel_code::text as kenh_nop, {columns}
        from {CORE} f
        {_received_at("f.office_code", day_of("f.received_at"))}
        {joined}
        where {day} between :window_start and :window_end and {condition}"""


# A unit without an office in the list has no dossiers by it: those of its own, if any, are of none.
OFFICES_LISTED = Reach(
    """select coalesce(e.unit, o.district_code) from ref.administrative_procedures_offices o
        left join unnest(cast(:ended_units as text[]), cast(:duty_of_ended as text[])) as e (code, unit) on e.code = o.district_code
        where o.district_code is not null and o.valid_from <= :window_end and o.valid_to >= :window_start""",
    "Danh sách nơi tiếp nhận hồ sơ chưa có mã của đơn vị trong kỳ, nên chưa chia được hồ sơ theo đơn vị",
)

RECEIVED = _dossiers("received_at", "channel_code", condition="f.period = any(:flow_periods)")
RETURNED = _dossiers("returned_at", "satisfaction_code")
_FINISHED_OF_WINDOW = f"""
    select dossier_id, finished_at from {CORE}
    where {day_of("finished_at")} between :window_start and :window_end and appointed_at is not null"""
FINISHED = _dossiers(
    "finished_at",
    "f.finished_at - coalesce(w.waited, interval '0') <= f.appointed_at as in_time",
    f"left join ({waited('core.administrative_procedures_progress', _FINISHED_OF_WINDOW)}) w on w.dossier_id = f.dossier_id",
    "f.appointed_at is not null",
)
# Digitised: a paper that is signed and whose file can be told by its hash, of whatever kind: a refusal answers the dossier too.
DIGITISED = _dossiers(
    "finished_at",
    """exists (select from core.administrative_procedures_result_papers p
        where p.dossier_id = f.dossier_id and p.is_signed and p.sha256 is not null) as is_digitised""",
)
# A use is of the day on which it was recorded, and of the office whose dossier it spares a paper: its code begins the dossier's. Its
# field is that of the dossier from which the paper came.
REUSED = f"""
    select {_UNIT}, coalesce(f.field_code, '{UNCLEAR}') as linh_vuc
    from papers.uses u
    {_received_at("split_part(u.dossier_id, '-', 1)", day_of("u.used_at"))}
    left join (select paper_id, min(dossier_id) as dossier_id from core.administrative_procedures_result_papers group by paper_id) p
        on p.paper_id = u.paper_id
    left join (select dossier_id, min(field_code) as field_code from {CORE} group by dossier_id) f on f.dossier_id = p.dossier_id
    where {day_of("u.used_at")} between :window_start and :window_end"""
