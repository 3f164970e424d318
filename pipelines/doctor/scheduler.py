"""The scheduler, and the last night that it or the night's command ran."""

from pipelines import nights, scheduler
from pipelines.doctor.checking import Told
from pipelines.doctor.failures import NightBad, NightMissed, SchedulerStopped, SchedulesAhead
from resources.hub import Hub
from resources.servers import dagster_ahead
from resources.servers.dagster_runs import heartbeats


def look(hub: Hub) -> Told:
    """Whether it lives. One that stands still is amiss where no night came by another way either; the demo's is let stand."""
    if until := dagster_ahead.latest(hub.settings.dagster_url(), hub.clock.system()):
        raise SchedulesAhead(until=nights.moment(until))
    beat, here = scheduler.last_beat(heartbeats(hub.settings.dagster_url())), scheduler.processes(hub.settings)
    told = scheduler.told(hub, beat, here)
    if beat is None or not scheduler.is_silent(hub, beat):
        return Told(told, is_absent=beat is None)
    if hub.settings.is_demo:
        return Told(told, is_absent=True)
    stopped = SchedulerStopped(last=nights.moment(beat))
    if nights.missed_by(hub, nights.last_nights(hub), hub.clock.now()) is not None:
        raise stopped
    return Told(told, (stopped,))


def last_night(hub: Hub) -> Told:
    """How the last night went, well or badly; raises where none came. The demo waits for none."""
    found = nights.last_nights(hub)
    due = nights.missed_by(hub, found, hub.clock.now())
    if due is not None and not hub.settings.is_demo:
        raise NightMissed(by=nights.moment(due), last="; ".join(map(nights.in_words, found[:1])) or "chưa có đêm nào")
    if not found:
        return Told("chưa có đêm nào", is_absent=True)
    told = nights.in_words(found[0])
    return Told(told, (NightBad(),) if found[0].failed else ())
