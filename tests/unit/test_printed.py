"""What commands print alike, and where they put a file."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from pipelines.commands import doctor
from pipelines.doctor.checking import Diagnosis
from pipelines.terminal import printed
from resources.clock import moment
from schemas.dataset import Limits
from schemas.registry import source_named
from schemas.written import day, decimal, grouped, unit_title


def test_numbers_are_written_as_officers_write_them() -> None:
    assert grouped(1234567) == "1.234.567" and grouped(0) == "0"
    assert decimal(1234.56) == "1.234,6"
    assert (printed.counted(0), printed.counted(1200)) == ("–", "1.200")


def test_into_takes_a_file_or_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert printed.into(None, "a.xlsx") == Path("a.xlsx")
    assert printed.into("b.xlsx", "a.xlsx") == Path("b.xlsx")
    assert printed.into(str(tmp_path), "a.xlsx") == tmp_path / "a.xlsx"
    assert printed.into("still missing/", "a.xlsx") == Path("still missing/a.xlsx")
    assert printed.into(".", "a.xlsx") == Path("a.xlsx")


def test_a_unit_is_told_by_code_and_name() -> None:
    today = dt.date(2025, 8, 1)  # no district any more
    assert unit_title("421", "2024-10", today) == "421 Huyện Quỳnh Lưu"
    assert unit_title("unknown", "2024-10", today) == "chưa rõ đơn vị"
    assert unit_title("421", "now", today) == unit_title("421", "2025-07", today) == "421"


@pytest.mark.parametrize(("columns", "width"), [(None, 100), ("80", 80), ("100", 100), ("240", 100)])
def test_what_is_printed_fits_100_columns(columns: str | None, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    assert printed.console().width == width


def test_a_day_is_written_as_officers_write_it_and_what_is_none_stays() -> None:
    assert (day("2024-11-20"), day("?")) == ("20/11/2024", "?")
    assert moment(dt.datetime(2026, 11, 29, 18, 30, tzinfo=dt.UTC)) == "01:30 30/11/2026", "by the clock on the wall"


def test_sources_that_are_read_alike_are_told_of_once() -> None:
    alike = [Diagnosis(f"nguồn {name}", True, "tốt", bounds=Limits()) for name in ("a", "b")]
    other = Diagnosis("nguồn c", True, "tốt", bounds=Limits(connections=1))
    assert told_of(alike).count("giới hạn khi đọc") == told_of(alike).count("giới hạn khi đọc, mọi nguồn: 2 kết nối") == 1
    found = told_of([*alike, other])
    assert "giới hạn khi đọc, nguồn a, nguồn b: 2 kết nối" in found and "giới hạn khi đọc, nguồn c: 1 kết nối" in found


def test_a_refused_cell_is_told_by_its_names() -> None:
    cell = SimpleNamespace(dataset="monthly_payments", period="2024-11", unit_code="412", reason="còn 97 dòng")
    told = printed.refused_in_words(source_named("social_protection"), cell, dt.date(2024, 11, 25))
    title = "Danh sách chi trả trợ giúp xã hội hằng tháng"
    assert told == f"Bảo trợ xã hội, {title}, ô 2024-11|412 Thành phố Vinh: còn 97 dòng"


def told_of(findings: list[Diagnosis]) -> str:
    screen = Console(width=400)
    with screen.capture() as kept:
        screen.print(doctor.table(findings))
    return kept.get()
