"""What can be met on the way to the national reporting system, in words.

Whom a failure concerns follows from its kind: what is `Permanent` concerns the one packet, `AccessRefused` and whatever is
unreachable concern all that would be sent after it.
"""

from resources.failing import Permanent, Transient
from resources.failures import Unreachable

CHAPTER = "Báo cáo và cổng báo cáo quốc gia"


class PacketRefused(Permanent):
    """The receiver read the packet and does not take it: the same packet would be refused again.

    Of an id that it may hold already this is no verdict yet: a resend is also refused because the first one arrived.
    """

    attempted = "{what}"
    found = "nơi nhận không tiếp nhận (HTTP {status}, mã lỗi {code}, mã thành công mong đợi {expected}){why}"
    # What the receiver says stands in the same line: no sign of ours may look like one of its own.
    remedy = "Lần này không tự gửi lại: sửa theo lý do nêu trên rồi gửi bằng ansinh report submit {form}, kèm kỳ và --by"
    means = (
        "Hệ thống báo cáo quốc gia đã đọc báo cáo và không nhận, kèm lý do; ansinh đã hỏi lại theo mã giao dịch và nơi nhận không "
        "giữ lần gửi này. Báo cáo được giữ ở trạng thái bị trả lại. Nếu nơi nhận đang giữ một lần gửi khác của cùng biểu và kỳ mà kho không còn "
        "ghi (kho khôi phục từ bản sao lưu làm trước lần gửi đó), ansinh nhận lại lần gửi ấy và đêm sau gửi số liệu của mình thành lần thay thế nó."
    )
    steps = (
        "Đọc lý do: ansinh report show <biểu> <kỳ>.",
        "Lý do là nơi nhận đã có lần gửi khác: ansinh report list cho thấy lần được nhận lại; không cần làm gì, hoặc gửi ngay bằng ansinh report submit.",
        "Số liệu sai: đề nghị đơn vị nguồn sửa, chạy ansinh backfill ô đó; báo cáo tự lập lần mới.",
        "Mẫu biểu hay danh mục của nơi nhận thay đổi: báo người phát triển.",
        "Mã lỗi được nêu chính là cách nơi nhận nói «đã nhận» (có cổng là 0 hay 1): đặt NATIONAL_REPORTING_SUCCESS_CODE bằng mã ấy, mặc định 00.",
        "Gửi lại: ansinh report submit <biểu> <kỳ> --by <tên>.",
    )


class StateNotTold(Permanent):
    attempted = "{what}"
    found = "nơi nhận không cho biết (HTTP {status}, mã lỗi {code}, mã thành công mong đợi {expected}){why}"
    remedy = "Chưa coi là đã nhận hay bị trả lại; lượt sau hỏi lại"
    means = (
        "Cổng trả lời câu hỏi về một lần gửi bằng một lỗi khác với không có lần gửi này, nên chưa biết nó có giữ báo cáo không."
    )
    steps = ("Không cần làm gì: ansinh hỏi lại ở lượt sau.", "Lặp lại quá một ngày: gửi mã giao dịch cho đơn vị vận hành cổng.")


class StandingForeign(Permanent):
    attempted = "{what}"
    found = "nơi nhận nêu một lần gửi khác đơn vị gửi, biểu hoặc kỳ, hoặc nội dung không đúng mẫu hay sai giá trị băm"
    remedy = "Không nhận lại lần gửi đó; báo đơn vị vận hành cổng đối chiếu"
    means = (
        "Nơi nhận từ chối vì đã giữ một lần gửi mà kho không còn ghi. Lần gửi ấy chỉ được nhận lại khi đúng là của đơn vị, biểu và kỳ này, "
        "nguyên vẹn theo giá trị băm."
    )
    steps = (
        "Gửi mã giao dịch trong ansinh report show và lý do từ chối cho đơn vị vận hành cổng.",
        "Khi họ sửa xong: ansinh report submit <biểu> <kỳ> --by <tên>.",
    )


class AccessRefused(Permanent):
    """The receiver does not let us in, or is not where we look: no packet can pass until that is mended."""

    stops_system = True


class ReceiptForeign(Permanent):
    attempted = "{what}"
    found = "biên nhận trả về nêu mã giao dịch hoặc giá trị băm khác với gói đã gửi"
    remedy = "Không coi là đã tiếp nhận; báo đơn vị vận hành cổng đối chiếu nhật ký"
    means = "Cổng trả biên nhận của một gói khác. Nhận bừa sẽ làm mất một báo cáo."
    steps = (
        "Gửi mã giao dịch trong ansinh report show cho đơn vị vận hành cổng.",
        "Khi họ sửa xong, lượt sau tự gửi lại cùng mã.",
    )


class GatewayRightMissing(Permanent):
    attempted = "{what}"
    found = "cổng từ chối quyền truy cập (HTTP {status})"
    remedy = "Kiểm tra NATIONAL_REPORTING_CLIENT_ID, NATIONAL_REPORTING_CLIENT_SECRET và quyền gửi của đơn vị"
    means = "Đăng nhập được nhưng đơn vị chưa được cấp quyền gửi biểu này. Các biểu khác vẫn được gửi."
    steps = ("Đề nghị đơn vị vận hành cổng cấp quyền gửi cho mã đơn vị.", "Báo cáo nằm chờ ở hộp thư đi, tự gửi khi có quyền.")


class GatewayLoginRefused(AccessRefused):
    attempted = "{what}"
    found = "cổng từ chối thông tin đăng nhập (HTTP {status})"
    remedy = "Kiểm tra NATIONAL_REPORTING_CLIENT_ID và NATIONAL_REPORTING_CLIENT_SECRET"
    means = "Mã khách hoặc khóa bí mật sai, hết hạn, hoặc bị thu hồi."
    steps = ("Xin cấp lại khóa, cập nhật tệp bí mật.", "Chạy ansinh doctor; báo cáo đang chờ tự gửi ở lượt sau.")


class GatewayNotThere(AccessRefused):
    attempted = "{what}"
    found = "địa chỉ không có dịch vụ này (HTTP {status})"
    remedy = "Kiểm tra NATIONAL_REPORTING_URL với đơn vị vận hành cổng"
    means = "Địa chỉ cổng đổi, hoặc đang trỏ vào một trang khác."
    steps = ("Hỏi đơn vị vận hành cổng địa chỉ hiện hành.", "Sửa NATIONAL_REPORTING_URL, chạy ansinh doctor.")


class GatewayUnsafe(AccessRefused):
    attempted = "{what}"
    found = "không lập được kết nối an toàn hoặc địa chỉ sai ({kind})"
    remedy = "Kiểm tra NATIONAL_REPORTING_URL và chứng thư của cổng"
    means = "Chứng thư của cổng hết hạn, không được tin cậy, hoặc địa chỉ viết sai. Không gửi qua kết nối không an toàn."
    steps = (
        "Kiểm tra chứng thư: openssl s_client -connect <máy>:443.",
        "Cập nhật chứng thư gốc của máy (hoặc đặt SSL_CERT_FILE), hoặc báo đơn vị vận hành cổng.",
    )


class GatewayAddressWrong(AccessRefused):
    attempted = "Đọc địa chỉ trong {setting}"
    found = "địa chỉ {wrong}"
    remedy = "Sửa {setting} theo mẫu https://máy/đường-dẫn; báo cáo chờ ở hộp thư đi"
    means = (
        "Mỗi lần gọi cổng mang theo khóa bí mật của đơn vị, nên chỉ gửi qua kết nối có mã hóa, trừ khi cổng nằm trên chính máy này. "
        "Địa chỉ không được in ra vì có thể chứa mật khẩu."
    )
    steps = (
        "Hỏi đơn vị vận hành cổng địa chỉ https:// hiện hành.",
        "Sửa biến môi trường được nêu, chạy ansinh doctor; báo cáo đang chờ tự gửi ở lượt sau.",
    )


class GatewayUnreachable(Unreachable):
    attempted = "{what}"
    found = "không có trả lời ({kind}; chờ kết nối {connect:g} giây, chờ trả lời {read:g} giây)"
    remedy = "Lượt sau gửi lại với cùng mã giao dịch; kiểm tra mạng và NATIONAL_REPORTING_URL"
    means = (
        "Cổng không trả lời hoặc quá chậm. Báo cáo nằm ở hộp thư đi; gửi lại cùng mã giao dịch nên không bao giờ thành hai lần."
    )
    steps = (
        "Chờ: ansinh tự gửi lại, cách nhau tăng dần.",
        "Quá một ngày: kiểm tra mạng ra ngoài của máy (HTTPS_PROXY nếu qua máy trung gian), chạy ansinh doctor, hỏi đơn vị vận hành cổng.",
        "Tỉnh mô phỏng: ansinh demo up khởi động lại cổng.",
    )


class GatewayBusy(Transient):
    attempted = "{what}"
    found = "cổng trả HTTP {status}, mong đợi 200"
    remedy = "Lượt sau gửi lại với cùng mã giao dịch"
    means = "Cổng đang quá tải, giới hạn số lần gọi hoặc lỗi tạm thời. Khoảng chờ mà cổng yêu cầu được tôn trọng."
    steps = ("Không cần làm gì: ansinh tự gửi lại.", "Lặp lại quá một ngày: hỏi đơn vị vận hành cổng.")


class GatewayFailed(Permanent):
    attempted = "{what}"
    found = "cổng trả HTTP {status}, mong đợi 200{why}"
    remedy = "Báo đơn vị vận hành cổng"
    means = "Cổng trả một mã lỗi không nêu trong giao ước; gửi lại y nguyên cũng sẽ như vậy."
    steps = (
        "Gửi mã giao dịch và mã HTTP cho đơn vị vận hành cổng.",
        "Khi họ sửa xong: ansinh report submit <biểu> <kỳ> --by <tên>.",
    )


class GatewayPage(Transient):
    attempted = "{what}"
    found = "cổng trả một trang HTML (HTTP {status}), mong đợi JSON"
    remedy = "Thường là cổng đang bảo trì: lượt sau gửi lại với cùng mã giao dịch"
    means = "Trước cổng có một trang thông báo (bảo trì, tường lửa). Trả lời 200 kèm trang HTML không được coi là đã nhận."
    steps = ("Mở NATIONAL_REPORTING_URL bằng trình duyệt để đọc thông báo.", "ansinh tự gửi lại ở lượt sau.")


class GatewayGarbled(Transient):
    attempted = "{what}"
    found = "trả lời không đọc được ({how})"
    remedy = "Lượt sau gửi lại với cùng mã giao dịch để lấy biên nhận; nếu lặp lại, báo đơn vị vận hành cổng"
    means = "Trả lời bị cắt, không đúng giao thức, không phải JSON, hoặc thiếu biên nhận. Cổng có thể đã nhận rồi: gửi lại cùng mã sẽ được cùng biên nhận."
    steps = ("Không cần làm gì: ansinh tự gửi lại.", "Lặp lại quá một ngày: gửi mã giao dịch cho đơn vị vận hành cổng.")


class GatewayEndless(Transient):
    attempted = "{what}"
    found = "trả lời quá {bytes} byte hoặc chưa hết sau {seconds:g} giây"
    remedy = "Lượt sau gửi lại với cùng mã giao dịch; nếu lặp lại, báo đơn vị vận hành cổng"
    means = "Một biên nhận chỉ dài vài trăm chữ. Trả lời dài hay chậm bất thường bị cắt để không làm treo cả lượt gửi."
    steps = ("Không cần làm gì: ansinh tự gửi lại.", "Lặp lại quá một ngày: báo đơn vị vận hành cổng.")


class ReceiptForgotten(Permanent):
    attempted = "Hỏi trạng thái biểu {form} kỳ {period} lần {revision}"
    found = "nơi nhận không còn biết lần gửi có biên nhận {receipt}"
    remedy = "Gửi biên nhận cho đơn vị vận hành cổng để đối chiếu"
    means = "Nơi nhận đã khôi phục dữ liệu cũ hoặc xóa nhầm. Biên nhận và nội dung đã gửi vẫn được giữ ở đây."
    steps = (
        "ansinh report show <biểu> <kỳ> --json: mã giao dịch, biên nhận, nội dung đã gửi.",
        "Gửi các mã đó cho đơn vị vận hành cổng.",
    )


class StateUnforeseen(Permanent):
    attempted = "Hỏi trạng thái biểu {form} kỳ {period} lần {revision}"
    found = "nơi nhận ghi trạng thái {state} cho lần gửi có biên nhận {receipt}, ở đây lần này đang có hiệu lực"
    remedy = "Đối chiếu với đơn vị vận hành cổng trước khi gửi lần sau"
    means = (
        "Nơi nhận coi lần gửi này là đã bị thay thế hoặc ở một trạng thái không nêu trong giao ước. Thường là kho ở đây được khôi "
        "phục từ bản sao cũ, hoặc có người gửi thay bằng đường khác. Lần thay thế nào nơi nhận cho xem thì ansinh nhận lại, và câu này thôi hiện."
    )
    steps = (
        "ansinh report list: lần nào đang có hiệu lực ở đây.",
        "Hỏi đơn vị vận hành cổng lần nào đang có hiệu lực ở nơi nhận, kèm biên nhận nêu trên.",
    )


class OrganisationUnknown(Permanent):
    attempted = "Lập báo cáo ngày {day:%d/%m/%Y}"
    found = "chưa có mã định danh còn hiệu lực của {role}"
    remedy = "Thêm một dòng vào reports/organisations.csv trong thư mục ANSINH_CONFIG theo quyết định cấp mã"
    means = "Mã của đơn vị gửi và đơn vị nhận nằm trong báo cáo; không mã nào có hiệu lực ngày này nên chưa biểu nào được lập hay gửi."
    steps = (
        "Lấy mã theo quyết định cấp mã định danh của tỉnh (đơn vị gửi) và của bộ chủ quản mới (đơn vị nhận).",
        "Ghi dòng role,code,name,valid_from,legal_basis,confidence,note; cách ghi ở phần ANSINH_CONFIG của hướng dẫn.",
        "Chạy ansinh doctor; đêm sau biểu tự lập.",
    )


class OrganisationUnverified(Permanent):
    attempted = "Lập báo cáo ngày {day:%d/%m/%Y}"
    found = "mã của {role} ({code}) là mã giữ chỗ đi kèm, chưa ai xác minh"
    remedy = "Ghi mã thật vào reports/organisations.csv trong thư mục ANSINH_CONFIG, confidence là sure hoặc likely"
    means = "Cấu hình production không gửi báo cáo dưới mã giữ chỗ của tỉnh mô phỏng: nơi nhận sẽ ghi nhầm đơn vị."
    steps = (
        "Xem quyết định cấp mã định danh của tỉnh và của bộ; ghi một dòng cho sender, một dòng cho receiver.",
        "Mã giữ chỗ hóa ra đúng: vẫn ghi lại dòng đó với confidence là sure và căn cứ.",
        "Chạy ansinh doctor; đêm sau biểu tự lập.",
    )


class OutboxRefused(Permanent):
    """What was asked of the outbox cannot be done."""


class SubmissionUnknown(OutboxRefused):
    attempted = "Xem lần gửi {transaction_id}"
    found = "hộp thư đi không có mã giao dịch này"
    remedy = "Xem các mã bằng ansinh report list"
    means = "Mã giao dịch gõ sai, hoặc của một trung tâm khác."
    steps = ("Chép mã từ ansinh report list.",)


class NeverComposed(OutboxRefused):
    attempted = "Xem biểu {form} kỳ {period}{which}"
    found = "chưa lập lần nào"
    remedy = "Xem các lần đã lập bằng ansinh report list"
    means = "Biểu của kỳ này chưa đến hạn hoặc số lần gõ sai."
    steps = ("Xem ansinh report list; biểu tự lập vào đêm đến hạn.",)


class ApproverMissing(OutboxRefused):
    attempted = "{what}"
    found = "chưa nêu người duyệt"
    remedy = "Thêm --by với tên người duyệt"
    means = "Người duyệt chịu trách nhiệm về báo cáo nên tên phải được ghi."
    steps = ('Chạy lại với --by "Họ và tên".',)


class NotWaitingApproval(OutboxRefused):
    attempted = "{what}"
    found = "đang ở trạng thái {state}{newer}, chỉ duyệt được lần đang chờ duyệt"
    remedy = "Xem lại bằng ansinh report list"
    means = "Lần này đã được duyệt, đã gửi, hoặc đã bị một lần mới thay thế."
    steps = ("Xem ansinh report list, duyệt lần mới nhất đang chờ duyệt.",)
