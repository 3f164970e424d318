"""JSON that every reader reads alike: a name stands once in an object, and NaN and Infinity are no numbers."""

import json
from collections.abc import Callable
from typing import Any


def loads(text: str | bytes, number: Callable[[str], Any] | None = None) -> Any:
    """What a text says; `number` reads its numbers, where they are to stay as they were written.

    Raises ValueError; RecursionError of what is nested deeper than this process can follow.
    """
    return json.loads(text, object_pairs_hook=_once, parse_constant=_refused, parse_int=number, parse_float=number)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refused(_: str) -> Any:
    raise ValueError("NaN and Infinity are no JSON")
