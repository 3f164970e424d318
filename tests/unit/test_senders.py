"""For which communes who sends a file answers, which of several files holds, and what becomes of a row that is another's."""

import datetime as dt
import hashlib
import io
import json
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from resources.raw_store import FILES, RESTRICTED, UNFINISHED, KeptFile, RawFile, RawStore
from resources.warehouse.arrivals.deliveries import Delivery
from resources.warehouse.arrivals.ruling import NOT_HELD, holds_whole, ruling
from schemas import calendar, units
from schemas.dataset import PROVINCE, Moment
from schemas.origin import ROW, SENDER, SHEET
from schemas.registry import dataset_named
from schemas.senders import communes_of, unit_of
from schemas.validation import validate
from tests.fixtures.datasets import good_rows

LIST, REGISTER = dataset_named("social_protection.monthly_payments"), dataset_named("social_protection.beneficiaries")
OCTOBER = calendar.moment(LIST, "2024-10", dt.date(2024, 11, 20))
VINH, CUA_LO = "412", "413"
PLACED = units.placing(OCTOBER.judged_on, OCTOBER.last_day)


def of(unit: str) -> list[str]:
    return sorted(code for code, found in PLACED.items() if found == unit)


def on(day: dt.date) -> Moment:
    return calendar.moment(REGISTER, "now", day)


def test_a_district_answers_for_its_own_a_commune_for_itself_the_province_for_all() -> None:
    assert communes_of(PROVINCE, OCTOBER) == tuple(sorted(PLACED)) and unit_of(PROVINCE, OCTOBER) == PROVINCE
    assert list(communes_of(VINH, OCTOBER)) == of(VINH) and unit_of(VINH, OCTOBER) == VINH
    commune = of(VINH)[1]
    assert communes_of(commune, OCTOBER) == (commune,) and unit_of(commune, OCTOBER) == VINH
    for nobody in ("999", "99999", "", "unknown", "../.."):
        assert (communes_of(nobody, OCTOBER), unit_of(nobody, OCTOBER)) == ((), None)


def test_what_a_unit_sent_that_has_ended_is_still_of_its_communes() -> None:
    before, after = on(dt.date(2024, 11, 20)), on(dt.date(2024, 12, 2))
    own = communes_of(CUA_LO, before)
    assert unit_of(CUA_LO, before) == CUA_LO and unit_of(CUA_LO, after) == VINH
    became = {units.main_successor(code, before.judged_on, after.judged_on) for code in own}
    assert set(communes_of(CUA_LO, after)) == became < set(communes_of(VINH, after))
    year = calendar.moment(dataset_named("poverty.households"), "2024", dt.date(2024, 11, 20))
    assert set(own) < set(communes_of(VINH, year)), "a year's unit is that of its last day"
    communes_alone = on(dt.date(2025, 7, 2))
    found = communes_of("421", communes_alone)
    assert found and {units.communes_on(communes_alone.judged_on)[code].district_code for code in found} == {"421"}
    assert unit_of(found[0], communes_alone) == found[0]


def sent(number: int, sender: str) -> Delivery:
    at = dt.datetime(2024, 11, 1, number, tzinfo=dt.UTC)
    file, rows = KeptFile("-", "-"), RawFile("-", "-", 1)
    return Delivery(number, LIST.name, sender, "whole", ("2024-10",), file, rows, at, None, None, None, (), {})


def held(*deliveries: Delivery) -> dict[int, set[str]]:
    """Of each delivery the communes of which it holds."""
    found = ruling(LIST, OCTOBER, deliveries)
    own = {d: np.flatnonzero(at[:-1] == np.arange(len(found.listed))) for d, at in found.places.items()}
    return {number: {found.listed[place] for place in places} for number, places in own.items()}


def test_the_latest_file_holds_whose_sender_answers_for_a_commune() -> None:
    first, *rest = of(VINH)
    assert held(sent(1, VINH)) == {1: {first, *rest}}
    assert held(sent(1, VINH), sent(2, first)) == {1: set(rest), 2: {first}}
    assert held(sent(1, first), sent(2, VINH)) == {2: {first, *rest}}
    assert held(sent(1, VINH), sent(2, CUA_LO), sent(3, VINH)) == {2: set(of(CUA_LO)), 3: {first, *rest}}
    assert held(sent(1, PROVINCE), sent(2, VINH))[1] == set(PLACED) - {first, *rest}
    assert held(sent(1, "999")) == {}


def test_a_row_of_nobody_it_answers_for_stands_with_the_latest_file_of_its_sender() -> None:
    first = of(VINH)[0]
    found = ruling(LIST, OCTOBER, [sent(1, VINH), sent(2, first), sent(3, PROVINCE), sent(4, VINH)])
    elsewhere = found.listed.index(of(CUA_LO)[0])
    home = found.listed.index(first)
    assert set(found.places) == {3, 4}
    assert (found.places[4][-1], found.places[4][elsewhere]) == (home, home)
    assert (found.places[3][-1], found.places[3][home]) == (len(found.listed), NOT_HELD)


def test_a_file_holds_whole_until_a_later_one_holds_of_a_part_of_any_of_its_months() -> None:
    today, (first, other, *_) = dt.date(2024, 11, 20), of(VINH)
    mine = sent(1, VINH)

    def stands(*found: Delivery, of: Delivery = mine) -> bool:
        return holds_whole(LIST, of, found, today)

    assert stands(mine) and stands(sent(0, VINH), mine) and stands(sent(0, first), mine)
    assert stands(mine, sent(2, CUA_LO)) and stands(mine, sent(2, "999"))
    for part in (VINH, first, PROVINCE):
        assert not stands(mine, sent(2, part))
    assert stands(mine, replace(sent(2, first), kind="patch")) and stands(mine, replace(sent(2, VINH), periods=("2024-09",)))
    both = replace(mine, periods=("2024-09", "2024-10"))
    assert stands(both, of=both)
    assert not stands(both, replace(sent(2, other), periods=("2024-09",)), of=both)
    assert not stands(both, sent(2, other), of=both)
    nobody = sent(1, "999")
    assert not stands(nobody, of=nobody) and not stands(sent(0, VINH)), "of what is not among them nothing holds"
    dossiers = dataset_named("administrative_procedures.dossiers")
    assert dossiers.commune is None
    alone, later = sent(1, PROVINCE), sent(2, PROVINCE)
    [(number, at)] = ruling(dossiers, OCTOBER, [alone, later]).places.items()
    assert (number, at.tolist()) == (2, [0]), "of rows without a commune the last file has all, in one place"
    assert holds_whole(dossiers, alone, [alone], today) and not holds_whole(dossiers, alone, [alone, later], today)


@pytest.mark.parametrize("sender", [VINH, of(VINH)[0], PROVINCE])
def test_a_row_that_is_not_its_senders_is_set_aside_in_its_senders_cell(sender: str) -> None:
    row = good_rows(LIST, OCTOBER)[0]
    commune, key = (LIST.column(name).source_column for name in (LIST.commune or "", LIST.key[0]))
    codes = [of(VINH)[0], of(CUA_LO)[0], "99999", None]
    received = [row | {commune: code, key: f"K-{number}"} for number, code in enumerate(codes)]
    names = [column.source_column for column in LIST.columns]
    texts = {name: pa.array([None if r.get(name) is None else str(r[name]) for r in received], pa.string()) for name in names}
    count = len(received)
    beside = {
        ROW: pa.array(range(count), pa.int64()),
        SHEET: pa.array(["Nguyễn Văn A"] * count),
        SENDER: pa.array([sender] * count),
    }
    verdict = validate(LIST, pa.table({**texts, **beside}), OCTOBER)
    placed = dict(zip(verdict.rejected["ordinal"].to_pylist(), verdict.rejected["unit_code"].to_pylist(), strict=True))
    rules = {
        ordinal: {failure for failure in ("sender_matches", "commune_code_listed") if f'"{failure}"' in failures}
        for ordinal, failures in zip(
            verdict.rejected["ordinal"].to_pylist(), verdict.rejected["failures"].cast(pa.string()).to_pylist(), strict=True
        )
    }
    assert not any("ansinh" in text or "Nguyễn Văn A" in text for text in verdict.rejected["received"].to_pylist())
    if sender == PROVINCE:
        alone = validate(LIST, pa.table(texts), OCTOBER)
        assert (verdict.accepted, verdict.rejected) == (alone.accepted, alone.rejected), "as it is from a database"
        assert CUA_LO in verdict.accepted["unit_code"].to_pylist() and placed[2] == "unknown"
    else:
        assert verdict.accepted["ordinal"].to_pylist() == [0] and verdict.accepted["unit_code"].to_pylist() == [VINH]
        assert placed == dict.fromkeys((1, 2, 3), VINH)
        assert (rules[1], rules[2]) == ({"sender_matches"}, {"commune_code_listed"})


def test_of_rows_of_several_senders_each_is_held_against_its_own() -> None:
    commune, key = (LIST.column(name).source_column for name in (LIST.commune or "", LIST.key[0]))
    senders = [VINH, CUA_LO, PROVINCE, None, of(VINH)[0], of(VINH)[1], "999"]
    row = good_rows(LIST, OCTOBER)[0] | {commune: of(VINH)[0]}
    received = [row | {key: f"K-{number}"} for number in range(len(senders))]
    names = [column.source_column for column in LIST.columns]
    texts = {name: pa.array([None if r.get(name) is None else str(r[name]) for r in received], pa.string()) for name in names}
    verdict = validate(LIST, pa.table(texts | {SENDER: pa.array(senders)}), OCTOBER)
    assert verdict.accepted["ordinal"].to_pylist() == [0, 2, 3, 4]
    assert verdict.rejected["unit_code"].to_pylist() == [CUA_LO, VINH, "unknown"]
    assert verdict.failures_by_rule == {(LIST.commune, "sender_matches"): 3}
    assert verdict.examined.rules == validate(LIST, pa.table(texts), OCTOBER).examined.rules + 1


def test_a_stray_is_told_beside_its_other_faults_and_whatever_was_mended_in_it() -> None:
    """A code of another day is mended, and is another's all the same: nobody's cell changes by it."""
    december = calendar.moment(LIST, "2024-12", dt.date(2025, 1, 20))
    commune, key = (LIST.column(name).source_column for name in (LIST.commune or "", LIST.key[0]))
    amount = LIST.column("amount_vnd").source_column
    row = good_rows(LIST, december)[0]
    received = [row | {commune: "17548", key: "K-1"}, row | {commune: of(VINH)[0], key: "K-2", amount: "?"}]
    received.append(row | {commune: "99999", key: "K-3", amount: "?"})
    names = [column.source_column for column in LIST.columns]
    texts = {name: pa.array([None if r.get(name) is None else str(r[name]) for r in received], pa.string()) for name in names}
    verdict = validate(LIST, pa.table(texts | {SENDER: pa.array(["415"] * 3)}), december)
    rules = [[f["rule"] for f in json.loads(text)] for text in verdict.rejected["failures"].to_pylist()]
    assert rules == [
        ["sender_matches"],
        ["amount_vnd_readable", "sender_matches"],
        ["amount_vnd_readable", "commune_code_listed"],
    ]
    assert verdict.rejected["unit_code"].to_pylist() == ["415"] * 3 and verdict.accepted.num_rows == 0
    assert verdict.repairs_by_rule == {("commune_code", "commune_code_of_another_epoch"): 1}


def test_a_file_that_was_sent_is_kept_as_it_came_for_its_owner_alone(tmp_path: Path) -> None:
    store, content = RawStore(tmp_path / "raw"), b"PK\x03\x04 nobody"
    with store.arriving("children", io.BytesIO(content)) as arriving:
        assert arriving.path.read_bytes() == content
        kept = arriving.keep("xlsx")
    with store.arriving("children", io.BytesIO(content)) as arriving:
        assert arriving.keep("xlsx") == kept, "the same again is the same"
    with store.arriving("children", io.BytesIO(b"given back")):
        pass
    folder = store.root / RESTRICTED / "children" / FILES
    assert [path.name for path in folder.iterdir()] == [f"{kept.sha256[:32]}.xlsx"], "what is not kept is gone"
    assert (store.root / kept.path).read_bytes() == content and kept.sha256 == hashlib.sha256(content).hexdigest()
    left = folder / f".1-ab{UNFINISHED}"
    left.touch()
    store.drop_left_over("children", "profiles")
    assert not left.exists()
    for path in [store.root, *store.root.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
