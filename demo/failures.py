"""What the demo's commands cannot do, in the officer's words: why it cannot be, and what to do instead.

They are no failures of the product (resources/failing.py): the operator's runbook does not hold them.
"""

from typing import ClassVar


class Impossible(Exception):
    """The command has nothing to work on."""

    says: ClassVar[str] = ""

    def __init__(self, **facts: object) -> None:
        super().__init__(self.says.format(**facts))


class CellUnnamed(Impossible):
    says = "Lỗi này cần --period và --unit."


class ComesByFile(Impossible):
    says = "Hệ thống {source} gửi tệp, không có máy chủ nào để tắt hay bật. Thử: ansinh demo fault password-file."


class NothingLate(Impossible):
    says = "Ô {period} / {unit} không còn dòng nào chưa nộp. Xem ô thiếu bằng `ansinh status`."


class NothingRejected(Impossible):
    says = "Không có dòng bị loại nào để sửa ở đó."


class NoGoodRow(Impossible):
    says = "Không còn dòng tốt nào để làm sai trong ô này."


class NothingToSpoil(Impossible):
    says = "Bộ dữ liệu này không có cột nào mà người gõ có thể làm sai."


class TooFewGoodRows(Impossible):
    says = "Không đủ dòng tốt để vượt mức cho phép. Chọn ô khác."


class CellTooSmallToExceed(Impossible):
    says = "Ô chỉ có {rows} dòng: vượt mức cho phép cần hơn {wanted}. Chọn ô lớn hơn hoặc dùng all-bad."


class CellTooSmallForAll(Impossible):
    says = "Ô chỉ có {rows} dòng: mọi dòng sai chỉ bị từ chối từ {least} dòng. Chọn ô lớn hơn."


class CellTooSmallToShrink(Impossible):
    says = "Ô chỉ có {rows} dòng: bớt một nửa không đủ {least} dòng để bị từ chối. Chọn ô lớn hơn hoặc dùng empty."


class NotResent(Impossible):
    says = "Chỉ danh sách chi trả hằng tháng có thể bị gửi lại."


class NothingToResend(Impossible):
    says = "Tháng {month} của đơn vị {unit} không có dòng nào để gửi lại."
