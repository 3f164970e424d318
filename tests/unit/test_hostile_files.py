"""Whatever a file does to the process that reads it, the hub goes on and its sender is told what to do."""

import io
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resources.failing import Failure
from resources.workbooks.reading import failures
from resources.workbooks.reading.apart import cells, frames, ods, separated, xls, xlsx
from resources.workbooks.reading.apart.facts import shown_as
from resources.workbooks.reading.apart.frames import LONGEST
from resources.workbooks.reading.apart.refusing import Refused
from resources.workbooks.reading.grid import grid_of
from resources.workbooks.reading.limits import Limits
from resources.workbooks.reading.read import read_file
from schemas.reading import received
from schemas.reading.cells import LONGEST_TEXT
from tests.fixtures import bombs
from tests.fixtures.workbooks import CHOICES, HEADS, by_csv, by_libreoffice, people, with_part

pytestmark = pytest.mark.landing

SMALL = Limits(content_bytes=20 << 20, columns=100, cells=100_000, csv_rows=1_000)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bombs.good(tmp_path_factory.mktemp("tot") / "tot.xlsx")


def why(path: Path, limits: Limits = SMALL, command: tuple[str, ...] | None = None) -> Failure:
    """How it is refused; the failure tells nothing that the file holds."""
    with (
        pytest.raises(Failure) as refused,
        read_file(path, CHOICES, limits, **({"command": command} if command else {})) as found,
    ):
        list(found.batches())
    assert "{" not in str(refused.value) and "Nguyễn" not in str(refused.value)
    return refused.value


GUARDED: tuple[tuple[str, type[Failure], str, Callable[[Path, Path], Path]], ...] = (
    ("far cell", failures.FileTooLarge, "cột thứ 16384", bombs.far_cell),
    (
        "many cells",
        failures.FileTooLarge,
        "dòng 5000",
        lambda g, p: bombs.of_cells(g, p, '<row r="5000"><c r="CA5000"><v>1</v></c></row>'),
    ),
    ("no place", failures.FileBroken, "địa chỉ", lambda g, p: bombs.of_cells(g, p, '<row r="1"><c r="&#65;"><v>1</v></c></row>')),
    (
        "beyond",
        failures.FileTooLarge,
        "ngoài vùng",
        lambda g, p: bombs.of_cells(g, p, '<row r="1"><c r="A9999999"><v>1</v></c></row>'),
    ),
    ("entities", failures.FileBroken, "DOCTYPE", lambda g, p: bombs.of_cells(g, p, "<row/>", bombs.LAUGHS)),
    ("sheet bomb", failures.FileTooLarge, "giải nén", lambda g, p: bombs.of_blanks(g, p, bombs.SHEET, 24)),
    ("texts bomb", failures.FileTooLarge, "giải nén", lambda g, p: bombs.of_blanks(g, p, "xl__sharedStrings_dot_xml", 24)),
    ("lying bomb", failures.FileBroken, "giải nén", lambda g, p: bombs.of_blanks(g, p, bombs.SHEET, 24, lies=True)),
    ("macro", failures.FileActive, "macro", lambda g, p: with_part(g, p, xl__vbaProject_dot_bin=b"x")),
    ("links", failures.FileActive, "tệp khác", lambda g, p: with_part(g, p, xl__externalLinks__externalLink1_dot_xml=b"x")),
    ("embedded", failures.FileActive, "nhúng", lambda g, p: with_part(g, p, xl__embeddings__oleObject1_dot_bin=b"x")),
    ("connections", failures.FileActive, "kết nối", lambda g, p: with_part(g, p, xl__connections_dot_xml=b"x")),
    ("locked zip", failures.FileLocked, "mật khẩu", bombs.locked_zip),
    ("many parts", failures.FileTooLarge, "phần", lambda g, p: with_part(g, p, **{f"a{n}": b"" for n in range(2_100)})),
    (
        "missing part",
        failures.FileBroken,
        "hỏng",
        lambda g, p: with_part(g, p, **{"xl___rels__workbook_dot_xml_dot_rels": b"<a/>"}),
    ),
)


@pytest.mark.parametrize(("name", "kind", "words", "make"), GUARDED, ids=[case[0] for case in GUARDED])
def test_the_guard_refuses_before_anything_reads(
    good: Path, tmp_path: Path, name: str, kind: type[Failure], words: str, make: Callable[[Path, Path], Path]
) -> None:
    path = make(good, tmp_path / "bom.xlsx")
    with path.open("rb") as file, pytest.raises(Refused) as refused:
        xlsx.guard(file, SMALL)
    told = getattr(failures, refused.value.kind)(**refused.value.facts)
    assert type(told) is kind and words in str(told)


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ('<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string" '
         'table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row>', "FileTooLarge"),
        ('<table:table-row table:number-rows-repeated="99999999999"/>', "FileBroken"),
        ('<table:table-row><table:table-cell table:formula="of:=[\'file:///a.ods\'#A.A1]" office:value-type="float"/></table:table-row>',
         "FileActive"),
        ("<table:table-row><table:table-cell>", "FileBroken"),
    ],
)  # fmt: skip
def test_the_guard_of_opendocument(tmp_path: Path, rows: str, kind: str) -> None:
    with bombs.ods(tmp_path / "a.ods", rows).open("rb") as file, pytest.raises(Refused) as refused:
        ods.guard(file, SMALL)
    assert refused.value.kind == kind


@pytest.mark.parametrize("encoding", ["UyF-8", "utf-7", "shift_jis"])
def test_a_part_in_an_encoding_that_xml_does_not_have_is_refused(tmp_path: Path, encoding: str) -> None:
    """Found by changed bytes: expat asks Python's codecs, and these answer in their own way."""
    path = bombs.ods(tmp_path / "a.ods", "", META_dot_xml=b"<a/>")
    with_part(path, tmp_path / "b.ods", content_dot_xml=f"<?xml version='1.0' encoding='{encoding}'?><a/>".encode())
    with (tmp_path / "b.ods").open("rb") as file:
        try:
            assert ods.guard(file, SMALL) == []
        except Refused as refused:
            assert refused.kind == "FileBroken"


def test_locked_and_active_files_of_every_kind(tmp_path: Path) -> None:
    encrypted = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:encryption-data/></m:manifest>'
    for parts, kind in (
        ({"META-INF__manifest_dot_xml": encrypted}, "FileLocked"),
        ({"Basic__script-lb_dot_xml": b"<a/>"}, "FileActive"),
    ):
        with bombs.ods(tmp_path / "a.ods", "", **parts).open("rb") as file, pytest.raises(Refused) as refused:
            ods.guard(file, SMALL)
        assert refused.value.kind == kind
    for names, kind in (
        (("EncryptedPackage",), "FileLocked"),
        (("Workbook", "_VBA_PROJECT_CUR"), "FileActive"),
        (("WordDocument",), "FileUnknown"),
        (("Workbook",), "FileBroken"),
    ):
        with pytest.raises(Refused) as refused:
            xls.guard(bombs.container(tmp_path / "a.xls", *names).read_bytes(), SMALL)
        assert refused.value.kind == kind
    with pytest.raises(Refused, match="FileBroken"):
        xls.guard(bombs.container(tmp_path / "a.xls", "Workbook", turns=True).read_bytes(), SMALL)


def test_through_the_whole_road(good: Path, tmp_path: Path) -> None:
    """What the guards refuse is told to who asked; blank rows by the hundred thousand are nothing."""
    assert isinstance(why(bombs.far_cell(good, tmp_path / "a.xlsx")), failures.FileTooLarge)
    assert isinstance(why(bombs.container(tmp_path / "a.xls", "EncryptedPackage")), failures.FileLocked)
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="0"/><c r="XFD{n}" s="0"/></row>' for n in range(2, 200_002))
    heads = "".join(f'<c t="inlineStr"><is><t>{head}</t></is></c>' for head in ("Mã hộ", "Họ và tên"))
    path = bombs.of_cells(good, tmp_path / "b.xlsx", f"<row>{heads}</row>{rows}")
    with read_file(path, CHOICES) as found:
        assert found.report.rows == 0 and not list(found.batches())
    path.write_bytes(good.read_bytes()[:-400])
    assert isinstance(why(path), failures.FileBroken)


def test_what_is_no_workbook_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    for content, words in ((b"%PDF-1.7", "PDF"), (b"\n<HTML><table>", "trang web"), (b"a\0\x01\x02bcde\x03" * 99, "nhị phân")):
        path.write_bytes(content)
        assert words in str(why(path))
    path.write_bytes(b"")
    assert isinstance(why(path), failures.FileEmpty)
    assert isinstance(why(tmp_path), failures.FileUnknown) and isinstance(why(tmp_path / "khong"), failures.FileUnavailable)
    os.mkfifo(tmp_path / "ong")
    assert "không phải tệp thường" in str(why(tmp_path / "ong"))


PROGRAMS = (
    ("abort", "import os; os.abort()", failures.FileBreaksReader, "tự dừng"),
    ("killed", "import os; os.kill(os.getpid(), 9)", failures.FileBreaksReader, "bị hệ điều hành dừng"),
    ("endless", "while True: pass", failures.FileTooSlow, "2 giây"),
    ("no memory", "import sys; sys.path.insert(0, {project!r}); from resources.workbooks.reading.apart.__main__ import bind; "
     "bind(200, 9, 99); bytearray(1 << 30)", failures.FileBreaksReader, "mã 1"),
    ("processor", "import sys; sys.path.insert(0, {project!r}); from resources.workbooks.reading.apart.__main__ import bind; "
     "bind(2000, 1, 99)\nwhile True: pass", failures.FileTooSlow, ""),
    ("full disk", "import sys; sys.exit(28)", failures.FileUnavailable, "đĩa đầy"),
    ("silent", "", failures.FileBreaksReader, "trả lời sai"),
    ("garbage", "import os, sys; os.write(int(sys.argv[3]), b'{{\"sheets\": 7}}')", failures.FileBreaksReader, "trả lời sai"),
    ("no JSON", "import os, sys; os.write(int(sys.argv[3]), bytes(range(256)))", failures.FileBreaksReader, "trả lời sai"),
    ("made up", "import os, sys; os.write(int(sys.argv[3]), b'{{\"failure\": \"Path\", \"facts\": {{}}}}')", failures.FileBreaksReader, "sai"),
    ("no frames", "import os, sys; os.write(int(sys.argv[2]), b'\\xff' * 4500 + b'\\1' * 4500); os.write(int(sys.argv[3]), b'{{\"sheets\": "
     "[{{\"name\": \"\", \"width\": 2, \"rows\": 9, \"start\": 0, \"length\": 9000}}]}}')", failures.FileBreaksReader, "trả lời sai"),
    ("beyond", "import os, sys; os.write(int(sys.argv[3]), b'{{\"sheets\": [{{\"name\": \"\", \"width\": 2, \"rows\": 9, \"start\": 0, "
     "\"length\": 9000}}]}}')", failures.FileBreaksReader, "trả lời sai"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "program", "kind", "words"), PROGRAMS, ids=[case[0] for case in PROGRAMS])
def test_whatever_becomes_of_the_child_is_a_failure(good: Path, name: str, program: str, kind: type[Failure], words: str) -> None:
    """Real programs in its place: they abort, are killed, never end, tell nonsense."""
    project = str(Path(__file__).parents[2])
    limits = Limits(seconds=2.0 if name == "endless" else 60.0)
    told = why(good, limits, (sys.executable, "-I", "-c", program.format(project=project)))
    assert type(told) is kind and words in str(told)


def test_the_child_has_nothing_of_ours_and_leaves_nothing(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither settings nor open files beside the three; its words are not listened to."""
    monkeypatch.setenv("WAREHOUSE_URL", "postgresql://nguoi:mat-khau@h/d")
    program = (
        "import json, os, sys; print('x' * 999); fds = os.listdir('/proc/self/fd'); "
        "known = {'0', '1', '2', *sys.argv[2:]}; os.write(int(sys.argv[3]), json.dumps({'failure': 'FileUnknown', 'facts': "
        "{'why': ' '.join(sorted(os.environ)) + str(len(set(fds) - known))}}).encode())"
    )
    told = str(why(good, SMALL, (sys.executable, "-I", "-c", program)))
    assert "WAREHOUSE_URL" not in told and "LC_CTYPE" in told and "1)" in told, "one more is the listing itself"
    before = threading.active_count(), len(os.listdir("/proc/self/fd"))
    with read_file(good, CHOICES) as found:
        assert found.report.rows == 4
    assert (threading.active_count(), len(os.listdir("/proc/self/fd"))) == before


def test_a_cell_is_told_as_it_is_shown() -> None:
    for number, text in ((5.0, "5"), (1.234, "1.2340"), (1.2345, "1.2345"), (0.1 + 0.2, "0.3"), (1e-5, "0.00001"), (-3.0, "-3")):
        assert cells.text_of(number) == text
    assert cells.text_of(40_203_004_567.0) == "40203004567" and cells.text_of(40_203_004_567.0, "12") == "040203004567"
    assert cells.text_of(1.2345678901234568e18) == "1.2345678901234568e+18", "digits beyond the fifteenth are not sure"
    assert cells.text_of(True) == "1" and cells.text_of("") is None and cells.text_of(None) is None
    for code, shown in (("dd/mm/yyyy", None), ("mmm-yy", "mm/yyyy"), ("yyyy", "yyyy"), ("000000000000", "12"), ("#,##0.00", None),
                        ('[$-42A]mm\\/yyyy;@', "mm/yyyy"), ("0", None), ("0.00", None), ("h:mm", None), ('"d"yyyy', "yyyy")):  # fmt: skip
        assert shown_as(code) == shown, code
    assert separated.SHIFTED == received.SHIFTED and LONGEST == LONGEST_TEXT + 1


def test_what_no_column_could_hold_is_cut_before_it_is_given_on(tmp_path: Path) -> None:
    rows = [["", None], ["a\ud800", "x" * 20_000], ["ng\x1fắt", "\x1f"], *([["y" * 9_000] * 2] * 1_200)]
    spool = tmp_path / "o"
    with spool.open("w+b") as file:
        assert frames.write(rows, file) == len(rows)
        file.flush()
        told = {"name": "", "width": 2, "rows": len(rows), "start": 0, "length": spool.stat().st_size}
        grid = grid_of(told, file, spool.stat().st_size)
        batches = list(grid.batches())
        assert [row for batch in batches for row in zip(*(c.to_pylist() for c in batch.columns), strict=True)][:4] == [
            (None, None), ("a?", "x" * LONGEST), ("ng ắt", " "), ("y" * 9_000, "y" * 9_000)
        ]  # fmt: skip
        assert len(batches) == 2, "a frame is no larger than it may be"
        for wrong in ({"rows": 7}, {"length": told["length"] - 1}, {"width": 3}, {"start": 1, "length": told["length"] - 1}):
            with pytest.raises(failures.FileBreaksReader):
                list(grid_of(told | wrong, file, spool.stat().st_size).batches())


@pytest.fixture(scope="module")
def seeds(good: Path) -> dict[str, bytes]:
    ods_, xls_ = by_libreoffice(good, "ods", "xls")
    text = by_csv(good.with_suffix(".csv"), [HEADS, *people(4)], ";")
    return {path.suffix: path.read_bytes() for path in (good, ods_, xls_, text)}


def test_what_ends_the_reader_of_cells_ends_it_alone(seeds: dict[str, bytes], tmp_path: Path) -> None:
    """Found by changed bytes: a directory cut short, at which the reader panics, beyond what the guard looks at."""
    for cut in (30, 700):
        (tmp_path / "a.xls").write_bytes(seeds[".xls"][:-cut])
        assert isinstance(why(tmp_path / "a.xls"), failures.FileBroken)


def test_hours_beyond_all_clocks_are_told(tmp_path: Path) -> None:
    """Found by changed bytes: the reader of cells gives such hours to a type that cannot hold them."""
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        page = book.add_worksheet("A")
        page.write_row(0, 0, HEADS)
        page.write_number(1, 5, 1e15, book.add_format({"num_format": "[h]:mm:ss"}))
    assert "giờ phút" in str(why(tmp_path / "a.xlsx"))


def guarded(kind: str, data: bytes) -> None:
    """What the child does before the reader of cells."""
    file = io.BytesIO(data)
    if kind == ".csv":
        list(separated.records(file, separated.form_of(file, SMALL), SMALL))
    elif kind == ".xls":
        xls.guard(data, SMALL)
    else:
        (xlsx if kind == ".xlsx" else ods).guard(file, SMALL)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([".xlsx", ".ods", ".xls", ".csv"]),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=9)), max_size=4),
    st.floats(0, 1),
)
def test_no_bytes_do_more_than_be_refused(
    seeds: dict[str, bytes], kind: str, changes: list[tuple[float, bytes]], end: float
) -> None:
    data = bytearray(seeds[kind])
    for where, what in changes:
        at = int(where * (len(data) - 1))
        data[at : at + len(what)] = what
    try:
        guarded(kind, bytes(data[: max(1, int(len(data) * (1 if end > 0.3 else end)))]))
    except Refused as refused:
        assert issubclass(getattr(failures, refused.kind), Failure)
