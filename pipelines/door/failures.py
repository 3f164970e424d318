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


class UiOpen(Unconfigured):
    attempted = "Mở giao diện ở địa chỉ {address}"
    found = "địa chỉ này đến được từ máy khác mà ANSINH_UI_ORIGIN không nêu một proxy https"
    remedy = "Đặt ANSINH_UI_ORIGIN=https://<tên của proxy>, hoặc bỏ ANSINH_UI_LISTEN, rồi chạy lại"
    means = "Ngoài chính máy này, giao diện chỉ mở cho một proxy có TLS: liên kết vào và cookie là chìa khóa, đi không mã hóa thì ai cũng lấy được."
    steps = (
        "Chạy trên một máy: bỏ ANSINH_UI_LISTEN; giao diện nghe ở 127.0.0.1.",
        "Chạy trong vùng chứa: đặt proxy có TLS và đăng nhập trước giao diện, nêu gốc https của nó ở ANSINH_UI_ORIGIN.",
        "Mạng giữa proxy và giao diện phải là mạng riêng: chặng đó không mã hóa.",
    )
