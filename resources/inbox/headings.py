"""The tables of senders whose headings are others than the declared ones: kept by officers, out of the senders' reach."""

from pathlib import Path

from resources.settings import Settings
from resources.workbooks.reading.wanted import choice_of, read_mapping
from schemas.dataset import Source
from schemas.registry import datasets_of


def table_of(settings: Settings, source: str, sender: str) -> Path | None:
    """The sender's own table, else that of all senders of the system; None where there is none."""
    own, of_all = settings.headings_dir / source / f"{sender}.csv", settings.headings_dir / f"{source}.csv"
    return next((path for path in (own, of_all) if path.exists()), None)


def mapping_of(settings: Settings, source: Source, sender: str) -> dict[str, str]:
    """Heading -> column. Raises MappingUnreadable."""
    path = table_of(settings, source.name, sender)
    if path is None:
        return {}
    return read_mapping(path, [column for dataset in datasets_of(source) for column in choice_of(dataset).columns])
