"""What each source system says of the people: one module a system, named as the system is declared. A system may have none.

A module may hold

- `plans(province)`, always: it yields the planted rows of its datasets;
- `changes(province)`: the rows that change after the first day;
- `SENDING`, by the name of a dataset: how units send it, where that is not left to chance alone;
- `FILES`, by the name of a dataset: in which files it is sent;
- `ON_MARIADB`: whether its database lies on a MariaDB, where the machine has one;
- `FAULTS`: what breaks the rules of the system's own, here or, where they are many, in a module beside this one (`<system>_faults`).
"""

import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

from demo.faults.planting import Planted
from demo.lives.deliveries import Sending
from demo.lives.province import Province
from demo.offices.parcels import Files
from demo.writing.values import Change
from schemas.dataset import Dataset, Source


@dataclass(frozen=True)
class System:
    """A source system that the synthetic province plays."""

    source: Source
    module: ModuleType

    @property
    def is_on_mariadb(self) -> bool:
        return getattr(self.module, "ON_MARIADB", False)

    def plans(self, province: Province) -> Iterator[Planted]:
        return self.module.plans(province)

    def changes(self, province: Province) -> Iterator[Change]:
        return self.module.changes(province) if hasattr(self.module, "changes") else iter(())

    @property
    def files(self) -> Mapping[str, Files]:
        return getattr(self.module, "FILES", {})

    def sending(self, dataset: Dataset) -> Sending:
        known: Mapping[str, Sending] = getattr(self.module, "SENDING", {})
        return known.get(dataset.name, Sending())


def system(source: Source) -> System | None:
    """The module of a declared system; None where the province does not play it."""
    name = f"{__name__}.{source.name}"
    return System(source, importlib.import_module(name)) if importlib.util.find_spec(name) else None


def ways_of(source: Source) -> Mapping[str, Files]:
    """In what files a system's units send, by the dataset's name."""
    found = system(source)
    return found.files if found else {}
