"""What officers type of themselves, which is kept and read by others: names, reasons, numbers of documents."""

import re

_NUMBER_OF_SOMEBODY = re.compile(r"\d{9}")  # nine digits have the old cards, ten the telephones, twelve the new


def tells_who(*words: str | None) -> bool:
    """Whether somebody's number may be in it."""
    return any(_NUMBER_OF_SOMEBODY.search(word) for word in words if word)
