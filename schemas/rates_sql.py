"""The dated tables of schemas/rates.py as SQL table expressions: a rule over the warehouse holds no figure of its own.

Text only; nothing connects. Values come from our own files, never from a row.
"""

from schemas import rates


def sql_standard(name: str) -> str:
    """A table expression `(valid_from, valid_to, amount)`, valid_to never null."""
    return _sql_values(
        [(f.span, str(f.value)) for f in rates.standards_named(name)],
        "amount",
    )


def sql_limit(name: str, on: str = ":last_day") -> str:
    """A scalar expression: the limit on a day of the query."""
    table = _sql_values([(f.span, str(f.value)) for f in rates.limits_named(name)], "amount")
    return f"(select amount from {table} as dated where cast({on} as date) between valid_from and valid_to)"


def _sql_values(figures: list[tuple[rates.Span, str]], name: str) -> str:
    lines = ", ".join(f"(date '{s.valid_from}', date '{s.last}', {value})" for s, value in figures)
    return f"(select * from (values {lines}) as v(valid_from, valid_to, {name}))"


def sql_bool(value: bool) -> str:
    return "true" if value else "false"
