"""Where a row is counted: at the unit of the report period's last day, whatever the day for which it was placed.

A row is placed for the last day of the period in which it came, and of a register for the day on which that was read: either may lie
before a change of units that the report period does not, or after it. Rule and proof: docs/method/succession-of-units.md.
"""

from schemas.dataset import UNKNOWN_UNIT

OWN_CELL = "unit_code"  # of what units send, each its own; of a list of the whole province the unit stands beside the commune
# A join for rows `f` with a commune: it tells the unit of rows that stand in a unit of another day.
_MOVED = """left join unnest(cast(:moved_communes as text[]), cast(:moved_from as text[]), cast(:moved_to as text[]))
            as m (commune_code, was, unit) on m.commune_code = f.commune_code and m.was = f.{unit}"""


def placed(table: str, columns: str, unit: str = "district_code") -> str:
    """The rows `f` of a table of `core` with their unit: the field `unit` holds the one in which they stand."""
    return f"""
        select coalesce(m.unit, f.{unit}, '{UNKNOWN_UNIT}') as unit, {columns}
        from core.{table} f {_MOVED.format(unit=unit)}
       """
