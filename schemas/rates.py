"""Standards, allowances, thresholds and forms, each with its dates and its legal basis, read from schemas/rates/*.csv.

Everything here is asked for by a day: no rule holds an amount, an age or a limit of its own. A figure of confidence
`unsure` is kept for those who must invent one (the synthetic province) and never used to judge a row.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from schemas.dated import Dated, by_name, dates, read_rows

DAY_MAX = dt.date(9999, 12, 31)
REGIONS = (1, 2, 3, 4)
_WHOLE = Decimal(1)


@dataclass(frozen=True)
class Span(Dated):
    """When a figure holds, on which text, and how sure we are of it (sure, likely, unsure)."""

    legal_basis: str
    confidence: str
    valid_from: dt.date
    valid_to: dt.date | None

    @property
    def last(self) -> dt.date:
        return self.valid_to or DAY_MAX


@dataclass(frozen=True)
class Figure:
    name: str
    value: Decimal
    span: Span


@dataclass(frozen=True)
class Form:
    name: str
    pattern: str
    meaning: str
    span: Span


@dataclass(frozen=True)
class PovertyThreshold:
    """Poor: B1 at most `score_b1_most` and B2 at least `score_b2_poor`; near-poor: the same B1, less B2."""

    area_code: int
    score_b1_most: Decimal
    score_b2_poor: int
    span: Span


@dataclass(frozen=True)
class InjuryRange:
    category_code: str
    least: int
    most: int
    span: Span


@dataclass(frozen=True)
class MeritAllowance:
    """One line of the merit tables: an amount, or a ratio of the standard (per per-cent of injury where that is named)."""

    category_code: str
    kind: str  # allowance or supplement
    relations: tuple[int, ...]  # empty: whatever the relation
    injury: tuple[int, int] | None
    martyrs: tuple[int, int] | None
    amount_vnd: int | None
    ratio: Decimal | None
    ratio_per_percent: Decimal | None
    span: Span

    @property
    def is_exact(self) -> bool:
        """Printed in the decree as this amount: a row must equal it. Otherwise a band is allowed."""
        return self.amount_vnd is not None and self.span.confidence == "sure"

    def amount(self, standard: int, injury_rate: int | None = None) -> int:
        """The amount in dong at a standard; a derived one is rounded to the thousand as the decrees do."""
        if self.amount_vnd is not None:
            return self.amount_vnd
        if self.ratio_per_percent is not None:
            if injury_rate is None:
                raise ValueError(f"the allowance of category {self.category_code} follows from the injury rate, none was given")
            return _thousands(self.ratio_per_percent * injury_rate * standard)
        assert self.ratio is not None
        return _thousands(self.ratio * standard)


@dataclass(frozen=True)
class Entitlement:
    """What a merit profile is due: exact, or within `tolerance_vnd` either way."""

    amount_vnd: int
    tolerance_vnd: int
    confidence: str


@dataclass(frozen=True)
class AssistanceGroup:
    """A group of NĐ 20/2021/NĐ-CP, Điều 5: its coefficient and what a row of it must show."""

    code: str
    coefficient: Decimal
    per_child: bool
    ages: tuple[tuple[int, int | None], ...]  # each from, below; empty: any age
    ages_if_poor: tuple[tuple[int, int | None], ...]  # further ages, for poor and near-poor households
    household_classes: tuple[int, ...]  # 1 poor, 2 near-poor; empty: any household
    disability_levels: tuple[int, ...]
    adds_to: tuple[str, ...]  # prefixes of the groups beside which it may be drawn
    span: Span


@dataclass(frozen=True)
class CardLetters:
    letters: str
    label_vi: str
    merit_person: bool
    merit_relative: bool
    span: Span


def _rows(name: str) -> list[dict[str, str]]:
    return read_rows("rates", f"{name}.csv")


def _span(row: dict[str, str]) -> Span:
    return Span(row["legal_basis"], row["confidence"], *dates(row))


def _pair(least: str, most: str) -> tuple[int, int] | None:
    return (int(least), int(most)) if least else None


def _ages(text: str) -> tuple[tuple[int, int | None], ...]:
    """`0-16;60-` -> ((0, 16), (60, None)): from the first age, below the second."""
    parts = [p.split("-") for p in text.split(";") if p]
    return tuple((int(low), int(high) if high else None) for low, high in parts)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(p) for p in text.split(";") if p)


def _thousands(amount: Decimal) -> int:
    return int((amount / 1000).quantize(_WHOLE, ROUND_HALF_UP)) * 1000


# --- the tables, whole ---------------------------------------------------------------------------------------------


@cache
def standards() -> tuple[Figure, ...]:
    return tuple(Figure(r["name"], Decimal(r["amount_vnd"]), _span(r)) for r in _rows("standards"))


@cache
def assistance_overrides() -> tuple[Figure, ...]:
    """Higher standards set by the provincial council; `name` is a group code or `*`. None is known for Nghệ An."""
    return tuple(
        Figure(r["group_code"] or "*", Decimal(r["amount_vnd"]), _span(r)) for r in _rows("assistance_standard_overrides")
    )


@cache
def limits() -> tuple[Figure, ...]:
    return tuple(Figure(r["name"], Decimal(r["value"]), _span(r)) for r in _rows("limits"))


@cache
def formal_workplaces() -> tuple[Figure, ...]:
    """Kinds of workplace whose hired workers have a labour contract."""
    return tuple(
        Figure(r["workplace_kind_code"], Decimal(r["workplace_kind_code"]), _span(r)) for r in _rows("formal_workplaces")
    )


@cache
def days() -> dict[str, dt.date]:
    return {r["name"]: dt.date.fromisoformat(r["day"]) for r in _rows("days")}


@cache
def forms() -> tuple[Form, ...]:
    return tuple(Form(r["name"], r["pattern"], r["meaning"], _span(r)) for r in _rows("forms"))


@cache
def poverty_thresholds() -> tuple[PovertyThreshold, ...]:
    return tuple(
        PovertyThreshold(int(r["area_code"]), Decimal(r["score_b1_most"]), int(r["score_b2_poor"]), _span(r))
        for r in _rows("poverty_thresholds")
    )


@cache
def injury_ranges() -> tuple[InjuryRange, ...]:
    return tuple(InjuryRange(r["category_code"], int(r["least"]), int(r["most"]), _span(r)) for r in _rows("merit_injury_ranges"))


@cache
def merit_allowances() -> tuple[MeritAllowance, ...]:
    return tuple(
        MeritAllowance(
            r["category_code"],
            r["kind"],
            _numbers(r["relations"]),
            _pair(r["injury_least"], r["injury_most"]),
            _pair(r["martyrs_least"], r["martyrs_most"]),
            int(r["amount_vnd"]) if r["amount_vnd"] else None,
            Decimal(r["ratio"]) if r["ratio"] else None,
            Decimal(r["ratio_per_percent"]) if r["ratio_per_percent"] else None,
            _span(r),
        )
        for r in _rows("merit_allowances")
    )


@cache
def assistance_groups() -> tuple[AssistanceGroup, ...]:
    return tuple(
        AssistanceGroup(
            r["group_code"],
            Decimal(r["coefficient"]),
            r["per_child"] == "1",
            _ages(r["age_ranges"]),
            _ages(r["age_ranges_if_poor"]),
            _numbers(r["household_classes"]),
            _numbers(r["disability_levels"]),
            tuple(p for p in r["adds_to"].split(";") if p),
            _span(r),
        )
        for r in _rows("assistance_groups")
    )


@cache
def card_letters() -> tuple[CardLetters, ...]:
    return tuple(
        CardLetters(r["letters"], r["label_vi"], r["merit_person"] == "1", r["merit_relative"] == "1", _span(r))
        for r in _rows("health_card_letters")
    )


# --- one figure, by its day ------------------------------------------------------------------------------------------


def standards_named(name: str | None) -> list[Figure]:
    """The rows of a name; of None all."""
    return [f for f in standards() if name in (None, f.name)]


def limits_named(name: str | None) -> list[Figure]:
    return [f for f in limits() if name in (None, f.name)]


def _days_named(name: str | None) -> list[tuple[str, dt.date]]:
    return [(n, day) for n, day in days().items() if name in (None, n)]


def _forms_named(name: str | None) -> list[Form]:
    return [f for f in forms() if name in (None, f.name)]


@by_name(standards_named)
def standard(name: str, on: dt.date) -> int:
    """The monthly standard in dong: merit, social_assistance, base_salary, minimum_wage_region_1 to _4."""
    return int(_holding(standards(), name, on, "standards"))


@by_name(standards_named)
def standard_known(name: str, on: dt.date) -> bool:
    return any(f.name == name and f.span.holds(on) for f in standards())


@by_name(limits_named)
def limit(name: str, on: dt.date) -> Decimal:
    return _holding(limits(), name, on, "limits")


@by_name(limits_named)
def whole_limit(name: str, on: dt.date) -> int:
    return int(limit(name, on))


@by_name(_days_named)
def day(name: str) -> dt.date:
    return days()[name]


@by_name(_forms_named)
def patterns(name: str, on: dt.date) -> tuple[str, ...]:
    """The regular expressions of a form in force on a day; a value is right when it fits one of them."""
    found = tuple(f.pattern for f in forms() if f.name == name and f.span.holds(on))
    if not found:
        raise LookupError(f"no form {name!r} holds on {on}; add a row to schemas/rates/forms.csv")
    return found


def poverty_threshold(area_code: int, on: dt.date) -> PovertyThreshold | None:
    """The threshold of an area (1 urban, 2 rural); None where no standard of this kind is in force."""
    return next((t for t in poverty_thresholds() if t.area_code == area_code and t.span.holds(on)), None)


def assistance_group(code: str, on: dt.date) -> AssistanceGroup | None:
    return next((g for g in assistance_groups() if g.code == code and g.span.holds(on)), None)


def assistance_standard(on: dt.date, group_code: str | None = None) -> int:
    """The social-assistance standard: the provincial council's where it set one, else the government's."""
    wanted = [f for f in assistance_overrides() if f.span.holds(on) and f.name in ("*", group_code)]
    own = max(wanted, key=lambda f: f.name != "*", default=None)
    return int(own.value) if own else standard("social_assistance", on)


def assistance_amount(group_code: str, on: dt.date, child_count: int | None = None) -> int:
    """coefficient x standard, for K4 for each child."""
    group = assistance_group(group_code, on)
    if group is None:
        raise LookupError(f"no group {group_code!r} holds on {on}; see schemas/rates/assistance_groups.csv")
    amount = group.coefficient * assistance_standard(on, group_code)
    return int(amount * (child_count or 1) if group.per_child else amount)


def merit_standard(on: dt.date) -> int:
    return standard("merit", on)


def merit_amount(
    category_code: str,
    on: dt.date,
    *,
    kind: str = "allowance",
    relation_code: int | None = None,
    injury_rate: int | None = None,
    martyr_count: int | None = None,
) -> Entitlement | None:
    """What a profile is due on a day; None where no table says. Ask `.confidence`: an `unsure` one judges nothing."""
    for line in merit_allowances():
        if line.category_code != category_code or line.kind != kind or not line.span.holds(on):
            continue
        if line.relations and relation_code not in line.relations:
            continue
        if line.injury and (injury_rate is None or not line.injury[0] <= injury_rate <= line.injury[1]):
            continue
        if line.martyrs and (martyr_count is None or not line.martyrs[0] <= martyr_count <= line.martyrs[1]):
            continue
        amount = line.amount(merit_standard(on), injury_rate)
        band = 0 if line.is_exact else int(amount * limit("merit_amount_band", on))
        return Entitlement(amount, band, line.span.confidence)
    return None


def benefit_caps(on: dt.date) -> tuple[int, ...]:
    """The highest monthly unemployment benefits: a multiple of the base salary, or of a regional minimum wage.

    Which one binds depends on the last employer's pay regime and region, which a decision does not tell.
    """
    names = ("base_salary", *(f"minimum_wage_region_{n}" for n in REGIONS))
    multiple = limit("benefit_cap_multiple", on)
    return tuple(int(multiple * standard(n, on)) for n in names if standard_known(n, on))


def unemployment_benefit(average_wage_vnd: int, on: dt.date, region: int = 2) -> int:
    """60 % of the average wage, at most five times the regional minimum wage (Vinh is in region 2, the rest 3 or 4)."""
    cap = limit("benefit_cap_multiple", on) * standard(f"minimum_wage_region_{region}", on)
    return int(min(limit("benefit_wage_share", on) * average_wage_vnd, cap).quantize(_WHOLE, ROUND_HALF_UP))


def unemployment_months(paid_months: int, on: dt.date) -> int:
    """12 to 36 months paid give three, each further twelve one more, at most twelve."""
    if paid_months < whole_limit("benefit_least_paid_months", on):
        return 0
    further = max(0, paid_months - whole_limit("benefit_first_paid_months", on)) // whole_limit("benefit_step_paid_months", on)
    return min(whole_limit("benefit_first_months", on) + further, whole_limit("benefit_most_months", on))


def _holding(figures: tuple[Figure, ...], name: str, on: dt.date, table: str) -> Decimal:
    for f in figures:
        if f.name == name and f.span.holds(on):
            return f.value
    raise LookupError(f"no {name!r} holds on {on}; add a row to schemas/rates/{table}.csv")
