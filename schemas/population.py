"""The check against the national population database (CSDLQG dân cư): whom it is about, how it is asked, what it may find.

What is asked of the database and what of it is not public are dated facts in population.csv. What it finds stands as a warning beside
the row; it rejects nothing. No request is made here.

Law: Luật Căn cước 26/2023/QH15 (the database); NĐ 278/2025/NĐ-CP (mandatory sharing over the platforms); Luật 91/2025/QH15 (purpose,
minimum, log); QĐ 362/QĐ-VPCP (codes of the services).
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from schemas.column import Weight
from schemas.dataset import Dataset
from schemas.dated import Dated, dates, read_rows
from schemas.registry import DATASETS
from schemas.services import Auth

# Of a person as the database was asked: what it said, `unanswered` where nothing that can be understood, `expired` where what it said
# was forgotten in time.
Outcome = Literal["match", "mismatch", "unknown", "unanswered", "expired"]

LAW = "Luật Căn cước 26/2023/QH15; NĐ 278/2025/NĐ-CP"


@dataclass(frozen=True)
class Finding:
    """A claim about a row that the database is asked for. It never rejects: each row of a person with that outcome is a warning."""

    name: str
    outcome: Outcome
    column: str
    message: str
    legal: str = LAW
    weight: Weight = "identity"


FINDINGS = (
    Finding(
        name="matches_population_database",
        outcome="mismatch",
        column="identity_number",
        message="Số định danh, họ tên và ngày sinh không khớp với Cơ sở dữ liệu quốc gia về dân cư. Xem lại cả ba theo thẻ căn cước "
        f"của người đó và sửa ở nguồn; chưa rõ ai sai nên không dừng chi trả chỉ vì cảnh báo này ({LAW}).",
    ),
    Finding(
        name="known_to_population_database",
        outcome="unknown",
        column="identity_number",
        message="Cơ sở dữ liệu quốc gia về dân cư không có số định danh này. Xem lại số theo thẻ căn cước của người đó và sửa ở nguồn; "
        f"số đúng thì hỏi công an xã, không dừng chi trả chỉ vì cảnh báo này ({LAW}).",
    ),
)


@dataclass(frozen=True)
class PopulationService(Dated):
    """How the database is asked, as far as anybody knows. `persons_a_call`, `calls_a_day`: what is allowed where the province's own
    agreement says nothing else. `kept_days`: for how long what it said may be kept."""

    valid_from: dt.date
    valid_to: dt.date | None
    path: str
    token_path: str
    auth: Auth
    code_at: str
    success_codes: tuple[str, ...]
    outcomes: tuple[tuple[str, Outcome], ...]  # what each code of a result says
    persons_a_call: int
    calls_a_day: int
    calls_a_minute: int
    kept_days: int
    source: str
    confidence: str


@cache
def services() -> tuple[PopulationService, ...]:
    return tuple(_service(row) for row in read_rows("population.csv"))


def service(on: dt.date) -> PopulationService | None:
    """The service in force on a day; None where nobody has declared one."""
    return next((s for s in services() if s.holds(on)), None)


def _service(row: dict[str, str]) -> PopulationService:
    if row["auth"] not in get_args(Auth):
        raise ValueError(f"population.csv: auth is none of {get_args(Auth)}")
    said: dict[str, Outcome] = {"matching": "match", "differing": "mismatch", "unknown": "unknown"}
    outcomes = tuple((code, outcome) for column, outcome in said.items() for code in row[column].split("|"))
    if len(dict(outcomes)) != len(outcomes):
        raise ValueError("population.csv: a code says two things")
    valid_from, valid_to = dates(row)
    return PopulationService(
        valid_from=valid_from,
        valid_to=valid_to,
        path=row["path"],
        token_path=row["token_path"],
        auth=row["auth"],  # ty: ignore[invalid-argument-type]
        code_at=row["code_at"],
        success_codes=tuple(row["success_codes"].split("|")),
        outcomes=outcomes,
        persons_a_call=int(row["persons_a_call"]),
        calls_a_day=int(row["calls_a_day"]),
        calls_a_minute=int(row["calls_a_minute"]),
        kept_days=int(row["kept_days"]),
        source=row["source"],
        confidence=row["confidence"],
    )


@dataclass(frozen=True)
class Register:
    """A register of persons who can be asked about, and the payment lists that name its persons by their key."""

    dataset: Dataset
    lists: tuple[Dataset, ...]

    @property
    def birth(self) -> tuple[str, ...]:
        """The fields that tell when a person was born, the more exact first."""
        return tuple(name for name in BIRTH if name in _names(self.dataset))

    @property
    def until(self) -> str | None:
        """The field from whose day on a person is entitled no more, where there is one."""
        return "entitled_until" if "entitled_until" in _names(self.dataset) else None


PERSON = {"identity_number", "full_name"}
BIRTH = ("birth_date", "birth_year")


@cache
def registers() -> tuple[Register, ...]:
    """The registers whose persons may be asked about: those that the department keeps files of.

    Lists of a survey, of poor households or of workers, are none of them: most of the province stands in them, nobody is paid by them, and to ask
    about all would be a copy of the database by another name. Nor is a register of a restricted system: the asking itself would tell that
    somebody stands in it.
    """
    return tuple(
        Register(d, tuple(p for p in DATASETS if p.is_payment_list and _pays(p, d)))
        for d in DATASETS
        if d.kind == "register" and not d.source.restricted and _names(d) >= PERSON and _names(d) & set(BIRTH)
    )


def asked_of(dataset: Dataset) -> frozenset[str]:
    """The fields by which the database is asked about the persons of a dataset; none where it is not asked."""
    return frozenset(name for r in registers() if r.dataset == dataset for name in (*PERSON, *r.birth))


def _pays(payments: Dataset, register: Dataset) -> bool:
    return payments.source is register.source and set(register.key) <= set(payments.key)


def _names(dataset: Dataset) -> frozenset[str]:
    return frozenset(c.name for c in dataset.columns)
