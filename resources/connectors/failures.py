"""How reading a source may fail, declared: unreachable, locked, refused, changed. No road is known here."""

from resources.failures import Permanent, Transient, Unreachable


class SourceUnconfigured(Permanent):
    attempted = "Lấy dữ liệu {dataset}"
    found = "hệ thống nguồn chưa được cấu hình"
    remedy = "Đặt {environment}; hệ thống khác vẫn chạy"
    means = "Chưa khai địa chỉ kết nối của hệ thống nguồn này nên không có gì được lấy."
    steps = (
        "Xin đơn vị quản lý nguồn một tài khoản chỉ đọc.",
        "Đặt biến môi trường được nêu (hoặc …_FILE).",
        "Chạy ansinh doctor.",
    )


class SourceUnreachable(Unreachable):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "không kết nối được, mất kết nối hoặc quá thời gian (SQLSTATE {state})"
    remedy = "Kiểm tra {environment}, mạng và máy chủ; hệ thống khác vẫn chạy"
    means = (
        "Nguồn không trả lời, đứt giữa chừng hoặc quá lâu. Đã tự thử lại vài lần cách nhau rồi mới dừng. Không ô nào bị nạp dở; "
        "bản tốt gần nhất vẫn dùng, báo cáo ghi ngày đọc gần nhất."
    )
    steps = (
        "Chạy ansinh doctor: chỉ hệ thống này hỏng hay mọi hệ thống.",
        "Hỏi đơn vị quản lý nguồn: máy chủ có đang bảo trì, tường lửa có đổi.",
        "Khi nguồn trở lại: ansinh nightly --source <tên>, hoặc chờ lượt đêm sau.",
    )


class SourceLocked(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "bảng đang bị một phiên khác khóa quá {seconds} giây (SQLSTATE {state})"
    remedy = "Đề nghị đơn vị quản lý nguồn kết thúc phiên đang khóa; hệ thống khác vẫn chạy"
    means = "Người quản lý nguồn đang sửa cấu trúc bảng hoặc bỏ quên một phiên làm việc. Đã tự thử lại vài lần."
    steps = (
        "Báo đơn vị quản lý nguồn: có phiên giữ khóa độc quyền (ACCESS EXCLUSIVE) trên bảng của họ.",
        "Khi hết khóa: ansinh nightly --source <tên>, hoặc chờ lượt đêm sau.",
    )


class SourceRefused(Permanent):
    """The source answers and refuses: login, right, table."""


class SourceLoginRefused(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "máy chủ từ chối đăng nhập (SQLSTATE {state})"
    remedy = "Kiểm tra {environment}: tài khoản, mật khẩu, hạn dùng"
    means = "Sai mật khẩu, mật khẩu hết hạn, hoặc tài khoản bị khóa. Không thử lại, để tài khoản khỏi bị khóa thêm."
    steps = (
        "Xin đơn vị quản lý nguồn mật khẩu mới hoặc gia hạn tài khoản chỉ đọc.",
        "Cập nhật tệp bí mật mà biến môi trường được nêu chỉ ra, rồi chạy ansinh doctor.",
        "Chạy ansinh nightly --source <tên>.",
    )
    stops_system = True  # each further try could lock the account


class SourceRightMissing(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "tài khoản không có quyền đọc (SQLSTATE {state})"
    remedy = "Đề nghị đơn vị quản lý cấp lại quyền SELECT"
    means = "Quyền đọc bảng hoặc cột đã bị thu hồi."
    steps = ("Đề nghị đơn vị quản lý nguồn cấp lại quyền SELECT cho tài khoản chỉ đọc.", "Chạy ansinh doctor rồi chạy lại.")


class SourceChanged(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "không thấy bảng, cột hoặc cơ sở dữ liệu đã khai báo (SQLSTATE {state})"
    remedy = "Kiểm tra {environment} và khai báo nguồn"
    means = "Cơ sở dữ liệu, sổ nộp hoặc bảng không còn ở chỗ cũ."
    steps = (
        "Chạy ansinh doctor để biết bảng nào.",
        "Hỏi đơn vị quản lý nguồn: có đổi tên, nâng cấp phần mềm. Cần đổi khai báo thì báo người phát triển.",
    )


class SourceTooOld(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "máy chủ là PostgreSQL {version}, cần {oldest} trở lên"
    remedy = "Đề nghị đơn vị quản lý nguồn nâng cấp PostgreSQL; hệ thống khác vẫn chạy"
    means = (
        "Máy chủ nguồn tự cộng dấu của từng dòng để trung tâm biết ô nào đã đổi mà không phải đọc lại tất cả; bản PostgreSQL cũ "
        "chưa làm được. Chưa có dòng nào được lấy; bản tốt gần nhất vẫn dùng."
    )
    steps = (
        "Báo đơn vị quản lý nguồn phiên bản được nêu và phiên bản cần có.",
        "Khi đã nâng cấp: chạy ansinh doctor, rồi ansinh nightly --source <tên>. Đêm đầu sau đó đọc lại các ô để so.",
    )
    stops_system = True


class StructureChanged(Permanent):
    attempted = "Lấy dữ liệu {dataset} từ bảng {table}"
    found = "{faults}"
    remedy = (
        "Chưa có dòng nào được lấy; đề nghị đơn vị quản lý nguồn khôi phục cấu trúc, hoặc cập nhật khai báo trong schemas/sources"
    )
    means = (
        "Bảng của nguồn khác với khai báo: thiếu cột, thừa cột, đổi tên hoặc đổi kiểu. Phát hiện trước khi lấy, nên không có số "
        "liệu sai nào được nạp; chỉ bộ dữ liệu này dừng."
    )
    steps = (
        "Gửi nguyên danh sách cột được nêu cho đơn vị quản lý nguồn và hỏi họ vừa đổi gì.",
        "Nếu đổi nhầm: họ khôi phục, rồi chạy lại.",
        "Nếu đổi thật: người phát triển cập nhật khai báo ở schemas/sources, chạy make check, rồi chạy lại.",
    )


class RoadUnknown(Permanent):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "địa chỉ trong {environment} thuộc loại chưa có đường đọc (đã có: {known})"
    remedy = "Sửa {environment}; hệ thống khác vẫn chạy"
    means = "Phần đầu của địa chỉ kết nối cho biết loại nguồn; loại này chương trình chưa biết đọc, hoặc địa chỉ gõ sai."
    steps = (
        "Xem lại phần đầu của địa chỉ, ví dụ postgresql+psycopg2://.",
        "Chạy ansinh doctor.",
    )
    stops_system = True
