"""What is wrong with the place's own tables, and what an officer should look at in those that are right."""

from resources.failing import Permanent
from resources.failures import Unconfigured

CHAPTER = "Cấu hình của địa phương (ANSINH_CONFIG)"


class LocalTableWrong(Unconfigured):
    attempted = "Đọc cấu hình của địa phương (ANSINH_CONFIG)"
    found = "{faults}"
    remedy = "Sửa đúng chỗ đó rồi chạy ansinh doctor"
    means = (
        "Một bảng của địa phương không dùng được. Không dòng nào của bảng đó có hiệu lực, và những gì xét theo nó dừng lại, không chạy "
        "tạm bằng bảng đi kèm: bảng trong thư mục của một hệ thống dừng hệ thống đó, bảng công bố dừng số liệu mở, bảng báo cáo dừng báo "
        "cáo, còn lại dừng tất cả. Lệnh chỉ đọc vẫn chạy."
    )
    steps = (
        "Mở đúng tệp, dòng, cột trong thông báo; dòng 1 là dòng tên cột.",
        "Sửa theo điều cần có; tên bảng và cột nào đặt được thì xem phần ANSINH_CONFIG của hướng dẫn.",
        "Chạy ansinh doctor: mục cấu hình của địa phương phải tốt; lượt đêm sau tự chạy lại, hoặc chạy ansinh nightly.",
    )


class LocalRowHidesNewer(Permanent):
    attempted = "So cấu hình của địa phương với bảng đi kèm: {file}"
    found = "{count} dòng đi kèm mới hơn đang bị dòng của địa phương che, mới nhất từ ngày {day:%d/%m/%Y}"
    remedy = "Xem dòng mới có thay được dòng của địa phương không; còn đúng thì để nguyên"
    means = "Một bản cập nhật mang dòng mới cho cùng một việc, mà dòng của địa phương vẫn có hiệu lực trong những ngày đó và được dùng."
    steps = (
        "Mở tệp cùng tên trong thư mục schemas của bản đang cài, xem dòng có ngày bắt đầu được nêu và căn cứ của nó.",
        "Dòng mới đúng: ghi valid_to vào dòng của địa phương là ngày trước đó, hoặc bỏ dòng.",
        "Dòng của địa phương vẫn đúng: để nguyên; cảnh báo này không dừng gì.",
    )


class LocalRowRepeats(Permanent):
    attempted = "So cấu hình của địa phương với bảng đi kèm: {file}"
    found = "{count} dòng giống hệt dòng đi kèm"
    remedy = "Bỏ các dòng đó: bản đi kèm đã có"
    means = "Dòng của địa phương không còn khác gì bản đang cài; giữ lại thì bản cập nhật sau này không thay được."
    steps = ("Bỏ dòng giống hệt khỏi tệp; tệp không còn dòng nào thì bỏ tệp.",)
