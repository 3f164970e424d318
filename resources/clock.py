"""The one clock: due dates, arrivals, `recorded_from` and the schedules' today all read it.

In the demo its date stands in `$ANSINH_HOME/clock`, read at each use, so that a standing server sees it move; the time
of day is the real one. In production it is the system's. Dates are those of Asia/Ho_Chi_Minh, instants are UTC.
"""

import datetime as dt
import os
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from resources.failures import Permanent
from resources.settings import Settings

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST_DAY = "2024-11-20"


class ClockWentBack(Permanent):
    attempted = "Đọc đồng hồ"
    found = "đang là {now:%Y-%m-%d %H:%M} UTC, nhưng lần ghi cuối là {last:%Y-%m-%d %H:%M} UTC"
    remedy = "Chỉnh lại đồng hồ hệ thống (NTP) rồi chạy lại; chưa có gì được ghi"
    means = "Đồng hồ máy lùi quá 24 giờ so với lần ghi gần nhất. Hạn nộp và lịch sử sẽ sai nếu ghi tiếp, nên mọi lượt chạy dừng."
    steps = (
        "Xem giờ của máy: timedatectl. Bật đồng bộ giờ (NTP) rồi chờ giờ đúng.",
        "Chạy ansinh doctor: dòng đồng hồ phải tốt.",
        "Chạy lại lượt đã dừng. Không sửa kho để né thông báo này.",
    )


@dataclass(frozen=True)
class Clock:
    settings: Settings

    def today(self) -> dt.date:
        """The day in the province."""
        if not self.settings.is_demo:
            return dt.datetime.now(ZONE).date()
        kept = self.settings.home / "clock"
        text = kept.read_text(encoding="ascii").strip() if kept.exists() else os.environ.get("ANSINH_TODAY") or FIRST_DAY
        return dt.date.fromisoformat(text)

    def now(self, not_before: dt.datetime | None = None) -> dt.datetime:
        """The instant, UTC; never earlier than `not_before`, the last instant recorded.

        The demo's time of day is the real one, so that a day can be moved and a second night made within a minute of
        the first. More than 24 h behind the last instant is refused: due days and history would be wrong.
        """
        real = dt.datetime.now(ZONE)
        now = dt.datetime.combine(self.today(), real.timetz()) if self.settings.is_demo else real
        now = now.astimezone(dt.UTC)
        if not_before is None or now > not_before:
            return now
        if not_before - now > dt.timedelta(hours=24):
            raise ClockWentBack(now=now, last=not_before)
        return not_before + dt.timedelta(microseconds=1)
