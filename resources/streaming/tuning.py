"""What was tuned by measuring (benchmarks/README.md): how much is taken at once. A result never depends on it."""

from dataclasses import dataclass


@dataclass
class Tuning:
    """`changes_at_most`: keys that come and go in an increment are told the warehouse at once; of more, all is read.

    `texts_at_once`: rows written as text, which take ten times as much memory so. `copied_at_once`: rows of one COPY; encoded they
    lie in memory twice, and what encodes them lets no other thread of ours work meanwhile.
    """

    changes_at_most: int = 1 << 18
    texts_at_once: int = 8_192
    copied_at_once: int = 4_096
