"""The dated units as SQL joins them: what the walk of schemas/units.py says, for every unit and every commune."""

import datetime as dt
from collections import defaultdict

from schemas import unit_tables, units
from schemas.projections import reference


def test_units_are_succeeded_as_their_communes_are_placed() -> None:
    rows = [
        dict(zip([c.name for c in reference.columns(unit_tables.UNIT_SUCCESSION)], row, strict=True))
        for row in reference.rows(unit_tables.UNIT_SUCCESSION)
    ]
    laws = {}
    days = tuple(map(dt.date.fromisoformat, ("2023-12-31", "2024-11-30", "2024-12-01", "2025-06-30", "2025-07-01", "2025-12-31")))
    for n, then in enumerate(days):
        for now in days[n:]:
            told = {
                (r["former_code"], r["unit_code"])
                for r in rows
                if r["former_from"] <= then <= r["former_to"] and r["valid_from"] <= now <= r["valid_to"]
            }
            own, placed = units.placing(then, then), units.placing(then, now)
            assert told == {(own[code], unit) for code, unit in placed.items()}
            assert {unit for _, unit in told} == {u.code for u in units.submitting_units(now)}
            assert {former for former, _ in told} == {u.code for u in units.submitting_units(then)}
            if units.same_epoch(then, now):
                assert all(former == unit for former, unit in told)
        laws[then] = {(r["legal_basis"], r["confidence"]) for r in rows if r["valid_from"] <= then <= r["valid_to"]}
    made = ("QĐ 124/2004/QĐ-TTg", "NQ 1243/NQ-UBTVQH15", "NQ 1678/NQ-UBTVQH15; QĐ 19/2025/QĐ-TTg")
    assert list(laws.values()) == [{(law, "sure")} for law in made for _ in range(2)]
    # In one order in every process: by a hash of the rows the warehouse knows whether it holds them.
    assert rows == sorted(rows, key=lambda r: (r["former_from"], r["valid_from"], r["former_code"], r["unit_code"]))


def test_every_commune_comes_of_those_whose_main_successor_it_is() -> None:
    for before, first in ((dt.date(2024, 11, 30), dt.date(2024, 12, 1)), (dt.date(2025, 6, 30), dt.date(2025, 7, 1))):
        told = defaultdict(set)
        for record in unit_tables.COMMUNE_SUCCESSION.records():
            if record.span.holds(first):
                told[record.old_code].add((record.new_code, record.is_whole))
        assert told.keys() == units.communes_on(before).keys()
        for code, found in told.items():
            assert units.main_successor(code, before, first) in {new for new, _ in found}
            assert {is_whole for _, is_whole in found} == {len(found) == 1}
