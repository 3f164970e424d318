"""The digests by which an erased person is known again, keyed by a secret that is not in the warehouse, and nobody else's number with it."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from resources.person.failures import PersonSecretMissing
from resources.settings import Settings
from schemas.persons import CARD_DIGITS, NUMBER, OLD_NUMBER
from schemas.reading.characters import mend, plain

SHORTEST, LONGEST = 9, 12  # digits: of an old card, of an identity number


def normal(tells: str, value: str) -> str:
    """A value as it is compared: as its reader takes it, however it was written.

    Of a number these are its digits, with the zeros that a spreadsheet took away.
    """
    is_clean = value.isascii() and value.isprintable()
    if tells not in (NUMBER, OLD_NUMBER):
        return " ".join((value if is_clean else mend(value)[0]).split())
    digits = re.sub(r"[^0-9]", "", value if is_clean else plain(value)[0])
    return digits.zfill(LONGEST) if SHORTEST < len(digits) < LONGEST else digits


def is_card(value: str) -> bool:
    """Whether what stands as a number is that of an old card."""
    return len(normal(OLD_NUMBER, value)) == CARD_DIGITS


@dataclass(frozen=True)
class Person:
    """What one person is told by: NUMBER, OLD_NUMBER and the keys of files, each with its values."""

    told: Mapping[str, frozenset[str]] = field(repr=False)

    def has(self, tells: str, value: str | None) -> bool:
        return value is not None and normal(tells, value) in self.told.get(tells, frozenset())

    def values(self, tells: str) -> frozenset[str]:
        return self.told.get(tells, frozenset())

    def also(self, more: Iterable[tuple[str, str]]) -> "Person":
        told = {tells: set(values) for tells, values in self.told.items()}
        for tells, value in more:
            if normal(tells, value):
                told.setdefault(tells, set()).add(normal(tells, value))
        return Person({tells: frozenset(values) for tells, values in told.items()})

    @property
    def all_values(self) -> frozenset[str]:
        return frozenset().union(*self.told.values()) if self.told else frozenset()


@dataclass(frozen=True)
class Secret:
    key: bytes = field(repr=False)

    def digest(self, tells: str, value: str) -> bytes:
        return hmac.digest(self.key, json.dumps([tells, normal(tells, value)], ensure_ascii=False).encode(), hashlib.sha256)

    @property
    def check(self) -> str:
        """A text by which the secret is known again."""
        return hmac.digest(self.key, b"ansinh person check", hashlib.sha256).hex()


def secret(settings: Settings) -> Secret:
    key = settings.person_secret()
    if key is None:
        raise PersonSecretMissing
    return Secret(key)
