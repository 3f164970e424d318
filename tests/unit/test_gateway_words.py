"""What the synthetic gateway says of a packet: in Vietnamese, once a kind, with how many lines have it."""

from typing import Any

import pytest

from demo.gateway.store import Refusal, check
from schemas.reports.measures import MEASURES
from schemas.reports.packet import content_hash


def packet(lines: int, **line: Any) -> dict[str, Any]:
    made = {
        "ma_goi": "so_lieu_bao_cao",
        "phien_ban": "1.0",
        "ma_giao_dich": "00000000-0000-4000-8000-000000000001",
        "don_vi_gui": "H41.21",
        "don_vi_nhan": "G09",
        "ma_che_do": "ND09.T",
        "ma_bieu_mau": "AS-T",
        "ky_bao_cao": "2024M10",
        "lan_gui": 1,
        "thay_the": None,
        "so_lieu": [
            {
                "ma_chi_tieu": "BTX01",
                "phan_to": {"don_vi": f"{number:05d}"},
                "gia_tri": "1",
                "don_vi_tinh": "nguoi",
                "trang_thai": "co_so_lieu",
                **line,
            }
            for number in range(lines)
        ],
        "nguoi_duyet": "Người duyệt thử",
        "thoi_diem_duyet": "2024-11-20T02:00:00+07:00",
    }
    return made | {"bam_noi_dung": content_hash(made)}


def refusal(wrong: dict[str, Any]) -> list[dict[str, str]]:
    with pytest.raises(Refusal) as refused:
        check(wrong)
    return refused.value.reasons


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_that_is_declared_is_taken(measure: str) -> None:
    check(packet(1, don_vi_tinh=measure))


def test_a_measure_that_there_is_not_is_told_once_with_those_that_there_are() -> None:
    (said,) = refusal(packet(22, don_vi_tinh="con"))
    assert said["ma"] == "SAI_CAU_TRUC" and said["duong_dan"] == "so_lieu/0/don_vi_tinh"
    assert said["noi_dung"] == f'"con" không có trong danh sách {", ".join(MEASURES)} (22 dòng như vậy).'


def test_faults_of_two_kinds_are_told_apart() -> None:
    assert [said["noi_dung"] for said in refusal(packet(3, don_vi_tinh=1, gia_tri="1,5"))] == [
        f"1 không có trong danh sách {', '.join(MEASURES)} (3 dòng như vậy).",
        "không viết theo dạng nào được nhận (3 dòng như vậy).",
    ]


def test_where_no_value_may_stand_it_is_said_so() -> None:
    (said,) = refusal(packet(2, trang_thai="khong_phat_sinh", gia_tri="7"))
    assert said["noi_dung"] == '"7" không có trong danh sách rỗng, 0 (2 dòng như vậy).'


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        ({"nguoi_duyet": ...}, "gói", "thiếu nguoi_duyet."),
        ({"them": 1}, "gói", "có mục không được nhận: them."),
        ({"lan_gui": "1"}, "lan_gui", "không đúng kiểu integer."),
        ({"lan_gui": 0}, "lan_gui", "nhỏ hơn 1."),
        ({"so_lieu": []}, "so_lieu", "có ít hơn 1 mục."),
        ({"phien_ban": "2"}, "phien_ban", "phải là 1.0."),
        ({"thay_the": 1}, "thay_the", "không viết theo dạng nào được nhận."),
    ],
)
def test_what_is_wrong_is_said_in_vietnamese(changes: dict[str, Any], place: str, said: str) -> None:
    wrong = {name: value for name, value in (packet(1) | changes).items() if value is not ...}
    assert [(r["duong_dan"], r["noi_dung"]) for r in refusal(wrong)] == [(place, said)]
