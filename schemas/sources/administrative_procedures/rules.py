"""What one row of the administrative procedures must keep: a dossier's days, procedure and office; a paper's file and days."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas import codes
from schemas.dataset import Moment, rule
from schemas.reading.days import begins
from schemas.rules.columns import answer, arrow, days, given
from schemas.sources.administrative_procedures.rates import offices_on

LAW = "NĐ 61/2018/NĐ-CP"
PAPER_LAW = "NĐ 45/2020/NĐ-CP"
PROCEDURE_CODE = 8  # characters: 1.012790, whatever province stands behind it


def _in_order(frame: pd.DataFrame, earlier: str, later: str) -> np.ndarray:
    """True where one of the instants is missing or they are not the wrong way round."""
    return pc.fill_null(pc.less_equal(arrow(frame, earlier), arrow(frame, later)), True).to_numpy()  # type: ignore[attr-defined]


@rule("error", "finished_at", "received_at", "returned_at", legal=LAW, ref="H-01")
def instants_are_in_order(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Các thời điểm của hồ sơ trái thứ tự: tiếp nhận, rồi kết thúc xử lý, rồi trả kết quả. Kiểm tra lại theo phiếu kiểm soát
    quá trình giải quyết hồ sơ (NĐ 61/2018/NĐ-CP)."""
    pairs = (("received_at", "finished_at"), ("finished_at", "returned_at"), ("received_at", "returned_at"))
    return answer(frame, np.logical_and.reduce([_in_order(frame, earlier, later) for earlier, later in pairs]))


@rule("warning", "procedure_code", "received_at", legal=LAW, ref="H-05")
def procedure_is_in_the_catalogue(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mã thủ tục không có trong danh mục thủ tục của ngành vào ngày tiếp nhận. Kiểm tra lại mã, hoặc bổ sung thủ tục vào danh mục
    theo quyết định công bố (NĐ 61/2018/NĐ-CP)."""
    procedure = pc.utf8_slice_codeunits(arrow(frame, "procedure_code"), 0, PROCEDURE_CODE)  # type: ignore[attr-defined]
    received = arrow(frame, "received_at")
    listed = np.zeros(len(frame), dtype=bool)
    changes = [day for day in codes.boundaries("administrative_procedure") if moment.first_day < day <= moment.last_day]
    for first, following in zip((moment.first_day, *changes), (*changes, None), strict=True):
        valid = pa.array(sorted(codes.listed("administrative_procedure", first)), pa.string())
        found = pc.is_in(procedure, value_set=valid)  # type: ignore[attr-defined]
        if first > moment.first_day:
            found = pc.and_(found, pc.greater_equal(received, pa.scalar(begins(first), received.type)))  # type: ignore[attr-defined]
        if following:
            found = pc.and_(found, pc.less(received, pa.scalar(begins(following), received.type)))  # type: ignore[attr-defined]
        listed |= pc.fill_null(found, True).to_numpy()  # type: ignore[attr-defined]
    return answer(frame, listed | ~given(frame, "procedure_code", "received_at"))


@rule("warning", "dossier_id", "office_code", legal=LAW, ref="H-06")
def dossier_bears_its_office(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Số hồ sơ không bắt đầu bằng mã của đơn vị tiếp nhận. Kiểm tra lại số hồ sơ hoặc mã đơn vị (NĐ 61/2018/NĐ-CP)."""
    office = pc.replace_substring_regex(arrow(frame, "dossier_id"), r"-.*$", "")  # type: ignore[attr-defined]
    return answer(frame, pc.fill_null(pc.equal(office, arrow(frame, "office_code")), True).to_numpy())  # type: ignore[attr-defined]


@rule("warning", "office_code", legal=LAW, ref="H-06")
def office_is_listed(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Mã đơn vị tiếp nhận không có trong danh sách nơi tiếp nhận hồ sơ vào ngày đó. Kiểm tra lại mã, hoặc bổ sung đơn vị vào danh
    sách (NĐ 61/2018/NĐ-CP)."""
    known = offices_on(moment.judged_on)
    if not known:  # nobody has given the codes of that time: nothing is judged by a list that has ended
        return answer(frame, np.ones(len(frame), dtype=bool))
    # A commune's office has the code of its district's with a further part.
    district = pc.replace_substring_regex(arrow(frame, "office_code"), r"^(H41\.[0-9]+)\..*$", r"\1")  # type: ignore[attr-defined]
    listed = pc.is_in(district, value_set=pa.array(sorted(known), pa.string())).to_numpy()  # type: ignore[attr-defined]
    return answer(frame, listed | ~given(frame, "office_code"))


@rule("error", "expires_on", "issued_on", legal=PAPER_LAW, ref="H-07")
def paper_expires_after_it_was_issued(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Ngày hết hạn của giấy tờ trước ngày cấp. Kiểm tra lại hai ngày theo bản gốc (NĐ 45/2020/NĐ-CP)."""
    return answer(frame, ~(days(frame, "expires_on") < days(frame, "issued_on")))


@rule("warning", "sha256", legal=PAPER_LAW, ref="H-07")
def paper_has_its_hash(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Giấy tờ kết quả không có mã băm của tệp, nên không chứng minh được tệp là bản đã cấp. Gửi lại kèm mã băm SHA-256 (NĐ
    45/2020/NĐ-CP)."""
    return answer(frame, given(frame, "sha256"))


@rule("warning", "is_signed", legal=PAPER_LAW, ref="H-07")
def paper_is_signed(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Tệp kết quả không có chữ ký số hợp lệ, hoặc chưa được kiểm tra, nên không dùng thay bản giấy được. Ký số lại hoặc kiểm tra
    chữ ký (NĐ 45/2020/NĐ-CP)."""
    return answer(frame, pc.fill_null(arrow(frame, "is_signed"), False).to_numpy())  # type: ignore[attr-defined]


@rule("warning", "validity_code", "ended_on", legal=PAPER_LAW, ref="H-07")
def paper_says_since_when_it_is_not_valid(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """Giấy tờ đã thay thế hoặc thu hồi mà không ghi từ ngày nào, nên không dùng được cho ngày nào cả. Bổ sung ngày thay thế hoặc thu
    hồi (NĐ 45/2020/NĐ-CP)."""
    is_over = pc.fill_null(pc.not_equal(arrow(frame, "validity_code"), 1), False).to_numpy()  # type: ignore[attr-defined]
    return answer(frame, ~is_over | given(frame, "ended_on"))


DOSSIER_RULES = (instants_are_in_order, procedure_is_in_the_catalogue, dossier_bears_its_office, office_is_listed)
PAPER_RULES = (
    paper_expires_after_it_was_issued,
    paper_has_its_hash,
    paper_is_signed,
    paper_says_since_when_it_is_not_valid,
)
