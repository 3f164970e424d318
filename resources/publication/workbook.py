"""A released table as a workbook: what an officer opens by a double click. Codes and periods are text, values are numbers."""

from pathlib import Path

from resources.publication.content import OpenContent
from resources.publication.shared_warehouse import Release
from resources.workbooks.writing import workbook
from schemas.projections.open import description
from schemas.rounding import rule_in_words

WIDTHS = {"period": 10, "unit_code": 10, "unit_name": 28, "value": 16, "value_status": 14, "maturity": 12}


def write_workbook(into: Path, content: OpenContent, release: Release) -> None:
    """A sheet with the rows, as the CSV has them, and one that says what they are and how they were rounded."""
    with workbook(into) as book:
        book.set_properties({"title": content.table.title, "created": release.released_at.replace(tzinfo=None)})
        heading = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1})
        text, wrapped = book.add_format({"num_format": "@"}), book.add_format({"text_wrap": True, "valign": "top"})
        number = book.add_format({"num_format": "#,##0" if content.columns[-3].json_type == "integer" else "0.0"})
        sheet = book.add_worksheet("Số liệu")
        for at, column in enumerate(content.columns):
            sheet.set_column(at, at, WIDTHS.get(column.name, 22))
            sheet.write_string(0, at, column.name, heading)
        for line, row in enumerate(content.rows, start=1):
            for at, value in enumerate(row):
                if value is None:
                    continue
                if isinstance(value, str):
                    sheet.write_string(line, at, value, text)
                else:
                    sheet.write_number(line, at, value, number)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(content.rows), len(content.columns) - 1)
        notes = book.add_worksheet("Giải thích")
        notes.set_column(0, 0, 18)
        notes.set_column(1, 1, 110)
        lines = [(c.name, f"{c.title}: {c.description}") for c in content.columns]
        told = f"{description(content.dataset, content.table)} {rule_in_words()[1]}"
        lines = [("", told), *lines, ("", release.maturity_note), ("", release.changes)]
        for line, (name, words) in enumerate(lines):
            notes.write_string(line, 0, name, heading if name else None)
            notes.write_string(line, 1, words, wrapped)
