"""What a receiver says it holds of a form and period is believed only where it is ours, whole, and harmless."""

import uuid
from typing import Any

import pytest

from resources.reporting.client import STANDING
from resources.reporting.held import LONGEST_TEXT, is_ours, standing_id
from schemas.reports.packet import content_hash

ID = "5b1d8f3e-1111-4222-8333-444455556666"
LINE = {
    "ma_chi_tieu": "NCC02",
    "phan_to": {"don_vi": "40"},
    "gia_tri": "1.000",
    "don_vi_tinh": "trieu_dong",
    "trang_thai": "co_so_lieu",
    "tinh_chat": "chinh_thuc",
}


def packet(**changes: Any) -> dict[str, Any]:
    made = {
        "ma_goi": "so_lieu_bao_cao",
        "phien_ban": "1.0",
        "ma_giao_dich": ID,
        "don_vi_gui": "H41.21",
        "don_vi_nhan": "G22",
        "ma_che_do": "ND09.T",
        "ma_bieu_mau": "AS-T",
        "ky_bao_cao": "2024M10",
        "tu_ngay": "2024-09-15",
        "den_ngay": "2024-10-14",
        "lan_gui": 1,
        "thay_the": None,
        "ly_do_dieu_chinh": None,
        "tinh_chat": "chinh_thuc",
        "ghi_chu": [],
        "so_lieu": [LINE],
        "nguoi_duyet": "Hệ thống",
        "thoi_diem_duyet": "2024-10-21T19:00:00+00:00",
    } | changes
    return made | {"bam_noi_dung": content_hash(made)}


OURS = packet()


def test_a_packet_of_ours_is_known_whatever_its_revision_and_its_words() -> None:
    assert is_ours(OURS, ID, OURS)
    assert is_ours(packet(so_lieu=[LINE | {"gia_tri": None, "trang_thai": "chua_bao_cao", "ghi_chu": "chờ"}]), ID, OURS)
    correction = {"lan_gui": 2, "thay_the": str(uuid.uuid4()), "ly_do_dieu_chinh": "Theo công văn số 12"}
    assert is_ours(packet(**correction), ID, OURS)
    assert is_ours(packet(ghi_chu=["x" * LONGEST_TEXT], tu_ngay="2024-10-14"), ID, OURS)


@pytest.mark.parametrize(
    "changes",
    [
        {"don_vi_gui": "H41.22"},
        {"ma_bieu_mau": "AS-N"},
        {"ky_bao_cao": "2024M09"},
        {"ma_giao_dich": str(uuid.uuid4())},
        {"lan_gui": 0},
        {"lan_gui": 2**31 - 1},
        {"lan_gui": True},
        {"lan_gui": "1"},
        {"ma_goi": "trang_thai_bao_cao"},
        {"phien_ban": "2.0"},
        {"thay_the": "../token"},
        {"thay_the": 5},
        {"ly_do_dieu_chinh": 5},
        {"ly_do_dieu_chinh": "\x1b[31mđỏ"},
        {"nguoi_duyet": ""},
        {"ghi_chu": ["lời lẽ", 5]},
        {"ghi_chu": ["x" * (LONGEST_TEXT + 1)]},
        {"tinh_chat": []},
        {"tu_ngay": "2024-10-15"},
        {"den_ngay": 5},
        {"ghi_chu": ["\x1b[31mđỏ"]},
        {"ghi_chu": ["x" * 5000]},
        {"ghi_chu": "x"},
        {"nguoi_duyet": "<b>"},
        {"so_lieu": []},
        {"so_lieu": {}},
        {"them": 1},
        {"so_lieu": [LINE | {"gia_tri": "1e9"}]},
        {"so_lieu": [LINE | {"gia_tri": None}]},
        {"so_lieu": [LINE | {"gia_tri": 1}]},
        {"so_lieu": [LINE | {"gia_tri": "9" * 99}]},
        {"so_lieu": [LINE | {"don_vi_tinh": ["nguoi"]}]},
        {"so_lieu": [LINE | {"trang_thai": {}}]},
        {"so_lieu": [LINE | {"phan_to": {"don_vi": 40}}]},
        {"so_lieu": [LINE | {"phan_to": {"gioi_tinh": "1"}}]},
        {"so_lieu": [LINE | {"phan_to": []}]},
        {"so_lieu": [LINE | {"phan_to": "don_vi"}]},
        {"so_lieu": [LINE | {"ma_chi_tieu": "<b>"}]},
        {"so_lieu": [LINE, LINE | {"ma_chi_tieu": None}]},
        {"so_lieu": [LINE | {"them": "x"}]},
        {"so_lieu": [{k: v for k, v in LINE.items() if k != "tinh_chat"}]},
        {"so_lieu": ["x"]},
    ],
)
def test_what_is_not_ours_or_no_packet_is_not(changes: dict[str, Any]) -> None:
    assert not is_ours(packet(**changes), ID, OURS)


def test_what_is_not_as_it_was_hashed_or_no_packet_at_all_is_not() -> None:
    assert not is_ours(OURS | {"so_lieu": [LINE | {"gia_tri": "2.000"}]}, ID, OURS)
    assert not is_ours({k: v for k, v in OURS.items() if k != "ghi_chu"}, ID, OURS)
    assert not any(is_ours(one, ID, OURS) for one in (None, [], "x", 1, {}))


def test_of_a_list_the_last_that_stands_of_this_chain_is_meant() -> None:
    one = {n: OURS[n] for n in ("don_vi_gui", "ma_bieu_mau", "ky_bao_cao", "ma_giao_dich")} | {"trang_thai": "da_tiep_nhan"}
    gone = one | {"trang_thai": "thay_the"}
    assert standing_id([gone, one], OURS, STANDING) == ID
    for listed in (
        None,
        "x",
        [None, "x"],
        [gone],
        [one | {"ky_bao_cao": "2024M09"}],
        [one | {"don_vi_gui": "H1"}],
        [one | {"ma_giao_dich": "../../token"}],
        [one | {"ma_giao_dich": None}],
        [one | {"trang_thai": []}],
    ):
        assert standing_id(listed, OURS, STANDING) is None
    assert standing_id([one] + [gone] * 100_000, OURS, STANDING) is None
