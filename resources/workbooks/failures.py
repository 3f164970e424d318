"""How the writing of a workbook may fail."""

from resources.failing import Permanent


class WorkbookNotWritten(Permanent):
    attempted = "Ghi sổ làm việc {path}"
    found = "không ghi được ({kind})"
    remedy = "Chọn một thư mục có quyền ghi và còn chỗ; tệp cũ, nếu có, vẫn nguyên"
    means = "Thư mục không cho ghi, hết chỗ, hoặc đường dẫn là một thư mục."
    steps = ("Chạy lại lệnh với đường dẫn khác.", "Xem chỗ trống của đĩa: df -h.")
