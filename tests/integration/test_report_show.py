"""What an officer sees of a form: on the screen, as the packet, as a workbook to sign. Filed over a real warehouse and gateway."""

import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from assets.reports.filing import file_form
from assets.reports.forms import FORMS, form_named
from assets.reports.night import file_due
from assets.reports.sheet import Sheet, read_sheet
from assets.reports.workbook import write_form
from pipelines.cli import main
from resources.reporting import outbox
from resources.warehouse.arrivals.backfills import Act
from resources.warehouse.published import submissions
from tests.integration.report_hub import GatewayProcess, SmallHub, at

DUE = at("2024-10-22 02:00")
LATER = at("2024-10-23 02:00")
PAYMENTS = "meritorious_persons.monthly_payments"
XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def filed(hub: SmallHub, gateway: GatewayProcess, home: Path, monkeypatch: pytest.MonkeyPatch) -> SmallHub:
    """AS-T of a month without Quế Phong, then with it and with another payment of Vinh. The second waits: the gateway has the first."""
    (home / "clock").write_text("2024-10-23", encoding="ascii")
    monkeypatch.setenv("ANSINH_HOME", str(home))
    monkeypatch.setenv("ANSINH_PROFILE", "demo")
    monkeypatch.setenv("COLUMNS", "80")
    hub.month(DUE, but=("415",))
    file_due(hub.engine, gateway.client(), DUE, form_named("AS-T"), ["2024-10"], mode="automatic")
    for name in (PAYMENTS, "social_protection.monthly_payments"):
        hub.load(name, "2024-10", "415", [{}], LATER)
    hub.load(PAYMENTS, "2024-10", "412", [{}, {}], LATER)
    hub.read(LATER)
    assert file_form(hub.engine, form_named("AS-T"), "2024-10", LATER, asked=Act("Nguyễn Thử", "Theo CV 12")) is not None
    return hub


def sheet_of(hub: SmallHub, revision: int | None = None) -> Sheet:
    with hub.engine.connect() as connection:
        shown = outbox.latest(connection, "AS-T", "2024-10", revision)
        return read_sheet(shown, outbox.followed(connection, shown))


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["report", "show", "AS-T", "2024-10", *arguments]) == 0
    return capsys.readouterr().out


def test_the_form_names_its_figures_and_what_differs_and_why(filed: SmallHub, capsys: pytest.CaptureFixture[str]) -> None:
    page = shown(capsys)
    assert max(map(len, page.splitlines())) <= 80
    text = " ".join(page.split())
    assert "Báo cáo tháng: chi trả ưu đãi" in text and "số liệu từ 15/09/2024 đến 14/10/2024, hạn gửi 22/10/2024" in text
    assert "sau lần 1 (đã tiếp nhận)" in text and "đã lập, chờ gửi" in text and "Nguyễn Thử" in text
    assert "Lý do Theo CV 12. Bổ sung số liệu của Huyện Quế Phong" in text
    # 21 units and one payment more, against 20: 2,789,000 each.
    assert "NCC02 Kinh phí chi trả ưu đãi người có công 61,358 55,78 triệu đồng" in text
    assert "NCC02 Huyện Quế Phong 2,789 chưa báo cáo" in text
    assert "don_vi" not in text and "chua_bao_cao" not in text
    first = " ".join(shown(capsys, "--revision", "1").split())
    assert "* số tạm thời" in first and "Huyện Quế Phong" in first and "Khác lần" not in first


def test_one_indicator_is_shown_by_breakdown_and_unit(filed: SmallHub, capsys: pytest.CaptureFixture[str]) -> None:
    page = " ".join(shown(capsys, "--revision", "1", "--indicator", "NCC02").split())
    assert "Loại đối tượng" in page and "412 Thành phố Vinh 2,789" in page and "BTX01 Số đối tượng" not in page
    assert "415 Huyện Quế Phong (Danh sách" in page and "chưa báo cáo" in page and "chưa có số liệu)" in page
    assert main(["report", "show", "AS-T", "2024-10", "--indicator", "HN01"]) == 2
    assert "NCC01" in capsys.readouterr().err


def test_the_packet_comes_as_it_is_kept_a_figure_a_line(filed: SmallHub, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "--json")
    with filed.engine.connect() as connection:
        kept = outbox.latest(connection, "AS-T", "2024-10")
    told = json.loads(text)
    assert told["payload"] == kept.payload and told["findings"] == kept.findings and told["reason"] == kept.reason
    lines = text.splitlines()
    assert sum('"ma_chi_tieu"' in line for line in lines) == len(kept.payload["so_lieu"]) and len(lines) < 2000


def test_a_returned_form_says_why(filed: SmallHub, capsys: pytest.CaptureFixture[str]) -> None:
    with filed.engine.begin() as connection:
        standing = outbox.latest(connection, "AS-T", "2024-10", 1)
        submissions.judged(connection, standing, "returned", "Thiếu thuyết minh NCC02", LATER)
    text = " ".join(shown(capsys, "--revision", "1").split())
    assert "bị trả lại, biết từ 23/10/2024 02:00" in text and "Cần xem Thiếu thuyết minh NCC02" in text
    assert main(["report", "list", "--form", "AS-T"]) == 0
    listed = capsys.readouterr().out
    assert "Thiếu thuyết minh NCC02" in " ".join(listed.split()) and max(map(len, listed.splitlines())) <= 100


def test_a_form_and_a_period_that_there_are_not_are_refused(filed: SmallHub, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, told in (
        (["list", "--form", "XX"], f"không có biểu 'XX'. Chọn một trong: {', '.join(form.code for form in FORMS)}."),
        (["list", "--period", "2024-13"], "Tìm kỳ '2024-13'"),
        (["list", "--form", "AS-N", "--period", "2024-09"], "gần nhất: 2023"),  # begun, and of another form
        (["show", "AS-T", "2024-11"], "gần nhất: 2024-10"),
        (["approve", "AS-T", "hôm qua", "--by", "Cán bộ thử"], "Tìm kỳ 'hôm qua'"),
        (["submit", "AS-T", "2025-01", "--by", "Cán bộ thử"], "Tìm kỳ '2025-01'"),
        (["submit", "AS-T", "2024-10", "--by", "A", "--reason", "bổ sung ông B 040123456789"], "dãy từ 9 chữ số"),
        (["approve", "AS-T", "2024-10", "--by", "A 0912345678"], "dãy từ 9 chữ số"),
        (["show", "AS-T", "2024-09"], "chưa lập lần nào"),
    ):
        assert main(["report", *arguments]) == 2, arguments
        assert told in capsys.readouterr().err
    assert filed.rows("select count(*) from ops.report_submissions") == [(2,)]


def test_the_workbook_is_a_form_on_a4_to_sign(filed: SmallHub, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    into = tmp_path / "as-t.xlsx"
    into.write_text("old")
    shown(capsys, "--xlsx", str(into))
    assert into.stat().st_mode & 0o777 == 0o600 and [p.name for p in tmp_path.iterdir()] == ["as-t.xlsx"]
    assert "AS-T-2024-10-lan-2.xlsx" in shown(capsys, "--into", str(tmp_path)) and (tmp_path / "AS-T-2024-10-lan-2.xlsx").exists()
    book = Book(into)
    assert book.sheets == ["Biểu", "Theo đơn vị", "Các dòng đã gửi"]
    for number in (1, 2, 3):
        page = book.part(f"xl/worksheets/sheet{number}.xml")
        setup = page.find(f"{XML}pageSetup")
        assert setup is not None and setup.get("paperSize") == "9" and setup.get("fitToHeight") == "0"
        assert page.find(f".//{XML}f") is None
    names = {n.get("name", "") for n in book.part("xl/workbook.xml").iter(f"{XML}definedName")}
    assert {"_xlnm.Print_Area", "_xlnm.Print_Titles"} <= names
    form = book.cells(1)
    for text in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "SỞ LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI",
        "NGƯỜI LẬP BIỂU",
        "THỦ TRƯỞNG ĐƠN VỊ",
        "(Ký, ghi rõ họ tên)",
    ):
        assert text in form.values()
    assert any(str(v).startswith("Lý do: Theo CV 12") for v in form.values())
    (row,) = {r for (r, c), v in form.items() if (c, v) == (0, "NCC02")}
    assert (form[row, 3], form[row, 4]) == (61.358, 55.78)  # of one kind: the reader's machine writes both with the same points
    sent = [v for (_, c), v in sorted(book.cells(3).items()) if c == 3]
    assert "415" in sent and len(sent) == len(sheet_of(filed).lines) + 1  # codes are text


def test_no_value_becomes_a_formula_and_half_a_workbook_takes_no_place(filed: SmallHub, tmp_path: Path) -> None:
    sheet = sheet_of(filed)
    sheet.submission.payload["ghi_chu"][:] = ['=HYPERLINK("http://x")', "+1", "http://x"]
    into = tmp_path / "form.xlsx"
    write_form(into, sheet)
    page = Book(into).part("xl/worksheets/sheet1.xml")
    assert page.find(f".//{XML}f") is None and page.find(f".//{XML}hyperlink") is None
    before = into.read_bytes()
    del sheet.submission.payload["don_vi_nhan"]
    with pytest.raises(KeyError):
        write_form(into, sheet)
    assert into.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["form.xlsx"]


def test_what_is_hidden_stays_hidden(filed: SmallHub, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The groups of a unit are hidden: no number stands where they are named, on the screen or in the workbook."""
    sheet = sheet_of(filed)
    hidden = [x for x in sheet.lines if x.dimension == "nhom" and not x.is_province and x.shown == "bị ẩn"]
    assert hidden and all(x.number is None and x.before in (None, "chưa có") for x in hidden)
    into = tmp_path / "form.xlsx"
    write_form(into, sheet)
    cells = Book(into).cells(3)
    rows = [r for (r, c), v in cells.items() if (c, v) == (5, "Nhóm đối tượng") and cells[r, 3] != "40"]
    assert rows and {cells[r, 8] for r in rows} <= {"bị ẩn", "chưa báo cáo"}


def test_an_indicator_that_means_something_by_its_parts_alone_shows_those(hub: SmallHub) -> None:
    now = at("2024-01-16 02:00")
    hub.load_all("poverty.households", "2023", now)
    hub.load_all("poverty.review_results", "2023", now)
    hub.load("labour_employment.workers", "2023", "40", [{"district": "412"}], now)
    hub.read(now)
    composed = file_form(hub.engine, form_named("AS-N"), "2023", now)
    assert composed is not None
    sheet = read_sheet(composed, None)
    assert sheet.period == "năm 2023"
    named = [line.value_title for line in sheet.main if line.code == "HN06"]
    assert named == ["Thoát nghèo", "Tái nghèo", "Phát sinh nghèo"]
    assert len([line for line in sheet.main if line.code == "HN07"]) == 12
    assert [line.code for line in sheet.main if line.code == "HN01"] == ["HN01"]


class Book:
    """A workbook as its reader's program takes it, cell by cell."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path)
        self._strings = ["".join(t.text or "" for t in si.iter(f"{XML}t")) for si in self.part("xl/sharedStrings.xml")]
        self.sheets = [s.get("name") for s in self.part("xl/workbook.xml").iter(f"{XML}sheet")]

    def part(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring(self._zip.read(name))

    def cells(self, number: int) -> dict[tuple[int, int], str | float]:
        """(row, column) from 0 -> a text or a number."""
        found: dict[tuple[int, int], str | float] = {}
        for cell in self.part(f"xl/worksheets/sheet{number}.xml").iter(f"{XML}c"):
            value = cell.findtext(f"{XML}v")
            letters, row = cell.attrib["r"].rstrip("0123456789"), int(cell.attrib["r"].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - 64
            if value is not None:
                found[row - 1, column - 1] = self._strings[int(value)] if cell.get("t") == "s" else float(value)
        return found
