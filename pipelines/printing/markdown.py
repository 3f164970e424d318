"""What the pages of the dictionary are written with."""

from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Its lines, without one that is empty."""
    return [f"| {' | '.join(row)} |" for row in (heads, ("---",) * len(heads), *rows)]


def both(vietnamese: str, english: str) -> str:
    """Both languages in one cell."""
    return f"{vietnamese}<br>*{english}*"
