"""Monthly payments: money is what was really received, arrears included; payees are persons, not files."""

from assets.reports.populations.persons import person

RECEIVED_MONEY = "sum(money) filter (where is_received)"


def payments(table: str, *columns: str) -> str:
    """The lists of the months whose payments fall into the window."""
    return f"""
    select unit_code as unit, {", ".join(columns)}, is_received, amount_vnd::numeric + coalesce(arrears_vnd, 0) as money
    from core.{table} where period = any(:list_months)"""


def with_persons(lines: str, file: str, register: str) -> str:
    """Lines of payment lists with the person whom the file of each belongs to, as the register tells."""
    return f"""
    select p.*, {person(file)} as person from ({lines}) p
    left join (select {file}, min(identity_number) as identity_number from core.{register} group by 1) f using ({file})"""
