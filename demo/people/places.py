"""The communes of the province in its last epoch before 1/12/2024, with the facts the synthesis needs of them.

Codes, names and districts come from schemas/units; the population by commune (the figures of the 2025 merger dossiers
shared among the former communes) and the facts by district are model values, in demo/people/data.
"""

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from schemas import units
from schemas.column import Text

EPOCH_DAY = dt.date(2024, 11, 20)  # every code the province writes until 30/11/2024 is one of this day's
_DATA = Path(__file__).parent / "data"
# Districts whose rural communes are nearly all of "khu vực III" (QĐ 861/QĐ-TTg 2021); of the two others a few are.
POOR_DISTRICTS = ("415", "416", "417", "418")
PARTLY_HARD = {"420": 6, "422": 7}


@dataclass(frozen=True)
class District:
    code: str
    households: int
    poor_2024: int
    near_poor_2024: int
    merit_payees: int
    household_size: float
    is_mountainous: bool
    groups: np.ndarray  # shares of the ethnic groups, in the order of names.GROUPS


@dataclass(frozen=True)
class Places:
    codes: np.ndarray  # of the communes, in code order
    names: np.ndarray
    urban: np.ndarray  # phường, thị trấn
    district: np.ndarray  # index into districts
    unit_2024: np.ndarray  # the unit that submits for the commune in periods that end on 31/12/2024
    hard: np.ndarray  # specially hard area
    weight: np.ndarray
    districts: tuple[District, ...]

    @property
    def district_codes(self) -> np.ndarray:
        return np.array([d.code for d in self.districts])

    @property
    def unit_2023(self) -> np.ndarray:
        """The submitting unit of each commune in periods that end before 1/12/2024: its district."""
        return self.district_codes[self.district]


@cache
def places() -> Places:
    listed = units.communes(EPOCH_DAY).sort_values("code").reset_index(drop=True)
    with (_DATA / "commune_population.csv").open(encoding="utf-8", newline="") as f:
        population = {r["code"]: float(r["population_model"]) for r in csv.DictReader(f)}
    districts = _districts()
    order = {d.code: i for i, d in enumerate(districts)}
    codes = listed["code"].astype(str).to_numpy()
    of = listed["district_code"].astype(str).to_numpy()
    urban = ~listed["kind"].astype(str).str.lower().eq("xã").to_numpy()
    hard = np.isin(of, POOR_DISTRICTS) & ~urban
    for code, count in PARTLY_HARD.items():
        hard[np.flatnonzero((of == code) & ~urban)[:count]] = True
    successor = units.place(pd.Series(codes, dtype=Text), EPOCH_DAY, dt.date(2024, 12, 31))
    return Places(
        codes=codes,
        names=listed["name"].astype(str).to_numpy(),
        urban=urban,
        district=np.array([order[c] for c in of], dtype=np.int32),
        unit_2024=successor.astype(str).to_numpy(),
        hard=hard,
        weight=np.array([population[c] for c in codes]),
        districts=districts,
    )


def _districts() -> tuple[District, ...]:
    with (_DATA / "districts.csv").open(encoding="utf-8", newline="") as f:
        return tuple(
            District(
                r["code"],
                int(r["households"]),
                int(r["poor_2024"]),
                int(r["near_poor_2024"]),
                int(r["merit_payees"]),
                float(r["household_size"]),
                r["is_mountainous"] == "1",
                np.array([float(r[g]) for g in ("kinh", "thai", "tho", "mong", "khomu", "odu")]),
            )
            for r in csv.DictReader(f)
        )
