"""What is not among others, of hashes by the million."""

import hashlib

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resources.streaming.packed import AT_ONCE, few_not_among, not_among

ROWS = st.lists(st.integers(0, 100), max_size=60)


def _hashes(rows: list[int]) -> np.ndarray:
    return np.array([int.from_bytes(hashlib.blake2b(b"%d" % r, digest_size=8).digest(), signed=True) for r in rows], np.int64)


@given(ROWS, ROWS)
@example([], [])
@example([1, 2], [])
@example([], [1, 2])
@example([5, 5, 6], [5])  # held twice: pulled whole, and again in an increment
def test_each_that_the_others_lack_is_told_and_no_other(rows: list[int], others: list[int]) -> None:
    expected = sorted(_hashes([r for r in rows if r not in others]).tolist())
    assert sorted(not_among(_hashes(rows), _hashes(others)).tolist()) == expected
    assert sorted(few_not_among(_hashes(rows), _hashes(others)).tolist()) == expected


@pytest.mark.parametrize("apart", [0, 1, 5_000])
def test_of_more_than_are_looked_at_at_once(apart: int) -> None:
    chance = np.random.default_rng(1)
    held = np.unique(chance.integers(-(2**63), 2**63 - 1, 3 * AT_ONCE + 1))
    gone, kept = held[:apart], chance.permutation(np.concatenate([held[apart:], [17]]))
    assert np.array_equal(np.sort(not_among(chance.permutation(held), kept)), gone)
    assert not len(not_among(held, held[::-1]))
    assert len(not_among(held, np.empty(0, np.int64))) == len(held)
