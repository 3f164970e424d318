"""The packet's canonical form, the hash of its content, and the words of a correction."""

import datetime as dt
import re
from typing import Any

from assets.reports.changes import LONGEST, explained, worded
from demo.gateway.store import check
from resources.reporting.outbox import signature
from resources.warehouse.foundation import FOUNDATION
from resources.warehouse.published.submissions import MATURITIES, STATUS_TITLES, STATUSES
from schemas.reports.packet import canonical, content_hash, figures_hash


def line(
    code: str = "NCC02", unit: str = "40", value: str | None = "1.000", state: str = "co_so_lieu", **more: Any
) -> dict[str, Any]:
    made = {
        "ma_chi_tieu": code,
        "phan_to": {"don_vi": unit},
        "gia_tri": value,
        "don_vi_tinh": "trieu_dong",
        "trang_thai": state,
        "tinh_chat": "chinh_thuc",
    }
    return made | more


def before(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"so_lieu": list(lines), "den_ngay": "2024-10-14"}


def test_the_order_of_keys_does_not_matter_and_letters_stay() -> None:
    assert canonical({"b": 1, "a": "Nghệ An"}) == canonical({"a": "Nghệ An", "b": 1}) == '{"a":"Nghệ An","b":1}'.encode()


def test_approval_is_outside_the_content() -> None:
    packet = {"ma_goi": "so_lieu_bao_cao", "so_lieu": [line()], "nguoi_duyet": None, "thoi_diem_duyet": None}
    approved = packet | signature("Lê Thử", dt.datetime(2024, 11, 20, tzinfo=dt.UTC))
    assert content_hash(packet) == content_hash(approved)
    assert content_hash(packet) != content_hash(packet | {"so_lieu": [line(value="1.001")]})


def test_words_beside_a_figure_make_no_revision_but_its_state_does() -> None:
    assert figures_hash([line()]) == figures_hash([line(ghi_chu="khác")])
    assert figures_hash([line()]) != figures_hash([line(tinh_chat="tam_thoi")])
    assert figures_hash([line(value=None, state="chua_bao_cao")]) != figures_hash([line(value=None, state="bi_an")])


def test_a_correction_says_what_changed() -> None:
    old = before(line(), line(unit="415", value=None, state="chua_bao_cao"))
    new = [line(value="2.000"), line(unit="415", value="1.000")]
    assert explained(old, new) == "Bổ sung số liệu của Huyện Quế Phong. Thay đổi: NCC02 1 → 2 triệu đồng"


def test_a_correction_names_the_units_that_arrived_and_no_other() -> None:
    lacking = [line(unit=unit, value=None, state="chua_bao_cao") for unit in ("417", "415", "414", "412", "40")]
    arrived = [
        line(unit="417", value=None, state="khong_phat_sinh"),
        line(unit="415"),
        line(unit="414", value=None, state="bi_an"),  # it came, and nothing of it may be told
        lacking[3],
        line(),
    ]
    assert explained(before(*lacking), arrived) == (
        "Bổ sung số liệu của Huyện Quế Phong, Huyện Kỳ Sơn. Thay đổi: NCC02 chưa báo cáo → 1 triệu đồng"
    )
    unlisted = line(unit="x", value=None, state="chua_bao_cao")
    assert explained(before(unlisted), [line(unit="x")]).startswith("Bổ sung số liệu của x.")


def test_a_correction_tells_a_figure_as_officers_write_it_and_a_hidden_one_never() -> None:
    assert explained(before(line()), [line(value="1026.750")]) == "Thay đổi: NCC02 1 → 1.026,75 triệu đồng"
    assert explained(before(), [line()]) == "Thay đổi: NCC02 chưa có → 1 triệu đồng"
    assert explained(before(), [line(value=None, state="chua_bao_cao")]) == "Thay đổi: NCC02 chưa có → chưa báo cáo"
    for hidden in (line(value=None, state="bi_an"), line(value="3", state="bi_an")):
        assert "3" not in explained(before(line(value="8.000")), [hidden]) and "bị ẩn" in explained(before(line()), [hidden])


def test_figures_that_were_settled_are_told_beside_no_total_and_no_unit_that_came() -> None:
    settled, old = "Số liệu của các đơn vị đã đủ và được chốt", {"tinh_chat": "tam_thoi"}
    one, other = line(unit="415"), line(unit="415", value="2.000")
    assert explained(before(line(**old), one), [line(), other]) == f"Thay đổi số liệu chi tiết của NCC02. {settled}"
    assert explained(before(line(), one), [line(), other]) == "Thay đổi số liệu chi tiết của NCC02"
    assert settled not in explained(before(line(**old), one), [line(value="2.000"), other])
    lacking = line(unit="415", value=None, state="chua_bao_cao")
    assert settled not in explained(before(line(**old), lacking), [line(), one])
    assert settled not in explained(before(line(**old)), [line(**old), line("BTX02", unit="415")])


def test_what_is_no_longer_reported_has_no_measure() -> None:
    gone = line(value=None, state="chua_bao_cao")
    assert explained(before(line()), [gone]) == "Thay đổi: NCC02 1 triệu đồng → chưa báo cáo"
    assert explained(before(line(value=None, state="khong_phat_sinh")), [gone]) == (
        "Thay đổi: NCC02 không phát sinh → chưa báo cáo"
    )


def test_a_correction_always_says_something() -> None:
    assert "NCC02" in explained(before(line(), line(unit="415")), [line(), line(unit="415", value="1.001")])
    assert explained(before(line(tinh_chat="tam_thoi")), [line()]) == "Số liệu của các đơn vị đã đủ và được chốt"
    assert explained(before(line(), line(unit="415")), [line()]) == "Thay đổi phân tổ của số liệu"


def test_what_officers_said_stands_first_and_whole_and_what_figures_tell_yields() -> None:
    assert worded(["Theo CV 12."], "Thay đổi: NCC02") == "Theo CV 12. Thay đổi: NCC02"
    assert worded(["Vinh nộp lại", "Quế Phong nộp muộn.", "Vinh nộp lại"]) == "Vinh nộp lại. Quế Phong nộp muộn"
    assert worded([], "y" * 5000) == "y" * (LONGEST - 1) + "…"
    assert worded([], "y" * LONGEST) == "y" * LONGEST
    assert worded(["x" * (LONGEST - 4)], "yyy") == "x" * (LONGEST - 4) + ". y…"
    assert worded(["x" * (LONGEST - 3)], "yyy") == "x" * (LONGEST - 3), "of no use cut to a mark that it was cut"
    said = "x" * (LONGEST - 100)
    text = worded([said], "y" * 5000)
    assert text.startswith(f"{said}. y") and text.endswith("y…") and len(text) == LONGEST
    assert worded(["x" * 5000], "y") == "x" * 5000, "what is kept is whole; the packet is cut where it is made"


def test_the_statuses_of_the_outbox_are_all_titled_and_checked() -> None:
    assert set(STATUS_TITLES) == set(STATUSES)
    table = next(s for s in FOUNDATION if "create table if not exists ops.report_submissions" in s)
    statuses, maturities = re.findall(r"check \((?:status|maturity) in\s*\(([^)]*)\)", table)[:2]
    assert re.findall(r"'(\w+)'", statuses) == list(STATUSES)
    assert re.findall(r"'(\w+)'", maturities) == list(MATURITIES)


def test_the_example_of_the_contract_is_in_form() -> None:
    packet = {
        "ma_goi": "so_lieu_bao_cao",
        "phien_ban": "1.0",
        "ma_giao_dich": "0b0c6c0e-7a53-4b7a-9c0c-2f3a8b0d4a11",
        "don_vi_gui": "H41.21",
        "don_vi_nhan": "G22",
        "ma_che_do": "BTXH-10A",
        "ma_bieu_mau": "10a",
        "ky_bao_cao": "2026H1",
        "lan_gui": 2,
        "thay_the": "5b1d8f3e-1111-4222-8333-444455556666",
        "ly_do_dieu_chinh": "Bổ sung một xã nộp muộn",
        "so_lieu": [
            {
                "ma_chi_tieu": "BTX01",
                "phan_to": {"don_vi": "17353", "gioi_tinh": "2"},
                "gia_tri": "1234",
                "don_vi_tinh": "nguoi",
                "trang_thai": "co_so_lieu",
            }
        ],
        "nguoi_duyet": "duyet01",
        "thoi_diem_duyet": "2026-06-30T16:20:00+07:00",
    }
    check(packet | {"bam_noi_dung": content_hash(packet)})
