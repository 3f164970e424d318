"""What a release says of itself in words: which periods are not final, and what changed. By what is shown alone."""

from collections.abc import Iterable, Mapping, Sequence

from resources.publication.content import Row
from schemas.dataset import PROVINCE

STATUS, MATURITY = -2, -1  # of a released row


def by_period(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def changes(former: Mapping[str, Sequence[Row]], rows: Mapping[str, Sequence[Row]], *, is_first: bool) -> str:
    """What a reader of the release before will find otherwise. `is_first`: there is none before it."""
    if is_first:
        return "Lần công bố đầu tiên"
    if not former:
        return "Mọi kỳ được làm lại theo quy tắc làm tròn; số của các bản trước không còn dùng"
    parts = [
        ("Kỳ mới", [p for p in rows if p not in former]),
        ("Kỳ bỏ", [p for p in former if p not in rows]),
        ("Kỳ sửa", [f"{p} ({n} giá trị)" for p in rows if p in former and (n := len(set(rows[p]) - set(former[p])))]),
    ]
    return ". ".join(f"{what}: {', '.join(found)}" for what, found in parts if found) or "Chỉ đổi phần mô tả"


def maturity_note(rows: Mapping[str, Sequence[Row]]) -> str:
    """Which periods are not final and why, in words: by what is shown."""
    notes, final = [], 0
    for period, shown in sorted(rows.items()):
        missing = list(dict.fromkeys(r[2] for r in shown if r[STATUS] == "not_reported" and r[1] != PROVINCE))
        if missing:
            named = ", ".join(missing[:5]) + (f" và {len(missing) - 5} đơn vị khác" if len(missing) > 5 else "")
            notes.append(f"{period}: chưa có số của {named}")
        elif any(r[MATURITY] == "corrected" for r in shown):
            notes.append(f"{period}: đã đính chính")
        else:
            final += 1
    if final:
        notes.append(f"{final} kỳ chính thức")
    return ". ".join(notes)
