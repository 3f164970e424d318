"""The mark of a restore that was cut short: what stands in such a home is no state, and no command works on it."""

from pathlib import Path

from resources.failing import Permanent

RESTORING = ".restoring"  # stands in the home while a restore is under way


class HalfRestored(Permanent):
    attempted = "Mở trạng thái {home}"
    found = "khôi phục dở từ {name}"
    remedy = "Chạy ansinh reset rồi khôi phục lại"
    means = "Lần khôi phục trước bị cắt ngang nên trạng thái thiếu. Không lệnh nào được chạy trên đó, để không ghi đè phần thiếu."
    steps = (
        "Tỉnh mô phỏng: chạy ansinh reset, rồi chạy lại ansinh restore --from với cùng bản sao lưu.",
        "Cấu hình production: xóa và tạo lại hai cơ sở dữ liệu (kho và điều phối), xóa nội dung ANSINH_HOME, rồi khôi phục lại.",
    )
    exit_status = 2


def refuse_half_restored(home: Path) -> None:
    """Raise where a restore was cut short."""
    marker = home / RESTORING
    if marker.exists():
        raise HalfRestored(home=home, name=marker.read_text(encoding="utf-8").strip() or "một bản sao lưu")
