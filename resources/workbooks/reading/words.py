"""Words of headings, compared without their marks."""

import re
import unicodedata
from functools import lru_cache

_ROUND, _SQUARE = re.compile(r"\(([^)]*)\)"), re.compile(r"\[([^\]]*)\]")
_NUMBER = re.compile(
    r"^\s*(?:\d{1,2}(?:\.\d{1,2})+\s+|(?:[IVXLC]+|\d{1,2})\s*[-–]\s+"
    r"|(?:[IVXLC]+|[A-Za-zđĐ]|\d{1,2}(?:\.\d{1,2})*)\s*[.)/:](?!\d)\s*|[-–+•]\s*)"
)


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """Words of small letters without marks, whatever stands between them."""
    bare = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in bare if not unicodedata.combining(c))))


def without_asides(text: str) -> str:
    """The text without what stands in brackets, and without stars."""
    for kind, closing in ((_ROUND, ")"), (_SQUARE, "]")):
        inside, rest = _closed(text, closing)
        text = kind.sub(" ", inside) + rest
    return text.replace("*", " ")


def asides(text: str) -> list[str]:
    """What stands in brackets."""
    return [
        found.strip("()[]* ")
        for kind, closing in ((_ROUND, ")"), (_SQUARE, "]"))
        for found in kind.findall(_closed(text, closing)[0])
    ]


def _closed(text: str, closing: str) -> tuple[str, str]:
    """Up to the last bracket that closes, and behind it: brackets that nothing closes would each be followed to the end."""
    end = text.rfind(closing) + 1
    return text[:end], text[end:]


def without_number(text: str) -> str:
    """The text without the number of its line: `1.`, `1.2`, `a)`, `II-`, `-`."""
    return _NUMBER.sub("", text)
