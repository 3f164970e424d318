"""One person taken out of every store of the hub, so that every count still holds and a kill at any instant leaves the old or the new.

The act and the digests are kept first: from then on no load lets the person in. Raw files are written anew before what refers to them is
changed, and removed after; rows of the warehouse go in one transaction. Done again, all of it ends the same.
"""

import io
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pyarrow as pa

from resources.durable import sync
from resources.hub import Hub
from resources.locks import only_one
from resources.person import finding
from resources.person.digests import Person, Secret
from resources.person.failures import RemainsOfPerson
from resources.person.finding import Found
from resources.person.masking import Known, Masks, hits
from resources.person.sent import as_csv
from resources.person.suppression import by_digests
from resources.raw_store import EXTENSIONS, RawStore
from resources.warehouse.arrivals import deliveries
from resources.warehouse.persons import person_acts, person_rows, population
from resources.warehouse.persons.person_acts import Act
from resources.warehouse.persons.person_rows import Taken
from schemas.dataset import Source
from schemas.persons import places_of
from schemas.registry import source_named


def digests_of(by: Secret, person: Person) -> set[tuple[str, bytes]]:
    return {(tells, by.digest(tells, value)) for tells, values in person.told.items() for value in values}


@contextmanager
def quiet(hub: Hub, sources: Iterable[Source]) -> Iterator[None]:
    """No load of these systems, no rule over sets and no question to the population database goes on meanwhile: they are waited for."""
    with ExitStack() as locks:
        for name in (*sorted(f"source.{source.name}" for source in sources), population.LOCK, "findings"):
            locks.enter_context(only_one(hub.warehouse.engine, name))
        yield


def erase(hub: Hub, by: Secret, act: Act) -> Taken:
    """Do what an act says, by its digests alone. Called while it is quiet. Raises RemainsOfPerson."""
    sources, taken = [source_named(name) for name in act.sources], Taken()
    with hub.warehouse.engine.begin() as connection:
        known = by_digests(by, person_acts.digests_of(connection, act))
        person = finding.by_digests(connection, known, sources)
        person = finding.extended(connection, person, sources)
        person_acts.also_by(connection, act, digests_of(by, person))
        known = by_digests(by, person_acts.digests_of(connection, act))
        found = finding.find(hub, connection, person, sources, known)
    for source in sources:
        _files(hub, source, known, taken)
    with hub.warehouse.engine.begin() as connection:
        now = hub.now()
        for source in sources:
            for place in places_of(source.name):
                whose = partial(finding.whose, place, known)
                person_rows.take_out(connection, place, person.values, whose, now, taken)
            person_rows.count_again(connection, source.name)
        taken.add("asked", person_rows.forget_asked(connection, found.asked_by) if found.asked_by else 0)
        left = finding.find(hub, connection, person, sources, known)
    with hub.warehouse.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        person_rows.sweep(connection, [place.dataset for source in sources for place in places_of(source.name)])
    _returned(left, taken)
    left.returned = [path for path in left.returned if path.exists()]
    if left.remains:
        raise RemainsOfPerson(act=act.id, where=", ".join(left.remains))
    with hub.warehouse.engine.begin() as connection:
        person_acts.end(connection, act, hub.now(), taken.counts)
    return taken


def _returned(found: Found, taken: Taken) -> None:
    """What was given back to a unit is its own file: the unit has it, and sends it again where it is needed."""
    for path in found.returned:
        path.unlink(missing_ok=True)
        sync(path.parent)
        taken.add("returned", 1)


def _files(hub: Hub, source: Source, known: Known, taken: Taken) -> None:
    """Raw files and the files of units of one system."""
    store = hub.raw
    with hub.warehouse.engine.connect() as connection:
        sent = person_rows.kept_files(connection, source.name)
        by_rows = {d.rows.path: d.dataset for d in deliveries.of(connection, source)}
    of_dataset = {place.dataset.name: Masks(place, known) for place in places_of(source.name)}
    for path, rows in sent.items():  # before the rows, by which it is known that the person is in it
        theirs = [(of_dataset[by_rows[r]], r) for r in rows if by_rows[r] in of_dataset]
        if any(_has(store, mask, r) for mask, r in theirs):
            _rewrite_sent(hub, source, path, [mask_rows(store, of_dataset.get(by_rows[r]), r) for r in rows])
            taken.add("files", 1)
    for mask in of_dataset.values():
        for path in finding.raw_files(store, mask.place.dataset):
            if any(hits(mask.place, batch, known).any for batch in finding.batches(path)):
                _rewrite(hub, mask, path)
                taken.add("raw", 1)
    with hub.warehouse.engine.connect() as connection:
        registered = set(person_rows.kept_files(connection, source.name))
    for path in finding.sent_files(store, source.name):  # of an erasure, or an intake, that was cut off
        if str(path.relative_to(store.root)) not in registered and path.suffix[1:] in EXTENSIONS:
            _remove(path)


def _has(store: RawStore, mask: Masks, path: str) -> bool:
    full = store.root / path
    return full.exists() and any(hits(mask.place, batch, mask.known).any for batch in finding.batches(full))


def mask_rows(store: RawStore, mask: Masks | None, path: str) -> list[pa.RecordBatch]:
    found = finding.batches(store.root / path)
    return [mask.of(batch) if mask else batch for batch in found]


def _rewrite(hub: Hub, mask: Masks, path: Path) -> None:
    """A raw file without the person, under the hash of what it is now."""
    dataset, store = mask.place.dataset, hub.raw
    writer = None
    try:
        for batch in finding.batches(path):
            changed = mask.of(batch)
            writer = writer or store.writer(dataset.source.name, dataset.name, path.parent.name, changed.schema)
            writer.write(changed)
        assert writer is not None  # it holds the person
        kept = writer.close()
    except BaseException:
        if writer is not None:
            writer.abandon()
        raise
    with hub.warehouse.engine.begin() as connection:
        person_rows.rename_rows(connection, str(path.relative_to(store.root)), kept)
    _remove(path)


def _rewrite_sent(hub: Hub, source: Source, path: str, rows: Collection[list[pa.RecordBatch]]) -> None:
    with hub.raw.arriving(source.name, io.BytesIO(as_csv(rows))) as arriving:
        kept = arriving.keep("csv")
    with hub.warehouse.engine.begin() as connection:
        person_rows.rename_file(connection, path, kept.path, kept.sha256)
    if kept.path != path:
        _remove(hub.raw.root / path)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        sync(path.parent)
