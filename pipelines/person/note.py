"""The workbook by which the owner of a source is told of a correction that a person asks for."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from resources.person.correcting import Row
from resources.warehouse.persons.person_acts import Act
from resources.workbooks.writing import workbook
from schemas import owners
from schemas.column import Column
from schemas.dataset import Dataset
from schemas.written import unit_title

WIDTHS = (16, 28, 30, 24, 28, 28)


def write_note(
    path: Path, dataset: Dataset, column: Column, rows: Sequence[Row], acts: Sequence[Act], right: str, today: dt.date
) -> None:
    owner = owners.owner(dataset.source.name, today)
    with workbook(path) as book:
        sheet = book.add_worksheet("Đính chính")
        bold, wrapped = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"text_wrap": True})
        asked = acts[0]
        lines = (
            f"Yêu cầu đính chính dữ liệu cá nhân, ngày {today:%d/%m/%Y}",
            f"Gửi: {owner.first_filer} (đơn vị quản lý {dataset.source.title})",
            f"Căn cứ: Luật 91/2025/QH15; văn bản {asked.document or 'không ghi'}; lý do: {asked.reason}",
            f"Trả lời trước hết ngày {asked.due_on:%d/%m/%Y} (2 ngày làm việc, NĐ 356/2025/NĐ-CP).",
            "Sửa ở hệ thống nguồn; trung tâm lấy về trong đêm và tự khép yêu cầu. Tệp có dữ liệu cá nhân: chỉ gửi qua kênh được phép.",
        )
        for place, line in enumerate(lines):
            sheet.write_string(place, 0, line, bold if place == 0 else None)
        headings = ("Số yêu cầu", "Kỳ, đơn vị", "Khóa của dòng", "Trường", "Đang ghi", "Đúng là")
        top = len(lines) + 1
        for place, (heading, width) in enumerate(zip(headings, WIDTHS, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(top, place, heading, bold)
        for number, (row, act) in enumerate(zip(rows, acts, strict=True), start=top + 1):
            where = f"{row.period}, {unit_title(row.unit_code, row.period, today)}"
            held = "(trống)" if row.value is None else str(row.value)
            for place, text in enumerate(
                (str(act.id), where, row.row_key, f"{column.title} ({column.source_column})", held, right)
            ):
                sheet.write_string(number, place, text, wrapped)
