"""What may go wrong on the road to a service alone. Of what a service says nothing but its status and a plain code leaves."""

from resources.connectors.failures import SourceRefused
from resources.failing import Permanent, Transient

RUN_AGAIN = "Chạy ansinh nightly --source <tên>, hoặc chờ lượt đêm sau."


class PlatformUnconfigured(Permanent):
    attempted = "Đọc hệ thống nguồn {source} ({title}) qua nền tảng tích hợp"
    found = "chưa có {setting}"
    remedy = "Đặt {setting} (hoặc {setting}_FILE); hệ thống khác vẫn chạy"
    means = (
        "Dịch vụ trên nền tảng tích hợp, chia sẻ dữ liệu (LGSP) chỉ trả lời đơn vị đã đăng ký: cần mã khách, khóa bí mật và mã đơn vị "
        "mà đơn vị vận hành nền tảng cấp. Chưa có gì được gửi đi."
    )
    steps = (
        "Xin đơn vị vận hành nền tảng (thường là sở phụ trách chuyển đổi số) khóa và mã đơn vị cho ứng dụng này.",
        "Đặt LGSP_CLIENT_ID, LGSP_CLIENT_SECRET_FILE, LGSP_PARTNER_CODE; hệ thống có khóa riêng thì SOURCE_<TÊN>_CLIENT_ID và _CLIENT_SECRET.",
        "Chạy ansinh doctor.",
    )
    exit_status = 2
    stops_system = True


class PartnerCodeWrong(Permanent):
    attempted = "Đọc hệ thống nguồn {source} ({title}) qua nền tảng tích hợp"
    found = "mã đơn vị trong LGSP_PARTNER_CODE có dấu cách, chữ có dấu hoặc ký tự xuống dòng, hoặc dài quá 100 ký tự"
    remedy = "Sửa LGSP_PARTNER_CODE theo đúng mã được cấp, ví dụ H41.21; hệ thống khác vẫn chạy"
    means = "Mã đơn vị đi trong tiêu đề (SENDER_CODE) của mỗi lần gọi, nơi chỉ viết được chữ không dấu, chữ số và dấu câu. Chưa có gì được gửi đi."
    steps = (
        "Xem lại mã đơn vị mà đơn vị vận hành nền tảng đã cấp; chép thừa dấu cách hay xuống dòng thì xóa đi.",
        "Chạy ansinh doctor.",
    )
    exit_status = 2
    stops_system = True


class AuthoritiesUnreadable(Permanent):
    attempted = "Đọc hệ thống nguồn {source} ({title}) qua nền tảng tích hợp"
    found = "tệp chứng chỉ gốc trong LGSP_CA_FILE không dùng được ({why})"
    remedy = "Sửa LGSP_CA_FILE; hệ thống khác vẫn chạy"
    means = "Nền tảng có nơi cấp chứng chỉ riêng; không đọc được chứng chỉ gốc thì không biết máy trả lời có đúng là nền tảng. Chưa có gì được gửi đi."
    steps = (
        "Xem tệp: openssl x509 -in <tệp> -noout -subject -enddate phải in ra tên nơi cấp.",
        "Xin lại chứng chỉ gốc của đơn vị vận hành nền tảng, rồi chạy ansinh doctor.",
    )
    exit_status = 2
    stops_system = True


class ServiceAddressWrong(Permanent):
    attempted = "Đọc địa chỉ dịch vụ trong {setting}"
    found = "địa chỉ {wrong}"
    remedy = "Sửa {setting} theo mẫu https://máy/đường-dẫn; hệ thống khác vẫn chạy"
    means = (
        "Mỗi lần gọi mang theo khóa bí mật của đơn vị và đưa về dữ liệu cá nhân, nên chỉ đi qua kết nối có mã hóa, trừ khi dịch vụ nằm "
        "trên chính máy này. Địa chỉ không được in ra vì có thể chứa mật khẩu."
    )
    steps = ("Hỏi đơn vị vận hành nền tảng địa chỉ https:// hiện hành.", "Sửa biến môi trường được nêu, chạy ansinh doctor.")
    exit_status = 2
    stops_system = True


class ServiceUndeclared(Permanent):
    attempted = "Lấy dữ liệu {dataset} từ {place}"
    found = "chưa khai dịch vụ nào cho {place} vào ngày {day}"
    remedy = "Thêm dòng vào schemas/sources/{source}/services.csv; hệ thống khác vẫn chạy"
    means = "Cách gọi từng dịch vụ (đường dẫn, phân trang, mã thành công) là dữ liệu có ngày hiệu lực; ngày này không dòng nào còn hiệu lực."
    steps = (
        "Hỏi đơn vị vận hành nền tảng tài liệu của dịch vụ đang dùng.",
        "Người phát triển thêm dòng có ngày hiệu lực vào services.csv, chạy make check.",
    )


class ServiceUnsafe(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "không lập được kết nối mã hóa với đúng máy chủ ({kind})"
    remedy = "Kiểm tra {environment}, chứng thư của nền tảng và LGSP_CA_FILE; hệ thống khác vẫn chạy"
    means = "Chứng thư của nền tảng hết hạn, sai tên máy hoặc không được tin cậy: có thể là máy khác đứng giữa. Chưa có gì được gửi đi."
    steps = (
        "Xem chứng thư: openssl s_client -connect <máy>:443.",
        "Nền tảng có nơi cấp chứng chỉ riêng: đặt LGSP_CA_FILE là tệp chứng chỉ gốc của họ.",
        "Chạy ansinh doctor.",
    )
    stops_system = True


class ServiceLoginRefused(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "nền tảng từ chối khóa của đơn vị, hoặc từ chối cả token vừa cấp (HTTP {status})"
    remedy = "Kiểm tra LGSP_CLIENT_ID, LGSP_CLIENT_SECRET, LGSP_PARTNER_CODE và hạn dùng; hệ thống khác vẫn chạy"
    means = "Khóa sai, hết hạn hoặc bị thu hồi. Không thử lại, để khóa khỏi bị chặn thêm. Bản tốt gần nhất vẫn dùng."
    steps = (
        "Xin đơn vị vận hành nền tảng cấp lại hoặc gia hạn khóa.",
        "Cập nhật tệp bí mật, chạy ansinh doctor, rồi ansinh nightly --source <tên>.",
    )
    stops_system = True  # each further try could lock the account


class ServiceRightMissing(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title}), dịch vụ {service}"
    found = "nền tảng không cho đơn vị gọi dịch vụ này (HTTP {status})"
    remedy = "Đề nghị đơn vị quản lý dịch vụ cấp quyền khai thác; dịch vụ khác vẫn chạy"
    means = "Khóa đúng nhưng chưa được cấp quyền với dịch vụ này, hoặc quyền đã bị thu hồi. Bản tốt gần nhất vẫn dùng."
    steps = ("Gửi tên dịch vụ và mã đơn vị cho đơn vị vận hành nền tảng.", "Chạy ansinh doctor.", RUN_AGAIN)


class ServiceNotThere(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title}), dịch vụ {service}"
    found = "địa chỉ không có dịch vụ này (HTTP {status})"
    remedy = "Kiểm tra {environment} và đường dẫn trong services.csv với đơn vị vận hành nền tảng"
    means = "Nền tảng đổi đường dẫn hay phiên bản dịch vụ, hoặc địa chỉ trỏ vào một trang khác. Không đi theo chuyển hướng, vì khóa sẽ đi theo."
    steps = (
        "Hỏi đơn vị vận hành nền tảng địa chỉ và đường dẫn hiện hành.",
        "Đường dẫn đổi: người phát triển thêm dòng có ngày hiệu lực mới vào services.csv.",
        "Chạy ansinh doctor.",
    )


class ServiceRefused(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title}), dịch vụ {service}"
    found = "dịch vụ từ chối câu hỏi (HTTP {status}, mã {code})"
    remedy = "Gửi mã giao dịch (TRAN_CODE) {tran_code} cho đơn vị quản lý dịch vụ; dịch vụ khác vẫn chạy"
    means = "Câu hỏi không đúng điều dịch vụ chờ: tham số, định dạng ngày, cỡ trang. Gửi lại y nguyên cũng sẽ như vậy."
    steps = (
        "Đơn vị quản lý dịch vụ tra nhật ký theo mã giao dịch được nêu.",
        "Giao ước đổi: người phát triển sửa services.csv, chạy ansinh doctor.",
    )


class ServiceSaysNo(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title}), dịch vụ {service}"
    found = "dịch vụ trả HTTP 200 nhưng mã trong trả lời là {code}, mã thành công là {expected}"
    remedy = "Gửi mã giao dịch (TRAN_CODE) {tran_code} cho đơn vị quản lý dịch vụ; dịch vụ khác vẫn chạy"
    means = "Dịch vụ báo lỗi trong nội dung trả lời. Lời của dịch vụ không được in ra vì có thể chứa dữ liệu cá nhân. Đã tự thử lại vài lần."
    steps = (
        "Tra mã trong tài liệu của dịch vụ, hoặc hỏi đơn vị quản lý dịch vụ theo mã giao dịch.",
        "Mã đó cũng là thành công: người phát triển thêm vào success_codes ở services.csv.",
        RUN_AGAIN,
    )


class ServiceBusy(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title}), dịch vụ {service}"
    found = "dịch vụ trả HTTP {status}, mong đợi 200{asked}"
    remedy = "Lượt sau hỏi lại; hệ thống khác vẫn chạy"
    means = (
        "Nền tảng quá tải, giới hạn số lần gọi hoặc lỗi tạm thời. Khoảng chờ ngắn mà nền tảng yêu cầu được tôn trọng; khoảng chờ dài "
        "không giữ các hệ thống khác: nguồn này được hỏi lại ở lượt sau."
    )
    steps = (
        "Không cần làm gì: lượt sau tự hỏi lại.",
        "Lặp lại mỗi đêm: hỏi đơn vị vận hành nền tảng hạn mức số lần gọi, sửa calls_per_minute ở services.csv cho đúng.",
    )


class ServicePage(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title}), dịch vụ {service}"
    found = "nền tảng trả một trang HTML (HTTP {status}), mong đợi JSON"
    remedy = "Thường là đang bảo trì: lượt sau hỏi lại; hệ thống khác vẫn chạy"
    means = (
        "Trước dịch vụ có một trang thông báo (bảo trì, tường lửa, đăng nhập). Trang HTML không bao giờ được coi là dữ liệu rỗng."
    )
    steps = ("Mở địa chỉ trong {environment} bằng trình duyệt để đọc thông báo.", RUN_AGAIN)


class ServiceGarbled(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title}), dịch vụ {service}"
    found = "trả lời không đọc được ({how})"
    remedy = "Lượt sau hỏi lại; lặp lại thì gửi mã giao dịch (TRAN_CODE) {tran_code} cho đơn vị quản lý dịch vụ"
    means = (
        "Trả lời bị cắt, bị nén dù đã yêu cầu không nén, không đúng giao thức, không phải JSON mà mọi nơi đọc như nhau, hoặc khác mẫu đã "
        "khai ở services.csv. Chưa có dòng nào được nạp từ lần đọc này; không dòng nào bị coi là đã xóa."
    )
    steps = (
        "Chạy ansinh doctor: mọi dịch vụ hay chỉ dịch vụ này.",
        "Đơn vị quản lý dịch vụ tra nhật ký theo mã giao dịch; mẫu trả lời đổi thì người phát triển sửa services.csv.",
        RUN_AGAIN,
    )


class ServiceEndless(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title}), dịch vụ {service}"
    found = "một trang trả lời lớn hơn {megabytes} MB"
    remedy = "Giảm page_size của dịch vụ ở services.csv; hệ thống khác vẫn chạy"
    means = "Một trang lớn bất thường bị cắt để không làm hết bộ nhớ. Chưa có dòng nào được nạp từ lần đọc này."
    steps = ("Hỏi đơn vị quản lý dịch vụ cỡ trang nên dùng.", "Người phát triển sửa page_size ở services.csv.", RUN_AGAIN)


class PagesDiffer(Transient):
    attempted = "Lấy dữ liệu {dataset}, kỳ {period}"
    found = "các trang nhận được không hợp thành những gì dịch vụ nói là có ({what})"
    remedy = "Chưa có dòng nào được nạp, không dòng nào bị coi là đã xóa; bản tốt gần nhất vẫn dùng. Lượt sau đọc lại từ đầu"
    means = (
        "Thiếu, lặp hoặc chồng trang thì những dòng không thấy sẽ bị coi là đã xóa. Thường là dữ liệu ở nguồn bị ghi trong lúc đọc, hoặc "
        "dịch vụ sắp thứ tự không cố định giữa các trang."
    )
    steps = (
        "Chạy lại: ansinh nightly --source <tên>. Hết lỗi là nguồn bị ghi trong lúc đọc; chọn giờ đọc vắng hơn (hour ở schemas/sources).",
        "Lặp lại: gửi nguyên dòng này cho đơn vị quản lý dịch vụ; họ cần sắp thứ tự theo khóa và giữ nguyên giữa các trang.",
    )


class SpoolRefused(Transient):
    attempted = "Giữ tạm những gì đọc được từ dịch vụ, trong thư mục trạng thái"
    found = "hệ điều hành từ chối ({why})"
    remedy = "Giải phóng đĩa hoặc trả lại quyền ghi thư mục ANSINH_HOME rồi chạy lại; chưa có dòng nào được nạp"
    means = (
        "Mỗi lần đọc một dịch vụ, các trang được giữ trong một tệp tạm không tên ở ANSINH_HOME rồi mới so và nạp. Đĩa đầy hoặc không ghi "
        "được thì không nạp. Bản tốt gần nhất vẫn dùng."
    )
    steps = ("Xem df -h và quyền của ANSINH_HOME.", "Giải phóng hoặc mở rộng đĩa, chạy ansinh doctor.", RUN_AGAIN)


class DaysIgnored(SourceRefused):
    attempted = "Lấy dữ liệu {dataset}, kỳ {period}"
    found = "dịch vụ không lọc theo ngày được hỏi: {outside} trong {rows} dòng ghi ngày ngoài kỳ"
    remedy = "Chưa có dòng nào được nạp; hỏi đơn vị quản lý dịch vụ tên tham số ngày, sửa services.csv"
    means = "Mỗi kỳ sẽ nhận cả những dòng của kỳ khác, và mọi số đếm sai theo. Bản tốt gần nhất vẫn dùng."
    steps = (
        "Hỏi đơn vị quản lý dịch vụ: tham số từ ngày, đến ngày có còn dùng, theo ngày nào của bản ghi.",
        "Người phát triển sửa from_parameter, to_parameter ở services.csv, hoặc bỏ trống cả hai để đọc toàn bộ và tự chia kỳ.",
    )


class OtherThanDeclared(Permanent):
    attempted = "Lấy dữ liệu {dataset}, kỳ {period}"
    found = "một trang có cột chưa khai báo: {columns}"
    remedy = "Chưa có dòng nào được nạp; hỏi đơn vị quản lý dịch vụ, hoặc cập nhật khai báo trong schemas/sources"
    means = "Cột lạ có thể là tên mới của một cột khác, hoặc chứa điều chưa ai phân loại. Chỉ bộ dữ liệu này dừng; bản tốt gần nhất vẫn dùng."
    steps = (
        "Gửi nguyên danh sách cột được nêu cho đơn vị quản lý dịch vụ và hỏi họ vừa đổi gì.",
        "Đổi thật: người phát triển cập nhật khai báo ở schemas/sources, chạy make check, rồi chạy lại.",
    )
