"""How a whole file is lettered: in fonts before Unicode, in the code page of old Windows, or read by the wrong one. Cell by cell."""

import unicodedata
from collections.abc import Callable
from functools import cache

from demo.faults import spoiling
from schemas.dated import read_rows

_KEPT = "\u0302\u0306\u031b"  # circumflex, breve, horn: cp1258 has letters with these, and writes tones behind them


@cache
def _font(encoding: str) -> dict[str, str]:
    return {row["to"]: row["from"] for row in read_rows("reading", "legacy_fonts.csv") if row["encoding"] == encoding}


def _in_font(encoding: str) -> Callable[[str], str]:
    """Capitals that the font lacks are its small letters, typed in its other face: the case is lost."""

    def lettered(text: str) -> str:
        table = _font(encoding)
        return "".join(table.get(c) or table.get(c.lower()) or c for c in unicodedata.normalize("NFC", text))

    return lettered


def _for_cp1258(text: str) -> str:
    """The same letters as that code page holds them: base letters, and tones behind them."""
    return "".join(_apart(c) for c in unicodedata.normalize("NFC", text))


def _apart(letter: str) -> str:
    base, *marks = unicodedata.normalize("NFD", letter)
    return unicodedata.normalize("NFC", base + "".join(m for m in marks if m in _KEPT)) + "".join(
        m for m in marks if m not in _KEPT
    )


def _garbled(text: str) -> str:
    return spoiling.misread_utf8(text) or text


def _as_it_is(text: str) -> str:
    return text


LETTERED: dict[str, Callable[[str], str]] = {
    "": _as_it_is,
    "TCVN3": _in_font("TCVN3"),
    "VNI": _in_font("VNI"),
    "cp1258": _for_cp1258,
    "garbled": _garbled,
}
