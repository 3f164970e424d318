"""How publishing to the province's shared warehouse may fail."""

from resources.failing import Permanent, Transient
from resources.failures import Unreachable
from resources.servers.failures import ServerKeepsOut

CHAPTER = "Số liệu mở"


class SharedUnreachable(Unreachable):
    attempted = "{what} ở kho dùng chung của tỉnh"
    found = "máy chủ không trả lời hoặc từ chối ({kind})"
    remedy = "Kiểm tra SHARED_WAREHOUSE_URL, mạng và dịch vụ PostgreSQL; bản công bố trước vẫn nguyên"
    means = "Số liệu mở của đêm chưa được công bố; bản trước vẫn phục vụ. Việc nạp dữ liệu và báo cáo không bị ảnh hưởng."
    steps = (
        "Chạy ansinh doctor.",
        "Hỏi quản trị kho dùng chung của tỉnh.",
        "Khi kho trở lại, lượt đêm sau tự công bố phần còn thiếu.",
    )


class SharedKeepsOut(ServerKeepsOut):
    """The same words; the hub's own work goes on without it."""

    exit_status = 1


class SharedUnencrypted(Permanent):
    attempted = "{what} ở kho dùng chung của tỉnh"
    found = "không có đường truyền mã hóa như địa chỉ đòi: {why}"
    remedy = "Sửa sslmode, sslrootcert, sslcert, sslkey trong SHARED_WAREHOUSE_URL; bản công bố trước vẫn nguyên"
    means = "Hai bên chưa đồng ý về TLS nên chưa có gì được gửi. Không hạ sslmode để chạy cho được: tên máy sai có thể là máy khác đứng giữa."
    steps = (
        "Hỏi quản trị kho dùng chung: vừa đổi chứng chỉ, tên máy; xin tệp chứng chỉ của nơi cấp cho sslrootcert.",
        "Chạy ansinh doctor; lượt đêm sau tự công bố phần còn thiếu.",
    )


class SharedDiskFull(Transient):
    attempted = "{what} ở kho dùng chung của tỉnh"
    found = "đĩa của máy chủ kho dùng chung đầy (SQLSTATE {state})"
    remedy = "Báo quản trị kho dùng chung giải phóng đĩa; bản công bố trước vẫn nguyên"
    means = "Đĩa đầy là của kho dùng chung, không phải của trung tâm. Số liệu mở của đêm chưa được công bố; nạp dữ liệu và báo cáo vẫn chạy."
    steps = ("Báo quản trị kho dùng chung của tỉnh.", "Khi đã có chỗ, lượt đêm sau tự công bố phần còn thiếu.")


class SharedBusy(Transient):
    attempted = "{what} ở kho dùng chung của tỉnh"
    found = "máy chủ trả lời nhưng không làm: quá tải, quá giờ, chờ khóa quá lâu hoặc hết chỗ kết nối (SQLSTATE {state})"
    remedy = "Hỏi quản trị kho dùng chung về tải và giới hạn của tài khoản công bố; bản công bố trước vẫn nguyên"
    means = "Kết nối vẫn tốt; giao dịch công bố đã hủy trọn, bản trước vẫn phục vụ. Đã tự thử lại vài lần."
    steps = ("Gửi mã SQLSTATE cho quản trị kho dùng chung.", "Lượt đêm sau tự công bố phần còn thiếu.")


class SharedCannot(Permanent):
    attempted = "{what} ở kho dùng chung của tỉnh"
    found = "máy chủ chỉ cho đọc, hoặc báo dữ liệu của nó hỏng (SQLSTATE {state})"
    remedy = "Sửa SHARED_WAREHOUSE_URL cho đúng máy chính, hoặc báo quản trị kho; bản công bố trước vẫn nguyên"
    means = "25006 là máy dự phòng hoặc tài khoản chỉ đọc; mã XX, 58 là kho dùng chung hỏng. Nạp dữ liệu và báo cáo vẫn chạy."
    steps = ("Gửi mã SQLSTATE cho quản trị kho dùng chung.", "Sửa xong: chạy ansinh doctor; lượt đêm sau tự công bố.")


class SharedRightMissing(Permanent):
    attempted = "{what} ở kho dùng chung của tỉnh"
    found = "tài khoản công bố thiếu quyền"
    remedy = "Đề nghị quản trị kho chạy: {rights}"
    means = "Tài khoản công bố không sở hữu lược đồ open_data hoặc chưa có vai trò đọc."
    steps = ("Gửi nguyên câu lệnh trong thông báo cho quản trị kho dùng chung.", "Chạy ansinh doctor, rồi chạy lại.")


class SharedDependedOn(Permanent):
    attempted = "Làm lại hoặc thu hồi bảng {table}"
    found = "đối tượng của đơn vị khác dựa trên bảng này: {relations}"
    remedy = (
        "Đề nghị đơn vị có các đối tượng ấy bỏ chúng rồi tạo lại sau đêm công bố; trung tâm không đụng đến gì ngoài open_data"
    )
    means = (
        "Bảng cần cột khác, hoặc không còn được công bố, mà PostgreSQL không cho bỏ bảng khi khung nhìn hay khóa ngoại của nơi khác dựa "
        "trên nó. Bảng không còn công bố đã được làm trống và đóng lại với người đọc; bảng cần cột khác giữ bản công bố trước."
    )
    steps = (
        "Gửi tên các đối tượng cho quản trị kho dùng chung: họ lưu định nghĩa, rồi drop view hoặc bỏ khóa ngoại.",
        "Lượt đêm sau tự làm; sau đó họ tạo lại khung nhìn trên các cột mới.",
    )


class SharedCutShort(Permanent):
    attempted = "Công bố bảng {table}"
    found = "ghi được {written} trên {rows} dòng"
    remedy = "Giao dịch đã hủy, bản trước vẫn nguyên; chạy lại"
    means = "Kho dùng chung nhận thiếu dòng nên bản mới bị hủy toàn bộ."
    steps = ("Chạy lại; nếu lặp lại, hỏi quản trị kho về trigger hay quy tắc đặt trên lược đồ open_data.",)
