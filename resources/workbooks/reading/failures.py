"""Why a file that was sent cannot be read: each with what its sender does about it. No value, heading or sheet's name is told."""

from resources.failing import Permanent, Transient

CHAPTER = "Tệp gửi đến"
SAVE_VALUES = "Chép các ô sang một sổ mới bằng Dán đặc biệt → Giá trị (Paste Special → Values), lưu thành .xlsx, rồi gửi lại."


class FileUnknown(Permanent):
    attempted = "Đọc tệp gửi đến"
    found = "không phải sổ .xlsx, .xls, .ods hay tệp .csv ({why})"
    remedy = "Lưu lại thành .xlsx rồi gửi lại"
    means = "Nội dung tệp không phải loại đọc được, dù tên tệp ghi thế nào. Chưa có gì được nạp."
    steps = ("Mở tệp bằng Excel hoặc LibreOffice, chọn Lưu thành… .xlsx.", "Gửi lại tệp mới.")


class FileEmpty(Permanent):
    attempted = "Đọc tệp gửi đến"
    found = "tệp không có ô nào có chữ"
    remedy = "Gửi lại tệp có dữ liệu; kỳ không phát sinh thì báo không phát sinh"
    means = "Tệp rỗng, hoặc chép chưa xong. Tệp rỗng không được coi là báo cáo không phát sinh."
    steps = ("Mở tệp xem có dữ liệu không.", "Gửi lại tệp đầy đủ.")


class FileLocked(Permanent):
    attempted = "Đọc tệp gửi đến"
    found = "tệp đặt mật khẩu mở"
    remedy = "Bỏ mật khẩu rồi gửi lại"
    means = "Tệp đã mã hóa bằng mật khẩu nên không đọc được; trung tâm không giữ và không thử mật khẩu nào."
    steps = (
        "Mở tệp bằng Excel: Tệp → Thông tin → Bảo vệ sổ làm việc → Mã hóa bằng mật khẩu (File → Info → Protect Workbook → Encrypt with Password), xóa mật khẩu, lưu.",
        "Gửi lại qua đường đã thống nhất.",
    )


class FileActive(Permanent):
    attempted = "Đọc tệp gửi đến"
    found = "tệp mang theo {what}"
    remedy = "Lưu lại tệp chỉ có giá trị rồi gửi lại"
    means = (
        "Macro, đối tượng nhúng, kết nối dữ liệu hay công thức lấy từ tệp khác có thể gây hại hoặc đưa vào số cũ mà không ai thấy. "
        "Không phần nào của tệp đã được mở chạy."
    )
    steps = (SAVE_VALUES,)


class FileTooLarge(Permanent):
    attempted = "Đọc tệp gửi đến"
    found = "quá lớn: {what}"
    remedy = "Xóa ô thừa ở xa vùng dữ liệu, hoặc chia tệp, hoặc gửi .csv"
    means = (
        "Tệp nở ra quá mức cho phép khi mở, hoặc có ô nằm rất xa vùng dữ liệu khiến chương trình phải giữ hàng tỷ ô trống. "
        "Đọc tiếp sẽ làm máy hết bộ nhớ."
    )
    steps = (
        "Trong Excel bấm Ctrl+End: ô cuối cùng phải là ô cuối của bảng; nếu xa hơn, xóa các dòng và cột thừa rồi lưu.",
        "Bảng thật sự lớn: lưu thành .csv (UTF-8) rồi gửi lại.",
    )


class FileBroken(Permanent):
    attempted = "Đọc tệp gửi đến"
    found = "tệp hỏng hoặc chép dở ({why})"
    remedy = "Mở và lưu lại tệp rồi gửi lại"
    means = "Cấu trúc bên trong tệp không đúng. Thường là chép chưa xong, tải lên bị ngắt, hoặc phần mềm xuất tệp sai."
    steps = ("Mở tệp bằng Excel hoặc LibreOffice; mở được thì Lưu thành… .xlsx và gửi lại.",)


class FileBreaksReader(Permanent):
    attempted = "Đọc tệp gửi đến"
    found = "tiến trình đọc tệp bị dừng giữa chừng ({how})"
    remedy = "Lưu lại tệp bằng Excel rồi gửi lại; vẫn bị thì báo sở"
    means = (
        "Tệp làm tiến trình đọc hết bộ nhớ hoặc ngừng đột ngột. Tiến trình đó tách riêng nên trung tâm không bị ảnh hưởng, chưa có gì "
        "được nạp."
    )
    steps = (SAVE_VALUES, "Vẫn bị: giữ nguyên tệp, báo sở để người phát triển xem.")


class FileTooSlow(Permanent):
    attempted = "Đọc tệp gửi đến"
    found = "đọc quá {waited} mà chưa xong"
    remedy = "Chia nhỏ tệp, hoặc gửi .csv"
    means = "Tệp quá lớn hoặc được làm ra để giữ máy bận. Tiến trình đọc đã bị dừng, chưa có gì được nạp."
    steps = ("Lưu thành .csv (UTF-8) rồi gửi lại, hoặc chia theo xã.",)


class FileUnavailable(Transient):
    attempted = "Đọc tệp gửi đến"
    found = "không mở được ({why})"
    remedy = "Xem lại tên tệp, quyền đọc và chỗ trống của đĩa"
    means = "Tên tệp gõ sai, máy không cho mở tệp, hết đĩa, hoặc tệp vừa bị dời đi."
    steps = ("Xem thư mục nhận tệp và quyền của tài khoản chạy ansinh.", "Xem chỗ trống: df -h.")


class HeadingsMissing(Permanent):
    attempted = "Đọc tệp gửi đến"
    found = "không thấy dòng tiêu đề có đủ các cột của {form} (thiếu {missing})"
    remedy = "Dùng tiêu đề cột của biểu mẫu rồi gửi lại"
    means = "Cột được nhận theo tiêu đề đã khai và các cách viết thường gặp. Không trang nào của tệp có dòng tiêu đề đủ các cột bắt buộc."
    steps = (
        "So dòng tiêu đề của tệp với biểu mẫu; sửa tên cột rồi gửi lại.",
        "Phần mềm của nơi gửi đặt tên cột khác: sở lập bảng đổi tên cột (tệp .csv hai cột heading,column) cho nơi gửi đó.",
    )


class DatasetUnclear(Permanent):
    attempted = "Đọc tệp gửi đến"
    found = "tệp hợp với nhiều biểu như nhau: {forms}"
    remedy = "Đặt tên trang hoặc tên tệp theo biểu rồi gửi lại"
    means = "Các cột của tệp có ở nhiều biểu, không biết là biểu nào; nạp nhầm biểu là sai số liệu, nên chưa nạp."
    steps = ("Thêm đủ các cột của biểu, hoặc đổi tên trang thành tên biểu.", "Gửi lại.")


class HeadingsTwice(Permanent):
    attempted = "Đọc tệp gửi đến"
    found = "hai cột cùng mang tiêu đề {titles}"
    remedy = "Bỏ hoặc đổi tên một trong hai cột rồi gửi lại"
    means = "Không biết cột nào là cột đúng; lấy nhầm là sai số liệu, nên không lấy cột nào."
    steps = ("Mở tệp, giữ một cột cho mỗi tiêu đề.", "Gửi lại.")


class MappingUnreadable(Permanent):
    attempted = "Đọc bảng đổi tên cột của nơi gửi"
    found = "bảng không dùng được ({why})"
    remedy = "Sửa bảng: tệp .csv UTF-8, dòng đầu là heading,column, mỗi tiêu đề một dòng"
    means = "Bảng cho biết tiêu đề của nơi gửi là cột nào; đọc sai bảng thì cột vào nhầm chỗ, nên tệp chưa được đọc."
    steps = ("Sửa bảng theo tên cột ở docs/dictionary.", "Đọc lại tệp.")
