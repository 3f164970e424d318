"""Why a file goes back to its sender, and what is wrong with an inbox.

What a clerk reads is made of these. No value, name of a file, heading or sheet is told: they are logged too.
"""

from resources.failing import Permanent

CHAPTER = "Hộp nhận tệp"
JUDGING = "Nhận tệp đơn vị gửi"
NOTHING_LOADED = "Chưa có dòng nào được nạp."


class NotAFile(Permanent):
    attempted = JUDGING
    found = "là {kind}, không phải tệp"
    remedy = "Gửi chính tệp dữ liệu, từng tệp một"
    means = f"Chỉ tệp thường được đọc; lối tắt, thư mục hay tệp đặc biệt có thể dẫn đến nơi khác. {NOTHING_LOADED}"
    steps = ("Chép chính tệp .xlsx, .xls, .ods hoặc .csv vào hộp nhận; tệp nén .zip thì giải nén trước.",)


class RowsMissing(Permanent):
    attempted = JUDGING
    found = "có dòng tiêu đề nhưng không có dòng dữ liệu nào"
    remedy = "Điền dữ liệu rồi gửi lại; kỳ không phát sinh thì báo không phát sinh, không gửi biểu trống"
    means = f"Biểu trống không được coi là báo không phát sinh. {NOTHING_LOADED}"
    steps = ("Mở tệp, xem dữ liệu có nằm ở trang khác hay trang ẩn không.", "Gửi lại tệp có dữ liệu.")


class PeriodMissing(Permanent):
    attempted = JUDGING
    found = "không biết tệp thuộc kỳ nào (bộ {title})"
    remedy = "Ghi kỳ vào tên tệp, ví dụ {example}, rồi gửi lại"
    means = f"Tên tệp, các dòng phía trên bảng và các dòng dữ liệu đều không cho biết kỳ. {NOTHING_LOADED}"
    steps = ("Đổi tên tệp có ghi kỳ như ví dụ.", "Gửi lại.")


class PeriodsMixed(Permanent):
    attempted = JUDGING
    found = "có dòng của nhiều kỳ ({periods})"
    remedy = "Tách mỗi kỳ một tệp; thật sự gửi nhiều kỳ thì ghi khoảng kỳ vào tên tệp, ví dụ {example}"
    means = f"Một tệp thay toàn bộ số liệu của kỳ mà nó nói tới, nên phải biết chắc đó là những kỳ nào. {NOTHING_LOADED}"
    steps = ("Xem cột thời gian có dòng nào ghi nhầm kỳ không.", "Tách tệp, hoặc ghi khoảng kỳ vào tên tệp, rồi gửi lại.")


class PeriodContradicted(Permanent):
    attempted = JUDGING
    found = "{where} ghi kỳ {named} nhưng {what}"
    remedy = "Gửi đúng tệp của kỳ, hoặc sửa lại kỳ ghi ở {where}"
    means = f"Thường là gửi nhầm tệp của kỳ trước dưới tên kỳ này. {NOTHING_LOADED}"
    steps = (
        "Mở tệp, xem số liệu là của kỳ nào.",
        "Nhầm tệp: gửi tệp đúng. Nhầm tên: đổi tên tệp cho đúng kỳ (tên tệp được tin trước dòng tên biểu), rồi gửi lại.",
    )


class PeriodOutside(Permanent):
    attempted = JUDGING
    found = "thuộc kỳ {period}, {why}"
    remedy = "Kiểm tra lại kỳ; đúng kỳ thì hỏi cán bộ theo dõi số liệu của sở"
    means = f"Kỳ này chưa bắt đầu, hoặc ở ngoài những kỳ mà bộ dữ liệu nhận. {NOTHING_LOADED}"
    steps = ("Xem năm và tháng ghi trong tên tệp và cột thời gian.", "Sửa rồi gửi lại.")


class KeyUnsaid(Permanent):
    attempted = JUDGING
    found = "không có cột {titles} và cũng không ghi ở đâu trong tệp"
    remedy = "Thêm cột đó, hoặc ghi ở phía trên bảng, rồi gửi lại"
    means = f"Thiếu điều này thì không biết dòng nào của ai, ở đâu. {NOTHING_LOADED}"
    steps = ("Thêm cột vào bảng theo biểu mẫu và điền cho mọi dòng.", "Gửi lại.")


class OtherUnitsRows(Permanent):
    attempted = JUDGING
    found = "phần lớn dòng ({others} trên {rows}) thuộc {unit}, không thuộc {sender}"
    remedy = "Gửi tệp vào hộp của đúng đơn vị"
    means = f"Mỗi đơn vị chỉ nộp cho địa bàn của mình, vào hộp nhận của mình. {NOTHING_LOADED}"
    steps = ("Kiểm tra có bỏ nhầm tệp của đơn vị khác không.", "Đúng là tệp của mình: sửa cột mã xã rồi gửi lại.")


class CellMissing(Permanent):
    attempted = JUDGING
    found = "{sender} không nộp bộ {title} kỳ {period}"
    remedy = "Bộ này do đơn vị khác nộp; hỏi cán bộ theo dõi số liệu của sở"
    means = f"Bộ dữ liệu của cả tỉnh do cơ quan cấp tỉnh nộp; đơn vị đã sáp nhập không còn nộp cho kỳ sau đó. {NOTHING_LOADED}"
    steps = ("Xem có nhầm biểu hoặc nhầm kỳ không.", "Không nhầm: hỏi sở.")


class NothingMended(Permanent):
    attempted = JUDGING
    found = "là bản sửa các dòng bị loại, nhưng không dòng nào dùng được: {why}"
    remedy = "Xin sở tệp dòng bị loại mới rồi sửa trên tệp đó"
    means = f"Dòng đã sửa được nhận ra theo cột mã ở cuối mỗi dòng của tệp mà sở đã gửi. {NOTHING_LOADED}"
    steps = (
        "Xem cột «Mã dòng ansinh» còn nguyên không; chép dòng sang tệp khác thì chép cả cột này.",
        "Gửi toàn bộ số liệu của kỳ, không phải bản sửa: xóa hẳn cột đó rồi gửi lại.",
    )


class InboxForgotten(Permanent):
    attempted = "Xem hộp nhận tệp"
    found = "{count} tệp nằm quá một ngày chưa được nhận ({where})"
    remedy = "Xem tệp còn đang mở ở máy khác không, và lượt chạy của hệ thống đó vì sao không nhận"
    means = "Tệp đang được ghi, đang mở, hoặc tên còn là tên tạm thì được để yên; lượt chạy hỏng thì không nhận được tệp nào."
    steps = (
        "Xem thư mục được nêu: tệp tên .part, ~$…, .~lock… là đang mở hoặc chép dở; hỏi đơn vị gửi.",
        "Chạy ansinh nightly --source <hệ thống> và đọc lời báo; ansinh check <tệp> cho biết tệp có đúng không.",
    )


class InboxStrange(Permanent):
    attempted = "Xem hộp nhận tệp"
    found = "có thư mục không phải mã đơn vị nào ({where}: {count})"
    remedy = "Đổi tên thư mục thành mã huyện, mã xã, hoặc 40 (cấp tỉnh)"
    means = "Tệp ở đó không được nhận, vì không biết ai gửi."
    steps = ("Xem thư mục hộp nhận của hệ thống được nêu.", "Chuyển tệp sang thư mục mang mã của đơn vị gửi.")


class InboxOpen(Permanent):
    attempted = "Xem quyền của hộp nhận tệp"
    found = "tài khoản khác đọc được ({where})"
    remedy = "chmod o-rwx các thư mục đó; mỗi đơn vị chỉ vào được thư mục của mình"
    means = "Tệp đơn vị gửi chứa dữ liệu cá nhân; ai vào được máy này cũng đọc được."
    steps = ("Xem thư mục được nêu: ls -ld.", "chmod o-rwx, rồi chạy lại ansinh doctor.")


class InboxClosed(Permanent):
    attempted = "Xem quyền của hộp nhận tệp"
    found = "không có ở đó, hoặc tài khoản chạy ansinh không ghi được ({where})"
    remedy = "Nối lại thư mục chia sẻ, hoặc cho tài khoản chạy ansinh quyền đọc, ghi, vào các thư mục đó"
    means = "Tệp nhận xong phải được lấy đi khỏi hộp; không ghi được thì không nhận được tệp nào."
    steps = ("Xem chủ và quyền của thư mục được nêu: ls -ld.", "Sửa quyền, rồi chạy lại ansinh doctor.")
