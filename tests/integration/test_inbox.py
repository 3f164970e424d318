"""What units drop is taken in, loaded and told, or given back; whatever dies when; and a check says the same without loading."""

import argparse
import contextlib
import io
import json
import logging
import os
import random
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl
import pytest
import sqlalchemy as sa

from assets.cells.asset import run_cells
from assets.cells.outcome import Outcome, Request
from assets.tags import OFFICER, REASON
from pipelines.commands import check
from pipelines.doctor import inbox as doctor
from pipelines.failures import SenderUnknown, SenderUnsaid
from resources.embedded import server
from resources.hub import Hub
from resources.inbox import looking
from resources.inbox.intake import take_in
from resources.inbox.judge import judged
from resources.inbox.patch import looked_up
from resources.inbox.rows import judge_rows
from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.deliveries import Delivery
from resources.warehouse.quarantine import open_rows
from resources.warehouse.quarantine.open_rows import Chosen
from resources.workbooks.quarantine import write_quarantine
from resources.workbooks.reading.failures import FileUnavailable
from schemas.dataset import Dataset
from schemas.registry import dataset_named, source_named
from tests.fixtures.datasets import bad
from tests.fixtures.deliveries import TODAY, commune_of, rows_of, write
from tests.fixtures.kit import Row
from tests.integration.warm import warm

SOURCE = source_named("social_protection")
PAYMENTS = dataset_named("social_protection.monthly_payments")
BENEFICIARIES = dataset_named("social_protection.beneficiaries")
MONEY = PAYMENTS.column("amount_vnd").source_column
HIDDEN = "Nguyễn Văn Mật"  # in the name of a file


@dataclass(frozen=True)
class Box:
    """A hub whose system comes by files, and its inbox."""

    hub: Hub
    environment: dict[str, str]

    @property
    def inbox(self) -> Path:
        return self.hub.settings.inbox_of(SOURCE.name)

    def folder(self, unit: str) -> Path:
        folder = self.inbox / unit
        for made in (self.inbox, folder):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def drop(self, unit: str, name: str, rows: list[Row], dataset: Dataset = PAYMENTS, **how: Any) -> Path:
        return write(self.folder(unit) / name, dataset, rows, **how)

    def night(self, dataset: Dataset = PAYMENTS) -> Outcome:
        return run_cells(self.hub, dataset, Request("test"), {})

    def back(self, unit: str) -> dict[str, str]:
        """What the unit finds in its folder: name -> text of a note, or nothing of a file."""
        folder = self.hub.settings.returned_of(SOURCE.name) / unit
        found = sorted(folder.iterdir()) if folder.exists() else []
        return {path.name: path.read_text("utf-8-sig") if path.suffix == ".txt" else "" for path in found}

    def deliveries(self, unit: str, dataset: Dataset = PAYMENTS) -> list[Delivery]:
        with self.hub.warehouse.engine.connect() as connection:
            return [d for d in deliveries.of(connection, SOURCE, dataset) if d.sender == unit]

    def rows(self, query: str, database: str = "warehouse", **values: Any) -> list[Any]:
        engine = sa.create_engine(server(self.hub.settings.home).url(database), poolclass=sa.NullPool)
        with engine.connect() as connection:
            return list(connection.execute(sa.text(query), values).all())

    def paid(self, unit: str, period: str = "2024-10") -> list[int]:
        query = f"select amount_vnd from core.{PAYMENTS.table} where unit_code = :unit and period = :period order by 1"
        return [row[0] for row in self.rows(query, unit=unit, period=period)]

    def left(self) -> list[str]:
        """Files that still lie in the inbox, or half done in the raw store."""
        half = [path for path in self.hub.settings.raw_dir.rglob(".*.part")]
        return [str(path) for path in (*self.inbox.rglob("*"), *half) if not path.is_dir()]


@pytest.fixture(scope="module")
def box(home: Path) -> Iterator[Box]:
    yield from opened(home)


def opened(home: Path) -> Iterator[Box]:
    environment = {
        "ANSINH_HOME": str(home),
        "ANSINH_PROFILE": "demo",
        "ANSINH_TODAY": TODAY.isoformat(),
        "INBOX_REST_SECONDS": "0",
        SOURCE.environment: f"dir://{home / 'inbox' / SOURCE.name}",
    }
    with mock.patch.dict(os.environ, environment):
        made = Box(Hub.open(), {**os.environ, **environment})
        made.night()  # of what a first night finds no month is locked
        yield made
        made.hub.warehouse.engine.dispose()


def amounts(rows: list[Row], first: int) -> list[Row]:
    return [{**row, MONEY: str(first + at)} for at, row in enumerate(rows)]


def test_a_file_is_taken_in_loaded_and_told(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    rows = rows_of(PAYMENTS, "2024-10", [commune_of("421"), commune_of("421", nth=1)], copies=15)
    rows[3] |= {MONEY: "không rõ"}
    rows += [rows[0], {**rows[1], MONEY: "777000"}]
    with caplog.at_level(logging.DEBUG, "ansinh"):
        box.drop("421", f"{HIDDEN} T10.2024.xlsx", rows, above=["DANH SÁCH CHI TRẢ", "Tháng 10 năm 2024"], sheet=HIDDEN)
        outcome = box.night()
    (cell,) = [c for c in outcome.cells if c.unit == "421"]
    assert (cell.accepted, cell.rejected) == (len(rows) - 4, 4)
    (delivery,) = box.deliveries("421")
    assert (delivery.kind, delivery.periods, delivery.loaded_at is not None) == ("whole", ("2024-10",), True)
    assert delivery.file.path.endswith(".xlsx") and (box.hub.settings.raw_dir / delivery.file.path).exists()
    ((name, note),) = box.back("421").items()
    assert name == f"{HIDDEN} T10.2024.xlsx.bien-nhan-{delivery.id}.txt"
    assert f"{len(rows) - 4} dòng vào kho, 4 dòng bị loại" in note
    lines = [int(n) for n in re.findall(r"dòng (\d+):", note)]
    assert lines == [5, 7, len(rows) + 2, len(rows) + 3]
    assert "Số tiền: không đọc được thành số" in note and "Tháng chi trả" not in note
    assert box.left() == []
    # What a clerk called a file or a sheet goes back to the clerk, and nowhere else.
    assert HIDDEN in note and HIDDEN not in caplog.text
    told = box.rows(
        "select d::text from ops.deliveries d union all select c::text from ops.cells c union all select p::text from ops.pulls p"
    )
    assert not [row for row in told if HIDDEN in row[0]]
    assert not [path for path in box.hub.settings.raw_dir.rglob("*") if HIDDEN in str(path)]
    before = box.rows("select count(*) from ops.arrivals")
    assert [c for c in box.night().cells if c.unit == "421"] == []
    assert box.rows("select count(*) from ops.arrivals") == before and box.back("421") == {name: note}


def test_the_same_again_is_harmless_and_the_last_of_several_wins(box: Box) -> None:
    unit = "422"
    rows = rows_of(PAYMENTS, "2024-10", [commune_of(unit)], copies=3)
    for name, first in (("a 2024-10.csv", 100_000), ("b 2024-10.csv", 200_000)):
        written = box.drop(unit, name, amounts(rows, first))
        os.utime(written, (first, first))
    box.night()
    assert box.paid(unit) == [200_000 + at for at in range(len(rows))]
    first, second = box.deliveries(unit)
    notes = box.back(unit)
    assert f"tệp gửi sau (số {second.id}) thay tệp này" in notes[f"a 2024-10.csv.bien-nhan-{first.id}.txt"]
    assert f"{len(rows)} dòng vào kho, 0 dòng bị loại" in notes[f"b 2024-10.csv.bien-nhan-{second.id}.txt"]
    box.drop(unit, "lần nữa 2024-10.csv", amounts(rows, 200_000))
    box.night()
    assert len(box.deliveries(unit)) == 2 and box.left() == []
    again = box.back(unit)[f"lần nữa 2024-10.csv.bien-nhan-{second.id}.txt"]
    assert "đã nhận trước đó" in again and f"{len(rows)} dòng vào kho" in again
    # What came before and comes once more is meant.
    box.drop(unit, "a lại 2024-10.csv", amounts(rows, 100_000))
    box.night()
    assert len(box.deliveries(unit)) == 3 and box.paid(unit) == [100_000 + at for at in range(len(rows))]
    assert all((box.hub.settings.raw_dir / d.file.path).exists() for d in box.deliveries(unit)), "all are kept"
    assert len(box.rows("select id from ops.arrivals where unit_code = :unit", unit=unit)) == 2


def test_whatever_goes_back_goes_with_a_note_that_says_what_to_do(box: Box, tmp_path: Path) -> None:
    unit = "423"
    folder = box.folder(unit)
    rows = rows_of(PAYMENTS, "2024-10", [commune_of(unit)], copies=2)
    here, there = rows, rows_of(PAYMENTS, "2024-10", [commune_of("421")], copies=2)
    key = PAYMENTS.column(PAYMENTS.key[0]).source_column
    several = [row for month in ("2024-08", "2024-09", "2024-10") for row in rows_of(PAYMENTS, month, [commune_of(unit)])]
    box.drop(unit, "cũ 2024-11.csv", here)
    box.drop(unit, "huyện khác 2024-10.csv", there)
    box.drop(unit, "nhiều kỳ.csv", several)
    box.drop(unit, "không kỳ.csv", here, without=["month"])
    box.drop(unit, "chưa tới 2024-12.csv", [{**row, "thang": "2024-12-01"} for row in here])
    box.drop(unit, "thiếu cột 2024-10.csv", here, headings={key: "Cột lạ"})
    (folder / "rỗng.csv").write_bytes(b"")
    (folder / "văn bản.docx").write_bytes(b"PK\x03\x04" + b"\0" * 100)
    (folder / "ảnh.xlsx").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 4)
    (folder / "thư mục").mkdir()
    (folder / "lối tắt.csv").symlink_to(tmp_path)
    os.mkfifo(folder / "ống.csv")
    (folder / "hai\ndòng.csv").write_bytes(b"a,b\n1,2\n")
    box.drop(unit, "đúng 2024-10.csv", here)
    box.night()
    found = box.back(unit)
    said = {
        "cũ 2024-11.csv": "Tên tệp ghi kỳ 2024-11 nhưng 4 trên 4 dòng thuộc kỳ 2024-10.",
        "huyện khác 2024-10.csv": "thuộc Huyện Quỳnh Lưu (421), không thuộc Huyện Tân Kỳ (423).",
        "nhiều kỳ.csv": "Có dòng của nhiều kỳ (2024-08, 2024-09, 2024-10).",
        "không kỳ.csv": "Không biết tệp thuộc kỳ nào",
        "chưa tới 2024-12.csv": "Thuộc kỳ 2024-12, chưa bắt đầu.",
        "thiếu cột 2024-10.csv": "thiếu Mã đối tượng",
        "rỗng.csv": "Tệp không có ô nào có chữ.",
        "văn bản.docx": "Vì sao:",
        "ảnh.xlsx": "Không phải sổ .xlsx, .xls, .ods hay tệp .csv",
        "thư mục": "Là thư mục, không phải tệp.",
        "lối tắt.csv": "Là lối tắt, không phải tệp.",
        "ống.csv": "Là ống dẫn, không phải tệp.",
        "hai\ndòng.csv": "thiếu",
    }
    for name, words in said.items():
        note = found.pop(f"{name}.txt")
        assert words in note and "Cần làm: " in note and "\n1. " in note, note
        assert re.sub(r"\s", "\ufffd", name) in re.sub(r"[ ]", "\ufffd", note.splitlines()[2]), note
        kept = found.pop(name, None)
        assert (kept is None) == (name in ("lối tắt.csv", "ống.csv")), name
    assert [name.partition(".bien-nhan")[0] for name in found] == ["đúng 2024-10.csv"], "the others stop nothing"
    assert box.left() == [] and len(box.paid(unit)) == len(here)


def test_a_workbook_of_rejected_rows_that_comes_back_is_known_by_its_marks(box: Box, tmp_path: Path) -> None:
    unit = "429"
    rows = rows_of(PAYMENTS, "2024-10", [commune_of(unit)], copies=10)
    rows[2] |= {MONEY: "không rõ"}
    rows[5] |= {MONEY: "chưa biết"}
    box.drop(unit, "2024-10.csv", rows)
    box.night()
    with box.hub.warehouse.engine.connect() as connection:
        rejected = open_rows.rejected(connection, Chosen([SOURCE], unit, "2024-10"))
    write_quarantine(tmp_path / "bị loại.xlsx", rejected, [])
    book = openpyxl.load_workbook(tmp_path / "bị loại.xlsx")
    page = book.worksheets[0]
    place = next(cell.column for cell in page[1] if MONEY in str(cell.value))
    page.cell(2, place).value = "512000"
    mark, page.cell(3, page.max_column).value = page.cell(3, page.max_column).value, "AN-1-hỏng"
    book.save(box.folder(unit) / "đã sửa.xlsx")
    path = box.folder(unit) / "đã sửa.xlsx"
    with judged(path, path.name, unit, SOURCE, TODAY, partial(looked_up, box.hub)) as (verdict,):
        assert (verdict.kind, verdict.dataset, verdict.periods, verdict.rows) == ("patch", PAYMENTS, ("2024-10",), 1)
        assert judge_rows(verdict, TODAY).rejected == 0
        assert ["dòng 3: không nạp; ô «Mã dòng ansinh» bị sửa" in line for line in verdict.foretold] == [True]
    take_in(box.hub, SOURCE)
    (first, patch) = box.deliveries(unit)
    assert (first.kind, patch.kind, patch.periods) == ("whole", "patch", ("2024-10",)) and box.left() == []
    note = box.back(unit)[f"đã sửa.xlsx.bien-nhan-{patch.id}.txt"]
    assert "(sửa từng dòng)" in note and "chờ nạp" in note
    box.night()
    note = box.back(unit)[f"đã sửa.xlsx.bien-nhan-{patch.id}.txt"]
    assert "1 dòng vào kho, 0 dòng bị loại, 1 dòng không nạp" in note, note
    assert "dòng 3: ô «Mã dòng ansinh» bị sửa" in note
    # Of another unit's rows, or of none, nothing is mended.
    book.save(box.folder("430") / "đã sửa.xlsx")
    take_in(box.hub, SOURCE)
    assert box.deliveries("430") == [] and "đơn vị khác nộp" in box.back("430")["đã sửa.xlsx.txt"]
    # A row that the source mends between the coming of the patch and its loading is not loaded, and told.
    page.cell(3, place).value, page.cell(3, page.max_column).value = "513000", mark
    page.delete_rows(2)
    book.save(box.folder(unit) / "đã sửa tiếp.xlsx")
    take_in(box.hub, SOURCE)
    rows[2] |= {MONEY: "512000"}
    rows[5] |= {MONEY: "514000"}
    box.drop(unit, "2024-10.csv", rows)
    box.night()
    number = next(d.id for d in box.deliveries(unit) if d.kind == "patch" and d.id != patch.id)
    note = box.back(unit)[f"đã sửa tiếp.xlsx.bien-nhan-{number}.txt"]
    assert "0 dòng vào kho, 0 dòng bị loại, 1 dòng không nạp" in note and "không còn bị loại: nguồn đã sửa" in note
    assert 514_000 in box.paid(unit) and 513_000 not in box.paid(unit)


def test_a_few_rows_of_others_are_set_aside_and_a_commune_answers_for_itself(box: Box) -> None:
    commune = commune_of("424")
    rows = rows_of(PAYMENTS, "2024-10", [commune], copies=3)
    strange = rows_of(PAYMENTS, "2024-10", [commune_of("424", nth=1)])[:1]
    box.drop(commune, "xã T10.2024.csv", [*rows, *strange])
    box.night()
    ((_, note),) = box.back(commune).items()
    assert f"Dòng {len(rows) + 2}: " in note and "không phải mã một xã" in note and "1 dòng bị loại" in note


def test_a_file_of_a_locked_period_waits_for_an_officer(box: Box) -> None:
    unit = "431"
    box.drop(unit, "2024-05.csv", rows_of(PAYMENTS, "2024-05", [commune_of(unit)]))
    box.night()
    (delivery,) = box.deliveries(unit)
    assert delivery.waiting == {f"2024-05|{unit}": 2} and box.paid(unit, "2024-05") == []
    ((name, note),) = box.back(unit).items()
    assert "kỳ 2024-05 đã khóa; 2 dòng chờ cán bộ sở nạp bằng tay" in note
    tags = {REASON: "Huyện nộp muộn", OFFICER: "Cán bộ thử"}
    run_cells(box.hub, PAYMENTS, Request("hand", frozenset({("2024-05", unit)}), by_hand=True), tags)
    assert len(box.paid(unit, "2024-05")) == 2
    assert "2 dòng vào kho, 0 dòng bị loại" in box.back(unit)[name]


def test_of_a_file_over_locked_and_open_months_each_is_told_as_it_is(box: Box) -> None:
    unit = "418"
    locked, open_ = (rows_of(PAYMENTS, month, [commune_of(unit)], copies=4) for month in ("2024-05", "2024-10"))
    open_[2] |= {MONEY: "không rõ"}
    box.drop(unit, "2024-05_2024-10.csv", [*locked, *open_])
    box.night()
    (delivery,) = box.deliveries(unit)
    assert delivery.waiting == {f"2024-05|{unit}": len(locked)}
    ((name, note),) = box.back(unit).items()
    assert f"kỳ 2024-05 đã khóa; {len(locked)} dòng chờ cán bộ sở nạp bằng tay" in note
    assert f"{len(open_) - 1} dòng vào kho, 1 dòng bị loại" in note and f"Dòng {len(locked) + 4}: " in note, note
    box.drop(unit, "2024-05_2024-10.csv", [*locked, *({**row, MONEY: "không rõ"} for row in open_)])
    box.night()
    ((_, note),) = [(of, text) for of, text in box.back(unit).items() if of != name]
    assert (
        f"kỳ 2024-05 đã khóa; {len(locked)} dòng chờ" in note
        and f"kỳ 2024-10 của Huyện Tương Dương ({unit}) bị từ chối: " in note
    ), note
    tags = {REASON: "Huyện nộp muộn", OFFICER: "Cán bộ thử"}
    run_cells(box.hub, PAYMENTS, Request("hand", frozenset({("2024-05", unit)}), by_hand=True), tags)
    ((_, note),) = [(of, text) for of, text in box.back(unit).items() if of != name]
    assert "chờ cán bộ" not in note and "bị từ chối" in note


def test_a_waiting_file_that_was_refused_by_hand_is_told_so(box: Box) -> None:
    unit = "414"
    rows = rows_of(PAYMENTS, "2024-05", [commune_of(unit)], copies=13)
    box.drop(unit, "2024-05.csv", [rows[0], *({**row, MONEY: "không rõ"} for row in rows[1:])])
    box.night()
    assert "bị từ chối" not in "".join(box.back(unit).values())
    tags = {REASON: "Huyện nộp muộn", OFFICER: "Cán bộ thử"}
    run_cells(box.hub, PAYMENTS, Request("hand", frozenset({("2024-05", unit)}), by_hand=True), tags)
    assert box.deliveries(unit)[0].waiting == {f"2024-05|{unit}": len(rows)}
    ((_, note),) = box.back(unit).items()
    assert "kỳ 2024-05 đã khóa; " in note and f"({unit}) bị từ chối: " in note, note


def test_a_file_for_a_locked_month_of_which_all_is_bad_waits_too(box: Box) -> None:
    """Marked as loaded its rows would be nowhere: neither in the warehouse nor in quarantine."""
    unit = "432"
    rows = rows_of(PAYMENTS, "2024-05", [commune_of(unit)], copies=3)
    box.drop(unit, "2024-05.csv", [{**row, MONEY: "không rõ"} for row in rows])
    box.night()
    (delivery,) = box.deliveries(unit)
    assert delivery.waiting == {f"2024-05|{unit}": len(rows)}
    ((_, note),) = box.back(unit).items()
    assert f"kỳ 2024-05 đã khóa; {len(rows)} dòng chờ cán bộ sở nạp bằng tay" in note and "vào kho" not in note
    held = "select count(*) from quarantine.rows where resolved_at is null and period = '2024-05' and unit_code = :unit"
    assert box.rows(held, unit=unit) == [(0,)]
    tags = {REASON: "Huyện nộp muộn", OFFICER: "Cán bộ thử"}
    run_cells(box.hub, PAYMENTS, Request("hand", frozenset({("2024-05", unit)}), by_hand=True), tags)
    assert box.rows(held, unit=unit) == [(len(rows),)], "set aside, and counted"


def test_a_file_of_which_all_is_bad_is_told_as_refused(box: Box) -> None:
    unit = "412"
    rows = rows_of(PAYMENTS, "2024-10", [commune_of(unit)], copies=4)
    box.drop(unit, "2024-10.csv", [{**row, MONEY: "không rõ"} for row in rows])
    box.night()
    ((_, note),) = box.back(unit).items()
    assert f"Tình trạng: kỳ 2024-10 của Thành phố Vinh ({unit}) bị từ chối: " in note
    assert "Số liệu nhận trước đó, nếu có, còn nguyên" in note and note.count("không đọc được thành số") == len(rows)
    assert "Mã dòng ansinh" not in note, "a column of ours is not missing from a unit's own file"


def test_an_odd_name_neither_stops_a_file_nor_gets_lost(box: Box) -> None:
    unit = "425"
    rows = rows_of(PAYMENTS, "2024-10", [commune_of(unit)])
    odd = os.fsdecode(b"2024-10 t\xean l\xf9.csv"), "2024-10 " + "x" * 243 + ".csv", "2024-10 hai\ndòng.csv"
    for at, name in enumerate(odd):
        box.drop(unit, name, amounts(rows, 1_000 * (at + 1)))
    box.night()
    assert len(box.deliveries(unit)) == 3 and box.left() == []
    assert len(box.back(unit)) == 3 and all("TỆP ĐÃ NHẬN" in note for note in box.back(unit).values())


def test_a_file_that_cannot_be_taken_now_stays_and_stops_no_other(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    unit, other = "426", "427"
    rows = rows_of(PAYMENTS, "2024-10", [commune_of(unit)])
    table = box.hub.settings.headings_dir / SOURCE.name / f"{unit}.csv"
    table.parent.mkdir(parents=True)
    table.write_text("heading,column\nMã hồ sơ riêng,không có cột này\n")
    key = PAYMENTS.column(PAYMENTS.key[0]).source_column
    box.drop(unit, f"{HIDDEN} 2024-10.csv", rows, headings={key: "Mã hồ sơ riêng"})
    box.drop(other, "2024-10.csv", rows_of(PAYMENTS, "2024-10", [commune_of(other)]))
    with caplog.at_level(logging.WARNING, "ansinh"):
        box.night()
    assert len(box.deliveries(other)) == 1 and box.deliveries(unit) == [] and box.back(unit) == {}
    assert "bảng đổi tên cột" in caplog.text and HIDDEN not in caplog.text
    table.write_text(f"heading,column\nMã hồ sơ riêng,{key}\n")
    box.night()
    assert len(box.deliveries(unit)) == 1 and box.left() == []


@pytest.mark.landing
def test_kill_9_at_each_act_loses_and_doubles_nothing(box: Box) -> None:
    """Of each file the first look is killed at an act, one later than of the file before, and the next look ends what is left. Of one that
    goes back each look begins where the one before was killed."""
    unit, whole = "428", "999"
    for act, month in enumerate((f"2024-{month:02d}" for month in range(1, 12)), 1):
        rows = rows_of(PAYMENTS, month, [commune_of(unit)])
        path = box.drop(unit, f"giữ {month}.csv", rows)
        content = path.read_bytes()
        done = warm().run("tests.integration.taken_in", [SOURCE.name, str(act)], box.environment, 120)
        if done.returncode == 0:
            break
        assert done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), done.stderr[-2000:]
        assert_kept(box, content, act)
        assert warm().run("tests.integration.taken_in", [SOURCE.name, whole], box.environment, 120).returncode == 0
        left = [path for path in box.left() if not path.endswith(".part")]  # of what was killed: the night sweeps it
        assert len(box.deliveries(unit)) == act and left == []
    assert done.returncode == 0 and act > 8, "claimed, copied, kept, registered, told, removed"
    delivery = box.deliveries(unit)[-1]
    rows = rows_of(PAYMENTS, "2024-10", [commune_of(unit)])
    assert killed_at_each_act(box, box.drop(unit, "trả 2024-11.csv", rows)) >= 5, "claimed, copied, told, given back"
    back = sorted(box.back(unit))
    assert len(back) == act + 2 and back[-2:] == ["trả 2024-11.csv", "trả 2024-11.csv.txt"]
    assert f"giữ {delivery.periods[0]}.csv.bien-nhan-{delivery.id}.txt" in back
    box.night()
    assert len(box.deliveries(unit)) == act and box.left() == []


def killed_at_each_act(box: Box, path: Path) -> int:
    """How often a look was killed until one ended. Whenever it dies, what was sent lies somewhere whole."""
    sent, killed = path.read_bytes(), 0
    while True:
        done = warm().run("tests.integration.taken_in", [SOURCE.name, str(killed + 1)], box.environment, 120)
        if done.returncode == 0:
            return killed
        assert done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), done.stderr[-2000:]
        killed += 1
        assert_kept(box, sent, killed)


def assert_kept(box: Box, sent: bytes, act: int) -> None:
    places = (box.inbox, box.hub.settings.returned_of(SOURCE.name), box.hub.settings.raw_dir)
    found = (p for place in places for p in place.rglob("*") if p.is_file() and not p.name.endswith(".part"))
    assert any(p.stat().st_size == len(sent) and p.read_bytes() == sent for p in found), f"lost at act {act}"


@pytest.mark.parametrize(("seed", "unit", "dataset"), [(1, "415", PAYMENTS), (2, "416", BENEFICIARIES), (3, "417", PAYMENTS)])
def test_a_check_says_what_a_load_does(
    box: Box, seed: int, unit: str, dataset: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(seed)
    period = "2024-10" if dataset is PAYMENTS else "now"
    rows = rows_of(dataset, period, [commune_of(unit), commune_of(unit, nth=1)], copies=40)
    for at in chance.sample(range(len(rows)), 12):
        rows[at] |= chance.choice(bad(dataset)).changes
    rows += [dict(row) for row in chance.sample(rows, 2)]
    rows += [{**row, dataset.column(str(dataset.commune)).source_column: commune_of("414")} for row in chance.sample(rows, 2)]
    path = box.drop(unit, f"{period if dataset is PAYMENTS else 'danh sách'}.{chance.choice(['csv', 'xlsx'])}", rows, dataset)
    with judged(path, path.name, unit, SOURCE, TODAY, partial(looked_up, box.hub)) as (verdict,):
        judgement = judge_rows(verdict, TODAY)
    assert 0 < judgement.rejected <= 20
    arguments = argparse.ArgumentParser()
    check.arguments(arguments)
    held = box.rows("select count(*) from ops.deliveries")
    with capsys.disabled(), contextlib.redirect_stdout(io.StringIO()) as printed:
        assert check.run(arguments.parse_args([str(path)])) == 0
    assert path.exists() and box.rows("select count(*) from ops.deliveries") == held, "nothing is written"
    assert f"{len(rows)} dòng: {judgement.accepted} dòng được nhận" in printed.getvalue()
    box.night(dataset)
    cell = "source = :source and dataset = :dataset and period = :period and unit_code = :unit"
    where = {"source": SOURCE.name, "dataset": dataset.name, "period": period, "unit": unit}
    ((received, accepted, rejected),) = box.rows(
        f"select rows_received, rows_accepted, rows_rejected from ops.cells where {cell}", **where
    )
    assert (received, accepted, rejected) == (judgement.rows, judgement.accepted, judgement.rejected)
    rules = box.rows(
        f"""select f ->> 'rule', count(*) from quarantine.rows, jsonb_array_elements(failures) f
        where {cell} and resolved_at is null group by 1""",
        **where,
    )
    assert dict(map(tuple, rules)) == judgement.by_rule
    ((_, note),) = box.back(unit).items()
    told = [(line.sheet, line.row) for line in judgement.lines]
    assert [(sheet or "", int(row)) for sheet, row in re.findall(r"- (?:Trang «(.*?)», d|D)òng (\d+): ", note)] == told
    for line in judgement.lines:
        assert all(reason.rstrip(". ") in note for reason in line.reasons)


def test_a_check_foretells_a_refused_cell(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    """By its own rows, and against what the cell holds."""
    unit = "413"
    rows = rows_of(PAYMENTS, "2024-10", [commune_of(unit)], copies=30)
    box.drop(unit, "2024-10.csv", rows)
    box.night()
    held = box.paid(unit)
    for name, sent, why in (
        ("2024-10.csv", rows[:9], "còn 9 dòng so với"),
        ("2024-10.xlsx", [{**row, MONEY: "không rõ"} for row in rows], f"cả {len(rows)} dòng đều bị loại"),
    ):
        path = box.drop(unit, name, sent)
        arguments = argparse.ArgumentParser()
        check.arguments(arguments)
        assert check.run(arguments.parse_args([str(path)])) == 1
        assert f"Cả tệp sẽ không được nạp vào kỳ 2024-10: {why}" in capsys.readouterr().out
        box.night()
        assert box.paid(unit) == held and any(why in note for note in box.back(unit).values())


def test_a_check_moves_no_cursor_whatever_a_file_calls_its_columns(
    box: Box, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = write(tmp_path / "2024-10.csv", PAYMENTS, rows_of(PAYMENTS, "2024-10", [commune_of("418")]))
    heading, *lines = path.read_text(encoding="utf-8-sig").splitlines()
    mark = ";" if ";" in heading else ","
    named = f"{heading}{mark}Ghi chu \x1b]0;x\x07\x1b[2K\u202e"
    path.write_text("\n".join([named, *(f"{line}{mark}x" for line in lines)]), encoding="utf-8")
    arguments = argparse.ArgumentParser()
    check.arguments(arguments)
    check.run(arguments.parse_args([str(path), "--source", SOURCE.name, "--unit", "418"]))
    told = capsys.readouterr().out
    assert "Ghi chu" in told and all(line.isprintable() for line in told.splitlines())


def test_a_check_of_a_file_that_would_go_back_says_why(box: Box, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = write(tmp_path / "2024-11.csv", PAYMENTS, rows_of(PAYMENTS, "2024-10", [commune_of("418")]))
    arguments = argparse.ArgumentParser()
    check.arguments(arguments)
    with pytest.raises(SenderUnsaid):
        check.run(arguments.parse_args([str(path)]))
    with pytest.raises(SenderUnknown):
        check.run(arguments.parse_args([str(path), "--source", SOURCE.name, "--unit", "999"]))
    assert check.run(arguments.parse_args([str(path), "--source", SOURCE.name, "--unit", "418"])) == 1
    assert "tên tệp ghi kỳ 2024-11" in capsys.readouterr().err and path.exists()
    with pytest.raises(FileUnavailable, match="không có ở đó"):
        check.run(arguments.parse_args([str(tmp_path / "không có.csv"), "--source", SOURCE.name, "--unit", "418"]))


def test_the_sensor_asks_once_for_what_lies_there_and_the_run_takes_it(box: Box) -> None:
    def tick(*run: str) -> dict[str, Any]:
        done = warm().run("tests.integration.tick", ["dropped_files", "", *run], box.environment, 300)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    unit = "419"
    assert tick()["requests"] == []
    box.drop(unit, f"{HIDDEN} 2024-10.csv", rows_of(PAYMENTS, "2024-10", [commune_of(unit)]))
    (asked,) = tick()["requests"]
    assert asked["job"] == f"nightly_{SOURCE.name}" and asked["tags"]["ansinh/files"] == "alone"
    assert HIDDEN not in json.dumps(asked, ensure_ascii=False)
    assert [r["key"] for r in tick("run")["requests"]] == [asked["key"]], "the same files are asked for once"
    assert len(box.deliveries(unit)) == 1 and len(box.paid(unit)) > 0 and box.left() == []
    events = box.rows("select event from event_logs", database="dagster")
    assert events and not [row for row in events if HIDDEN in row[0]]


def test_the_status_tells_how_many_files_wait_and_went_back(box: Box) -> None:
    unit = "420"
    box.drop(unit, f"{HIDDEN} 2024-11.csv", rows_of(PAYMENTS, "2024-10", [commune_of(unit)]))
    box.night()
    box.drop(unit, f"{HIDDEN} 2024-10.csv", rows_of(PAYMENTS, "2024-10", [commune_of(unit)]))
    done = warm().run("pipelines.cli", ["status", "--source", SOURCE.name], box.environment, 120)
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert f"Tệp chờ nhận: 1 tệp ({SOURCE.label} Huyện Quỳ Hợp ({unit}) 1 tệp)" in told
    assert "Tệp đã trả lại, đơn vị chưa lấy về: " in told and f"{SOURCE.label} Huyện Quỳ Hợp ({unit}) 1 tệp" in told
    assert HIDDEN not in done.stdout
    box.night()


def test_the_doctor_names_what_is_wrong_with_an_inbox(box: Box) -> None:
    assert doctor.look(box.hub).warnings == ()
    (box.inbox / "Nguyễn Văn A").mkdir()
    box.folder("420").chmod(0o755)
    forgotten = box.folder("420") / "x.csv.part"
    forgotten.write_bytes(b"x")
    strange, shown = sorted(map(str, doctor.look(box.hub).warnings))[::-1]
    assert f"({SOURCE.name}: 1)" in str(strange) + str(shown) and f"{SOURCE.name}/420" in str(strange) + str(shown)
    assert not any("Nguyễn" in str(why) for why in doctor.look(box.hub).warnings)
    assert [entry.sender for entry in looking.forgotten(box.inbox, time.time() + 25 * 3600)] == ["420"]


def test_who_was_overtaken_by_another_sender_is_told_which_rows_were_not_loaded(box: Box) -> None:
    unit, tags = "425", {REASON: "Huyện nộp muộn", OFFICER: "Cán bộ thử"}
    for month, is_locked in (("2024-10", False), ("2024-05", True)):
        rows = rows_of(PAYMENTS, month, [commune_of(unit), commune_of(unit, nth=1)], copies=3)
        mine, others = rows[::2], rows[1::2]
        district, commune = f"huyện {month}.csv", f"xã {month}.csv"
        os.utime(box.drop(unit, district, [*mine, *others]), (100_000, 100_000))
        os.utime(box.drop(commune_of(unit), commune, [*mine[:2], {**mine[2], MONEY: "không rõ"}]), (200_000, 200_000))
        box.night()
        if is_locked:
            assert "chờ cán bộ sở" in "".join(box.back(unit).values())
            run_cells(box.hub, PAYMENTS, Request("hand", frozenset({(month, unit)}), by_hand=True), tags)
        assert len(box.paid(unit, month)) == len(others) + 2, box.back(commune_of(unit))
        (told,) = [note for name, note in box.back(unit).items() if name.startswith(district)]
        assert f"{len(others)} dòng vào kho, 0 dòng bị loại, {len(mine)} dòng không nạp" in told, told
        assert told.count("tệp gửi sau đã thay dòng này") == len(mine) and "- Dòng 2: tệp gửi sau" in told, told
        (told,) = [note for name, note in box.back(commune_of(unit)).items() if name.startswith(commune)]
        assert "2 dòng vào kho, 1 dòng bị loại" in told and "không nạp" not in told, told
