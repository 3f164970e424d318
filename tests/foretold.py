"""`python -m tests.foretold`: what was planted in the province of $ANSINH_HOME against what its night found, row by row.

Every planted fault has to have its outcome and nothing else may have any: `ansinh demo build --scale 1.0`, `ansinh demo up`, `ansinh nightly`,
then this. The tests ask the same of a small province.
"""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from resources.embedded import standing
from resources.settings import Settings
from schemas.population import FINDINGS

Ask = Callable[..., list[Any]]
SHOWN = 20


@dataclass(frozen=True)
class Compared:
    """`absent`: planted, without its outcome; `unplanted`: rejected, or remarked, though nothing was planted there."""

    planted: Counter[str]  # outcome -> how many
    faults: frozenset[str]
    absent: list[dict[str, Any]]
    unplanted: set[tuple[str, ...]]


def compare(truth: Iterable[dict[str, Any]], ask: Ask) -> Compared:
    """`truth`: the lines of `ansinh demo truth --json`; `ask`: answers queries of the warehouse."""
    rejected: dict[tuple[str, ...], dict[str, Any]] = defaultdict(dict)
    for source, dataset, period, key, received, failures in ask(
        "select source, dataset, period, row_key, received, failures from quarantine.rows where resolved_at is null"
    ):
        rejected[source, dataset, period][key] = (received, {f["rule"] for f in failures})
    # What the population database is played to say of whom is drawn, not planted: test_population_night.py.
    remarks = {
        tuple(row)
        for row in ask(
            """select source, dataset, period, row_key, kind, rule from quarantine.remarks
                where resolved_at is null and not rule = any(:asked)""",
            asked=[finding.name for finding in FINDINGS],
        )
    }
    lines = [planted for planted in truth if not planted["outcome"].startswith("file_")]
    absent, told, aside = [], set(), set()
    for planted in lines:
        where = planted["source"], planted["dataset"], planted["period"]
        if planted["outcome"] == "rejected":
            found = _found(planted, rejected[where])
            aside |= {(*where, key) for key in found}
        else:
            found = {(*where, planted["source_key"], planted["outcome"], rule) for rule in planted["rules"]}
            told |= found
            found = found if found <= remarks else set()
        if not found:
            absent.append(planted)
    all_rejected = {(*where, key) for where, rows in rejected.items() for key in rows}
    counted = Counter(planted["outcome"] for planted in lines)
    return Compared(counted, frozenset(p["fault"] for p in lines), absent, (remarks - told) | (all_rejected - aside))


def _found(planted: dict[str, Any], rows: dict[str, Any]) -> set[str]:
    """The rejected rows that are the planted one and broke its rules. One that is known by its key is looked up, not looked for."""
    rules = set(planted["rules"])
    near = {planted["source_key"]} & rows.keys() if planted["keyed"] else set()
    among = near or {key for key in rows if key.startswith("#") or not planted["keyed"]}
    return {key for key in among if rules <= rows[key][1] and _is_the_row(planted, key, rows[key][0])}


def _is_the_row(planted: dict[str, Any], key: str, received: dict[str, Any]) -> bool:
    if planted["keyed"] and not key.startswith("#"):
        return key == planted["source_key"]
    return all(str(received.get(column)) == str(value) for column, value in planted["locator"].items())


def main() -> int:
    printed = subprocess.run([sys.executable, "-m", "demo", "truth", "--json"], capture_output=True, text=True, check=True).stdout
    engine = sa.create_engine(standing(Settings.load().home).url("warehouse"))
    with engine.connect() as connection:
        compared = compare(json.loads(printed), lambda query, **values: list(connection.execute(sa.text(query), values)))
    print(f"{sum(compared.planted.values())} planted rows of {len(compared.faults)} faults: {dict(compared.planted)}")
    print(f"{len(compared.absent)} without their outcome, {len(compared.unplanted)} found where nothing was planted")
    for fault, count in Counter((p["source"], p["dataset"], p["fault"]) for p in compared.absent).most_common(SHOWN):
        print("absent", *fault, count)
    for place, count in Counter((of[0], of[1], *of[4:]) for of in compared.unplanted).most_common(SHOWN):
        print("unplanted", *place, count)
    return 1 if compared.absent or compared.unplanted else 0


if __name__ == "__main__":
    sys.exit(main())
