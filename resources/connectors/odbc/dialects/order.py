"""Where a row lies in an order of several columns, as every kind of SQL says it."""

from collections.abc import Sequence

from resources.connectors.odbc.dialects.dialect import Dialect, Held


def after(dialect: Dialect, columns: Sequence[Held], row: Sequence[str]) -> str:
    """The condition that a row comes after another in the order of these columns, by what `Dialect.nth` gave of it."""
    return _beside(dialect, columns, row, ">", ">")


def up_to(dialect: Dialect, columns: Sequence[Held], row: Sequence[str]) -> str:
    """The condition that a row does not come after it."""
    return _beside(dialect, columns, row, "<", "<=")


def _beside(dialect: Dialect, columns: Sequence[Held], row: Sequence[str], beyond: str, last: str) -> str:
    """The condition that a row lies on one side of another: by its first column, or by the next one where that is equal, and so on."""
    names = [dialect.quote(column.name) for column in columns]
    values = list(map(dialect.value, columns, row))
    equal = [f"{name} = {value}" for name, value in zip(names, values, strict=True)]
    signs = [beyond] * (len(names) - 1) + [last]
    found = [
        " and ".join([*equal[:place], f"{name} {sign} {value}"])
        for place, (name, sign, value) in enumerate(zip(names, signs, values, strict=True))
    ]
    # What is said twice lets the index be used from its first column on.
    return found[0] if len(found) == 1 else f"{names[0]} {beyond}= {values[0]} and ({' or '.join(f'({part})' for part in found)})"
