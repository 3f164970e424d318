"""Sending: files go into the inbox of the hub, and what is planted in them into the truth."""

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from demo.databases.database import LOG, Database, quoted
from demo.faults import truth
from demo.faults.planting import Truth
from demo.offices.mistakes import MISTAKES, READ
from demo.offices.parcels import Files, Parcel, communes_of, forms_of, list_of, lists_of, lists_of_day, style_of
from demo.offices.rows import Books
from demo.offices.sheets import Form, Part
from demo.offices.styles import BY_ROWS, HABITS, Style
from demo.offices.writing import written
from demo.people.dates import number
from demo.people.places import places
from resources.clock import ZONE
from resources.embedded import EmbeddedServer
from resources.settings import Settings
from schemas import calendar
from schemas.column import Column
from schemas.dataset import Dataset
from schemas.registry import datasets_of
from schemas.roads import Drop

FILE = "tep"  # in the locator of a truth: the name of the parcel


@dataclass
class Sending:
    """The offices of one system at work: `ways` by the dataset's name."""

    found: EmbeddedServer
    played: Database
    cursor: Any
    seed: int
    ways: Mapping[str, Files]
    truths: list[Truth] = field(default_factory=list)

    @property
    def inbox(self) -> Path:
        return Settings("demo", self.found.home).inbox_of(self.played.source.name)

    # --- when ---

    def first(self, today: dt.date) -> None:
        """All that was sent by the day on which the province begins, and what went wrong then."""
        shutil.rmtree(self.inbox, ignore_errors=True)  # of an earlier province
        for dataset in self._by_file():
            parcels = {parcel.sender: parcel for parcel in self._sent(dataset)}
            for parcel in parcels.values():
                self.send(parcel)
            for sender, name in self._ways(dataset).mistakes.items():
                self.mistake(name, parcels[sender])
        self._instead(today)
        truth.add(self.found, self.truths, today)
        self.truths.clear()

    def day(self, day: dt.date) -> int:
        """What is sent on a day: the lists whose turn it is or in which an entry was changed, and the forms of which the books say
        that they were; how many."""
        sent = 0
        for dataset in self._by_file():
            if dataset.kind == "register":
                touched = self._touched(dataset, day)
                parcels = [
                    list_of_day
                    for list_of_day, is_turn in lists_of_day(dataset, self._ways(dataset), day)
                    if is_turn or not touched.isdisjoint(communes_of(list_of_day))
                ]
            else:
                parcels = [
                    Parcel(dataset, unit, ((period, unit),), at)
                    for period, unit, at in self._log(dataset)
                    if at.astimezone(ZONE).date() == day
                ]
            for parcel in parcels:
                self.send(parcel)
            sent += len(parcels)
        self.tell(day)
        return sent

    def again(self, dataset: Dataset, cells: Iterable[tuple[str, str]], at: dt.datetime) -> None:
        """Somebody changed these cells in the books: their files are sent again."""
        files = self._ways(dataset)
        for period, unit in cells:
            if dataset.kind != "register":
                self.send(Parcel(dataset, unit, ((period, unit),), at))
                continue
            where = places()
            senders = where.codes[where.unit_2023 == unit].tolist() if unit in files.by_commune else [unit]
            for sender in senders:
                self.send(list_of(dataset, sender, unit, at))

    # --- what ---

    def send(self, parcel: Parcel, *, is_held: bool = False) -> Path:
        """Write the file of a parcel, and the truth about it in place of what was known of the one before."""
        kind, content, style = self._made(parcel, is_held)
        for fault, mark in style.faults:
            self._truth(parcel, fault, mark, READ)
        return self._drop(parcel, f"{_named(parcel)}.{kind}", content)

    def content(self, parcel: Parcel, share: float = 1.0) -> tuple[str, bytes]:
        """The file of a parcel, or of so much of its rows, and the ending of its name. Nothing is told about it."""
        told = len(self.truths)
        kind, content, _ = self._made(parcel, False, share)
        del self.truths[told:]
        return kind, content

    def _made(self, parcel: Parcel, is_held: bool, share: float = 1.0) -> tuple[str, bytes, Style]:
        style = style_of(parcel, self._ways(parcel.dataset), self.seed)
        books = Books(self.found, self.played, self.cursor, parcel.dataset, is_held)
        parts = books.parts(parcel)
        if sum(len(part.rows) for part in parts) > BY_ROWS:
            style = replace(style, kind="csv")
        if share < 1:
            parts = [replace(part, rows=part.rows[: max(1, int(share * len(part.rows)))]) for part in parts]
        parts = [replace(part, rows=[*self._as_is_habit(parcel, style, books, part)]) for part in parts]
        form = Form(parcel.dataset, style, parcel.sender, parcel.periods, parcel.at)
        return style.kind, written(style, form.sheets(parts), parcel.at), style

    def _as_is_habit(self, parcel: Parcel, style: Style, books: Books, part: Part) -> Iterator[dict[str, str | None]]:
        """The rows with what the office does to each, told row by row. One that carries a fault already is left as it is."""
        if not style.habit:
            yield from map(dict, part.rows)
            return
        habit, dataset = HABITS[style.habit], parcel.dataset
        columns = [c for c in dataset.columns if c.reader in habit.readers and not c.is_key]
        planted = truth.known(self.found, source=dataset.source.name, dataset=dataset.name)
        carried = {line["source_key"] for line in planted if FILE not in line["locator"]}
        for row in part.rows:
            key = "|".join(value or "" for value in books.key(row))
            changed: dict[Column, str] = {}
            for c in columns if key not in carried else ():
                was = row[c.source_column]
                if was and (new := habit.change(was, 0)) and new != was:
                    changed[c] = new
            if not changed:
                yield dict(row)
                continue
            rules = tuple(f"{c.name}_{habit.ending}" for c in changed)
            self._truth(parcel, habit.id, "", "repaired", key=key, rules=rules)
            yield {**row, **{c.source_column: text for c, text in changed.items()}}

    def _drop(self, parcel: Parcel, name: str, content: bytes, moved: dt.timedelta = dt.timedelta()) -> Path:
        """Into the inbox in one step, as of its moment: what is half there is called otherwise."""
        folder = self.inbox / parcel.sender
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"{name}.part"
        unfinished.write_bytes(content)
        moment = (parcel.at.replace(tzinfo=parcel.at.tzinfo or ZONE) + moved).timestamp()
        os.utime(unfinished, (moment, moment))
        unfinished.replace(folder / name)
        return folder / name

    # --- what goes wrong ---

    def mistake(self, name: str, parcel: Parcel) -> Path:
        """Lay a file of a parcel in which something is wrong as a whole, beside what the parcel holds."""
        wrong = MISTAKES[name]
        kind, content = wrong.make(self, parcel)
        called = f"{_named(wrong.of(parcel))}{wrong.words}.{kind}"
        self._truth(wrong.of(parcel), wrong.fault, name, wrong.outcome, file=called)
        return self._drop(parcel, called, content, wrong.moved)

    def _instead(self, today: dt.date) -> None:
        """Cells of a system with a database that come as a file: the database was never given their rows."""
        for dataset in datasets_of(self.played.source):
            for (period, unit), style in self._ways(dataset).cells.items():
                due = calendar.due_day(dataset, period)
                assert due is not None
                at = dt.datetime.combine(min(due, today), dt.time(9, 15))
                self.send(Parcel(dataset, unit, ((period, unit),), at, style=style), is_held=True)

    # --- telling ---

    def _truth(
        self, parcel: Parcel, fault: str, mark: str, outcome: str, *, key: str = "", rules: tuple[str, ...] = (), file: str = ""
    ) -> None:
        """`file`: the name of one that is wrong, by which it is found again; of others the name does not matter."""
        dataset = parcel.dataset
        period, unit = parcel.cells[-1]
        self.truths.append(
            Truth(
                dataset.source.name,
                dataset.name,
                key or f"{period}|{unit}",
                bool(key),
                json.dumps({FILE: f"{parcel.sender}/{file}" if file else parcel.name}, ensure_ascii=False),
                period,
                unit if len(parcel.cells) == len(parcel.periods) else parcel.sender,
                fault,
                rules or (mark,),
                outcome,
            )
        )

    def tell(self, day: dt.date) -> None:
        """Keep the truths of the files that were sent, in place of what was known of the same files."""
        told = {(line.dataset, json.loads(line.locator)[FILE]) for line in self.truths}
        known = truth.known(self.found, source=self.played.source.name)
        truth.forget(self.found, [line["id"] for line in known if (line["dataset"], line["locator"].get(FILE)) in told])
        truth.add(self.found, self.truths, day)
        self.truths.clear()

    # --- which ---

    def _by_file(self) -> list[Dataset]:
        return [d for d in datasets_of(self.played.source) if isinstance(d.road, Drop)]

    def _ways(self, dataset: Dataset) -> Files:
        return self.ways.get(dataset.name, Files())

    def _sent(self, dataset: Dataset) -> Iterator[Parcel]:
        ways = self._ways(dataset)
        yield from lists_of(dataset, ways) if dataset.kind == "register" else forms_of(dataset, ways, self._log(dataset))

    def _touched(self, dataset: Dataset, day: dt.date) -> set[str]:
        """The communes of the entries that the books changed on a day."""
        at = number(day)
        table, changes = dataset.road.at_source, self.played.later("sua")
        self.cursor.execute(f"select khoa from {changes} where _ngay = %s and bang = %s", (at, table))
        found = set()
        for key in [json.loads(told) for (told,) in self.cursor.fetchall()]:
            same = " and ".join(f"{quoted(name)} = %s" for name in key)
            commune = quoted(dataset.column(str(dataset.commune)).source_column)
            self.cursor.execute(f"select {commune} from {quoted(table)} where {same}", [*key.values()])
            found |= {code for (code,) in self.cursor.fetchall()}
        return found

    def _log(self, dataset: Dataset) -> list[tuple[str, str, dt.datetime]]:
        """The cells that were sent, by the offices' own log."""
        self.cursor.execute(
            f"select ky, ma_don_vi, thoi_diem_nop from {quoted(LOG)} where bang = %s order by 1, 2, 3", (dataset.road.at_source,)
        )
        return list(self.cursor.fetchall())


def seed_of(home: Path) -> int:
    """The seed from which the province of a home was drawn."""
    return json.loads((home / "demo" / "built.json").read_text(encoding="utf-8"))["seed"]


def _named(parcel: Parcel) -> str:
    """The name that a clerk gives the file."""
    first, last = parcel.periods[0], parcel.periods[-1]
    if first == calendar.REGISTER:
        return parcel.dataset.title
    return f"{parcel.dataset.title} {first}" + (f"_{last}" if last != first else "")
