"""What may go wrong on the ODBC road alone; and what an error of a driver means, as a declared failure. Of its text nothing leaves."""

import re
from collections.abc import Mapping

from resources.connectors.failures import FAILURES, SourceAltered, SourceRefused
from resources.connectors.odbc.dialects.dialect import Dialect, Told
from resources.failing import Failure, Permanent, Transient
from resources.servers.sqlstates import told_state, why_no_tls
from schemas.dataset import Source

OPENING = "calling 'SQLDriverConnect'"
ERROR = re.compile(r"State: (?P<state>\S{5}), Native error: (?P<native>-?[0-9]+), Message: (?P<words>.*)", re.DOTALL)


class SourceAddressWrong(Permanent):
    attempted = "Đọc địa chỉ kết nối {name}"
    found = "không đúng mẫu: {why}"
    remedy = "Viết theo mẫu {form} rồi chạy lại"
    means = "Địa chỉ của hệ thống nguồn viết sai mẫu. Địa chỉ không được in ra vì có thể chứa mật khẩu."
    steps = (
        "Sửa biến môi trường được nêu (hoặc tệp của …_FILE) theo mẫu.",
        "Mật khẩu có ký tự đặc biệt: in dạng %XX bằng python3 -c 'import getpass, urllib.parse as u; "
        'print(u.quote(getpass.getpass(), ""))\'.',
        "Chạy ansinh doctor.",
    )
    exit_status = 2
    stops_system = True


class DriverMissing(Permanent):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "máy này chưa có trình điều khiển ODBC cho {kind}"
    remedy = "Cài {package} rồi chạy lại; hệ thống khác vẫn chạy"
    means = "Nguồn không phải PostgreSQL được đọc qua ODBC: cần unixODBC và trình điều khiển của đúng loại máy chủ, cài một lần ở máy chạy ansinh."
    steps = (
        "Cài gói được nêu; odbcinst -q -d liệt kê trình điều khiển đã có.",
        "Chạy ansinh doctor.",
    )
    stops_system = True


class SnapshotForbidden(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "cơ sở dữ liệu của nguồn không cho đọc mọi bảng tại một thời điểm duy nhất{state}"
    remedy = "Đề nghị chủ nguồn chạy: alter database … set allow_snapshot_isolation on; hệ thống khác vẫn chạy"
    means = (
        "Trung tâm chỉ đọc trong một ảnh chụp (snapshot isolation): không giữ khóa của nguồn, và không thấy dòng nào bị sửa giữa "
        "chừng. SQL Server chỉ cho như vậy khi cơ sở dữ liệu được bật, một lần, bởi người quản trị nguồn. Chưa có dòng nào được đọc."
    )
    steps = (
        "Gửi lệnh được nêu cho đơn vị quản lý nguồn; phần mềm của họ chạy như cũ, tempdb cần thêm chỗ.",
        "select snapshot_isolation_state from sys.databases where database_id = db_id() phải cho 1.",
        "Chạy ansinh doctor.",
    )
    stops_system = True


class RowsDiffer(Transient):
    attempted = "Lấy dữ liệu {dataset}, kỳ {period}"
    found = "những gì nhận được khác với những gì chính nguồn đếm và cộng trong cùng một ảnh chụp ({what})"
    remedy = "Chưa có dòng nào của kỳ này được nạp; bản tốt gần nhất vẫn dùng. Gửi dòng này cho người phát triển"
    means = (
        "Trước khi nạp, số dòng và tổng mã băm của mọi dòng nhận được phải bằng đúng những gì nguồn tự tính. Khác nhau là "
        "trình điều khiển ODBC làm rơi, lặp hoặc đổi giá trị, hoặc khung nhìn của nguồn đọc một bảng không có ảnh chụp."
    )
    steps = (
        "Chạy lại: ansinh nightly --source <tên>. Hết lỗi là có bảng ghi xen vào giữa lúc đọc: hỏi chủ nguồn engine của bảng gốc.",
        "Lặp lại: gửi phiên bản trình điều khiển (odbcinst -q -d, dpkg -l) và phiên bản máy chủ nguồn cho người phát triển.",
    )


class FormUnexpected(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "trình điều khiển ODBC giao một cột ở dạng {form}, trung tâm chỉ nhận chữ và số nguyên có dấu"
    remedy = "Gửi dòng này cho người phát triển; hệ thống khác vẫn chạy"
    means = "Ở dạng khác, trình điều khiển có thể đổi giá trị mà không báo, hoặc làm dừng cả chương trình; nên chưa có dòng nào được đọc."
    steps = ("Gửi nguyên dòng thông báo, phiên bản trình điều khiển và của máy chủ nguồn cho người phát triển.",)


KINDS: Mapping[Told, type[Failure]] = {**FAILURES, "altered": SourceAltered, "unversioned": SnapshotForbidden}


def failure_of(source: Source, dialect: Dialect, error: Exception) -> Failure:
    """The driver's text can hold a query and a value: only its SQLSTATE and the server's number leave."""
    found = ERROR.search(str(error))
    if found is None:  # of the library itself: it could not make of an answer what it should
        return _failure(source, "refused", "")
    state, native, words = found["state"], int(found["native"]), found["words"]
    told = f" (SQLSTATE {told_state(state)}, mã lỗi {native})" if native else f" (SQLSTATE {told_state(state)})"
    trouble = dialect.trouble(state, native, words)
    if OPENING in str(error) and trouble in ("refused", "canceled"):  # what has a time limit there is the greeting
        trouble = "lost"
    return _failure(source, trouble, told, words)


def _failure(source: Source, trouble: Told, state: str, words: str = "") -> Failure:
    kind = KINDS[trouble]
    return kind(
        source=source.name,
        title=source.title,
        environment=source.environment,
        state=state,
        seconds=f"{source.limits.lock_timeout.total_seconds():g}",
        why=why_no_tls(words) or "bắt tay TLS không thành",
        minutes=f"{source.limits.statement_timeout.total_seconds() / 60:g}",
    )
