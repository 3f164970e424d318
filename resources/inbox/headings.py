"""The tables of senders whose headings are others than the declared ones: kept by officers, out of the senders' reach."""

from pathlib import Path

from resources.local.failures import LocalTableWrong
from resources.local.folder import HEADINGS
from resources.settings import Settings
from resources.workbooks.reading.failures import MappingUnreadable
from resources.workbooks.reading.wanted import Wanted, choice_of, read_mapping
from schemas.dataset import Source
from schemas.registry import datasets_of, source_named


def table_of(settings: Settings, source: str, sender: str) -> Path | None:
    """The sender's own table, else that of all senders of the system; None where there is none."""
    folders = [settings.config_dir / HEADINGS] if settings.config_dir else []
    folders.append(settings.headings_dir)
    tables = [folder / name for name in (f"{source}/{sender}.csv", f"{source}.csv") for folder in folders]
    return next((path for path in tables if path.exists()), None)


def refuse_wrong_table(config: Path, name: str) -> None:
    """Raises LocalTableWrong of a table of headings in the place's folder."""
    try:
        read_mapping(config / name, _columns(source_named(name.split("/")[1].removesuffix(".csv"))))
    except MappingUnreadable as error:
        raise LocalTableWrong(faults=f"{name}: {error.said}") from None


def mapping_of(settings: Settings, source: Source, sender: str) -> dict[str, str]:
    """Heading -> column. Raises MappingUnreadable."""
    path = table_of(settings, source.name, sender)
    if path is None:
        return {}
    return read_mapping(path, _columns(source))


def _columns(source: Source) -> list[Wanted]:
    return [column for dataset in datasets_of(source) for column in choice_of(dataset).columns]
