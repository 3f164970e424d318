"""A .csv file and a workbook of the benchmark's table: read to their rows, and the .csv file to a whole load; time and peak.

The peak is that of the larger of two processes: the one that loads, and the one that it starts to meet the file.
"""

import csv
from contextlib import closing
from pathlib import Path

import xlsxwriter

from benchmarks.load import SOURCE, WAREHOUSE, drop, fresh, shape
from benchmarks.measuring import Columns, environment, measured, megabytes, module, seconds, temporary_home
from benchmarks.table import FORMS, build
from resources.embedded import EmbeddedServer, server
from resources.settings import FOLDER

AIM_MB = 400
SHEET_ROWS = 100_000  # of the workbook: what is larger is sent as .csv


def run(rows: int, rounds: int) -> None:
    with temporary_home() as home:
        embedded = server(home)
        build(embedded, SOURCE, rows)
        text, book = home / "phieu.csv", home / "phieu.xlsx"
        _write(embedded, text)
        sheet_rows = _as_workbook(text, book, min(rows, SHEET_ROWS))
        print(f"{shape(rows)}, {rounds} rounds; .csv of {megabytes(text.stat().st_size / 2**20)}, .xlsx of {sheet_rows:,} rows")
        columns = Columns(("file", "how far", "seconds", "its process", "peak"))
        peaks = []
        for _ in range(rounds):
            for path, how in ((text, "rows"), (book, "rows"), (text, "load")):
                fresh(embedded, WAREHOUSE)
                settings = {"WAREHOUSE_URL": embedded.url(WAREHOUSE), "SOURCE_BENCHMARK_URL": f"{FOLDER}{home}"}
                done = measured(module("benchmarks.one_file", str(path), how), environment(home, **settings))
                drop(embedded, WAREHOUSE)
                told = done.told
                columns.row(path.suffix, how, seconds(told["seconds"]), seconds(done.seconds), megabytes(done.peak_mb))
                if path is text:
                    peaks.append(done.peak_mb)
        print(
            f"{told['accepted']:,} rows accepted, {told['rejected']:,} rejected;"
            f" peak of .csv {megabytes(max(peaks))} (aim: at most {AIM_MB} MB)"
        )


def _write(embedded: EmbeddedServer, path: Path) -> None:
    """The table as a program exports it, under the columns' titles."""
    titles = ", ".join('{} as "{}"'.format(c.source_column, c.title.replace('"', "")) for c in FORMS.columns)
    with closing(embedded.connect(SOURCE)) as connection, connection.cursor() as cursor, path.open("wb") as file:
        cursor.copy_expert(f"copy (select {titles} from {FORMS.road.at_source}) to stdout (format csv, header)", file)


def _as_workbook(text: Path, book: Path, most: int) -> int:
    count = 0
    with text.open(encoding="utf-8", newline="") as file, xlsxwriter.Workbook(str(book), {"constant_memory": True}) as written:
        page = written.add_worksheet("Phiếu")
        for count, line in enumerate(csv.reader(file)):
            if count > most:
                return most
            page.write_row(count, 0, line)
    return count
