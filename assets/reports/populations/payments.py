"""Monthly payments: money is what was really received, arrears included."""

RECEIVED_MONEY = "sum(money) filter (where is_received)"


def payments(table: str, *columns: str) -> str:
    """The lists of the months whose payments fall into the window."""
    return f"""
    select unit_code as unit, {", ".join(columns)}, is_received, amount_vnd::numeric + coalesce(arrears_vnd, 0) as money
    from core.{table} where period = any(:list_months)"""
