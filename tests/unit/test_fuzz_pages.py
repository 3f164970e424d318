"""No page of a service stops more than itself: whatever comes is read whole, or refused in words of ours."""

import json
import os
import random
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from resources.connectors.rest import bookmarks
from resources.connectors.rest.bookmarks import Counted, Mark
from resources.connectors.rest.envelope import MOST_PARTS, NO_TEXT, Unlike, columns, parsed
from resources.connectors.rest.spool import Spool
from tests.fixtures.hostile_pages import NAMES, PIECES, SEEDS, check, mutated

pytestmark = pytest.mark.landing

EXAMPLES = int(os.environ.get("ANSINH_EXAMPLES", "100"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.characters(categories=["Cs"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NAMES, "moi"]), inner, max_size=4),
    max_leaves=8,
)
PAGES = st.fixed_dictionaries(
    {"error_code": st.just("00") | VALUES, "tong_so": st.integers(-1, 9) | VALUES, "data": st.lists(VALUES, max_size=4) | VALUES},
    optional={"con_tro_tiep": VALUES, "error": VALUES},
)


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spool]:
    made = Spool(tmp_path_factory.mktemp("spool"))
    yield made
    made.close()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=PAGES, ascii_alone=st.booleans())
def test_a_page_of_anything(spool: Spool, said: Any, ascii_alone: bool) -> None:
    check(json.dumps(said, ensure_ascii=ascii_alone).encode("utf-8", "surrogatepass"), spool)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(), body=st.sampled_from(SEEDS) | st.sampled_from(PIECES) | st.binary(max_size=300))
@example(seed=0, body=b"")
def test_a_page_that_was_changed_on_its_way(spool: Spool, seed: int, body: bytes) -> None:
    check(body, spool)
    check(mutated(body, random.Random(seed)), spool)


def test_the_seeds_are_pages(spool: Spool) -> None:
    assert all(check(body, spool) is not None for body in SEEDS)


@pytest.mark.parametrize("piece", [b"1,", b"[],", b"{},", b'"",'])
def test_a_small_body_does_not_become_a_large_one(piece: bytes) -> None:
    with pytest.raises(Unlike) as unlike:
        parsed(b"[" + piece * MOST_PARTS + b"1]")
    assert "giá trị" in unlike.value.how


@given(text=st.text(max_size=60) | st.builds(json.dumps, VALUES))
def test_a_bookmark_that_is_none_says_nothing(text: str) -> None:
    assert bookmarks.agreed({text}, "asked") == {} or json.loads(text)[0] == "asked"


def test_a_bookmark_says_what_all_of_them_say_of_the_same_questions() -> None:
    words = {"2024-10": (Mark(None, '"a"'), Mark("c2", '"b"')), "2024-11": Counted("20241120000000", 7)}
    kept = bookmarks.written("asked", words)
    assert bookmarks.agreed({kept}, "asked") == words
    assert bookmarks.agreed({kept}, "asked otherwise") == {}
    later = bookmarks.written("asked", words | {"2024-11": Counted("20241121000000", 7)})
    assert bookmarks.agreed({kept, later}, "asked") == {"2024-10": words["2024-10"]}
    assert bookmarks.agreed(None, "asked") == bookmarks.agreed((), "asked") == {}
    many = {f"{year}": tuple(Mark(str(n), f'"{n:032d}"') for n in range(40)) for year in range(2000, 2024)}
    cut = bookmarks.written("asked", many)
    assert len(cut) <= bookmarks.LONGEST and 0 < len(bookmarks.agreed({cut}, "asked")) < len(many)


def test_a_cell_that_is_nested_just_not_too_deep_to_be_read_is_no_text() -> None:
    """To write it takes another depth than to read it."""
    refused = 0
    for depth in range(1, sys.getrecursionlimit()):
        body = b'[{"a":' + b"[" * depth + b"]" * depth + b"}]"
        try:
            rows = parsed(body)
        except Unlike:
            refused += 1
            continue
        (cell,) = columns(rows, ["a"])[0].to_pylist()
        assert cell == NO_TEXT or cell == b"[" * depth + b"]" * depth
    assert refused
