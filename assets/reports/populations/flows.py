"""What happens day by day, or month by month: rows of lists, counted by their own date or by the month of their list."""

from schemas.dataset import UNKNOWN_UNIT


def flow(table: str, day: str, columns: str) -> str:
    """Rows by their own date in the window."""
    return f"{_placed(table, columns)} where f.period = any(:flow_periods) and f.{day} between :window_start and :window_end"


def monthly(table: str, columns: str) -> str:
    """Rows of the monthly lists of the window, which have no day of their own."""
    return f"{_placed(table, columns)} where f.period = any(:list_months)"


def _placed(table: str, columns: str) -> str:
    """A window may reach over a change of units: the unit is that of the report month."""
    return f"""
        select coalesce(m.unit, f.district_code, '{UNKNOWN_UNIT}') as unit, {columns}
        from core.{table} f
        left join unnest(cast(:moved_periods as text[]), cast(:moved_communes as text[]), cast(:moved_units as text[]))
            as m (period, commune_code, unit) on m.period = f.period and m.commune_code = f.commune_code
       """
