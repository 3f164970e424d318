"""One person in every store of the hub: what is told by a number, or by the digests of one, and where it lies."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from resources.connectors.connector import BATCH_ROWS
from resources.hub import Hub
from resources.person import files
from resources.person.digests import Person, is_card
from resources.person.failures import AnswersOutOfReach
from resources.person.masking import Known, hits
from resources.population.persons import Secret
from resources.raw_store import FILES, RESTRICTED, RawStore
from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.deliveries import Delivery
from resources.warehouse.persons import person_rows, population
from resources.warehouse.persons.person_rows import Stands
from schemas.dataset import Dataset, Source
from schemas.persons import NUMBER, OLD_NUMBER, Place, places_of
from schemas.population import BIRTH, registers
from schemas.registry import is_restricted


@dataclass
class OfDataset:
    """What a dataset holds of the person."""

    dataset: Dataset
    versions: list[sa.Row]
    set_aside: list[tuple[sa.Row, Stands]]
    remarks: list[sa.Row]
    raw: dict[str, int]  # file of the raw store -> rows

    def __bool__(self) -> bool:
        return bool(self.versions or self.set_aside or self.raw)

    @property
    def rows(self) -> int:
        return len(self.versions) + len(self.set_aside)


@dataclass
class Found:
    """What the hub holds of the person, by system."""

    person: Person = field(repr=False)
    datasets: list[OfDataset] = field(default_factory=list)
    sent: list[tuple[str, Delivery]] = field(default_factory=list)  # system, file of a unit in which the person is
    returned: list[Path] = field(default_factory=list)
    asked_by: list[bytes] = field(default_factory=list, repr=False)  # digests of what the population database was asked
    asked: list[sa.Row] = field(default_factory=list)  # what it answered
    paper_uses: int = 0

    @property
    def rows(self) -> int:
        return sum(of.rows for of in self.datasets)

    @property
    def remains(self) -> list[str]:
        """The names of the stores in which something is."""
        told = [
            f"{what} của {of.dataset.id}"
            for of in self.datasets
            for what, there in (("lịch sử", of.versions), ("khu cách ly", of.set_aside), ("tệp gốc", of.raw))
            if there
        ]
        return told + (["thư mục trả lại"] if self.returned else []) + (["kết quả đối chiếu dân cư"] if self.asked else [])


def told_by(connection: sa.Connection, number: str, sources: Iterable[Source]) -> Person:
    """The person of an identity number: with the old number and the numbers of files that stand beside it somewhere."""
    return extended(connection, Person({}).also([(NUMBER, number)]), sources)


def extended(connection: sa.Connection, person: Person, sources: Iterable[Source]) -> Person:
    """The person with all that is found by what is known so far. It is done twice, since an old card finds rows that the new number does not."""
    chosen = [place for source in sources for place in places_of(source.name)]
    for _ in range(2):
        for place in chosen:
            person = person.also(person_rows.more_of(connection, place, person.values))
            for row, stands in person_rows.set_aside(connection, place.dataset, partial(whose, place, person.has)):
                if stands.is_own:
                    person = person.also(_told_in(place, row.received))
    return person


def by_digests(connection: sa.Connection, known: Known, sources: Iterable[Source]) -> Person:
    """Whom digests are of, as far as the hub holds it: every value of the fields that tell a person is tried."""
    person = Person({})
    for source in sources:
        for place in places_of(source.name):
            told = [*place.own, *((one.field, one.tells) for one in place.beside)]
            for name, tells in told:
                values = person_rows.all_values(connection, place.dataset, name)
                person = person.also((tells, value) for value in values if known(tells, value))
            for row, stands in person_rows.set_aside(connection, place.dataset, partial(whose, place, known)):
                if stands.is_own:
                    person = person.also(_told_in(place, row.received))
    return person


def _told_in(place: Place, received: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The number of an old card, also where it stands in the place of the identity number, and that of the file."""

    def given(name: str) -> str:
        value = received.get(place.dataset.column(name).source_column)
        return "" if value is None else str(value)

    for name in {*place.numbers, *place.cards}:
        if is_card(given(name)) or (given(name) and name not in place.numbers):
            yield OLD_NUMBER, given(name)
    if place.gives and given(place.gives[0]):
        yield place.gives[1], given(place.gives[0])


def whose(place: Place, known: Known, received: Mapping[str, Any]) -> Stands | None:
    """How the person stands in a row as received; None: not at all."""
    wanted = {c.source_column for c in place.dataset.columns}
    texts = {
        name: pa.array([None if value is None else str(value)], pa.string()) for name, value in received.items() if name in wanted
    }
    if not texts:
        return None
    found = hits(place, pa.table(texts), known)
    if found.own[0]:
        return Stands(is_own=True)
    columns = [name for names, rows in found.beside if rows[0] for name in names]
    return Stands(is_own=False, columns=tuple(columns)) if columns else None


def find(hub: Hub, connection: sa.Connection, person: Person, sources: Collection[Source], known: Known | None = None) -> Found:
    """`known`: where it is told by digests what raw files and rows hold; else by the person's values."""
    found, tell = Found(person), known or person.has
    for source in sources:
        for place in places_of(source.name):
            of = _in_dataset(hub, connection, place, person, tell)
            if of:
                found.datasets.append(of)
        raw = {path for of in found.datasets for path in of.raw}
        found.sent += [(source.name, d) for d in deliveries.of(connection, source) if d.rows.path in raw]
        found.returned += files.holding(_returned(hub, source), needles(person))
    found.asked_by = _asked_by(hub, connection, found)
    found.asked = list(person_rows.asked_about(connection, found.asked_by)) if found.asked_by else []
    papers = [r.paper_id for of in found.datasets if of.dataset.id.endswith(".result_papers") for r in of.versions]
    found.paper_uses = person_rows.uses_of(connection, papers) if papers else 0
    return found


def _in_dataset(hub: Hub, connection: sa.Connection, place: Place, person: Person, tell: Known) -> OfDataset:
    rows = list(person_rows.versions(connection, place, person.values))
    aside = person_rows.set_aside(connection, place.dataset, partial(whose, place, tell))
    keys = sorted({(r.period, r.unit_code, r.row_key) for r in rows if r.is_own})
    remarks = list(person_rows.remarks(connection, place.dataset, keys))
    return OfDataset(place.dataset, rows, aside, remarks, raw_rows(hub.raw, place, tell))


def raw_rows(store: RawStore, place: Place, tell: Known) -> dict[str, int]:
    """Files of the raw store that hold the person, and how many rows of each."""
    found = {}
    for path in raw_files(store, place.dataset):
        rows = sum(int(hits(place, batch, tell).rows.sum()) for batch in batches(path))
        if rows:
            found[str(path.relative_to(store.root))] = rows
    return found


def raw_files(store: RawStore, dataset: Dataset) -> list[Path]:
    """Every file with rows of a dataset, whether or not anything refers to it."""
    return sorted(
        p for p in folder_of(store, dataset.source.name).joinpath(dataset.name).glob("*/*.parquet") if not p.name.startswith(".")
    )


def sent_files(store: RawStore, source: str) -> list[Path]:
    """Every file that a unit sent, as it came."""
    return sorted(p for p in folder_of(store, source).joinpath(FILES).glob("*") if p.is_file() and not p.name.startswith("."))


def folder_of(store: RawStore, source: str) -> Path:
    return store.root.joinpath(*([RESTRICTED] if is_restricted(source) else []), source)


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as parquet:
        for group in range(parquet.num_row_groups):
            yield from parquet.iter_batches(batch_size=BATCH_ROWS, row_groups=[group])


def _returned(hub: Hub, source: Source) -> Path:
    return hub.settings.returned_of(source.name)


SHORTEST_NEEDLE = 6  # letters: shorter ones stand in any file


def needles(person: Person) -> frozenset[str]:
    """What a file is searched for: the numbers, also as a spreadsheet shows them, without leading zeros."""
    found = {form for value in person.all_values for form in (value, value.lstrip("0"))}
    return frozenset(value for value in found if len(value) >= SHORTEST_NEEDLE)


def _asked_by(hub: Hub, connection: sa.Connection, found: Found) -> list[bytes]:
    """By what the answers of the population database about the person are kept.

    Raises AnswersOutOfReach: by no other secret than theirs are they found, and who is told that all is gone would be told a lie.
    """
    kept = population.kept_check(connection)
    if kept is None:  # nobody was ever asked about
        return []
    key = hub.settings.population_secret()
    if key is None or Secret(key).check != kept:
        raise AnswersOutOfReach
    digest: Callable[..., bytes] = Secret(key).digest
    asked = set()
    of_registers = {r.dataset.id: r for r in registers()}
    for of in found.datasets:
        for row in of.versions if of.dataset.id in of_registers else ():
            births = [getattr(row, name) for name in BIRTH if name in of_registers[of.dataset.id].birth]
            birth = next((b for b in births if b is not None), None)
            if row.is_own and row.identity_number and row.full_name and birth is not None:
                asked.add(digest((row.identity_number, row.full_name, _written(birth))))
    return sorted(asked)


def _written(birth: dt.date | int) -> str:
    return birth.isoformat() if isinstance(birth, dt.date) else f"{birth:04d}"
