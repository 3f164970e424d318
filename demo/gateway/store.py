"""What the synthetic reporting gateway remembers: submissions, receipts, chains of corrections. Kept in SQLite, durably.

The rules of acceptance stand here; HTTP, tokens and the switches do not.
"""

import datetime as dt
import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from demo.gateway.forms import strangers
from demo.gateway.words import in_words, reason, told
from schemas.reports.measures import MEASURES
from schemas.reports.packet import canonical, content_hash

CHAIN = ("don_vi_gui", "ma_bieu_mau", "ky_bao_cao")  # one submission of these stands

SCHEMA_FILE = Path(__file__).with_name("schema.json")

TABLE = """create table if not exists bao_cao (
    stt integer primary key autoincrement, ma_giao_dich text not null unique, bam_noi_dung text not null,
    don_vi_gui text not null, ma_bieu_mau text not null, ky_bao_cao text not null, lan_gui integer not null,
    thay_the text, goi text not null, so_tiep_nhan text not null unique, thoi_diem text not null,
    trang_thai text not null, ly_do text)"""


class Refusal(Exception):
    """The packet is not taken, and why; nothing of it is kept."""

    def __init__(self, reasons: list[dict[str, str]]) -> None:
        super().__init__("refused")
        self.reasons = reasons


class Store:
    """One SQLite file; every write is on disk before it is answered."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(folder / "cong.sqlite", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        # A receipt that was answered must survive a power cut.
        self._db.execute("pragma synchronous = full")
        self._db.execute(TABLE)

    def accept(self, packet: Any, now: dt.datetime) -> dict[str, Any]:
        """The receipt of a packet: a new one, or the one it was given before. Raises Refusal."""
        check(packet)
        if unknown := list(strangers(packet)):
            raise Refusal(told("NGOAI_DANH_MUC", unknown))
        with self._lock:
            self._db.execute("begin immediate")
            try:
                receipt = self._accept(packet, now)
                self._db.execute("commit")
            except BaseException:
                self._db.execute("rollback")
                raise
            return receipt

    def _accept(self, packet: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
        known = self._one("select * from bao_cao where ma_giao_dich = ?", packet["ma_giao_dich"])
        if known:
            if known["goi"].encode() != canonical(packet):
                raise Refusal([reason("TRUNG_MA", "ma_giao_dich", "Mã giao dịch đã dùng cho một gói có nội dung khác.")])
            return _receipt(known)
        self._check_chain(packet)
        number = self._one("select coalesce(max(stt), 0) + 1 as n from bao_cao")["n"]
        self._db.execute(
            "insert into bao_cao (ma_giao_dich, bam_noi_dung, don_vi_gui, ma_bieu_mau, ky_bao_cao, lan_gui, thay_the, goi,"
            " so_tiep_nhan, thoi_diem, trang_thai) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'da_tiep_nhan')",
            (
                packet["ma_giao_dich"],
                packet["bam_noi_dung"],
                packet["don_vi_gui"],
                packet["ma_bieu_mau"],
                packet["ky_bao_cao"],
                packet["lan_gui"],
                packet.get("thay_the"),
                canonical(packet).decode(),
                f"TN-{now.year}-{number:06d}",
                now.isoformat(),
            ),
        )
        if packet.get("thay_the"):
            self._db.execute("update bao_cao set trang_thai = 'thay_the' where ma_giao_dich = ?", (packet["thay_the"],))
        return _receipt(self._one("select * from bao_cao where ma_giao_dich = ?", packet["ma_giao_dich"]))

    def _check_chain(self, packet: dict[str, Any]) -> None:
        """One standing submission for each sender, form and period: a later one names it and says why."""
        standing = self._one(
            "select * from bao_cao where don_vi_gui = ? and ma_bieu_mau = ? and ky_bao_cao = ?"
            " and trang_thai in ('da_tiep_nhan', 'da_phe_duyet') order by stt desc limit 1",
            packet["don_vi_gui"],
            packet["ma_bieu_mau"],
            packet["ky_bao_cao"],
        )
        named = packet.get("thay_the")
        if named is None:
            if standing:
                raise Refusal(
                    [
                        reason(
                            "DA_CO",
                            "thay_the",
                            f"Biểu và kỳ này đã có lần gửi {standing['ma_giao_dich']}: lần gửi sau phải nêu lần bị thay thế.",
                        )
                    ]
                )
            return
        if not packet.get("ly_do_dieu_chinh"):
            raise Refusal([reason("THIEU_LY_DO", "ly_do_dieu_chinh", "Lần gửi thay thế phải nêu lý do điều chỉnh.")])
        if standing is None or standing["ma_giao_dich"] != named:
            raise Refusal(
                [
                    reason(
                        "THAY_THE_SAI", "thay_the", "Lần gửi được nêu không có, khác biểu hoặc kỳ, hoặc đã bị thay thế, trả lại."
                    )
                ]
            )
        if packet["lan_gui"] <= standing["lan_gui"]:
            raise Refusal([reason("LAN_GUI_SAI", "lan_gui", "Lần gửi phải lớn hơn lần gửi bị thay thế.")])

    def judge(self, transaction_id: str, status: str, why: str | None) -> bool:
        """The receiving agency approves or sends back a submission that stands."""
        with self._lock:
            changed = self._db.execute(
                "update bao_cao set trang_thai = ?, ly_do = ? where ma_giao_dich = ?"
                " and trang_thai in ('da_tiep_nhan', 'da_phe_duyet')",
                (status, why, transaction_id),
            )
            return changed.rowcount == 1

    def forget(self, transaction_id: str) -> bool:
        """Lose a submission, as a receiver does that was restored from an old copy."""
        with self._lock:
            return self._db.execute("delete from bao_cao where ma_giao_dich = ?", (transaction_id,)).rowcount == 1

    def clear(self) -> None:
        """Forget everything, the numbers given included."""
        with self._lock:
            self._db.execute("delete from bao_cao")
            self._db.execute("delete from sqlite_sequence")

    def state(self, transaction_id: str) -> dict[str, Any] | None:
        """The status packet of a submission."""
        with self._lock:
            row = self._one("select * from bao_cao where ma_giao_dich = ?", transaction_id)
        return _receipt(row) | {"ly_do": row["ly_do"]} if row else None

    def listed(self, of: Mapping[str, str]) -> list[dict[str, Any]]:
        """What was received, in its order: all, or `of` a sender, a form, a period."""
        asked = {name: of.get(name) for name in CHAIN}
        where = " and ".join(f"(:{name} is null or {name} = :{name})" for name in CHAIN)
        with self._lock:
            rows = self._db.execute(f"select * from bao_cao where {where} order by stt", asked).fetchall()
        return [_receipt(row) | {name: row[name] for name in (*CHAIN, "lan_gui", "thay_the")} for row in rows]

    def packet(self, transaction_id: str) -> dict[str, Any] | None:
        with self._lock:
            row = self._one("select goi from bao_cao where ma_giao_dich = ?", transaction_id)
        return json.loads(row["goi"]) if row else None

    def _one(self, query: str, *values: Any) -> Any:
        return self._db.execute(query, values).fetchone()


def check(packet: Any) -> None:
    """The packet by itself: its structure, its hash, no figure twice."""
    faults = sorted(_validator().iter_errors(packet), key=lambda e: list(map(str, e.absolute_path)))
    if faults:
        raise Refusal(told("SAI_CAU_TRUC", [("/".join(map(str, f.absolute_path)) or "gói", in_words(f)) for f in faults]))
    if content_hash(packet) != packet["bam_noi_dung"]:
        raise Refusal([reason("SAI_BAM", "bam_noi_dung", "Giá trị băm không khớp nội dung của gói.")])
    if packet["lan_gui"] == 1 and packet.get("thay_the"):
        raise Refusal([reason("LAN_GUI_SAI", "lan_gui", "Lần gửi thứ nhất không thay thế lần nào.")])
    lines = Counter((f["ma_chi_tieu"], f["don_vi_tinh"], tuple(sorted(f["phan_to"].items()))) for f in packet["so_lieu"])
    doubled = [code for (code, _, _), count in lines.items() if count > 1]
    if doubled:
        raise Refusal(
            [reason("TRUNG_SO_LIEU", "so_lieu", f"Chỉ tiêu có hai số liệu cùng phân tổ: {', '.join(sorted(set(doubled)))}.")]
        )


@cache
def _validator() -> Draft202012Validator:  # ty: ignore[invalid-type-form]
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    schema["$defs"]["don_vi_tinh"] = {"enum": list(MEASURES)}  # the one list that there is: a measure that is added is taken
    Draft202012Validator.check_schema(schema)
    return extend(Draft202012Validator, {"items": _faults_of_items})(schema)


def _faults_of_items(validator: Any, items: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    """The faults that the library finds, but each item is looked at once: most lines of a correction stood in the packet before it."""
    if isinstance(instance, list):
        wanted = json.dumps(items)
        for place, item in enumerate(instance):
            if not _is_right(wanted, json.dumps(item)):
                yield from validator.descend(item, items, path=place)


@lru_cache(maxsize=10_000)
def _is_right(wanted: str, item: str) -> bool:
    return _validator().evolve(schema=json.loads(wanted)).is_valid(json.loads(item))


def _receipt(row: sqlite3.Row) -> dict[str, Any]:
    return {name: row[name] for name in ("ma_giao_dich", "so_tiep_nhan", "thoi_diem", "bam_noi_dung", "trang_thai")}
