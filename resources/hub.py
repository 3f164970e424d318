"""The hub as one run holds it: settings, warehouse, raw store, clock. Opened late, never at import."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from resources import state_folder
from resources.backup.unfinished import refuse_half_restored
from resources.clock import Clock, system_time
from resources.raw_store import RawStore
from resources.settings import Settings
from resources.streaming.tuning import Tuning
from resources.warehouse import instants
from resources.warehouse.engine import Warehouse
from resources.warehouse.instants import Recorded


@dataclass(frozen=True)
class Hub:
    settings: Settings
    tuning: Tuning = field(default_factory=Tuning, repr=False)
    system: Callable[[], dt.datetime] = field(default=system_time, repr=False)
    address: Callable[[Settings], str] = field(default=Settings.warehouse_url, repr=False)  # under which login it is worked
    _last: list[dt.datetime] = field(default_factory=list, repr=False)

    @classmethod
    def open(cls) -> "Hub":
        """A hub to work with: what its servers and its warehouse need is done on the way."""
        hub = cls._of(Settings.load())
        state_folder.close(hub.settings.home)
        return hub

    @classmethod
    def look(cls) -> "Hub":
        """A hub to read alone: nothing is started, made, brought up or written."""
        return cls._of(Settings.load().reading())

    @classmethod
    def glance(cls) -> "Hub":
        """A hub to read alone, under the login that sees how cells and reports stand, and no row of a restricted system or of quarantine."""
        return cls._of(Settings.load().reading(), Settings.read_url)

    @classmethod
    def _of(cls, settings: Settings, address: Callable[[Settings], str] = Settings.warehouse_url) -> "Hub":
        settings.refuse_no_state()
        refuse_half_restored(settings.home)
        return cls(settings, address=address)

    @cached_property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.address(self.settings), self.settings.only_reads).open()

    @cached_property
    def reporting(self) -> Warehouse:
        """The warehouse for who counts and files forms: under a login that may do that and nothing else."""
        own, url = self.warehouse, self.settings.report_url()  # its owner's first: who only reports brings nothing up
        return own if url == own.url else Warehouse(url, self.settings.only_reads).open()

    @cached_property
    def raw(self) -> RawStore:
        return RawStore(self.settings.raw_dir)

    @cached_property
    def clock(self) -> Clock:
        return Clock(self.settings, self.system)

    def today(self) -> dt.date:
        return self.clock.today()

    def now(self) -> dt.datetime:
        """The instant, never earlier than the last one recorded by any run.

        Asked first, other clocks are held against this one, before anything is written: resources/clock.py.
        """
        if not self._last:
            recorded = self.recorded()
            self.clock.refuse_other_than_server(recorded.server)
            if not self.settings.only_reads:
                self.refuse_leap(recorded.last)
            if recorded.last:
                self._last.append(recorded.last)
        now = self.clock.now(self._last[-1] if self._last else None)
        self._last[:] = [now]
        return now

    def recorded(self) -> Recorded:
        with self.warehouse.engine.connect() as connection:
            return instants.recorded(connection)

    def refuse_leap(self, last: dt.datetime | None) -> None:
        """Raises ClockLeapt; the sources are asked only where there was one."""
        if self.clock.has_leapt(last):
            from resources.connectors.witnesses import ahead_of_sources  # the drivers of the sources: `status` needs none

            self.clock.refuse_leap(last, ahead_of_sources(self.settings, self.clock.now))
