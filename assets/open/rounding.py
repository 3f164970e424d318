"""Rounding: from a true figure to the one that is shown, by a secret offset of the figure's identity. Pure.

Count x: s = 5·floor((x + o)/5), o in 0..4 from HMAC-SHA256(secret, identity): unbiased over o, off by 4 at most, the same for
ever for the same data. The rule and its bounds in words: schemas/rounding.py. Rule and proof: docs/method/rounding.md.
"""

import hashlib
import hmac
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from assets.open.tables import Place, identity, identity_text, rate_identities, tells_persons_apart
from schemas.dataset import Dataset
from schemas.release import OpenTable, Share, Sum
from schemas.rounding import BASE, FEW_PERSONS, MONEY_PERSONS, RATE_BASE

TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Figure:
    """One true cell. `value`: a count, an amount, or the part of a rate; `whole`: what the part is a part of."""

    value: int = 0
    persons: int = 0  # the people behind it; under money without persons its rows
    whole: int = 0


@dataclass(frozen=True)
class Shown:
    """What leaves the hub of a cell."""

    value: int | Decimal | None
    status: str


NOT_REPORTED = Shown(None, "not_reported")
UNDER_5 = Shown(None, "under_5")
TOO_FEW = Shown(None, "too_few")


@dataclass(frozen=True, repr=False)
class Rounding:
    """The rule with its secret of 32 bytes."""

    secret: bytes

    @property
    def check(self) -> str:
        """What the hub keeps, so that figures of two secrets never stand side by side."""
        return hmac.digest(self.secret, b"check", hashlib.sha256).hex()

    def offset(self, of: tuple[str, ...], step: int) -> int:
        """0 to step - 1, uniform over the secrets."""
        digest = hmac.digest(self.secret, identity_text(of).encode(), hashlib.sha256)
        return int.from_bytes(digest, "big") % step

    def rounded(self, value: int, of: tuple[str, ...], step: int = BASE) -> int:
        return step * ((value + self.offset(of, step)) // step)

    def shown(self, dataset: Dataset, table: OpenTable, place: Place, figure: Figure, money_step: int) -> Shown:
        """The released value of a cell whose unit is reported."""
        if isinstance(table.measure, Share):
            return self._rate(figure, *rate_identities(dataset, table, place))
        of = identity(dataset, table, place)
        if isinstance(table.measure, Sum):
            amount = self.rounded(figure.value, of, money_step)
            return TOO_FEW if figure.persons < MONEY_PERSONS or amount <= 0 else Shown(amount, "published")
        if figure.value >= BASE and tells_persons_apart(table) and figure.persons in FEW_PERSONS:
            return TOO_FEW
        count = self.rounded(figure.value, of)
        return UNDER_5 if count < BASE else Shown(count, "published")

    def _rate(self, figure: Figure, part_of: tuple[str, ...], whole_of: tuple[str, ...]) -> Shown:
        part, whole = self.rounded(figure.value, part_of), self.rounded(figure.whole, whole_of)
        if whole < RATE_BASE:
            return TOO_FEW
        if part < BASE:
            return UNDER_5
        rate = (Decimal(100 * part) / whole).quantize(TENTH, ROUND_HALF_UP)
        return Shown(min(rate, Decimal("100.0")), "published")


def bounds_hold(table: OpenTable, figure: Figure, shown: Shown, money_step: int) -> bool:
    """Whether a shown figure may stand for a true one, whatever the secret: what the check of each release asks."""
    if shown.status == "not_reported":
        return True
    if isinstance(table.measure, Share):
        return _rate_holds(figure, shown)
    step = money_step if isinstance(table.measure, Sum) else BASE
    if shown.status == "published":
        told = shown.value
        return told is not None and told >= step and told % step == 0 and abs(int(told) - figure.value) < step
    if shown.status == "under_5":
        return figure.value < BASE
    return isinstance(table.measure, Sum) or figure.value >= BASE  # how many persons stand behind it is asked elsewhere


def _rate_holds(figure: Figure, shown: Shown) -> bool:
    if shown.status == "too_few":
        return figure.whole < RATE_BASE
    if figure.whole <= RATE_BASE - BASE:  # no offset takes it to the base over which a rate is told
        return False
    if shown.status == "under_5":
        return figure.value < BASE
    low = min(Decimal(100 * (figure.value - BASE + 1)) / (figure.whole + BASE - 1), Decimal(100))
    high = Decimal(100 * (figure.value + BASE - 1)) / (figure.whole - BASE + 1)
    return shown.value is not None and low - TENTH / 2 <= shown.value <= high + TENTH / 2
