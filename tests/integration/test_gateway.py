"""The reporting gateway and its client, over real HTTP on the loopback: receipts, chains, every way it misbehaves."""

import base64
import copy
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from assets.reports.forms import FORMS
from assets.reports.indicators import catalogue
from demo.gateway.forms import taken
from resources.failing import Permanent, Transient
from resources.failures import Unreachable
from resources.reporting.client import NationalReporting
from resources.reporting.failures import AccessRefused, PacketRefused, ReceiptForeign
from resources.settings import Settings
from schemas.reports.packet import content_hash
from tests.integration.report_hub import GatewayProcess, running_gateway


@pytest.fixture(scope="module")
def gateway_of_the_module() -> Iterator[GatewayProcess]:
    yield from running_gateway()


def packet(**changes: Any) -> dict[str, Any]:
    made = {
        "ma_goi": "so_lieu_bao_cao",
        "phien_ban": "1.0",
        "ma_giao_dich": str(uuid.uuid4()),
        "don_vi_gui": "H41.21",
        "don_vi_nhan": "G22",
        "ma_che_do": "ND09.T",
        "ma_bieu_mau": "AS-T",
        "ky_bao_cao": "2024M10",
        "lan_gui": 1,
        "thay_the": None,
        "ly_do_dieu_chinh": None,
        "so_lieu": [
            {
                "ma_chi_tieu": "BTX01",
                "phan_to": {"don_vi": "40"},
                "gia_tri": "1234",
                "don_vi_tinh": "nguoi",
                "trang_thai": "co_so_lieu",
            }
        ],
        "nguoi_duyet": "Người duyệt thử",
        "thoi_diem_duyet": "2024-11-20T02:00:00+07:00",
    } | changes
    return {k: v for k, v in made.items() if v is not ...} | {"bam_noi_dung": changes.get("bam_noi_dung") or content_hash(made)}


def replacing(earlier: dict[str, Any], **changes: Any) -> dict[str, Any]:
    more = {"thay_the": earlier["ma_giao_dich"], "ly_do_dieu_chinh": "Đơn vị nộp muộn", "lan_gui": earlier["lan_gui"] + 1}
    return packet(**more | changes)


def test_one_receipt_for_one_transaction(gateway: GatewayProcess) -> None:
    sent = packet()
    first = gateway.client().submit(sent)
    again = gateway.client().submit(sent)
    assert first == again
    assert first.content_hash == sent["bam_noi_dung"]
    assert [s["so_tiep_nhan"] for s in gateway.listed()] == [first.number]


def test_the_same_id_with_other_content_is_refused(gateway: GatewayProcess) -> None:
    sent = packet()
    receipt = gateway.client().submit(sent)
    with pytest.raises(PacketRefused) as refused:
        gateway.client().submit(packet(ma_giao_dich=sent["ma_giao_dich"], ky_bao_cao="2024M09"))
    assert "Mã giao dịch đã dùng" in str(refused.value)
    assert [s["so_tiep_nhan"] for s in gateway.listed()] == [receipt.number]


def test_receipts_survive_a_kill(gateway: GatewayProcess) -> None:
    sent = packet()
    client = gateway.client()
    before = client.submit(sent)
    gateway.stop()
    with pytest.raises(Unreachable):
        client.submit(sent)
    gateway.start()
    assert gateway.client().submit(sent) == before
    # The client that lived on holds a token that the new process does not know: it asks for another by itself.
    assert client.submit(sent) == before


def test_a_correction_names_what_stands_and_says_why(gateway: GatewayProcess) -> None:
    client = gateway.client()
    first = packet()
    client.submit(first)
    for wrong, said in (
        (packet(lan_gui=2), "phải nêu lần bị thay thế"),
        (replacing(first, ly_do_dieu_chinh=None), "lý do"),
        (replacing(first, thay_the=str(uuid.uuid4())), "không có"),
        (replacing(first, ky_bao_cao="2024M09"), "khác biểu hoặc kỳ"),
        (replacing(first, lan_gui=1), "thứ nhất"),
    ):
        with pytest.raises(PacketRefused) as refused:
            client.submit(wrong)
        assert said in str(refused.value)
    second = replacing(first)
    client.submit(second)
    with pytest.raises(PacketRefused):
        client.submit(replacing(first, lan_gui=3))  # already replaced
    states = {s["ma_giao_dich"]: s["trang_thai"] for s in gateway.listed()}
    assert states == {first["ma_giao_dich"]: "thay_the", second["ma_giao_dich"]: "da_tiep_nhan"}


def _with_line(form: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    made = packet(**form or {})
    made["so_lieu"][0] |= changes
    made["so_lieu"][0] = {k: v for k, v in made["so_lieu"][0].items() if v is not ...}
    made["bam_noi_dung"] = content_hash(made)
    return made


@pytest.mark.parametrize(
    ("wrong", "where", "said"),
    [
        (
            packet(ma_bieu_mau="AS-X"),
            "ma_bieu_mau",
            f"Không có biểu AS-X; các biểu đã đăng ký: {', '.join(f.code for f in FORMS)}.",
        ),
        (packet(ma_che_do="ND09.N"), "ma_che_do", "thuộc chế độ ND09.T"),
        (_with_line(ma_chi_tieu="BTX99"), "so_lieu/0/ma_chi_tieu", "BTX99"),
        (_with_line(ma_chi_tieu="HN01", don_vi_tinh="ho"), "so_lieu/0/ma_chi_tieu", "HN01"),  # of the yearly form
        (_with_line(don_vi_tinh="ho"), "so_lieu/0/ma_chi_tieu", "tính bằng ho"),
        (_with_line(phan_to={"don_vi": "40", "kenh": "1"}), "so_lieu/0/phan_to", "không phân tổ theo kenh"),
    ],
)
def test_what_is_not_in_the_list_of_forms_is_refused_by_name(
    gateway_of_the_module: GatewayProcess, wrong: dict, where: str, said: str
) -> None:
    with pytest.raises(PacketRefused) as refused:
        gateway_of_the_module.client().submit(wrong)
    assert where in " ".join(refused.value.reasons) and said in " ".join(refused.value.reasons)
    assert gateway_of_the_module.listed() == []


def test_the_gateway_takes_the_forms_that_are_declared() -> None:
    assert set(taken()) == {form.code for form in FORMS}
    for form in FORMS:
        lines = {(i.code, i.unit): {d.name for d in i.shown_by} for i in catalogue() if i.code in form.indicator_codes}
        assert taken()[form.code] == (form.regime_code, lines)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (packet(ghi_chu_them="x"), "ghi_chu_them"),
        (packet(nguoi_duyet=...), "nguoi_duyet"),
        (packet(ky_bao_cao="2024-10"), "ky_bao_cao"),
        (packet(don_vi_gui="21"), "don_vi_gui"),
        (packet(so_lieu=[]), "so_lieu"),
        (packet(lan_gui="1"), "lan_gui"),
        (packet(bam_noi_dung="0" * 64), "băm"),
        (_with_line(gia_tri=1234), "gia_tri"),
        (_with_line(gia_tri="1.234,5"), "gia_tri"),
        (_with_line(trang_thai="chua_bao_cao"), "gia_tri"),
        (_with_line(trang_thai="khong_phat_sinh"), "gia_tri"),
        (_with_line(trang_thai="bi_an", gia_tri=...), "gia_tri"),
        (_with_line(gia_tri=None), "gia_tri"),
        (_with_line(phan_to={"don_vi": "40", "gioi_tinh": "1", "nhom": "K1"}), "phan_to"),
    ],
)
def test_a_packet_out_of_form_is_refused_with_the_place(gateway_of_the_module: GatewayProcess, wrong: dict, said: str) -> None:
    with pytest.raises(PacketRefused) as refused:
        gateway_of_the_module.client().submit(wrong)
    assert said in " ".join(refused.value.reasons)
    assert gateway_of_the_module.listed() == []


def test_a_figure_twice_is_refused(gateway_of_the_module: GatewayProcess) -> None:
    made = packet()
    made["so_lieu"].append(copy.deepcopy(made["so_lieu"][0]))
    made["bam_noi_dung"] = content_hash(made)
    with pytest.raises(PacketRefused, match="BTX01"):
        gateway_of_the_module.client().submit(made)


def test_429_is_waited_for_as_long_as_it_asks(gateway: GatewayProcess) -> None:
    gateway.switch(loi="429", lan=1, retry_after=1)
    assert gateway.client().submit(packet()).number


def test_429_beyond_the_ceiling_is_left_to_the_outbox(gateway: GatewayProcess) -> None:
    gateway.switch(loi="429", lan=-1, retry_after=3600)
    with pytest.raises(Transient) as failure:
        gateway.client().submit(packet())
    assert failure.value.retry_after is not None and failure.value.retry_after.total_seconds() == 3600
    assert not isinstance(failure.value, Permanent)


def test_500_once_is_got_over_and_for_ever_is_transient(gateway: GatewayProcess) -> None:
    gateway.switch(loi="500", lan=1)
    sent = packet()
    assert gateway.client().submit(sent).number
    gateway.switch(loi="500", lan=-1)
    with pytest.raises(Transient, match="HTTP 500"):
        gateway.client().submit(replacing(sent))


@pytest.mark.parametrize("fault", ["json_hong", "html"])
def test_no_readable_answer_is_transient_and_the_receipt_is_there_next_time(gateway: GatewayProcess, fault: str) -> None:
    gateway.switch(loi=fault, lan=1)
    sent = packet()
    with pytest.raises(Transient) as failure:
        gateway.client().submit(sent)
    assert "AS-T" in str(failure.value) and "2024M10" in str(failure.value)
    receipt = gateway.client().submit(sent)
    assert [s["so_tiep_nhan"] for s in gateway.listed()] == [receipt.number]


def test_slow_is_transient_and_the_receipt_is_there_next_time(gateway: GatewayProcess) -> None:
    gateway.switch(loi="cham", lan=-1, giay=3)
    sent = packet()
    with pytest.raises(Unreachable):
        gateway.client(timeout=(2.0, 0.3)).submit(sent)
    gateway.switch(loi=None)
    receipt = gateway.client().submit(sent)
    assert [s["so_tiep_nhan"] for s in gateway.listed()] == [receipt.number]


def test_a_byte_order_mark_is_forgiven(gateway: GatewayProcess) -> None:
    gateway.switch(loi="bom", lan=1)
    assert gateway.client().submit(packet()).number


def test_death_between_commit_and_answer_leaves_one_receipt(gateway: GatewayProcess) -> None:
    gateway.switch(loi="chet_sau_ghi", lan=1)
    sent = packet()
    with pytest.raises(Unreachable):
        gateway.client().submit(sent)
    assert gateway.wait_dead() == 70
    gateway.start()
    receipt = gateway.client().submit(sent)
    assert [(s["ma_giao_dich"], s["so_tiep_nhan"]) for s in gateway.listed()] == [(sent["ma_giao_dich"], receipt.number)]


def test_a_token_that_ends_midway_is_renewed(gateway: GatewayProcess) -> None:
    client = gateway.client()
    first = packet()
    client.submit(first)
    gateway.switch(loi="het_han_token", lan=1)
    assert client.submit(replacing(first)).number
    gateway.switch(token_giay=0)
    fresh = gateway.client()
    with pytest.raises(AccessRefused):  # a token that is over before it is used: once more with a new one, then a verdict
        fresh.submit(packet(ky_bao_cao="2024M09"))


def test_a_refused_packet_is_permanent_with_its_reasons(gateway: GatewayProcess) -> None:
    gateway.switch(loi="tu_choi", lan=1, ly_do=["Số liệu BTX01 lệch với danh sách chi trả"])
    with pytest.raises(PacketRefused) as refused:
        gateway.client().submit(packet())
    assert any("BTX01 lệch" in r for r in refused.value.reasons)
    assert gateway.listed() == []


def test_the_success_code_is_configuration(gateway: GatewayProcess) -> None:
    gateway.switch(ma_thanh_cong="0")
    sent = packet()
    with pytest.raises(PacketRefused, match="mã thành công mong đợi 00"):
        gateway.client().submit(sent)
    assert gateway.client(success_code="0").submit(sent).number


def test_wrong_credentials_are_permanent_and_no_secret_is_told(gateway: GatewayProcess) -> None:
    secret = "not-the-secret-of-the-gateway"
    client = NationalReporting(gateway.url, "ansinh-x", secret)
    with pytest.raises(AccessRefused) as refused:
        client.submit(packet())
    told = f"{refused.value} {client!r}"
    header = base64.b64encode(json.dumps({"AccessKey": "ansinh-x"}).encode()).decode()[:16]
    assert secret not in told and header not in told and "NATIONAL_REPORTING_CLIENT_SECRET" in told


def test_a_wrong_address_is_permanent(gateway: GatewayProcess) -> None:
    client = gateway.client()
    client.submit(packet())
    client.url = f"{gateway.url}/khong-co"
    with pytest.raises(AccessRefused, match="NATIONAL_REPORTING_URL"):
        client.submit(packet(ky_bao_cao="2024M09"))


def test_what_became_of_a_submission(gateway: GatewayProcess) -> None:
    client = gateway.client()
    sent = packet()
    assert client.state(sent) is None
    receipt = client.submit(sent)
    state = client.state(sent)
    assert state is not None and state.receipt == receipt
    gateway.switch(tra_lai=sent["ma_giao_dich"], ly_do="Thiếu thuyết minh")
    state = client.state(sent)
    assert state is not None and (state.receipt.state, state.reason) == ("bi_tra_lai", "Thiếu thuyết minh")
    # Sent back, it no longer stands: the next one is a first again, and names nothing.
    assert client.submit(packet(lan_gui=2)).number


def test_a_packet_that_is_held_is_told_by_its_own_id_and_only_as_it_was_sent(gateway: GatewayProcess) -> None:
    client = gateway.client()
    sent = packet()
    receipt = client.submit(sent)
    gateway.switch(trung_ma=409)
    with pytest.raises(PacketRefused, match="HTTP 409"):
        client.submit(sent)
    held = client.state(sent)
    assert held is not None and held.receipt == receipt
    with pytest.raises(ReceiptForeign):
        client.state(packet(ma_giao_dich=sent["ma_giao_dich"], ky_bao_cao="2024M09"))


@pytest.mark.parametrize("status", [400, 409, 422, 501])
def test_an_error_in_asking_does_not_say_that_it_is_not_there(gateway: GatewayProcess, status: int) -> None:
    sent = packet()
    gateway.client().submit(sent)
    gateway.switch(hoi_hong={sent["ma_giao_dich"]: status})
    with pytest.raises(Permanent) as failure:
        gateway.client().state(sent)
    assert not isinstance(failure.value, AccessRefused | PacketRefused) and f"HTTP {status}" in str(failure.value)


@pytest.mark.parametrize("fault", ["qua_dai", "qua_sau", "nho_giot"])
def test_an_answer_without_end_is_cut_and_the_receipt_is_there_next_time(gateway: GatewayProcess, fault: str) -> None:
    gateway.switch(loi=fault, lan=1)
    sent = packet()
    with pytest.raises(Transient) as failure:
        gateway.client(longest_answer=1.0).submit(sent)
    assert not isinstance(failure.value, Unreachable)
    assert gateway.client().submit(sent).number == gateway.listed()[0]["so_tiep_nhan"]


def test_what_the_receiver_says_comes_as_plain_lines(gateway: GatewayProcess) -> None:
    gateway.switch(loi="tu_choi", lan=1, ly_do=["Thiếu\x1b[2J thuyết\nminh " + "x" * 5000])
    with pytest.raises(PacketRefused) as refused:
        gateway.client().submit(packet())
    assert str(refused.value).isprintable() and len(str(refused.value)) < 1000


def test_a_right_that_lacks_for_a_form_is_that_forms_alone(gateway: GatewayProcess) -> None:
    gateway.switch(loi="cam", lan=-1, bieu="AS-T")
    client = gateway.client()
    with pytest.raises(Permanent, match="HTTP 403") as failure:
        client.submit(packet())
    assert not isinstance(failure.value, AccessRefused)
    yearly = _with_line(
        ma_chi_tieu="HN01", don_vi_tinh="ho", form={"ma_bieu_mau": "AS-N", "ma_che_do": "ND09.N", "ky_bao_cao": "2023Y"}
    )
    assert client.submit(yearly).number


def test_credentials_are_made_once_and_are_the_owners_alone(gateway: GatewayProcess) -> None:
    run = gateway.home / "run"
    kept = {name: (run / name).read_text() for name in ("gateway.client_id", "gateway.client_secret")}
    assert all((run / name).stat().st_mode & 0o777 == 0o600 for name in kept)
    gateway.stop()
    gateway.start()
    assert {name: (run / name).read_text() for name in kept} == kept
    assert Settings("demo", gateway.home).reporting_credentials() == tuple(kept.values())


def test_nothing_is_told_without_a_token(gateway: GatewayProcess) -> None:
    gateway.client().submit(packet())
    for path in ("/bao-cao", f"/bao-cao/{uuid.uuid4()}"):
        assert requests.get(f"{gateway.url}{path}", timeout=5).status_code == 401
    assert requests.post(f"{gateway.url}/bao-cao", data=b"{}", timeout=5).status_code == 401
    assert requests.post(f"{gateway.url}/token", data={"grant_type": "password"}, timeout=5).status_code == 400
