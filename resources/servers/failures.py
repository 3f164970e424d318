"""How a PostgreSQL server may fail, whoever it belongs to: its address, the line to it, and the one that holds Dagster's own database."""

from resources.failing import Permanent, Transient
from resources.failures import Unreachable

CHAPTER = "Máy chủ PostgreSQL và đường truyền"


class AddressWrong(Permanent):
    attempted = "Đọc địa chỉ kết nối {name}"
    found = "không đúng mẫu: {why}"
    remedy = "Viết theo mẫu postgresql+psycopg2://tài_khoản:mật_khẩu@máy:cổng/cơ_sở_dữ_liệu (nguồn MySQL: mysql://…) rồi chạy lại"
    means = "Địa chỉ kết nối viết sai mẫu hoặc nêu loại máy chủ khác. Địa chỉ không được in ra vì có thể chứa mật khẩu."
    steps = (
        "Sửa biến môi trường được nêu (hoặc tệp của …_FILE) theo mẫu.",
        "Mật khẩu có ký tự đặc biệt: in dạng %XX bằng python3 -c 'import getpass, urllib.parse as u; "
        'print(u.quote(getpass.getpass(), ""))\'.',
        "Nhiều máy: máy1:5432,máy2:5432; socket: ?host=/thư/mục; tham số khác của libpq đặt sau dấu ?, mỗi tham số một lần.",
        "Chạy ansinh doctor.",
    )
    exit_status = 2
    stops_system = True


class ClearLineRefused(Permanent):
    attempted = "Đọc địa chỉ kết nối {name}"
    found = "dẫn qua mạng mà không buộc mã hóa ({mode})"
    remedy = "Thêm {best} vào {name} rồi chạy lại; máy chủ chưa có TLS mà vẫn phải chạy thì nêu {name} ở {allowed_by}; chưa có gì được gửi"
    means = (
        "Dữ liệu cá nhân và mật khẩu sẽ đi qua mạng cho ai nghe cũng đọc được. Không ghi sslmode là prefer: máy chủ không TLS, hay kẻ đứng "
        "giữa nói vậy, thì libpq lặng lẽ thôi mã hóa. Socket và loopback của chính máy này không cần TLS."
    )
    steps = (
        "Quản trị máy chủ bật TLS (PostgreSQL: ssl = on, hostssl trong pg_hba.conf) và giao tệp chứng chỉ gốc.",
        "Ghi …?sslmode=verify-full&sslrootcert=/đường/dẫn/tệp.crt vào địa chỉ (nguồn qua ODBC: ?ssl-mode=VERIFY_IDENTITY, MySQL thêm ssl-ca=…).",
        "Chưa có TLS ngay được: người phụ trách an toàn thông tin đồng ý bằng văn bản, rồi đặt ANSINH_CLEAR_LINES là tên các biến địa chỉ được "
        "phép, cách nhau bằng dấu phẩy; ansinh doctor nhắc mỗi lần chạy cho đến khi bỏ.",
        "Chạy ansinh doctor: dòng của kết nối phải nêu TLS.",
    )
    exit_status = 2
    stops_system = True


class LineInClear(Permanent):
    """A warning of the doctor."""

    attempted = "Kiểm tra đường truyền của {setting}"
    found = "phiên đi qua mạng không mã hóa ({mode})"
    remedy = "Bật TLS ở máy chủ, rồi thêm {best} vào {setting}"
    means = "Ai nghe được mạng giữa hai máy thì đọc được dữ liệu cá nhân; không ghi sslmode là prefer: gặp máy chủ không TLS thì thôi mã hóa."
    steps = (
        "Quản trị máy chủ PostgreSQL: ssl = on, chứng chỉ mang tên máy, và dòng hostssl thay cho host trong pg_hba.conf.",
        "Lấy tệp chứng chỉ gốc của họ, ghi …?sslmode=verify-full&sslrootcert=/đường/dẫn/tệp.crt (MySQL: ?ssl-mode=VERIFY_IDENTITY&ssl-ca=…) vào địa chỉ.",
        "Chạy ansinh doctor: dòng này phải nêu TLS và verify-full.",
    )


class LineMayBeClear(Permanent):
    """A warning of the doctor."""

    attempted = "Kiểm tra đường truyền của {setting}"
    found = "phiên này mã hóa ({protocol}), nhưng {mode} lặng lẽ thôi mã hóa khi máy chủ hay kẻ đứng giữa nói không có TLS"
    remedy = "Thêm {best} vào {setting}"
    means = "Không ghi sslmode là prefer. Hôm nay kín, ngày mai có thể hở mà không ai hay."
    steps = (
        "Lấy tệp chứng chỉ gốc của quản trị máy chủ, ghi …?sslmode=verify-full&sslrootcert=/đường/dẫn/tệp.crt (MySQL: ?ssl-mode=VERIFY_IDENTITY&ssl-ca=…) vào địa chỉ.",
        "Chạy ansinh doctor: dòng này phải nêu verify-full.",
    )


class ServerUnproved(Permanent):
    """A warning of the doctor."""

    attempted = "Kiểm tra đường truyền của {setting}"
    found = "phiên mã hóa ({protocol}), nhưng {mode} không xét tên máy trong chứng chỉ"
    remedy = "Ghi {best} trong {setting}"
    means = "Máy khác có thể đứng giữa và tự xưng là máy chủ: require không xét chứng chỉ, verify-ca không xét tên máy."
    steps = (
        "Chứng chỉ chưa mang đúng tên máy: quản trị máy chủ cấp lại với tên máy ghi trong địa chỉ.",
        "Ghi …?sslmode=verify-full&sslrootcert=/đường/dẫn/tệp.crt vào địa chỉ, chạy ansinh doctor.",
    )


class ServerKeepsOut(Permanent):
    attempted = "Mở cơ sở dữ liệu mà {setting} nêu"
    found = "máy chủ trả lời nhưng không cho vào: {why}"
    remedy = "Quản trị máy chủ PostgreSQL chạy: {statement}"
    means = "Mạng và dịch vụ PostgreSQL vẫn tốt: thiếu vai trò, cơ sở dữ liệu, quyền, hoặc sai mật khẩu. Không tự thử lại, để tài khoản khỏi bị khóa."
    steps = (
        "Lần đầu: ansinh setup lập vai trò và cơ sở dữ liệu; ansinh setup --sql in câu lệnh cho quản trị máy chủ.",
        "Đã chạy được trước đó: hỏi quản trị vừa đổi mật khẩu, tên hay quyền gì; cập nhật tệp mật khẩu, hoặc nhờ họ chạy câu lệnh trong thông báo.",
        "Chạy ansinh doctor; khi dòng đó tốt thì chạy lại.",
    )
    stops_system = True
    exit_status = 3


class ServerTooOld(Permanent):
    attempted = "Mở cơ sở dữ liệu mà {setting} nêu"
    found = "máy chủ là PostgreSQL {version}, cần {oldest} trở lên"
    remedy = "Nâng cấp PostgreSQL, hoặc đặt {setting} ở máy chủ mới hơn rồi chạy lại; chưa có gì được ghi"
    means = "ansinh được thử với PostgreSQL 15 của Debian 12 và bản mới hơn; bản cũ hơn thiếu điều nó dùng, nên không được ghi gì ở đó."
    steps = (
        "Quản trị máy chủ nâng cấp PostgreSQL (Debian: pg_upgradecluster), hoặc cấp cơ sở dữ liệu ở máy chủ khác.",
        "Chạy ansinh doctor.",
    )
    stops_system = True
    exit_status = 3


class DagsterLost(Unreachable):
    attempted = "Dùng cơ sở dữ liệu của Dagster (lịch sử lượt chạy, lưới ô)"
    found = "không mở được, hoặc mất kết nối giữa chừng (SQLSTATE {state})"
    remedy = "Kiểm tra ANSINH_DAGSTER_URL và dịch vụ PostgreSQL rồi chạy lại; phần đã nạp vào kho vẫn nguyên"
    means = (
        "Máy chủ giữ cơ sở dữ liệu của Dagster dừng, khởi động lại, đứt mạng, từ chối đăng nhập, hoặc không có cơ sở dữ liệu đó."
    )
    steps = (
        "Trên máy chủ đó: systemctl status postgresql, xem đĩa còn chỗ.",
        "Chạy ansinh doctor; khi dòng lưới ô tốt thì chạy lại, hoặc chờ lượt đêm sau.",
        "Lưới ô thiếu sau sự cố: ansinh doctor --mend-grid.",
    )
    exit_status = 3


class DagsterDiskFull(Transient):
    attempted = "Dùng cơ sở dữ liệu của Dagster (lịch sử lượt chạy, lưới ô)"
    found = "đĩa của máy chủ đầy (SQLSTATE {state})"
    remedy = "Giải phóng đĩa của máy chủ PostgreSQL đó rồi chạy lại; phần đã nạp vào kho vẫn nguyên"
    means = "PostgreSQL giữ lịch sử lượt chạy không còn chỗ ghi. Không phải lỗi của nguồn hay của dữ liệu."
    steps = (
        "Trên máy chủ đó: df -h; mở rộng đĩa hoặc chuyển tệp khác đi, không xóa tệp trong thư mục của PostgreSQL.",
        "Chạy ansinh doctor, rồi chạy lại; lưới ô thiếu thì ansinh doctor --mend-grid.",
    )
    stops_system = True


class DagsterStrained(Transient):
    attempted = "Dùng cơ sở dữ liệu của Dagster (lịch sử lượt chạy, lưới ô)"
    found = "máy chủ hết bộ nhớ, hết chỗ kết nối, hoặc hủy câu lệnh vì quá lâu (SQLSTATE {state})"
    remedy = "Giảm việc khác trên máy chủ đó rồi chạy lại; phần đã nạp vào kho vẫn nguyên"
    means = "Máy chủ vẫn sống nhưng không nhận thêm việc: 53200 hết bộ nhớ, 53300 quá nhiều kết nối, 57014 quá giờ."
    steps = ("Xem pg_stat_activity: ai đang giữ kết nối.", "Chạy lại khi máy chủ bớt việc.")


class DagsterRefused(Permanent):
    attempted = "Dùng cơ sở dữ liệu của Dagster (lịch sử lượt chạy, lưới ô)"
    found = "máy chủ từ chối một câu lệnh (SQLSTATE {state})"
    remedy = "Kiểm tra tài khoản của ANSINH_DAGSTER_URL và phiên bản Dagster; phần đã nạp vào kho vẫn nguyên"
    means = (
        "Thiếu quyền, thiếu bảng, máy chủ chỉ đọc, hoặc một bản Dagster khác đã đổi cấu trúc. Nội dung câu lệnh không được in ra."
    )
    steps = (
        "Tra mã SQLSTATE: 42501 thiếu quyền, 42P01 thiếu bảng, 25006 chỉ đọc, 23505 trùng.",
        "Chạy lại; vẫn gặp thì gửi nguyên dòng thông báo cho người phát triển.",
    )
