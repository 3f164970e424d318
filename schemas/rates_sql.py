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


def sql_assistance_groups() -> str:
    """A table expression `(group_code, coefficient, per_child, poor, near_poor, valid_from, valid_to)`."""
    lines = ", ".join(
        f"('{g.code}', {g.coefficient}, {_sql_bool(g.per_child)}, {_sql_bool(1 in g.household_classes)}, "
        f"{_sql_bool(2 in g.household_classes)}, date '{g.span.valid_from}', date '{g.span.last}')"
        for g in rates.assistance_groups()
    )
    return f"(select * from (values {lines}) as v(group_code, coefficient, per_child, poor, near_poor, valid_from, valid_to))"


def sql_assistance_ages() -> str:
    """A table expression `(group_code, age_from, age_below, if_poor, valid_from, valid_to)`; age_below null: no upper end."""
    lines = ", ".join(
        f"('{g.code}', {low}, {'cast(null as integer)' if high is None else high}, {_sql_bool(if_poor)}, "
        f"date '{g.span.valid_from}', date '{g.span.last}')"
        for g in rates.assistance_groups()
        for if_poor, ages in ((False, g.ages), (True, g.ages_if_poor))
        for low, high in ages
    )
    return f"(select * from (values {lines}) as v(group_code, age_from, age_below, if_poor, valid_from, valid_to))"


def sql_additions() -> str:
    """A table expression `(group_code, beside)`: a group may be drawn beside the groups whose code starts with `beside`."""
    lines = ", ".join(f"('{g.code}', '{prefix}')" for g in rates.assistance_groups() for prefix in g.adds_to)
    return f"(select * from (values {lines}) as v(group_code, beside))"


def sql_merit_allowances() -> str:
    """A table expression of the allowance lines that may judge a row.

    Columns: category_code, relations (array, null: any), injury_least, injury_most, martyrs_least, martyrs_most, amount,
    ratio, ratio_per_percent, band (share allowed either way), valid_from, valid_to.
    """
    lines = []
    for a in rates.merit_allowances():
        if a.kind != "allowance" or a.span.confidence == "unsure":
            continue
        relations = f"cast(array[{', '.join(map(str, a.relations))}] as bigint[])" if a.relations else "cast(null as bigint[])"
        numbers = [*(a.injury or (None, None)), *(a.martyrs or (None, None)), a.amount_vnd, a.ratio, a.ratio_per_percent]
        band = 0 if a.is_exact else rates.limit("merit_amount_band", a.span.valid_from)
        values = ", ".join("cast(null as numeric)" if n is None else str(n) for n in numbers)
        lines.append(f"('{a.category_code}', {relations}, {values}, {band}, date '{a.span.valid_from}', date '{a.span.last}')")
    names = (
        "category_code, relations, injury_least, injury_most, martyrs_least, martyrs_most, amount, ratio, ratio_per_percent, "
        "band, valid_from, valid_to"
    )
    return f"(select * from (values {', '.join(lines)}) as v({names}))"


def _sql_values(figures: list[tuple[rates.Span, str]], name: str) -> str:
    lines = ", ".join(f"(date '{s.valid_from}', date '{s.last}', {value})" for s, value in figures)
    return f"(select * from (values {lines}) as v(valid_from, valid_to, {name}))"


def _sql_bool(value: bool) -> str:
    return "true" if value else "false"
