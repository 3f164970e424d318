"""Random streams, each named: a draw added in one place never moves the draws of another. Holds no drawing of facts."""

import zlib
from collections.abc import Sequence

import numpy as np


def stream(seed: int, *names: object) -> np.random.Generator:
    """A generator that depends on the seed and the names alone."""
    return np.random.Generator(np.random.PCG64([seed, *(zlib.crc32(str(n).encode()) for n in names)]))


def choose(rng: np.random.Generator, size: int, weights: Sequence[float] | np.ndarray) -> np.ndarray:
    """`size` indexes drawn with the given weights, with replacement."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(edges, rng.random(size) * edges[-1], side="right").astype(np.int32)


def take_weighted(rng: np.random.Generator, weights: np.ndarray, count: int) -> np.ndarray:
    """`count` distinct indexes, likelier where the weight is larger; fewer where too few have a weight."""
    weights = np.asarray(weights, dtype=float)
    keys = np.where(weights > 0, rng.exponential(size=len(weights)) / np.maximum(weights, 1e-12), np.inf)
    count = min(count, int((weights > 0).sum()))
    if count <= 0:
        return np.zeros(0, dtype=np.int64)
    return np.sort(np.argpartition(keys, count - 1)[:count])


def apportion(total: int, weights: np.ndarray) -> np.ndarray:
    """Whole shares of a total in proportion to the weights (largest remainders): the shares sum to the total."""
    weights = np.asarray(weights, dtype=float)
    if total <= 0 or weights.sum() <= 0:
        return np.zeros(len(weights), dtype=np.int64)
    exact = weights / weights.sum() * total
    shares = np.floor(exact).astype(np.int64)
    left = total - int(shares.sum())
    shares[np.argsort(-(exact - shares), kind="stable")[:left]] += 1
    return shares


def permuted(rank: np.ndarray, modulus: int, multiplier: int, offset: int) -> np.ndarray:
    """Distinct pseudo-random numbers below the modulus for distinct ranks; the multiplier shares no factor with it."""
    return (rank.astype(np.int64) * multiplier + offset) % modulus
