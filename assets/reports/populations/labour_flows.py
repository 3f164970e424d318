"""What happens in labour and employment day by day: lists of the province, counted by their own date."""

from schemas.dataset import UNKNOWN_UNIT


def flow(table: str, day: str, columns: str) -> str:
    """Rows by their own date in the window. A window may reach over a change of units: the unit is that of the report month."""
    return f"""
        select coalesce(m.unit, f.district_code, '{UNKNOWN_UNIT}') as unit, {columns}
        from core.labour_employment_{table} f
        left join unnest(cast(:moved_periods as text[]), cast(:moved_communes as text[]), cast(:moved_units as text[]))
            as m (period, commune_code, unit) on m.period = f.period and m.commune_code = f.commune_code
        where f.period = any(:flow_periods) and f.{day} between :window_start and :window_end"""


DECISIONS = flow(
    "unemployment_decisions", "decision_date", "sex_code::text as gioi_tinh, benefit_vnd::numeric * benefit_months as money"
)
