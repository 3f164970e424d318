"""Everything that the hub holds of one person, as an account that the person can read: by system, then by dataset, then what else there is."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from resources.clock import ZONE
from resources.hub import Hub
from resources.person.finding import Found, OfDataset
from resources.warehouse.persons.person_acts import Act
from resources.warehouse.persons.reads import Line
from schemas import codes
from schemas.column import Column
from schemas.dataset import Source
from schemas.persons import place_of, without_number
from schemas.registry import SOURCES
from schemas.written import grouped, unit_title

KINDS = {"erasure": "xóa", "correction": "đính chính"}
OUTCOMES = {
    "match": "khớp",
    "mismatch": "không khớp",
    "unknown": "không có số này",
    "unanswered": "chưa trả lời được",
    "expired": "đã hết hạn giữ",
}


def account(
    hub: Hub, found: Found, sources: Sequence[Source], acts: Sequence[Act], exports: Sequence[Line], until: dt.date
) -> Iterator[str]:
    """Its lines. `exports`: when rows of units in which the person stood were exported; `until`: when the last backup of today goes."""
    today = hub.today()
    yield f"MỌI DỮ LIỆU VỀ MỘT NGƯỜI, lập ngày {today:%d/%m/%Y}"
    yield ""
    for source in sources:
        mine = [of for of in found.datasets if of.dataset.source is source]
        yield f"{source.title.upper()} ({source.name})"
        if not mine:
            yield "  Không có gì."
        for of in mine:
            yield from _dataset(of, today)
        yield from (_delivery(d.received_at, d.kind, d.sender, today) for name, d in found.sent if name == source.name)
        yield ""
    yield "NGOÀI CÁC HỆ THỐNG"
    yield from _beside(found, acts, exports)
    yield ""
    yield "KHÔNG TÌM ĐƯỢC, HOẶC KHÔNG CÓ GÌ ĐỂ TÌM"
    yield from _not_searched(sources, until)


def _dataset(of: OfDataset, today: dt.date) -> Iterator[str]:
    yield f"  {of.dataset.title} ({of.dataset.id})"
    for row in of.versions:
        until = "đang dùng" if row.recorded_to is None else f"đến {_at(row.recorded_to)}"
        whose = "" if row.is_own else "; người này chỉ được nêu trong dòng của người khác"
        yield f"    Kỳ {row.period}, {unit_title(row.unit_code, row.period, today)}; ghi từ {_at(row.recorded_from)}, {until}{whose}"
        place = place_of(of.dataset)
        names = None if row.is_own or place is None else {name for one in place.beside for name in one.fields}
        for column in of.dataset.columns:
            value = getattr(row, column.name)
            if value is not None and (names is None or column.name in names):
                yield f"      {column.title}: {_value(column, value, today)}"
    for row, stands in of.set_aside:
        state = "đang bị loại" if row.resolved_at is None else f"đã giải quyết {_at(row.resolved_at)}"
        yield f"    Khu cách ly, kỳ {row.period}, {unit_title(row.unit_code, row.period, today)}: {state}, từ {_at(row.first_seen)}"
        for reason in row.failures:
            yield f"      Lý do: {reason['message']}"
        for name, value in row.received.items():
            if value is not None and (stands.is_own or name in stands.columns):
                yield f"      {name}: {value}"
    for remark in of.remarks:
        yield f"    Cảnh báo kỳ {remark.period}, từ {_at(remark.first_seen)}: {remark.message}"
    if of.raw:
        yield f"    Bản gốc đã nhận (raw): {grouped(sum(of.raw.values()))} dòng trong {grouped(len(of.raw))} tệp, cùng nội dung như trên"


def _value(column: Column, value: Any, today: dt.date) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, dt.datetime):
        return _at(value)
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    label = codes.label(column.codes, value, today) if column.codes else None
    return f"{value} ({label})" if label else str(value)


def _delivery(at: dt.datetime, kind: str, sender: str, today: dt.date) -> str:
    what = "sửa từng dòng" if kind == "patch" else "toàn bộ"
    return (
        f"  Tệp do đơn vị gửi ({what}), nhận {_at(at)}, của {unit_title(sender, 'now', today)}: giữ nguyên tệp và các dòng của nó"
    )


def _beside(found: Found, acts: Sequence[Act], exports: Sequence[Line]) -> Iterator[str]:
    if found.asked:
        for row in found.asked:
            yield f"  Đối chiếu với CSDLQG về dân cư, hỏi {_at(row.asked_at)}: {OUTCOMES[row.outcome]}"
    else:
        yield "  Đối chiếu với CSDLQG về dân cư: không giữ kết quả nào."
    yield f"  Giấy tờ kết quả của người này: {grouped(found.paper_uses)} lượt tra cứu hoặc tái sử dụng đã ghi."
    yield f"  Tệp trả lại đơn vị có nêu người này, hoặc không dò hết được: {grouped(len(found.returned))}."
    for act in acts:
        state = f"xong {_at(act.done_at)}" if act.done_at else "chưa xong"
        yield f"  Yêu cầu {KINDS[act.kind]} số {act.id}, ngày {_at(act.acted_at)}, {state}; hệ thống: {', '.join(act.sources)}"
    for line in exports:
        yield f"  Sổ làm việc của đơn vị có thể nêu người này đã được xuất {_at(line.read_at)}: {line.read.what} (sổ ops.reads, dòng {line.line})"


def _not_searched(sources: Iterable[Source], until: dt.date) -> Iterator[str]:
    others = [source.title for source in SOURCES if source not in sources]
    if others:
        yield f"  Chưa tìm ở: {'; '.join(others)}. Hệ thống hạn chế chỉ người giữ xem, với --restricted và số văn bản."
    named = "; ".join(f"{d.title} ({d.id})" for d in without_number() if d.source in sources)
    if named:
        yield f"  Không có số định danh để tìm theo: {named}. Tên viết tự do trong dòng của người khác (người giám hộ, ghi chú) cũng vậy."
    yield f"  Bản sao lưu: đã mã hóa, không tìm được; bản đang giữ hôm nay hết hạn chậm nhất {until:%d/%m/%Y}."
    yield "  Số liệu mở và báo cáo: chỉ có số cộng, không có gì của riêng ai."
    yield "  Hệ thống nguồn của các đơn vị và tệp đã gửi ra ngoài: hỏi đơn vị quản lý nguồn."


def _at(moment: dt.datetime) -> str:
    return f"{moment.astimezone(ZONE):%d/%m/%Y %H:%M}"
