"""How the door of the UI may fail to open."""

from resources.failures import Unconfigured


class UiOriginWrong(Unconfigured):
    attempted = "Đọc cấu hình ANSINH_UI_ORIGIN"
    found = "không phải một gốc dạng https://máy hoặc https://máy:cổng"
    remedy = "Viết đúng địa chỉ mà trình duyệt thấy ở proxy, không kèm đường dẫn, rồi chạy lại"
    means = "Giao diện chỉ trả lời khi được gọi đúng tên. Sau proxy, tên đó là gốc được cấu hình; http chỉ nhận ở chính máy này."
    steps = (
        "Đặt ANSINH_UI_ORIGIN=https://máy, chữ thường, tên có dấu viết dạng xn--….",
        "Không dùng proxy thì bỏ biến này.",
        "Chạy lại ansinh ui.",
    )
