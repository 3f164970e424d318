"""No file stops more than itself: whatever comes is read whole, or refused in words of ours."""

import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from resources.failing import Failure
from resources.workbooks.reading import failures
from resources.workbooks.reading.read import read_grids
from tests.fixtures.hostile_files import CHOICES, check, grid, guarded, in_memory, mutated, seeds, whole

pytestmark = pytest.mark.landing

EXAMPLES = int(os.environ.get("ANSINH_EXAMPLES", "25"))
WORDS = sorted(
    {text for choice in CHOICES.values() for c in choice.columns for text in (c.title, *c.headings[:2], *c.item[:1], *c.part[:1])}
)
ODD = (
    "Nam",
    "Nữ",
    "-",
    "#REF!",
    "Tổng cộng",
    "Mã xã: 16681",
    "Tháng 10 năm 2024",
    "(1)",
    "STT",
    "10/2024",
    "1.234,5",
    "ng\x1fắt",
    "\ud800",
)
CELLS = st.none() | st.sampled_from(WORDS) | st.sampled_from(ODD) | st.text(max_size=12)


@pytest.fixture(scope="module")
def spool() -> Iterator[Any]:
    with tempfile.TemporaryFile() as file:
        yield file


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.integers(2, 7), st.data())
def test_a_sheet_of_anything(spool: Any, width: int, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=9))
    ends = st.integers(0, 9)
    merged = data.draw(st.lists(st.tuples(ends, ends, ends, ends), max_size=4))
    names = data.draw(st.lists(st.sampled_from([*CHOICES]), min_size=1, max_size=2, unique=True))
    words = [c.part[:1] or (c.title, *c.headings[:2]) for c in sorted(CHOICES[names[0]].columns, key=lambda c: not c.is_required)]
    chosen = data.draw(st.permutations(words[1:]))
    heads = [data.draw(st.sampled_from(of) | CELLS) for of in (words[0], *chosen)][:width]
    heads += [None] * (width - len(heads))
    rows.insert(data.draw(st.integers(0, len(rows))), heads)
    try:
        rows_found = check(read_grids([grid(rows, spool, merged)], {name: CHOICES[name] for name in names}, {}, "tệp"), len(rows))
        event("rows" if rows_found else "no row")
    except Failure as failure:
        event(type(failure).__name__)
        assert type(failure).__module__ == failures.__name__


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    return seeds(tmp_path_factory.mktemp("tot"))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(), kind=st.sampled_from(["xlsx", "csv"]))
def test_a_file_that_was_changed_on_its_way(known: dict[str, list[bytes]], spool: Any, seed: int, kind: str) -> None:
    chance = random.Random(seed)
    records = guarded(mutated(kind, chance.choice(known[kind]), chance))
    if records:
        in_memory(records, spool)


def test_the_seeds_are_read(known: dict[str, list[bytes]], tmp_path: Path, spool: Any) -> None:
    for data in known["csv"]:
        assert guarded(data)
    (tmp_path / "a").write_bytes(known["xlsx"][0])
    assert whole(tmp_path / "a") == "rows"
