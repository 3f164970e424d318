"""A source whose tables are given by services of the demo's platform: hubs that read it over real HTTP."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from unittest import mock

from resources.hub import Hub
from schemas import services
from schemas.dataset import Source
from schemas.services import Service
from schemas.sources.social_protection.datasets import BENEFICIARIES
from schemas.submissions import SUBMISSION_LOG
from tests.integration.platform_server import CLIENT, PARTNER, RunningPlatform, running_platform, service
from tests.integration.province import Province
from tests.integration.two_hubs import LIST, REGISTER, SOURCE, SOURCE_DATABASE, Two

AT_ONCE = {"calls_per_minute": 600_000}
BY_NUMBER = {"paging": "number", "page_parameter": "trang", "next_at": "", **AT_ONCE}
# Pages so small that a register has several, and so has a month. One of each kind: it knows by an ETag whether it stands still, or
# what changed since an instant; in PLAIN it can tell neither.
LISTED = service(SOURCE, REGISTER, page_size=150, from_parameter="", to_parameter="", since_parameter="", **AT_ONCE)
LISTS = service(SOURCE, LIST, page_size=200, etag_of="", **BY_NUMBER)
LOG = service(
    SOURCE,
    SUBMISSION_LOG.road.at_source,
    page_size=500,
    from_parameter="",
    to_parameter="",
    since_parameter="",
    etag_of="",
    **BY_NUMBER,
)
SERVICES = (LISTED, LISTS, LOG)
PLAIN = (
    replace(LISTED, path="/doi-tuong", paging="number", page_parameter="trang", next_at="", etag_of=""),
    replace(LISTS, path="/chi-tra", paging="cursor", page_parameter="con_tro", next_at="con_tro_tiep", since_parameter=""),
    LOG,
)


@dataclass(kw_only=True)
class ByRest(Two):
    """The same source, and hubs that read it through a platform."""

    running: RunningPlatform
    declared: Sequence[Service] = SERVICES

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | settings(BENEFICIARIES.source, self.running)

    @contextmanager
    def leading(self, hub: Hub) -> Iterator[None]:
        with super().leading(hub), mock.patch.object(services, "services", lambda: tuple(self.declared)):
            yield


def settings(source: Source, platform: RunningPlatform) -> dict[str, str]:
    """Those by which a source is found behind a platform."""
    keys = zip(("LGSP_CLIENT_ID", "LGSP_CLIENT_SECRET", "LGSP_PARTNER_CODE"), (*CLIENT, PARTNER["PartnerCode"]), strict=True)
    return {source.environment: platform.url, **dict(keys)}


@contextmanager
def platform_of(made: Province) -> Iterator[RunningPlatform]:
    """A platform before the database of the source, with all of these services."""
    connect = {SOURCE: partial(made.server.connect, SOURCE_DATABASE, f"{SOURCE}_reader")}
    declared = dict.fromkeys((*SERVICES, *PLAIN))
    with running_platform(connect, declared, made.home / "platform", lambda: LISTS.valid_from) as running:
        yield running
