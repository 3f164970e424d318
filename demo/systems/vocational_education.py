"""Vocational education: the establishments, the lists of enrolments by month, the graduates by school year."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from demo.faults.choosing import spoiled
from demo.faults.planting import Planted
from demo.lives.deliveries import START, Sending, by_delivery
from demo.lives.province import Province
from demo.lives.training import MONTHS, PLAYED
from demo.people.dates import LAST_DAY, number
from demo.systems.vocational_education_faults import FAULTS
from demo.writing import persons, text
from demo.writing.happenings import listed
from demo.writing.plans import Plan, planned
from demo.writing.values import Value, known
from schemas import calendar
from schemas.dataset import PROVINCE
from schemas.registry import dataset_named

INSTITUTIONS, ENROLMENTS, GRADUATES = (
    dataset_named(f"vocational_education.{name}") for name in ("institutions", "enrolments", "graduates")
)
SENDING = {"graduates": Sending(as_it_happens=True)}
# For each type: how its numbers and its names begin.
KINDS = (
    ("CD-", "Trường Cao đẳng Mô Phỏng "),
    ("TC-", "Trường Trung cấp Mô Phỏng "),
    ("TT-", "Trung tâm Giáo dục nghề nghiệp Mô Phỏng "),
    ("DN-", "Cơ sở đào tạo Mô Phỏng "),
)
OWNERS = ("Ủy ban nhân dân tỉnh", "Ủy ban nhân dân huyện", "Hội đồng quản trị")
# Without their first digit, which tells the level: 6 college, 5 secondary, 4 the courses.
OCCUPATIONS = (
    "520121", "520123", "520227", "520225", "510216", "520205", "480202", "480203", "340302", "540205", "810207", "810201",
    "640101", "620110", "720301", "580201",
)  # fmt: skip
FIRST_DIGITS = ("6", "5", "4", "4")
Values = dict[str, Value]


def plans(province: Province) -> Iterator[Planted]:
    for plan in (institutions, enrolments, graduates):
        yield spoiled(plan(province), FAULTS)


def institutions(province: Province) -> Plan:
    of = province.training.establishments

    def values(at: np.ndarray) -> Values:
        names = text.joined(text.from_list([name for _, name in KINDS], of.kind[at] - 1), text.whole(of.of_kind[at]))
        told = {"institution_id": _number(province, at), "institution_name": names, "institution_type_code": of.kind[at]}
        whose = {"ownership_code": of.ownership[at], "governing_body": text.from_list(OWNERS, of.ownership[at] % len(OWNERS))}
        days = {"registered_date": of.registered[at], "closed_date": of.closed[at]}
        return persons.placed(province.people, of.commune[at]) | told | whose | days

    count = len(of.kind)
    plan = planned(
        province, INSTITUTIONS, [(calendar.REGISTER, PROVINCE)], np.zeros(count, dtype=np.int64), of.registered + 1, values
    )
    # Which levels may be taught follows from the line: of an establishment that teaches it stays right.
    return plan.knowing(loose=~of.teaches)


def enrolments(province: Province) -> Plan:
    life = province.training
    programmes, first = len(life.programmes.level), calendar.span(ENROLMENTS.first_period)[0]
    begins = (np.datetime64(first, "M") + np.arange(PLAYED)).astype("datetime64[D]").astype(np.int64)
    month, programme = np.divmod(np.arange(PLAYED * programmes), programmes)
    sent = province.sent(ENROLMENTS, SENDING)
    periods = calendar.started(ENROLMENTS, LAST_DAY)
    cells, cell, day, _ = by_delivery(sent, periods, month, np.full(len(month), PROVINCE))

    def values(at: np.ndarray) -> Values:
        of, when = programme[at], month[at]
        years = text.from_list([f"{first.year + n}-{first.year + n + 1}" for n in range(2)], when // MONTHS)
        told = {"school_year": years, "month": begins[when], "quota_count": life.quota[when // MONTHS, of]}
        counted = {"new_count": life.enrolled, "cumulative_count": life.reached, "female_count": life.women}
        counted |= {"minority_count": life.minority, "poor_count": life.poor, "disabled_count": life.disabled}
        counted |= {"lower_secondary_count": life.from_lower_secondary}
        return _taught(province, of) | told | {name: counts[when, of] for name, counts in counted.items()}

    # The months of a programme are held against each other: at most one of them is spoiled, and never the first.
    return planned(province, ENROLMENTS, cells, cell, day, values).knowing(loose=month == 1 + programme * 5 % (PLAYED - 2))


def graduates(province: Province) -> Plan:
    rounds = province.training.rounds
    asked = rounds.is_followed & (rounds.day < number(START) - 60)

    def values(at: np.ndarray) -> Values:
        wages = known(5_500_000 + 100_000 * (at % 41), asked[at])
        counts = {"intake_count": rounds.intake[at], "graduate_count": rounds.graduates[at], "average_wage_vnd": wages}
        followed = {"employed_count": rounds.employed, "in_trade_count": rounds.in_trade}
        counts |= {name: known(count[at], asked[at]) for name, count in followed.items()}
        return _taught(province, rounds.programme[at]) | {"graduated_date": rounds.day[at]} | counts

    return listed(province, GRADUATES, SENDING, rounds.day, values)


def _number(province: Province, establishment: np.ndarray) -> pa.Array:
    of = province.training.establishments
    kinds = text.from_list([code for code, _ in KINDS], of.kind[establishment] - 1)
    return text.joined(kinds, text.padded(of.of_kind[establishment], 2))


def _taught(province: Province, programme: np.ndarray) -> Values:
    of = province.training.programmes
    establishment, level = of.establishment[programme], of.level[programme]
    codes = text.joined(text.from_list(FIRST_DIGITS, level - 1), text.from_list(OCCUPATIONS, of.occupation[programme]))
    where = persons.placed(province.people, province.training.establishments.commune[establishment])
    return where | {"institution_id": _number(province, establishment), "occupation_code": codes, "level_code": level}
