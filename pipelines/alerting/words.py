"""A message to the operators: what came, what is over, where to look."""

import datetime as dt
import uuid
from collections.abc import Sequence

from pipelines.alerting.matters import ENDS_ARE_TOLD
from pipelines.door.addresses import SETTING as UI_ORIGIN
from resources.alerting.message import Message
from resources.clock import moment
from resources.environment import read
from resources.settings import Settings
from resources.warehouse.running.alerts import Alert
from schemas.written import grouped

MOST_LINES = 40  # of what came, and of what is over
LONGEST_SUBJECT = 120
CLOSING = "Tin tự động của ansinh, mỗi việc báo một lần. Chỉ có số đếm, tên hệ thống, kỳ, biểu; không có dữ liệu cá nhân."


def composed(come: Sequence[Alert], over: Sequence[Alert], settings: Settings, now: dt.datetime) -> Message | None:
    """One message of all of these; None: there is nothing to tell."""
    told_over = [alert for alert in over if alert.kind in ENDS_ARE_TOLD]
    if not come and not told_over:
        return None
    return _message(_heading(come, told_over), [*_part("Cần xem", come), *_part("Đã hết", told_over)], settings, now)


def trial(settings: Settings, now: dt.datetime) -> Message:
    """What proves that a channel works."""
    return _message("thử báo tin", ["Kênh này nhận được tin của ansinh.", ""], settings, now)


def warehouse_lost(settings: Settings, now: dt.datetime, *, since: dt.datetime | None = None) -> Message:
    """The warehouse does not answer, or (`since`) answers again: what this place remembers by itself."""
    if since is None:
        words = (
            "Kho dữ liệu của trung tâm không mở được: lượt đêm không chạy được. Xem: ansinh doctor, dịch vụ PostgreSQL của kho"
        )
        return _message("kho dữ liệu không mở được", ["Cần xem:", f"- {words}", ""], settings, now)
    words = f"Kho dữ liệu của trung tâm mở lại được (không mở được từ {moment(since)})"
    return _message("đã hết: kho dữ liệu mở lại được", ["Đã hết:", f"- {words}", ""], settings, now)


def _heading(come: Sequence[Alert], over: Sequence[Alert]) -> str:
    """The only thing there is, or how many."""
    if len(come) + len(over) == 1:
        first = (come or over)[0].words.partition(". ")[0].partition("; ")[0]
        return first if come else f"đã hết: {first}"
    told = [f"{grouped(len(come))} việc cần xem"] if come else []
    return ", ".join([*told, *([f"{grouped(len(over))} việc đã hết"] if over else [])])


def _part(title: str, alerts: Sequence[Alert]) -> list[str]:
    if not alerts:
        return []
    is_over = title == "Đã hết"
    lines = [
        f"- {a.words.partition('. ')[0]} (từ {moment(a.first_seen)})" if is_over else f"- {a.words}" for a in alerts[:MOST_LINES]
    ]
    if more := len(alerts) - MOST_LINES:
        lines += [f"- và {grouped(more)} việc khác: ansinh alert --dry-run"] if more > 0 else []
    return [f"{title}:", *lines, ""]


def _message(heading: str, lines: Sequence[str], settings: Settings, now: dt.datetime) -> Message:
    place = "ansinh, tỉnh mô phỏng" if settings.is_demo else "ansinh"
    subject = f"[{place}] {heading}"
    if len(subject) > LONGEST_SUBJECT:
        subject = f"{subject[: LONGEST_SUBJECT - 1]}…"
    origin = read(UI_ORIGIN)
    link = [f"Giao diện: {origin}"] if origin else []
    return Message(str(uuid.uuid4()), subject, "\n".join([*lines, *link, CLOSING]), now)
