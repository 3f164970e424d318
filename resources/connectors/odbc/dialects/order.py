"""Where a row lies in an order of several columns, as every kind of SQL says it."""

from collections.abc import Sequence


def beside(names: Sequence[str], values: Sequence[str], beyond: str, last: str) -> str:
    """The condition that a row lies on one side of another: by its first column, or by the next where that is equal, and so on."""
    equal = [f"{name} = {value}" for name, value in zip(names, values, strict=True)]
    signs = [beyond] * (len(names) - 1) + [last]
    found = [
        " and ".join([*equal[:place], f"{name} {sign} {value}"])
        for place, (name, sign, value) in enumerate(zip(names, signs, values, strict=True))
    ]
    # What is said twice lets the index be used from its first column on.
    return found[0] if len(found) == 1 else f"{names[0]} {beyond}= {values[0]} and ({' or '.join(f'({part})' for part in found)})"
