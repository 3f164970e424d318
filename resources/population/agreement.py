"""Under what the department asks the population database: codes, purpose, legal basis, how many calls a day.

Without an address there is no access yet, which is no failure. With one, what the law and the guide want of each call has to be
there, or none is made.
"""

import re
from dataclasses import dataclass

from resources.environment import number, read
from resources.failures import SettingWrong
from resources.population.failures import PopulationCodesMissing, PopulationUnfounded
from resources.population.persons import LONGEST
from resources.settings import Settings
from schemas.population import PopulationService

LONGEST_WORD = 500  # letters of the purpose and of the legal basis
MOST_CALLS = 100_000
_CODE = re.compile(r"[A-Za-z0-9._-]+")
# The synthetic province asks its own platform alone.
_PLAYED = {
    "POPULATION_SERVICE_CODE": "MO-PHONG",
    "POPULATION_INTEGRATION_CODE": "000",
    "POPULATION_UNIT_CODE": "H41.21",
    "POPULATION_OFFICER_CODE": "MO-PHONG",
    "POPULATION_PURPOSE": "Đối chiếu người hưởng trợ cấp của tỉnh mô phỏng",
    "POPULATION_LEGAL_BASIS": "Quy ước của tỉnh mô phỏng",
}
CODES = {
    "POPULATION_SERVICE_CODE": LONGEST["MaDVC"],
    "POPULATION_INTEGRATION_CODE": LONGEST["MaTichHop"],
    "POPULATION_UNIT_CODE": LONGEST["MaDonVi"],
    "POPULATION_OFFICER_CODE": LONGEST["MaCanBo"],
}
WORDS = ("POPULATION_PURPOSE", "POPULATION_LEGAL_BASIS")


@dataclass(frozen=True)
class Agreement:
    """What stands with each call, and what was agreed with who runs the database."""

    service_code: str
    integration_code: str
    unit_code: str
    officer_code: str
    purpose: str
    legal_basis: str
    calls_a_day: int


def agreement(settings: Settings, service: PopulationService) -> Agreement:
    """Raises PopulationCodesMissing, PopulationUnfounded and SettingWrong."""
    found = {name: read(name) or (_PLAYED[name] if settings.is_demo else None) for name in (*CODES, *WORDS)}
    if missing := [name for name in CODES if not found[name]]:
        raise PopulationCodesMissing(missing=", ".join(missing))
    if missing := [name for name in WORDS if not (found[name] or "").strip()]:
        raise PopulationUnfounded(missing=", ".join(missing))
    given = {name: (value or "").strip() for name, value in found.items()}
    for name, longest in CODES.items():
        if not _CODE.fullmatch(given[name]) or len(given[name]) > longest:
            raise SettingWrong(name=name, expected=f"tối đa {longest} chữ cái không dấu, chữ số, dấu chấm, gạch")
    for name in WORDS:
        if not given[name].isprintable() or len(given[name]) > LONGEST_WORD:
            raise SettingWrong(name=name, expected=f"một dòng chữ, tối đa {LONGEST_WORD} ký tự")
    calls = number("POPULATION_DAILY_CALLS", least=0, most=MOST_CALLS)
    return Agreement(
        *(given[name] for name in (*CODES, *WORDS)), calls_a_day=service.calls_a_day if calls is None else int(calls)
    )
