"""What happens day by day: rows of a list, counted by their own date."""

from schemas.dataset import UNKNOWN_UNIT


def flow(table: str, day: str, columns: str) -> str:
    """Rows by their own date in the window. A window may reach over a change of units: the unit is that of the report month."""
    return f"""
        select coalesce(m.unit, f.district_code, '{UNKNOWN_UNIT}') as unit, {columns}
        from core.{table} f
        left join unnest(cast(:moved_periods as text[]), cast(:moved_communes as text[]), cast(:moved_units as text[]))
            as m (period, commune_code, unit) on m.period = f.period and m.commune_code = f.commune_code
        where f.period = any(:flow_periods) and f.{day} between :window_start and :window_end"""
