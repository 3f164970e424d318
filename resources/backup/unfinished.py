"""The mark of a restore that was cut short: what stands in such a home is no state, and no command works on it."""

from pathlib import Path

from resources.backup.failures import HalfRestored

RESTORING = ".restoring"  # stands in the home while a restore is under way


def refuse_half_restored(home: Path) -> None:
    """Raise where a restore was cut short."""
    marker = home / RESTORING
    if marker.exists():
        raise HalfRestored(home=home, name=marker.read_text(encoding="utf-8").strip() or "một bản sao lưu")
