"""What an officer may ask of a report that cannot be done, in words."""

from resources.failing import Permanent
from resources.reporting import failures as reporting
from resources.reporting.failures import OutboxRefused

CHAPTER = reporting.CHAPTER


class WaitsForApproval(OutboxRefused):
    attempted = "{what}"
    found = "lần {revision} đang chờ duyệt"
    remedy = "Duyệt trước bằng ansinh report approve --by"
    means = "Cấu hình yêu cầu người duyệt, hoặc có số ngoài khoảng hợp lý; lần đang chờ phải được duyệt trước khi gửi."
    steps = ("ansinh report show <biểu> <kỳ> để xem số liệu.", 'ansinh report approve <biểu> <kỳ> --by "Họ và tên".')


class NothingToFile(OutboxRefused):
    attempted = "{what}"
    found = "{state}, không có gì để gửi"
    remedy = "Nếu nguồn vừa sửa, chạy lại ô đó bằng ansinh backfill rồi gửi"
    means = "Số liệu hiện có giống hệt lần đã gửi, hoặc chưa có số liệu nào."
    steps = ("Xem ô nào còn thiếu: ansinh status --period <kỳ>.", "Nguồn đã sửa mà số chưa đổi: ansinh backfill ô đó có lý do.")


class NotYetDue(OutboxRefused):
    attempted = "{what}"
    found = "hạn gửi là {due:%d/%m/%Y}, hôm nay là {today:%d/%m/%Y}; biểu chỉ lập từ ngày đến hạn"
    remedy = "Chờ đến ngày đó"
    means = "Biểu gửi trước hạn sẽ thiếu số của các đơn vị còn thời gian nộp."
    steps = ("Không cần làm gì: đêm đến hạn biểu tự lập.",)


class WindowNotHeld(OutboxRefused):
    attempted = "{what}"
    found = "kỳ số liệu từ {start:%d/%m/%Y} đến {end:%d/%m/%Y} bắt đầu trước dữ liệu sớm nhất của các nguồn"
    remedy = "Lập biểu này ngoài hệ thống"
    means = "Trung tâm không có đủ dữ liệu của kỳ đó nên không tính được chỉ tiêu nào cho đúng."
    steps = ("Lập theo cách cũ cho các kỳ trước khi có trung tâm.",)


class FormDeclaredWrongly(Permanent):
    attempted = "Lập biểu {form}"
    found = "biểu khai chưa đúng: {told}"
    remedy = "Sửa tệp của biểu hoặc của chỉ tiêu trong assets/reports rồi khởi động lại"
    means = "Tệp khai biểu hoặc chỉ tiêu nêu một thứ không có. Chỉ biểu này dừng; các biểu khác vẫn lập và gửi."
    steps = (
        "Sửa theo lời nêu: assets/reports/forms hoặc assets/reports/indicators.",
        "Kiểm tra: pytest tests/contracts/test_reports_declared.py.",
        "Khởi động lại (make ui hoặc ansinh nightly); kỳ đến hạn tự lập.",
    )


class ChosenTooEarly(Permanent):
    attempted = "Lập biểu {form} kỳ {periods}"
    found = "hạn gửi của kỳ {first} là {due:%d/%m/%Y}, hôm nay là {today:%d/%m/%Y}, hoặc kỳ số liệu bắt đầu trước dữ liệu của các nguồn"
    remedy = "Chọn kỳ đã đến hạn: {form} {known}"
    means = "Kỳ được chọn trong giao diện chưa đến hạn hoặc trung tâm không giữ đủ dữ liệu của kỳ đó."
    steps = ("Chọn lại một kỳ đã đến hạn, hoặc chờ đêm đến hạn biểu tự lập.",)


class ReportsUnfinished(Permanent):
    attempted = "Lập và gửi biểu {form}"
    found = "{told}"
    remedy = "Lần chưa có trả lời nằm ở hộp thư đi và tự gửi lại{again}; xem ansinh report list"
    means = (
        "Có kỳ chưa lập được, hoặc đã lập nhưng nơi nhận chưa trả biên nhận hay trả lại. Không mất báo cáo nào. Lần bị trả lại không "
        "tự gửi lại: gửi y nguyên thì nơi nhận lại không nhận."
    )
    steps = (
        "Xem ansinh report list: trạng thái và lý do của từng kỳ.",
        "Lỗi của cổng: tìm mục có cùng câu chữ trong sổ tay này.",
        "Lần bị trả lại: sửa theo lý do rồi ansinh report submit <biểu> <kỳ> --by <tên>.",
        "Kỳ chưa lập được: sửa theo lý do rồi chờ đêm sau, hoặc ansinh report submit <biểu> <kỳ> --by <tên>.",
    )


class FiguresImplausible(Permanent):
    attempted = "Lập biểu {form}"
    found = "có số ngoài khoảng hợp lý nên biểu chờ người xem: {told}"
    remedy = "Đối chiếu với nguồn; sai thì sửa và ansinh backfill, đúng thì ansinh report approve --by"
    means = (
        "Một số liệu lớn hoặc nhỏ hơn mức có thể có của tỉnh (bounds, ở tệp của chỉ tiêu trong assets/reports/indicators), thường do nhập sai ở nguồn. Biểu đã lập "
        "nhưng không gửi, kể cả khi đặt gửi tự động; các biểu và kỳ khác vẫn gửi."
    )
    steps = (
        "Xem số và đơn vị: ansinh report show <biểu> <kỳ>.",
        "Số sai: đề nghị đơn vị sửa ở nguồn rồi ansinh backfill ô đó có lý do; biểu tự lập lần mới và gửi.",
        'Số đúng: ansinh report approve <biểu> <kỳ> --by "Họ và tên"; tên người duyệt được ghi và đi cùng báo cáo.',
        "Giới hạn không còn đúng: sửa bounds ở tệp của chỉ tiêu trong assets/reports/indicators, thêm khoảng mới có ngày và lý do.",
    )
