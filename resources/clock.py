"""The one clock: due dates, arrivals, `recorded_from` and the schedules' today all read it.

In the demo its date stands in `$ANSINH_HOME/clock`, read at each use, so that a standing server sees it move; the time
of day is the real one. In production it is the system's, and believed only as long as other clocks do not speak against it:
`refuse_wrong` says when. Dates are those of Asia/Ho_Chi_Minh, instants are UTC.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from resources.environment import told
from resources.failures import ClockAgainstServer, ClockLeapt, ClockUnreadable, ClockWentBack
from resources.settings import Settings

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST_DAY = "2024-11-20"
BORNE = dt.timedelta(hours=24)  # from the last recorded instant, either way, without asking anybody
AGREES = dt.timedelta(hours=1)
DRIFTS = dt.timedelta(minutes=5)  # the doctor says so


def system_time() -> dt.datetime:
    return dt.datetime.now(ZONE)


def moment(at: dt.datetime) -> str:
    """An instant as officers read it, by the clock on their wall."""
    return f"{at.astimezone(ZONE):%H:%M %d/%m/%Y}"


@dataclass(frozen=True)
class Clock:
    """`system` tells the machine's own time, with its zone."""

    settings: Settings
    system: Callable[[], dt.datetime] = system_time

    def today(self) -> dt.date:
        """The day in the province."""
        if not self.settings.is_demo:
            return self.system().astimezone(ZONE).date()
        kept = self.settings.home / "clock"
        place = str(kept) if kept.exists() else "ANSINH_TODAY"
        try:
            text = kept.read_text(encoding="ascii").strip() if kept.exists() else told("ANSINH_TODAY") or FIRST_DAY
            day = dt.date.fromisoformat(text)
        except ValueError:
            raise ClockUnreadable(place=place) from None
        if not 2000 <= day.year < 2100:  # calendars and their arithmetic end somewhere
            raise ClockUnreadable(place=place)
        return day

    def now(self, not_before: dt.datetime | None = None) -> dt.datetime:
        """The instant, UTC; never earlier than `not_before`, the last instant recorded.

        The demo's time of day is the real one, so that a day can be moved and a second night made within a minute of
        the first. More than 24 h behind the last instant is refused: due days and history would be wrong.
        """
        real = self.system()
        now = dt.datetime.combine(self.today(), real.timetz()) if self.settings.is_demo else real
        now = now.astimezone(dt.UTC)
        if not_before is None or now > not_before:
            return now
        if not_before - now > BORNE:
            raise ClockWentBack(now=moment(now), last=moment(not_before))
        return not_before + dt.timedelta(microseconds=1)

    def has_leapt(self, last: dt.datetime | None) -> bool:
        """Whether more time than is borne has passed since the last instant, if any: others have to be asked."""
        return not self.settings.is_demo and (last is None or self.now() - last > BORNE)

    def refuse_other_than_server(self, server: dt.datetime) -> None:
        """Raises ClockAgainstServer: the warehouse's own server is another witness, where it is another machine."""
        now = self.now()
        if not self.settings.is_demo and abs(now - server) > AGREES:
            raise ClockAgainstServer(now=moment(now), server=moment(server))

    def refuse_leap(self, last: dt.datetime | None, ahead: Mapping[str, dt.timedelta]) -> None:
        """Raises ClockLeapt unless more sources agree with this clock than do not. `ahead`: by how much it is before each.

        Where nothing was ever recorded, only more voices against it than for it refuse.
        """
        against = [name for name, by in ahead.items() if abs(by) > AGREES]
        agreeing = len(ahead) - len(against)
        if agreeing > len(against) or (last is None and agreeing == len(against)):
            return
        said = ", ".join(f"{name} {_in_words(ahead[name])}" for name in against) or "không nguồn nào trả lời"
        shown = moment(last) if last else "chưa có"
        raise ClockLeapt(now=moment(self.now()), last=shown, told=said + (f", {agreeing} nguồn cùng giờ" if agreeing else ""))


def is_within(now: dt.datetime, at: dt.datetime, span: dt.timedelta) -> bool:
    """Whether an instant lies no longer ago; one that has not come yet was written down by a clock that was ahead, and proves nothing."""
    return -AGREES <= now - at <= span


def _in_words(ahead: dt.timedelta) -> str:
    """In words, how far another clock is behind this one, or ahead of it."""
    hours = abs(ahead).total_seconds() / 3600
    span = f"{hours / 24:.0f} ngày" if hours >= 48 else f"{hours:.0f} giờ"
    return f"chậm hơn {span}" if ahead > dt.timedelta(0) else f"nhanh hơn {span}"
