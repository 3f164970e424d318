"""A source whose rows come as files that units sent: hubs that know them from their register alone."""

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pyarrow as pa
import xlsxwriter

from resources.hub import Hub
from resources.inbox.intake import register, take_in
from resources.raw_store import FILES
from resources.servers import arrow
from resources.servers.connecting import libpq_uri
from resources.settings import FOLDER
from resources.warehouse.arrivals.deliveries import Kind, New
from schemas import calendar
from schemas.dataset import PROVINCE, Dataset
from schemas.origin import ROW, SHEET
from schemas.sources.social_protection.datasets import BENEFICIARIES
from tests.integration.two_hubs import DATASETS, Two

LINES_BEFORE = 7  # of a title and a heading, above the rows


def deliver(hub: Hub, dataset: Dataset, sender: str, periods: Sequence[str], rows: pa.Table, kind: Kind = "whole") -> int | None:
    """Register a file of these rows, texts under the names of the source, as if it had been read."""
    numbers = pa.array(range(LINES_BEFORE + 1, LINES_BEFORE + 1 + rows.num_rows), pa.int64())
    sheets = pa.repeat(pa.scalar("Sheet1"), rows.num_rows)
    told = pa.table({ROW: numbers, SHEET: sheets, **{name: rows.column(name) for name in rows.column_names}})
    writer = hub.raw.writer(dataset.source.name, dataset.name, FILES, told.schema)
    for batch in told.to_batches(max_chunksize=500):
        writer.write(batch)
    kept = writer.close()
    with hub.raw.arriving(dataset.source.name, io.BytesIO(kept.sha256.encode())) as arriving:
        file = arriving.keep("csv")
    with hub.warehouse.engine.begin() as connection:
        delivery, is_new = register(connection, New(dataset, sender, kind, tuple(periods), file, kept), hub.now())
    return delivery.id if is_new else None


@contextmanager
def rows_away(hub: Hub, delivery: int) -> Iterator[None]:
    """Inside, the rows of a delivery lie where nobody finds them."""
    with hub.warehouse.engine.connect() as connection:
        path = connection.exec_driver_sql(f"select rows_path from ops.deliveries where id = {delivery}").scalar_one()
    file = hub.raw.root / path
    away = file.rename(file.with_suffix(".away"))
    yield
    away.rename(file)


def texts(url: str, dataset: Dataset, table: str, where: str = "true") -> pa.Table:
    """The rows of a table of the source as a file has them: texts."""
    names = ", ".join(f'"{c.source_column}"::text' for c in dataset.columns)
    with arrow.connect(libpq_uri(url)) as connection, connection.cursor() as cursor:
        cursor.execute("set local timezone = 'Asia/Ho_Chi_Minh'")
        cursor.execute(f"select {names} from {table} where {where}")
        found = cursor.fetch_arrow_table()
    return found.rename_columns([c.source_column for c in dataset.columns])


class ByCsv(Two):
    """The same source, whose tables the province lays as CSV files into the inbox before each look."""

    ending = ".csv"

    @property
    def environment(self) -> dict[str, str]:
        inbox = f"{FOLDER}{self.made.home / f'inbox-{self.road}'}"
        return super().environment | {BENEFICIARIES.source.environment: inbox, "INBOX_REST_SECONDS": "0"}

    @contextmanager
    def leading(self, hub: Hub) -> Iterator[None]:
        with super().leading(hub), mock.patch.dict(os.environ, {"WAREHOUSE_URL": hub.warehouse.url}):
            folder = hub.settings.inbox_of(BENEFICIARIES.source.name) / PROVINCE
            folder.mkdir(parents=True, exist_ok=True)
            for dataset in DATASETS:
                started = calendar.started(dataset, hub.today())
                name = f"{dataset.name} {started[0]}_{started[-1]}" if dataset.placed_by else dataset.name
                rows = texts(self.owned, dataset, dataset.road.at_source)
                headings = [column.title for column in dataset.columns]
                self.write(folder / (name + self.ending), [headings, *zip(*(c.to_pylist() for c in rows.columns), strict=True)])
            take_in(hub, BENEFICIARIES.source)
            assert not list(folder.iterdir()), "all is taken in"
            given_back = [path for path in hub.settings.returned_of(BENEFICIARIES.source.name).rglob(f"*{self.ending}")]
            assert given_back == []
            yield

    def write(self, path: Path, lines: Sequence[Sequence[str | None]]) -> None:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows(lines)


class ByWorkbook(ByCsv):
    """The same as workbooks, of which each cell is a text."""

    ending = ".xlsx"

    def write(self, path: Path, lines: Sequence[Sequence[str | None]]) -> None:
        with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
            page = book.add_worksheet()
            for row, cells in enumerate(lines):
                for at, cell in enumerate(cells):
                    if cell is not None:
                        page.write_string(row, at, cell)


class ByDrop(Two):
    """The same source, whose tables the province sends anew before each look: where nothing moved, it is the file of before."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {BENEFICIARIES.source.environment: f"{FOLDER}{self.made.home / 'inbox'}"}

    @contextmanager
    def leading(self, hub: Hub) -> Iterator[None]:
        for dataset in DATASETS:
            deliver(
                hub, dataset, PROVINCE, calendar.started(dataset, hub.today()), texts(self.owned, dataset, dataset.road.at_source)
            )
        with super().leading(hub), mock.patch.dict(os.environ, {"WAREHOUSE_URL": hub.warehouse.url}):
            yield
