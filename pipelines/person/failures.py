"""What stands in the way of the acts on the word of a person."""

from resources.failing import Permanent, Transient

CHAPTER = "Dữ liệu của một người: xem, xóa, đính chính"


class ActsUnreadable(Permanent):
    attempted = "Đọc bản sao các lần xóa ở {path}"
    found = "{why}"
    remedy = "Lấy lại tệp từ bản khác (ANSINH_HOME hoặc thư mục sao lưu), rồi chạy ansinh person redo --from THƯ_MỤC"
    means = "Tệp này giữ dấu của những người đã xóa ở ngoài kho, để khôi phục một bản sao lưu cũ không đưa họ trở lại."
    steps = (
        "So person-acts.json ở ANSINH_HOME và ở thư mục sao lưu; bản dài hơn là bản mới hơn.",
        "Không còn bản nào: xóa lại từng người theo hồ sơ yêu cầu.",
    )


class ActsAbsent(Permanent):
    attempted = "Làm nốt các lần xóa theo bản sao ở {path}"
    found = "không có tệp đó"
    remedy = "Chỉ đúng thư mục giữ person-acts.json (thường là BACKUP_DIR) sau --from; chưa xóa lại ai"
    means = "Thư mục gõ sai, ổ chưa gắn, hoặc chưa xóa ai lần nào. Bỏ qua thì người đã xóa có thể còn trong kho vừa khôi phục."
    steps = (
        "Tìm person-acts.json cạnh các bản sao lưu; ổ mạng thì xem còn gắn không.",
        "Chắc chắn chưa xóa ai lần nào: ansinh person redo, không có --from.",
    )
    exit_status = 2


class ActsUnwritten(Transient):
    attempted = "Ghi bản sao các lần xóa vào {path}"
    found = "hệ điều hành từ chối ({why})"
    remedy = "Gắn lại ổ, giải phóng đĩa hoặc trả lại quyền ghi, rồi chạy ansinh person redo; lần xóa vẫn được ghi trong kho"
    means = (
        "Lần xóa phải được ghi ở ngoài kho trước khi xóa, nếu không thì khôi phục một bản sao lưu cũ sẽ đưa người đó trở lại. Thường là thư mục "
        "sao lưu (BACKUP_DIR) chưa gắn, chỉ đọc hoặc đầy."
    )
    steps = (
        "Xem ổ còn gắn không (mount), df -h và quyền của thư mục được nêu.",
        "Chạy ansinh person redo cho đến khi kết thúc bằng 0.",
    )


class DocumentUnsaid(Permanent):
    attempted = "Xóa dữ liệu của một người"
    found = "chưa nêu số văn bản yêu cầu xóa"
    remedy = "Nêu số văn bản sau --document; chưa xóa gì"
    means = "Xóa không lấy lại được, nên phải có văn bản của người yêu cầu hoặc của cơ quan có thẩm quyền."
    steps = ("Vào sổ văn bản yêu cầu, rồi chạy lại với số của nó sau --document.",)
    exit_status = 2


class FieldUnknown(Permanent):
    attempted = "Ghi yêu cầu đính chính"
    found = "không có trường {name!r} trong bộ dữ liệu {dataset}"
    remedy = "Chọn một trong: {known}"
    means = "Tên trường gõ sai."
    steps = ("Chép tên từ danh sách trong thông báo.",)
    exit_status = 2


class NobodyToCorrect(Permanent):
    attempted = "Ghi yêu cầu đính chính"
    found = "bộ dữ liệu {dataset} không có dòng hiện hành nào của người này"
    remedy = "Xem ansinh person show: người này đứng ở bộ dữ liệu nào. Chưa ghi gì"
    means = "Số định danh không có trong bộ dữ liệu được nêu, hoặc dòng đang bị loại."
    steps = ("Chạy ansinh person show với cùng số.", "Dòng đang bị loại: gửi sổ cách ly cho đơn vị như thường lệ.")
    exit_status = 1


class ValueEmpty(Permanent):
    attempted = "Ghi yêu cầu đính chính"
    found = "giá trị đúng để trống"
    remedy = "Gõ giá trị khi được hỏi, hoặc đưa vào đầu vào chuẩn ở dòng thứ hai. Chưa ghi gì"
    means = "Giá trị đúng không nhận từ dòng lệnh: tham số của lệnh nằm lại trong lịch sử của máy."
    steps = ("Chạy lại: dòng một là số định danh, dòng hai là giá trị đúng.",)
    exit_status = 2


class ErasureUnfinished(Permanent):
    attempted = "Kiểm tra các lần xóa dữ liệu của người"
    found = "{count} lần chưa xong, từ {since}"
    remedy = "Chạy ansinh person redo"
    means = "Lần xóa bị cắt ngang, hoặc kho vừa được khôi phục từ một bản sao lưu trước lần xóa. Việc nạp đã chặn người đó."
    steps = ("Chạy ansinh person redo cho đến khi kết thúc bằng 0.", "Vẫn còn: xem nơi được nêu trong thông báo.")


class CorrectionOverdue(Permanent):
    attempted = "Kiểm tra các yêu cầu đính chính"
    found = "{count} yêu cầu quá hạn trả lời 2 ngày làm việc, hạn sớm nhất {due}"
    remedy = "Xem ansinh person acts; nhắc đơn vị quản lý nguồn, trả lời người yêu cầu"
    means = "Người yêu cầu phải được trả lời trong 2 ngày làm việc (NĐ 356/2025/NĐ-CP). Dòng ở nguồn chưa đổi."
    steps = ("Chạy ansinh person acts: yêu cầu nào, bộ dữ liệu nào.", "Gọi đơn vị quản lý; dòng đổi ở nguồn thì đêm sau tự khép.")
