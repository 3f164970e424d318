"""For how long things are kept: the term of a day, the day from which all is kept, and which files are past it."""

import datetime as dt
import os
from pathlib import Path
from typing import get_args

import pytest

from resources.inbox import notes
from resources.raw_store import RawStore
from resources.retention import folders
from resources.retention.line import Line, instant_of
from schemas import retention
from schemas.registry import dataset_named
from schemas.retention import Term, term

TODAY = dt.date(2026, 11, 29)
BEFORE = dt.datetime(2026, 8, 31, tzinfo=dt.UTC)
OLD, NEW = BEFORE.timestamp() - 86_400, BEFORE.timestamp() + 86_400
PROFILES, LIST = dataset_named("meritorious_persons.profiles"), dataset_named("social_protection.monthly_payments")


def of(text: str, confidence: str = "likely", since: str = "2020-01-01", until: str = "") -> Term:
    span = dt.date.fromisoformat(since), dt.date.fromisoformat(until) if until else None
    return Term("history", None, text, "Luật", confidence, *span)


@pytest.mark.parametrize(
    ("text", "today", "kept_since"),
    [
        ("P90D", TODAY, "2026-08-31"),
        ("P24M", TODAY, "2024-11-29"),
        ("P10Y", TODAY, "2016-11-29"),
        ("P1Y", dt.date(2024, 2, 29), "2023-02-28"),
        ("P1M", dt.date(2026, 3, 31), "2026-02-28"),
        ("P12M", dt.date(2026, 1, 1), "2025-01-01"),
    ],
)
def test_all_is_kept_from_a_day_on(text: str, today: dt.date, kept_since: str) -> None:
    assert of(text).before(today) == dt.date.fromisoformat(kept_since)


def test_nothing_goes_for_good_nor_by_a_term_that_nobody_vouches_for() -> None:
    assert of("permanent").before(TODAY) is None
    for confidence in ("unsure", "proposal", ""):
        assert of("P1D", confidence).before(TODAY) is None
    assert "chưa chắc" in Line("history", None, "x", of("P1D", "unsure"), None).term_words


def test_a_term_is_said_in_words_and_a_sure_one_ends() -> None:
    said = {"P90D": "90 ngày", "P24M": "24 tháng", "P10Y": "10 năm", "permanent": "vĩnh viễn"}
    assert {text: of(text).words for text in said} == said
    assert of("P90D", "sure").before(TODAY) == dt.date(2026, 8, 31)


def test_a_term_of_no_store_is_refused() -> None:
    row = dict(store="histories", term="P1D", legal_basis="", confidence="sure", valid_from="2020-01-01", valid_to="")
    with pytest.raises(ValueError, match="'histories' is none of"):
        retention._term(None, row)


def test_every_store_is_called_by_a_name() -> None:
    """Without one what went of it could not be told."""
    assert tuple(retention.STORES) == get_args(retention.Store)
    assert all(retention.STORES.values()) and len(set(retention.STORES.values())) == len(retention.STORES)
    assert retention.OF_DATASETS == ("history", "raw", "quarantine")


@pytest.mark.parametrize("text", ["", "10", "P0D", "P1W", "P1Y6M", "P-1D", "P99999D", "vĩnh viễn", "p1d"])
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no term"):
        retention._term(
            None, dict(store="raw", term=text, legal_basis="", confidence="sure", valid_from="2020-01-01", valid_to="")
        )


@pytest.mark.parametrize("text", ["P24M", "P10Y", "P1D"])
def test_who_read_is_kept_for_good_whatever_a_place_says(text: str) -> None:
    row = dict(store="audit", term=text, legal_basis="", confidence="sure", valid_from="2020-01-01", valid_to="")
    with pytest.raises(ValueError, match="audit"):
        retention._term(None, row)


def test_the_terms_that_a_law_names() -> None:
    """NĐ 131/2021 keeps the files of merit for good; the accounting law lists of payments for ten years."""
    profiles, payments = term("history", TODAY, PROFILES), term("history", TODAY, LIST)
    assert profiles and profiles.is_permanent and "131/2021" in profiles.legal_basis
    assert payments and payments.before(TODAY) == dt.date(2016, 11, 29) and "88/2015" in payments.legal_basis
    raw, quarantine = term("raw", TODAY, LIST), term("quarantine", TODAY, LIST)
    assert raw and quarantine and (raw.term, quarantine.term) == ("P24M", "P90D")


def test_the_term_of_today_decides_and_a_datasets_own_before_that_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Term("raw", LIST.id, "P6M", "Luật", "sure", dt.date(2026, 1, 1), dt.date(2026, 6, 30))
    shared = Term("raw", None, "P24M", "Luật", "sure", dt.date(2020, 1, 1), None)
    monkeypatch.setattr(retention, "terms", lambda: (shared, own))
    assert term("raw", dt.date(2025, 12, 31), LIST) is shared
    assert term("raw", dt.date(2026, 6, 30), LIST) is own
    assert term("raw", dt.date(2026, 7, 1), LIST) is shared
    assert term("raw", dt.date(2026, 6, 30), PROFILES) is shared
    assert term("history", TODAY, LIST) is None


def test_a_day_begins_in_the_province() -> None:
    assert instant_of(dt.date(2024, 11, 20)) == dt.datetime(2024, 11, 19, 17, tzinfo=dt.UTC)
    assert instant_of(None) is None


# --- files ----------------------------------------------------------------------------------------------------------------


def laid(path: Path, written: float, content: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    os.utime(path, (written, written))
    return path


def test_only_workbooks_of_ours_are_exports(tmp_path: Path) -> None:
    given = ("quarantine-412-2024-10.xlsx", "AS-T-2024-10-lan-2.xlsx", "dinh-chinh-poverty-20241120.xlsx", "du-lieu-ca-nhan.txt")
    ours = [laid(tmp_path / name, OLD) for name in given]
    laid(tmp_path / "quarantine-413-2024-10.xlsx", NEW)
    for name in ("danh-sach.xlsx", "quarantine.docx", "x-quarantine-412-now.xlsx"):
        laid(tmp_path / name, OLD)
    (tmp_path / "quarantine-414-now.xlsx").symlink_to(tmp_path / "danh-sach.xlsx")
    found = folders.exports(tmp_path, BEFORE)
    assert sorted(old.path for old in found) == sorted(ours)
    folders.remove(found)
    assert not any(path.exists() for path in ours) and len(list(tmp_path.iterdir())) == 5
    assert folders.exports(None, BEFORE) == folders.exports(tmp_path, None) == folders.exports(tmp_path, BEFORE) == []


def test_what_went_back_goes_by_the_time_of_its_note(tmp_path: Path) -> None:
    """A file keeps the time at which its sender wrote it, which says nothing of when it went back."""
    unit = tmp_path / "412"
    note = notes.BOM + notes.RETURNED
    gone = [laid(unit / "cu.xlsx", NEW), laid(unit / "cu.xlsx.txt", OLD, note), laid(unit / "thu-muc/a.csv", OLD)]
    gone += [laid(unit / "thu-muc.txt", OLD, note), laid(unit / "x.bien-nhan-7.txt", OLD, notes.BOM + notes.RECEIVED)]
    stays = [laid(unit / "moi.xlsx", OLD), laid(unit / "moi.xlsx.txt", NEW, note)]  # returned yesterday, written long ago
    stays += [laid(unit / "cua-don-vi.txt", OLD, "ghi chú của đơn vị"), laid(unit / "cua-don-vi", OLD)]
    outside = laid(tmp_path / "ngoai" / "bi-mat.txt", OLD, note)
    (unit / "loi-tat.txt").symlink_to(outside)
    (unit / "loi-tat").symlink_to(outside.parent)
    found = folders.given_back(tmp_path, BEFORE)
    line = folders.line("returned", "x", "x", None, BEFORE, found)
    assert line.count == 5 and line.bytes and line.first == line.last == dt.datetime.fromtimestamp(OLD, dt.UTC)
    folders.remove(found)
    assert not any(path.exists() for path in gone) and all(path.exists() for path in (*stays, outside, unit / "loi-tat"))
    assert folders.given_back(tmp_path, BEFORE) == []


def test_a_note_goes_last(tmp_path: Path) -> None:
    """Cut off between the two, the next run still knows what the file is."""
    laid(tmp_path / "412" / "cu.xlsx", OLD)
    note = laid(tmp_path / "412" / "cu.xlsx.txt", OLD, notes.BOM + notes.RETURNED)
    [old] = folders.given_back(tmp_path, BEFORE)
    assert old.path == note and [path.name for path in old.beside] == ["cu.xlsx"]
    old.beside[0].unlink()
    [again] = folders.given_back(tmp_path, BEFORE)
    folders.remove([again])
    assert not note.exists()


def test_a_folder_of_a_unit_that_is_a_link_is_not_entered(tmp_path: Path) -> None:
    laid(tmp_path / "kho" / "cu.xlsx.txt", OLD, notes.BOM + notes.RETURNED)
    (tmp_path / "returned").mkdir()
    (tmp_path / "returned" / "412").symlink_to(tmp_path / "kho")
    assert folders.given_back(tmp_path / "returned", BEFORE) == []


def test_a_log_that_is_written_to_stays(tmp_path: Path) -> None:
    old, _ = laid(tmp_path / "daemon.log.3", OLD), laid(tmp_path / "daemon.log", NEW)
    assert [found.path for found in folders.logs(tmp_path, BEFORE)] == [old]
    assert folders.logs(tmp_path / "none", BEFORE) == []


def test_raw_files_that_no_register_names(tmp_path: Path) -> None:
    store, young = RawStore(tmp_path), "poverty/households/2024/new.parquet"
    for name in ("a.parquet", "b.parquet", ".1-ab.part", "lost.tmp"):
        laid(tmp_path / "poverty" / "households" / "2024" / name, OLD)
    laid(tmp_path / young, NEW)
    laid(tmp_path / "restricted" / "children" / "files" / "c.xlsx", OLD)
    named = {"poverty/households/2024/a.parquet"}
    assert store.unnamed("poverty", named, BEFORE.timestamp()) == ["poverty/households/2024/b.parquet"]
    assert store.folder_of("children") == "restricted/children"
    assert store.unnamed("children", set(), BEFORE.timestamp()) == ["restricted/children/files/c.xlsx"]
    gone = ["poverty/households/2024/b.parquet", "poverty/none/2024/d.parquet"]
    assert store.sizes(gone) == {gone[0]: 1, gone[1]: 0}
    store.remove(gone)
    store.remove(gone)
    assert not (tmp_path / gone[0]).exists() and (tmp_path / young).exists()
