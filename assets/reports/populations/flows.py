"""What happens day by day, or month by month: rows of lists, counted by their own date or by the month of their list."""

from assets.reports.populations.places import placed


def flow(table: str, day: str, columns: str) -> str:
    """Rows by their own date in the window."""
    return f"{placed(table, columns)} where f.period = any(:flow_periods) and f.{day} between :window_start and :window_end"


def monthly(table: str, columns: str) -> str:
    """Rows of the monthly lists of the window, which have no day of their own."""
    return f"{placed(table, columns)} where f.period = any(:list_months)"
