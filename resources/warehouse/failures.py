"""How the hub's own warehouse may fail, declared, and which of these an error of a driver is. Of its text nothing leaves."""

import adbc_driver_manager
import psycopg2
import sqlalchemy as sa

from resources.failing import Failure, Permanent, Transient
from resources.failures import Unreachable
from resources.servers import entering
from resources.servers.sqlstates import Trouble, told_state, trouble_of, why_no_tls

CHAPTER = "Kho dữ liệu của trung tâm"


class WarehouseUnreachable(Unreachable):
    attempted = "Mở kho dữ liệu của trung tâm"
    found = "máy chủ không trả lời hoặc từ chối đăng nhập ({kind})"
    remedy = "Kiểm tra WAREHOUSE_URL, mạng và dịch vụ PostgreSQL rồi chạy lại"
    means = "Không mở được kho nên chưa có gì được chạy. Sai địa chỉ, sai mật khẩu, mạng đứt hoặc PostgreSQL đang dừng."
    steps = (
        "Trên máy chủ của kho: systemctl status postgresql, xem đĩa còn chỗ.",
        "Từ máy chạy ansinh: psql với đúng WAREHOUSE_URL.",
        "Chạy ansinh doctor; khi dòng kho tốt thì chạy lại. Lượt đêm sau tự bù phần bị lỡ.",
    )
    exit_status = 3


class WarehouseUnencrypted(Permanent):
    attempted = "Mở kho dữ liệu của trung tâm"
    found = "không có đường truyền mã hóa như địa chỉ đòi: {why}"
    remedy = "Sửa sslmode, sslrootcert, sslcert, sslkey trong WAREHOUSE_URL, hoặc chứng chỉ của máy chủ, rồi chạy lại"
    means = "Hai bên chưa đồng ý về TLS nên chưa có gì được gửi. Không hạ sslmode để chạy cho được: tên máy sai có thể là máy khác đứng giữa."
    steps = (
        "Từ máy chạy ansinh: psql với đúng WAREHOUSE_URL cho biết lỗi nguyên văn.",
        "Nhiều nơi cùng hỏng một lúc: xem đồng hồ của máy chạy ansinh (timedatectl). Ngày của chứng chỉ: openssl x509 -noout -dates -in <tệp>.",
        "Quản trị máy chủ: chứng chỉ mang đúng tên máy trong địa chỉ và còn hạn; sslrootcert là chứng chỉ của nơi cấp.",
        "Chạy ansinh doctor; khi dòng kho tốt thì chạy lại.",
    )
    stops_system = True
    exit_status = 3


class WarehouseLost(Unreachable):
    attempted = "Ghi kho dữ liệu của trung tâm"
    found = "mất kết nối giữa chừng ({kind})"
    remedy = "Phần đang ghi dở đã tự hủy, phần đã nạp vẫn nguyên; khi PostgreSQL trở lại thì chạy lại"
    means = "Máy chủ của kho dừng, khởi động lại hoặc đứt mạng khi một lượt đang chạy. Mỗi kỳ nạp trong một giao dịch nên không có ô dở."
    steps = (
        "Xem dịch vụ PostgreSQL và nhật ký của nó: vì sao dừng (đĩa, bộ nhớ, cập nhật).",
        "Chạy lại ansinh nightly, hoặc chờ lượt đêm sau: phần còn thiếu được lấy tiếp.",
    )
    exit_status = 3


class WarehouseDiskFull(Transient):
    attempted = "Ghi kho dữ liệu của trung tâm"
    found = "đĩa của máy chủ kho đầy (SQLSTATE {state})"
    remedy = "Giải phóng đĩa của máy chủ PostgreSQL chứa kho rồi chạy lại; phần đã nạp vẫn nguyên, phần dở đã tự hủy"
    means = "PostgreSQL của kho không còn chỗ ghi dữ liệu, tệp tạm hoặc nhật ký WAL. Đã tự thử lại vài lần."
    steps = (
        "Trên máy chủ của kho: df -h; xem thư mục dữ liệu, pg_wal (khe sao chép bỏ quên), temp_tablespaces.",
        "Mở rộng đĩa hoặc chuyển tệp khác đi; không xóa tệp trong thư mục của PostgreSQL.",
        "Chạy ansinh doctor, rồi chạy lại; lượt đêm sau cũng tự lấy tiếp.",
    )
    stops_system = True


class WarehouseStrained(Transient):
    attempted = "Dùng kho dữ liệu của trung tâm"
    found = "máy chủ kho hết bộ nhớ hoặc hết chỗ kết nối (SQLSTATE {state})"
    remedy = "Giảm việc khác trên máy chủ kho, hoặc tăng max_connections, bộ nhớ; phần đã nạp vẫn nguyên"
    means = (
        "Máy chủ kho vẫn sống nhưng không nhận thêm việc: 53200 là hết bộ nhớ, 53300 là quá nhiều kết nối. Đã tự thử lại vài lần."
    )
    steps = (
        "Xem pg_stat_activity: ai đang giữ kết nối; xem dmesg có dòng hết bộ nhớ.",
        "Chạy lại khi máy chủ bớt việc, hoặc chờ lượt đêm sau.",
    )
    stops_system = True
    exit_status = 3


class WarehouseCanceled(Transient):
    attempted = "Dùng kho dữ liệu của trung tâm"
    found = "máy chủ kho hủy câu lệnh: quá giờ, chờ khóa quá lâu, xung đột, hoặc có người hủy (SQLSTATE {state})"
    remedy = "Xem ai giữ khóa hoặc đặt giới hạn thời gian ở kho rồi chạy lại; phần dở đã tự hủy"
    means = (
        "Kết nối vẫn tốt. 57014 là quá giờ hoặc bị hủy, 55P03 là chờ khóa, 40001 và 40P01 là xung đột với giao dịch khác. Đã tự "
        "thử lại vài lần."
    )
    steps = (
        "Xem statement_timeout, lock_timeout đặt cho tài khoản của WAREHOUSE_URL: ansinh cần câu lệnh dài, không đặt giới hạn này.",
        "Xem pg_locks, pg_stat_activity: phiên nào giữ khóa (vacuum full, sao lưu, người đang sửa tay).",
        "Chạy lại, hoặc chờ lượt đêm sau.",
    )


class WarehouseReadOnly(Permanent):
    attempted = "Ghi kho dữ liệu của trung tâm"
    found = "máy chủ kho chỉ cho đọc (SQLSTATE {state})"
    remedy = "Sửa WAREHOUSE_URL cho đúng máy chính, hoặc bỏ default_transaction_read_only của tài khoản"
    means = "WAREHOUSE_URL chỉ đến máy dự phòng (sau khi chuyển máy chính), hoặc tài khoản bị đặt chỉ đọc. Chưa có gì được ghi."
    steps = (
        "psql với đúng WAREHOUSE_URL: select pg_is_in_recovery(); show default_transaction_read_only.",
        "Sửa địa chỉ hoặc cấu hình, chạy ansinh doctor, rồi chạy lại.",
    )


class WarehouseDamaged(Permanent):
    attempted = "Đọc kho dữ liệu của trung tâm"
    found = "PostgreSQL báo dữ liệu hoặc đĩa của kho hỏng (SQLSTATE {state})"
    remedy = "Dừng các lượt chạy, kiểm tra đĩa, và khôi phục từ bản sao lưu (ansinh restore)"
    means = "Trang dữ liệu, chỉ mục hoặc đĩa của kho hỏng. Chạy tiếp có thể làm hỏng thêm; nguồn và tệp gốc trong raw không bị ảnh hưởng."
    steps = (
        "Không xóa gì; chép thư mục dữ liệu PostgreSQL sang đĩa khác nếu được.",
        "Xem nhật ký PostgreSQL, dmesg, smartctl; chỉ một chỉ mục hỏng thì quản trị chạy reindex.",
        "Dữ liệu hỏng: ansinh restore --from <bản sao lưu> vào nơi trống, rồi ansinh nightly --whole.",
    )


class WarehouseBehind(Permanent):
    attempted = "Đọc kho dữ liệu"
    found = "kho chưa được nâng cấp cho bản ansinh này ({differs}), và lệnh chỉ đọc không nâng cấp"
    remedy = "Chạy ansinh nightly (hoặc ansinh ui): kho được nâng cấp trước, mọi dữ liệu giữ nguyên"
    means = "Chương trình vừa được cài bản mới hơn kho. Lệnh nào ghi vào kho đều tự nâng cấp kho trước."
    steps = ("Sao lưu: ansinh backup.", "Chạy ansinh nightly, hoặc chờ lượt đêm; rồi chạy lại lệnh.")
    exit_status = 3


class NotUtf8(Permanent):
    attempted = "Kiểm tra bảng mã của cơ sở dữ liệu {name}"
    found = "bảng mã là {encoding}, cần UTF8: bảng mã khác không chứa đủ chữ Việt"
    remedy = (
        "Tạo cơ sở dữ liệu mới: create database {database} owner {role} encoding 'UTF8' template template0; rồi sửa {name}; "
        "chưa có gì được ghi"
    )
    means = "Họ tên và địa danh có chữ mà bảng mã này không có, nên ghi vào sẽ hỏng giữa chừng."
    steps = ("Tạo cơ sở dữ liệu UTF8 bằng lệnh được nêu.", "Sửa địa chỉ kết nối, chạy ansinh doctor, rồi chạy lại.")


class WarehouseLogTells(Permanent):
    attempted = "Kiểm tra nhật ký PostgreSQL của kho"
    found = "máy chủ ghi nội dung lỗi và câu lệnh vào nhật ký (log_error_verbosity = {verbosity}, log_min_error_statement = {statement})"
    remedy = (
        "Đề nghị quản trị máy chủ chạy: alter role {role} set log_error_verbosity = 'terse'; "
        "alter role {role} set log_min_error_statement = 'panic'"
    )
    means = "Khi một lệnh lỗi, PostgreSQL có thể ghi cả giá trị của dòng (khóa, số định danh) vào nhật ký của nó, ngoài kho."
    steps = (
        "Gửi nguyên hai câu lệnh trong thông báo cho quản trị máy chủ PostgreSQL của kho (cần quyền superuser).",
        "Kết nối mới mới nhận: chạy lại ansinh doctor sau khi đổi.",
        "Xem nhật ký cũ của máy chủ có dòng DETAIL hay CONTEXT mang dữ liệu cá nhân thì xóa theo quy định.",
    )


class WarehouseRightMissing(Permanent):
    attempted = "Kiểm tra quyền ở kho dữ liệu của trung tâm"
    found = "tài khoản {role} không được tạo lược đồ ở đó"
    remedy = "Đề nghị quản trị máy chủ chạy: grant create on database {database} to {role}"
    means = "Lượt đêm đầu tiên dựng kho nên tài khoản của WAREHOUSE_URL phải tạo được lược đồ."
    steps = ("Gửi nguyên câu lệnh trong thông báo cho quản trị máy chủ PostgreSQL của kho.", "Chạy lại ansinh doctor.")


class WarehouseLoginLacks(Permanent):
    attempted = "Dùng kho dữ liệu của trung tâm"
    found = "tài khoản đang dùng không có quyền làm việc này ở kho (SQLSTATE {state})"
    remedy = "Chạy ansinh doctor để biết tài khoản của biến nào thiếu gì, rồi ansinh setup; phần dở đã tự hủy"
    means = (
        "WAREHOUSE_URL là tài khoản nạp, WAREHOUSE_READ_URL chỉ xem, WAREHOUSE_REPORT_URL chỉ tính và gửi biểu. Một tài khoản bị thu "
        "hồi quyền, hoặc hai biến đặt lẫn nhau."
    )
    steps = (
        "Chạy ansinh doctor: dòng «vai trò và tài khoản» nêu biến và quyền còn thiếu.",
        "Chạy ansinh setup (hoặc gửi quản trị máy chủ ansinh setup --sql), rồi chạy lại.",
    )


class NewerWarehouse(Permanent):
    attempted = "Mở kho dữ liệu"
    found = "kho ở phiên bản {found_version}, chương trình này chỉ biết đến phiên bản {known_version}"
    remedy = "Cài phiên bản ansinh mới hơn rồi chạy lại; kho chưa bị thay đổi"
    means = "Kho đã được một bản ansinh mới hơn nâng cấp. Bản cũ không được ghi vào kho mà nó không hiểu."
    steps = (
        "Cài lại đúng bản ansinh đã dùng gần nhất trên kho này (hoặc mới hơn), chạy ansinh doctor.",
        "Nếu buộc phải lùi bản: khôi phục bản sao lưu của bản cũ vào nơi trống bằng ansinh restore.",
    )
    exit_status = 3


class OtherReference(Transient):
    attempted = "Xét các quy tắc nhiều dòng"
    found = "bảng tra cứu trong kho (lược đồ ref) là của một bản ansinh khác, đang cùng chạy trên kho này"
    remedy = "Dừng tiến trình của bản cũ (ansinh stop ở nơi nó chạy) rồi chạy lại; dòng đã nạp vẫn nguyên"
    means = (
        "Hai bản ansinh có mức chuẩn, ngưỡng khác nhau cùng dùng một kho. Quy tắc chỉ được xét bằng số của chính bản đang chạy, nên "
        "lượt này chưa xét và được thử lại: mỗi lượt bắt đầu bằng việc ghi lại bảng tra cứu của bản mình."
    )
    steps = (
        "Tìm nơi còn chạy bản cũ (giao diện, lịch chạy trên máy khác) và dừng lại.",
        "Chạy ansinh doctor, rồi chạy lại ansinh nightly: các quy tắc chưa xét được xét bù.",
    )


FAILURES: dict[Trouble, type[Failure]] = {
    "disk": WarehouseDiskFull,
    "strained": WarehouseStrained,
    "canceled": WarehouseCanceled,
    "locked": WarehouseCanceled,
    "read_only": WarehouseReadOnly,
    "right": WarehouseLoginLacks,
    "damaged": WarehouseDamaged,
    "stopping": WarehouseLost,
    "lost": WarehouseLost,
    "unencrypted": WarehouseUnencrypted,
}
# Only in these errors does a missing state mean that the line is gone: the others never reached the server.
AT_THE_LINE = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    adbc_driver_manager.OperationalError,
    adbc_driver_manager.InterfaceError,
)


def failure_of(error: BaseException) -> Failure | None:
    """The failure that an error of a driver is; None of another error, and of one that a statement of ours has earned."""
    of_driver = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    trouble, state = trouble_in(of_driver)
    if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
        trouble = "lost"
    kind = FAILURES.get(trouble)
    return kind(state=state or "-----", kind=type(of_driver).__name__, why=why_no_tls(str(of_driver))) if kind else None


def opening_failure(error: sa.exc.OperationalError, url: str | None = None, setting: str = "WAREHOUSE_URL") -> Failure:
    """The failure for an error that came before anything could be asked.

    `setting` leads to `url`; without a url the error may be of any of several places.
    """
    if url and (kept_out := entering.refused(url, setting, error)):
        return kept_out
    failure = failure_of(error)
    return (
        WarehouseUnreachable(kind=type(error.orig).__name__) if failure is None or isinstance(failure, WarehouseLost) else failure
    )


def trouble_in(error: BaseException | None) -> tuple[Trouble, str | None]:
    """The trouble that an error of a driver tells of, and its SQLSTATE."""
    state = getattr(error, "pgcode", None) or getattr(error, "sqlstate", None)
    if not state and not isinstance(error, AT_THE_LINE):
        return "refused", None
    return trouble_of(state, str(error)), told_state(state) if state else None
