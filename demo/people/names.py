"""Vietnamese names in their frequencies by ethnic group, sex and generation, and how a name is written.

Frequencies of the Kinh surnames follow published counts for Nghệ An; those of the other groups are model values. No
name of a living person is meant: parts are drawn independently of each other.
"""

import csv
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.people.randomness import choose

GROUPS = ("kinh", "thai", "tho", "mong", "khomu", "odu")
# Codes of the 54 peoples (QĐ 121-TCTK/PPCĐ of 2/3/1979).
ETHNICITY = {"kinh": "01", "thai": "03", "tho": "24", "mong": "08", "khomu": "29", "odu": "53"}
ERAS = ("old", "mid", "young")  # born before 1965, before 1995, since
_DATA = Path(__file__).parent / "data" / "names.csv"


@dataclass(frozen=True)
class Pool:
    parts: np.ndarray  # indexes into the list of its part
    weights: np.ndarray


@dataclass(frozen=True)
class Names:
    surnames: tuple[str, ...]
    middles: tuple[str, ...]  # the first is empty: a name of two syllables
    givens: tuple[str, ...]
    pools: dict[tuple[str, str, int, str], Pool]  # (part, group, sex, era); sex 0 and era "" where they do not matter

    def pool(self, part: str, group: str, sex: int = 0, era: str = "") -> Pool:
        return self.pools.get((part, group, sex, era)) or self.pools[(part, group, sex, "")]

    def draw(self, rng: np.random.Generator, part: str, groups: np.ndarray, sexes: np.ndarray, eras: np.ndarray) -> np.ndarray:
        """An index of the part for each person, by ethnic group, sex and generation."""
        found = np.zeros(len(groups), dtype=np.int16)
        for g, group in enumerate(GROUPS):
            for sex in (0,) if part == "surname" else (1, 2):
                for e, era in enumerate(ERAS):
                    rows = np.flatnonzero((groups == g) & (eras == e) & ((sexes == sex) | (sex == 0)))
                    if len(rows):
                        pool = self.pool(part, group, sex, "" if part == "surname" else era)
                        found[rows] = pool.parts[choose(rng, len(rows), pool.weights)]
        return found

    @property
    def plain(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each part, a number that is the same for spellings equal without marks: what tells two persons apart."""
        return tuple(_folded_numbers(part) for part in (self.surnames, self.middles, self.givens))  # ty: ignore[invalid-explicit-return]


@cache
def names() -> Names:
    lists: dict[str, list[str]] = {"surname": [], "middle": [""], "given": []}
    pools = {}
    with _DATA.open(encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            values, weights = [], []
            for item in row["names"].split(" "):
                value, weight = item.rsplit(":", 1)
                if value not in lists[row["part"]]:
                    lists[row["part"]].append(value)
                values.append(lists[row["part"]].index(value))
                weights.append(float(weight))
            key = (row["part"], row["group"], int(row["sex"] or 0), row["era"])
            pools[key] = Pool(np.array(values, dtype=np.int16), np.array(weights))
    return Names(tuple(lists["surname"]), tuple(lists["middle"]), tuple(lists["given"]), pools)


def written(surname: np.ndarray, middle: np.ndarray, given: np.ndarray) -> pa.Array:
    """The full names, as they stand on a birth certificate."""
    known = names()
    middles = pa.array([m or None for m in known.middles]).take(pa.array(middle))
    return pc.binary_join_element_wise(
        pa.array(known.surnames).take(pa.array(surname)),
        middles,
        pa.array(known.givens).take(pa.array(given)),
        " ",
        null_handling="skip",
    )


def without_marks(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "D").lower()


def _folded_numbers(parts: tuple[str, ...]) -> np.ndarray:
    folded = [without_marks(p) for p in parts]
    order = {f: i for i, f in enumerate(dict.fromkeys(folded))}
    return np.array([order[f] for f in folded], dtype=np.int64)
