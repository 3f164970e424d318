"""What can be met on the way to the operators, in words. Addresses and answers are never repeated: both may hold a secret."""

from resources.failing import Permanent, Transient
from resources.failures import Unconfigured, Unreachable

CHAPTER = "Báo tin cho cán bộ trực"


class ChannelWrong(Unconfigured):
    attempted = "Đọc cấu hình báo tin {setting}"
    found = "giá trị {why}"
    remedy = "Sửa {setting} rồi chạy ansinh alert --test"
    means = "Kênh này chưa báo tin được cho ai; các kênh khác và lượt đêm không bị ảnh hưởng."
    steps = (
        "Thư: ALERT_SMTP_URL=smtps://tài-khoản:mật-khẩu@máy:465 hoặc smtp://…:587 (bắt buộc STARTTLS), ALERT_TO là các hộp thư, cách "
        "nhau bằng dấu phẩy. Ký tự đặc biệt trong mật khẩu viết dạng %XX, hoặc cả địa chỉ đặt trong tệp của ALERT_SMTP_URL_FILE.",
        "Webhook: ALERT_WEBHOOK_URL=https://… đúng như nơi nhận đã cấp, hoặc ALERT_WEBHOOK_URL_FILE.",
        "Thử: ansinh alert --test.",
    )


class RecipientsMissing(Unconfigured):
    attempted = "Đọc cấu hình báo tin"
    found = "{has} đã đặt mà {lacks} chưa đặt"
    remedy = "Đặt cả hai, hoặc bỏ cả hai"
    means = "Thư cần cả máy chủ lẫn người nhận; thiếu một thì không thư nào đi."
    steps = ("Đặt biến còn thiếu, rồi chạy ansinh alert --test.",)


class ChannelUnreachable(Unreachable):
    attempted = "Báo tin qua {channel}"
    found = "không tới được, hoặc đường truyền đứt ({why})"
    remedy = "Tự gửi lại, thưa dần; lượt đêm không chờ"
    means = "Máy chủ thư hoặc nơi nhận webhook không trả lời. Tin nằm chờ ở ops.alert_messages và được gửi lại với cùng mã."
    steps = (
        "Kiểm tra mạng, tường lửa, tên máy, cổng; với webhook ở ngoài cả HTTPS_PROXY.",
        "Thử: ansinh alert --test.",
    )


class ChannelSlow(Transient):
    attempted = "Báo tin qua {channel}"
    found = "nơi nhận trả lời quá chậm hoặc quá dài, đã ngắt sau {seconds:g} giây"
    remedy = "Tự gửi lại, thưa dần; lượt đêm không chờ"
    means = (
        "Nơi nhận giữ kết nối mà không trả lời xong. Tin có thể đã đến: lần gửi lại mang cùng mã (Message-ID, Idempotency-Key)."
    )
    steps = ("Hỏi người quản lý máy chủ thư hoặc webhook.", "Thử: ansinh alert --test.")


class ChannelUnsafe(Permanent):
    attempted = "Báo tin qua {channel}"
    found = "không lập được kết nối mã hóa với đúng máy chủ ({why})"
    remedy = "Không gửi gì qua đường không mã hóa; kiểm tra chứng thư, hoặc đặt ALERT_CA_FILE"
    means = "Máy chủ không có STARTTLS, chứng thư hết hạn, sai tên, hoặc do nơi cấp riêng của tỉnh ký. Mật khẩu chưa được gửi đi."
    steps = (
        "Chứng thư của nơi cấp riêng: đặt ALERT_CA_FILE là tệp chứng thư gốc (PEM).",
        "Máy chủ thư không có STARTTLS: dùng smtps:// hoặc máy chủ khác.",
        "Thử: ansinh alert --test.",
    )


class ChannelLoginRefused(Permanent):
    attempted = "Báo tin qua {channel}"
    found = "máy chủ từ chối đăng nhập{code}"
    remedy = "Kiểm tra tài khoản và mật khẩu trong ALERT_SMTP_URL"
    means = "Tài khoản gửi thư sai, hết hạn, hoặc máy chủ không nhận cách đăng nhập này. Tin vẫn chờ và được thử lại."
    steps = ("Xin lại mật khẩu ứng dụng của hộp thư gửi.", "Thử: ansinh alert --test.")


class ChannelRefused(Permanent):
    attempted = "Báo tin qua {channel}"
    found = "nơi nhận không nhận tin (mã {code})"
    remedy = "Kiểm tra hộp thư gửi (ALERT_FROM), người nhận (ALERT_TO) hoặc ALERT_WEBHOOK_URL; tin vẫn chờ và được thử lại"
    means = "Nơi nhận đã trả lời và từ chối: hộp thư không có, không được gửi thay, webhook đã bị thu hồi."
    steps = (
        "Thư: ALERT_FROM phải là hộp thư mà tài khoản được gửi; xem từng địa chỉ ở ALERT_TO.",
        "Webhook: xin lại địa chỉ ở nơi nhận.",
        "Thử: ansinh alert --test.",
    )
