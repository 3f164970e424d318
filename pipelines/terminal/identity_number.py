"""A person's number, and what else nobody should find in the shell's history: typed unseen, or lines of standard input."""

import getpass
import re
import sys

from pipelines.failures import NoIdentityNumber
from schemas.terms import TWELVE_DIGITS

LONGEST_LINE = 4_000  # bytes that are read of what is given


def identity_number(prompt: str) -> str:
    """What is no number is told of without it. Raises NoIdentityNumber."""
    number = unseen(prompt).strip()
    if not re.fullmatch(TWELVE_DIGITS.pattern, number, re.ASCII):
        raise NoIdentityNumber
    return number


def unseen(prompt: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.buffer.readline(LONGEST_LINE).decode(errors="replace").rstrip("\r\n")
