"""The workbook of rejected rows for the unit that sent them: a sheet a dataset, the reasons beside each row."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from resources.workbook import workbook
from schemas.registry import dataset_named

Rejected = tuple[str, str, str, dict[str, Any], list[dict[str, str]]]  # source, dataset, row key, received, failures


def write_quarantine(into: Path, rows: Iterable[Rejected]) -> None:
    sheets: dict[str, list[Rejected]] = defaultdict(list)
    for row in rows:
        sheets[f"{row[0]}.{row[1]}"].append(row)
    with workbook(into) as book:
        heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDE6F0", "border": 1})
        wrong = book.add_format({"bg_color": "#FBE3E0", "num_format": "@"})
        plain = book.add_format({"num_format": "@"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for number, (name, found) in enumerate(sorted(sheets.items()), start=1):
            dataset = dataset_named(name)
            sheet = book.add_worksheet(f"{number}. {dataset.title}"[:31].translate(str.maketrans("[]:*?/\\", "       ")))
            sheet.freeze_panes(1, 2)
            sheet.write_string(0, 0, "Khóa dòng", heading)
            sheet.write_string(0, 1, "Lý do bị loại", heading)
            sheet.set_column(1, 1, 60)
            for place, column in enumerate(dataset.columns, start=2):
                sheet.write_string(0, place, f"{column.title}\n({column.source_column})", heading)
            for line, (_, _, key, received, failures) in enumerate(found, start=1):
                sheet.write_string(line, 0, key, plain)
                sheet.write_string(line, 1, "\n".join(f["message"] for f in failures), wrapped)
                broken = {f["column"] for f in failures}
                for place, column in enumerate(dataset.columns, start=2):
                    value = received.get(column.source_column)
                    form = wrong if column.name in broken else plain
                    sheet.write_string(line, place, "" if value is None else str(value), form)
