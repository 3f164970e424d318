"""Whether what came is what the source has: the same bytes hashed here as there, and the sums held against each other.

No driver is believed. Rule and proof: docs/method/digests.md.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sums:
    """Rows, and the sum of their hashes."""

    rows: int = 0
    hashes: int = 0

    def differs_from(self, told: "Sums") -> str | None:
        """What differs, in words; None: nothing."""
        parts = ("số dòng", "tổng mã băm")
        found = [part for part, a, b in zip(parts, self._all, told._all, strict=True) if a != b]
        return f"{', '.join(found)}; nhận {self.rows} dòng, nguồn đếm {told.rows}" if found else None

    @property
    def _all(self) -> tuple[int, int]:
        return self.rows, self.hashes
