"""A table of Markdown, as the pages of the dictionary hold it."""

from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Its lines, without one that is empty."""
    return [f"| {' | '.join(row)} |" for row in (heads, ("---",) * len(heads), *rows)]
