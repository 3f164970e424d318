"""What commands print alike, and where they put a file."""

import datetime as dt
from pathlib import Path

import pytest

from pipelines import printed
from schemas.written import decimal, grouped


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
    on = dt.date(2024, 11, 20)
    assert printed.unit_named("421", on) == "421 Huyện Quỳnh Lưu"
    assert printed.unit_named("unknown", on) == "unknown không rõ địa bàn"
    assert printed.unit_named("999", on) == "999"


@pytest.mark.parametrize(("columns", "width"), [(None, 100), ("80", 80), ("100", 100), ("240", 100)])
def test_what_is_printed_fits_100_columns(columns: str | None, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    assert printed.console().width == width
