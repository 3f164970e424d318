"""What commands print alike, and where they put a file."""

import datetime as dt
from pathlib import Path

import pytest

from pipelines.terminal import printed
from schemas.written import decimal, grouped, unit_title


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
