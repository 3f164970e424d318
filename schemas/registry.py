"""All declared sources and datasets: one folder in schemas/sources is one system, found by being there."""

import importlib
import pkgutil

from schemas import sources
from schemas.dataset import Dataset, Source
from schemas.roads import Rest

MODULES = tuple(
    importlib.import_module(f"schemas.sources.{m.name}")
    for m in sorted(pkgutil.iter_modules(sources.__path__), key=lambda m: m.name)
)
SOURCES: tuple[Source, ...] = tuple(m.SOURCE for m in MODULES)
DATASETS: tuple[Dataset, ...] = tuple(d for m in MODULES for d in m.DATASETS)


def source_named(name: str) -> Source:
    for source in SOURCES:
        if source.name == name:
            return source
    raise KeyError(f"there is no source system {name!r}; the declared ones are {', '.join(s.name for s in SOURCES)}")


def is_restricted(name: str) -> bool:
    """Whether a system of this name is declared as one whose leak harms for life."""
    return any(source.name == name and source.restricted for source in SOURCES)


def datasets_of(source: Source | str) -> tuple[Dataset, ...]:
    name = source if isinstance(source, str) else source.name
    return tuple(d for d in DATASETS if d.source.name == name)


def comes_by_service(source: Source | str) -> bool:
    """Whether what is declared of a system comes by services behind the provincial platform."""
    return any(isinstance(dataset.road, Rest) for dataset in datasets_of(source))


def comes_by_file(source: Source | str) -> bool:
    """Whether all that is declared of a system comes as files that units send."""
    found = datasets_of(source)
    return bool(found) and all(dataset.comes_in_files for dataset in found)


def is_declared(identifier: str) -> bool:
    return any(dataset.id == identifier for dataset in DATASETS)


def dataset_named(identifier: str) -> Dataset:
    """`poverty.households` -> the dataset."""
    for dataset in DATASETS:
        if dataset.id == identifier:
            return dataset
    raise KeyError(f"there is no dataset {identifier!r}; the declared ones are {', '.join(d.id for d in DATASETS)}")
