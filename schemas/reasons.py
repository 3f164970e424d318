"""What officers type of themselves, which is kept and read by others: names, reasons, numbers of documents."""

import re
import unicodedata

_NUMBER_OF_SOMEBODY = re.compile(r"\d{9}")  # nine digits have the old cards, ten the telephones, twelve the new
# As cards and telephones are read aloud: groups of three or more. An amount begins with no nought, and a day has a group of two.
_IN_GROUPS = re.compile(r"(?<!\d)0\d{2,}(?:[ .\-]\d{3,})+(?!\d)")
_DIGITS = range(10, 13)


def tells_who(*words: str | None) -> bool:
    """Whether somebody's number may be in it."""
    return any(_tells(_seen(word)) for word in words if word)


def _seen(word: str) -> str:
    """The text as it looks: what is invisible between two digits is left out, and a space of any kind is a space."""
    return "".join(" " if unicodedata.category(c) == "Zs" else c for c in word if unicodedata.category(c) != "Cf")


def _tells(word: str) -> bool:
    grouped = (sum(map(str.isdigit, found)) for found in _IN_GROUPS.findall(word))
    return bool(_NUMBER_OF_SOMEBODY.search(word)) or any(digits in _DIGITS for digits in grouped)
