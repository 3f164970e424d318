"""The systems that are passed over: the night asks nothing of them, no cell of theirs is missing, and each is named.

In the demo those that the province does not play. In production those that were only not configured yet: no address, or no inbox
where all of one comes as files; nothing ever read or received of them; no file that waits. A system that has lost its address is none
of these: it fails, since nobody would miss its rows otherwise.
"""

from collections.abc import Iterable

from resources.environment import read
from resources.failures import NeverFilled
from resources.hub import Hub
from resources.inbox.looking import waiting
from resources.warehouse.arrivals import dataset_pulls
from schemas.dataset import Source
from schemas.registry import SOURCES

NOT_PLAYED = "không có trong tỉnh mô phỏng và {environment} chưa đặt, nên không đọc gì"
UNCONFIGURED = "chưa cấu hình ({environment} chưa đặt), nên không đọc gì và không ô nào bị tính là thiếu"


def left_out(hub: Hub) -> dict[Source, str]:
    """Source -> why, in words. Raises what keeps the warehouse from being asked, where it has to be."""
    if hub.settings.is_demo:
        unplayed = [s for s in SOURCES if hub.settings.leaves_out(s.name)]
        return {s: NOT_PLAYED.format(environment=s.environment) for s in unplayed}
    return {s: UNCONFIGURED.format(environment=s.environment) for s in unconfigured(hub)}


def unconfigured(hub: Hub) -> list[Source]:
    """The systems without an address of which nothing was ever read and no file waits. Their cells are not owed, and so are in no count."""
    if hub.settings.is_demo:
        return []
    without = [s for s in SOURCES if has_no_address(hub, s) and not waiting(hub.settings.inbox_of(s.name), hub.settings)]
    known = _known(hub, without) if without else frozenset()
    return [s for s in without if s.name not in known]


def has_no_address(hub: Hub, source: Source) -> bool:
    try:
        url = hub.settings.source_url(source.name)
        return url is None or (read(source.environment) is None and not hub.settings.inbox_of(source.name).is_dir())
    except Exception:  # one that cannot be read is an address: whoever asks the source is told what is wrong with it
        return False


def _known(hub: Hub, sources: Iterable[Source]) -> frozenset[str]:
    try:
        warehouse = hub.warehouse
    except NeverFilled:
        return frozenset()
    with warehouse.engine.connect() as connection:
        return dataset_pulls.known_sources(connection, [s.name for s in sources])
