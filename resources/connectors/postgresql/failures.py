"""What an error of the PostgreSQL driver means, as a declared failure. Of its text nothing leaves."""

import adbc_driver_manager

from resources.connectors.failures import FAILURES, SourceRefused
from resources.failing import Failure
from resources.servers.sqlstates import Trouble, told_state, trouble_of, why_no_tls
from schemas.dataset import Source


class SourceEncodingUnknown(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "cơ sở dữ liệu dùng bảng mã {encoding}, chương trình chưa biết đọc"
    remedy = "Đề nghị đơn vị quản lý nguồn chuyển cơ sở dữ liệu sang UTF8; hệ thống khác vẫn chạy"
    means = "Không biết bảng mã thì chữ đọc ra sẽ sai. Chưa có dòng nào được lấy; bản tốt gần nhất vẫn dùng."
    steps = (
        "Báo đơn vị quản lý nguồn bảng mã được nêu và hỏi có chuyển sang UTF8 được không.",
        "Nếu không chuyển được: gửi dòng này cho người phát triển, kèm phiên bản PostgreSQL của nguồn.",
    )
    stops_system = True


# Errors within the driver: it could not read an answer, and the line stands.
CANNOT_READ = (
    adbc_driver_manager.AdbcStatusCode.NOT_IMPLEMENTED,
    adbc_driver_manager.AdbcStatusCode.INVALID_DATA,
    adbc_driver_manager.AdbcStatusCode.INTERNAL,
)


def failure_of(source: Source, error: adbc_driver_manager.Error) -> Failure:
    """The driver's text can hold a query and a value: only its SQLSTATE leaves."""
    return FAILURES[_trouble(error)](
        source=source.name,
        title=source.title,
        environment=source.environment,
        state=f" (SQLSTATE {told_state(error.sqlstate)})" if error.sqlstate else "",  # an error at the door has none
        seconds=f"{source.limits.lock_timeout.total_seconds():g}",
        why=why_no_tls(str(error)),
        minutes=f"{source.limits.statement_timeout.total_seconds() / 60:g}",
    )


def _trouble(error: adbc_driver_manager.Error) -> Trouble:
    trouble = trouble_of(error.sqlstate, str(error))
    return "refused" if trouble == "lost" and not error.sqlstate and error.status_code in CANNOT_READ else trouble
