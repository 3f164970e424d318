"""How making the roles may fail, and what the doctor finds of the logins that the settings name."""

from resources.failing import Permanent
from resources.failures import Unconfigured, Unreachable

CHAPTER = "Vai trò và tài khoản của các cơ sở dữ liệu"


class SetupInDemo(Unconfigured):
    attempted = "Dựng vai trò và cơ sở dữ liệu (ansinh setup)"
    found = "tỉnh mô phỏng dùng máy chủ nhúng, chạy bằng chủ của nó; không có gì phải dựng"
    remedy = "Trên máy thật: đặt ANSINH_PROFILE=production và WAREHOUSE_URL rồi chạy lại"
    means = "Máy chủ nhúng chỉ nghe ở một socket mà riêng tài khoản chạy ansinh vào được, nên không chia vai trò."
    steps = ("Xem docs/van-hanh.md, mục «Vai trò và tài khoản của các cơ sở dữ liệu».",)


class AdminUnconfigured(Unconfigured):
    attempted = "Dựng vai trò và cơ sở dữ liệu (ansinh setup)"
    found = "{setting} chưa đặt, mà việc này cần tài khoản quản trị máy chủ"
    remedy = (
        "Đặt {setting} (hoặc {setting}_FILE) cho riêng lần chạy này, hoặc gửi quản trị máy chủ: ansinh setup --sql --only {part}"
    )
    means = "Các tài khoản của trung tâm không được tạo vai trò hay cơ sở dữ liệu; chỉ quản trị máy chủ PostgreSQL làm được."
    steps = (
        "Có tài khoản quản trị: đặt biến được nêu, chạy ansinh setup, rồi bỏ biến đi; dịch vụ chạy đêm không được có nó.",
        "Không có: ansinh setup --sql --only … > setup.sql, gửi quản trị chạy bằng psql; tệp không chứa mật khẩu nào.",
    )


class AdminUnreachable(Unreachable):
    attempted = "Mở máy chủ theo {setting}"
    found = "máy chủ không trả lời hoặc từ chối đăng nhập{why}"
    remedy = "Kiểm tra địa chỉ, mạng, mật khẩu và pg_hba.conf rồi chạy lại; chưa có gì bị đổi dở"
    means = "Chưa dựng được vai trò nào trên máy chủ đó, hoặc mới dựng một phần; chạy lại là làm nốt."
    steps = ("Thử psql với đúng địa chỉ đó.", "Chạy lại ansinh setup: bước nào đã xong thì giữ nguyên.")
    exit_status = 3


class AdminTooWeak(Permanent):
    attempted = "Dựng vai trò và cơ sở dữ liệu theo {setting}"
    found = "tài khoản của địa chỉ đó không phải superuser của máy chủ"
    remedy = "Đặt {setting} là tài khoản quản trị, hoặc gửi quản trị máy chủ: ansinh setup --sql --only {part}"
    means = "Chỉ superuser mới tắt được việc ghi giá trị vào nhật ký máy chủ cho tài khoản khác, và giao lại được những gì bản cũ sở hữu."
    steps = ("Đặt địa chỉ của tài khoản quản trị cho riêng lần chạy này.", "Hoặc gửi tệp của ansinh setup --sql cho quản trị.")


class DatabaseOtherwiseEncoded(Permanent):
    attempted = "Dựng quyền trong cơ sở dữ liệu {database}"
    found = "cơ sở dữ liệu đã có từ trước, bảng mã {encoding}, cần UTF8"
    remedy = "Đổi tên cơ sở dữ liệu trong địa chỉ rồi chạy lại: ansinh setup tạo cơ sở dữ liệu mới với bảng mã UTF8"
    means = "Họ tên và địa danh có chữ mà bảng mã này không có. Cơ sở dữ liệu cũ không bị động đến."
    steps = ("Ghi một tên mới trong địa chỉ (mọi biến cùng nêu cơ sở dữ liệu đó).", "Chạy lại ansinh setup.")


class LoginUnnamed(Unconfigured):
    attempted = "Đọc {setting} để dựng tài khoản"
    found = "địa chỉ không nêu tài khoản"
    remedy = "Viết postgresql://tài_khoản:mật_khẩu@máy/cơ_sở_dữ_liệu rồi chạy lại"
    means = "Tài khoản nào đăng nhập phải ghi trong địa chỉ, để nó được tạo và vào đúng vai trò."
    steps = ("Sửa biến được nêu.", "Chạy lại ansinh setup.")


class LoginIsGroup(Unconfigured):
    attempted = "Đọc {setting} để dựng tài khoản"
    found = "tài khoản {role} trùng tên một vai trò nhóm, mà vai trò nhóm không đăng nhập"
    remedy = "Đặt một tên khác, ví dụ {role}_01, rồi chạy lại"
    means = "Vai trò nhóm chỉ để cấp quyền. Tài khoản đăng nhập là thành viên của nó, đổi hay thu hồi được mà quyền không mất."
    steps = ("Sửa biến được nêu.", "Chạy lại ansinh setup.")


class DagsterElsewhere(Unconfigured):
    attempted = "Dựng vai trò và cơ sở dữ liệu (ansinh setup)"
    found = "ANSINH_DAGSTER_URL và WAREHOUSE_URL nêu hai máy chủ (tên máy hoặc cổng) khác nhau"
    remedy = "Viết cùng một tên máy và cổng trong hai địa chỉ, rồi chạy lại"
    means = "Cơ sở dữ liệu của Dagster nằm trên máy chủ của kho, do cùng một quản trị dựng."
    steps = ("Sửa hai biến cho cùng máy chủ.", "Chạy lại ansinh setup.")


class PlacesMixed(Unconfigured):
    attempted = "Đọc {setting} để dựng cơ sở dữ liệu"
    found = "{why}"
    remedy = "Sửa tên cơ sở dữ liệu trong {setting} rồi chạy lại"
    means = (
        "WAREHOUSE_URL, WAREHOUSE_READ_URL, WAREHOUSE_REPORT_URL dẫn đến cùng một kho; Dagster và kho dùng chung có cơ sở dữ liệu riêng, để "
        "người đọc số liệu mở không vào được kho."
    )
    steps = ("Sửa biến được nêu.", "Chạy lại ansinh setup.")


class LoginIsSuperuser(Permanent):
    """Setup refuses it; the doctor warns of it."""

    attempted = "Kiểm tra tài khoản của {setting}"
    found = "{role} là superuser"
    remedy = "Đặt trong {setting} một tài khoản riêng rồi chạy ansinh setup; superuser chỉ dành cho ANSINH_ADMIN_URL"
    means = (
        "Superuser đọc và sửa được mọi thứ trên máy chủ, chạy được cả lệnh của hệ điều hành; trung tâm không làm việc bằng nó."
    )
    steps = (
        "Chọn một tên tài khoản và mật khẩu mới, ghi vào biến được nêu (nên để trong tệp, dùng …_FILE).",
        "Chạy ansinh setup: tài khoản được tạo, những gì superuser sở hữu trong kho được giao cho vai trò.",
        "Chạy ansinh doctor.",
    )


class LoginHoldsMore(Permanent):
    """A warning of the doctor."""

    attempted = "Kiểm tra tài khoản của {setting}"
    found = "{role} giữ nhiều hơn vai trò {group}: {more}"
    remedy = "Đề nghị quản trị máy chủ thu hồi (revoke … from {role}), hoặc đặt trong {setting} một tài khoản riêng"
    means = "Tài khoản lộ ra thì mất tất cả những gì nó giữ; mỗi tài khoản chỉ nên giữ đúng vai trò của việc nó làm."
    steps = (
        "Một tài khoản dùng cho hai địa chỉ: đặt tài khoản riêng cho từng địa chỉ, chạy ansinh setup.",
        "Vai trò, quyền được cấp thêm bằng tay: quản trị máy chủ thu hồi.",
        "Chạy lại ansinh doctor.",
    )


class LoginLacks(Permanent):
    attempted = "Kiểm tra tài khoản của {setting}"
    found = "{role} thiếu quyền của vai trò {group}: {less}"
    remedy = "Chạy ansinh setup (hoặc gửi quản trị máy chủ ansinh setup --sql)"
    means = "Việc chạy bằng tài khoản này sẽ bị máy chủ từ chối."
    steps = ("Chạy ansinh setup với tài khoản quản trị.", "Chạy lại ansinh doctor.")


class LoginRefused(Unreachable):
    attempted = "Thử đăng nhập bằng {setting}"
    found = "máy chủ không nhận{why}"
    remedy = "Kiểm tra mật khẩu trong địa chỉ, dòng của pg_hba.conf và TLS rồi chạy lại ansinh setup"
    means = (
        "Vai trò và quyền đã dựng xong, nhưng địa chỉ chưa dùng được. Tài khoản đã có từ trước thì ansinh setup giữ nguyên mật khẩu cũ "
        "của nó."
    )
    steps = (
        "Tài khoản đã có từ trước: ghi đúng mật khẩu cũ vào địa chỉ, hoặc quản trị đặt lại bằng \\password của psql.",
        "Máy chủ không có dòng pg_hba.conf cho tài khoản này: quản trị thêm hostssl … scram-sha-256.",
        "Chạy lại ansinh setup, rồi ansinh doctor.",
    )
    exit_status = 3


class SetupRefused(Permanent):
    attempted = "Dựng vai trò và cơ sở dữ liệu (ansinh setup): {what}"
    found = "máy chủ từ chối (SQLSTATE {state})"
    remedy = "Gửi mã này cho quản trị máy chủ; bước đã xong thì giữ nguyên, sửa rồi chạy lại"
    means = "Một câu lệnh không chạy được: quyền của tài khoản quản trị, hoặc máy chủ đang có thứ trùng tên."
    steps = (
        "In các câu lệnh bằng ansinh setup --sql, quản trị chạy bằng psql sẽ thấy lỗi nguyên văn.",
        "Sửa xong chạy lại ansinh setup.",
    )


class ReaderLogsIn(Permanent):
    """A warning of the doctor."""

    attempted = "Kiểm tra vai trò {role}"
    found = "vai trò này đăng nhập được, mà là vai trò nhóm"
    remedy = "Chạy ansinh setup --only shared, hoặc đề nghị quản trị kho chạy: alter role {role} nologin password null"
    means = "Ai đọc số liệu mở cần một tài khoản riêng được cấp vai trò này; dùng chung một tài khoản thì không biết ai đã đọc."
    steps = (
        "Quản trị kho dùng chung tạo tài khoản cho từng nơi đọc: create role <tên> login; grant {role} to <tên>.",
        "Sau đó khóa đăng nhập của vai trò bằng câu lệnh trong thông báo; chạy lại ansinh doctor.",
    )
