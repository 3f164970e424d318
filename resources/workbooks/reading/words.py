"""Words of headings, compared without their marks."""

import re
import unicodedata
from functools import lru_cache

_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|\*+")
_NUMBER = re.compile(r"^\s*(?:[IVXLC]+|[A-Za-zđĐ]|\d{1,2}(?:\.\d{1,2})*)\s*[.)/:]\s*|^\s*[-–+•]\s*")


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """Words of small letters without marks, whatever stands between them."""
    bare = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in bare if not unicodedata.combining(c))))


def without_asides(text: str) -> str:
    """The text without what stands in brackets, and without stars."""
    return _ASIDE.sub(" ", text)


def asides(text: str) -> list[str]:
    """What stands in brackets."""
    return [found.strip("()[]* ") for found in _ASIDE.findall(text)]


def without_number(text: str) -> str:
    """The text without the number of its line: `1.`, `a)`, `-`."""
    return _NUMBER.sub("", text)
