"""How reading a source may fail, declared: unreachable, locked, refused, changed. No road is known here."""

from resources.failing import Failure, Permanent, Transient
from resources.failures import Unreachable
from resources.servers.sqlstates import Trouble

CHAPTER = "Hệ thống nguồn"


class SourceUnconfigured(Permanent):
    attempted = "Lấy dữ liệu {dataset}"
    found = "hệ thống nguồn chưa được cấu hình"
    remedy = "Đặt {environment}; hệ thống khác vẫn chạy"
    means = "Chưa khai địa chỉ kết nối của hệ thống nguồn này nên không có gì được lấy."
    steps = (
        "Xin đơn vị quản lý nguồn một tài khoản chỉ đọc.",
        "Đặt biến môi trường được nêu (hoặc …_FILE); chỉ nhận tệp của đơn vị thì đặt dir://<thư mục hộp nhận>.",
        "Chạy ansinh doctor.",
    )


class SourceUnreachable(Unreachable):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "không kết nối được, hoặc mất kết nối{state}"
    remedy = "Kiểm tra {environment}, mạng và máy chủ; hệ thống khác vẫn chạy"
    means = (
        "Nguồn không trả lời hoặc đứt giữa chừng. Đã tự thử lại vài lần cách nhau rồi mới dừng. Không ô nào bị nạp dở; "
        "bản tốt gần nhất vẫn dùng, báo cáo ghi ngày đọc gần nhất."
    )
    steps = (
        "Chạy ansinh doctor: chỉ hệ thống này hỏng hay mọi hệ thống.",
        "Hỏi đơn vị quản lý nguồn: máy chủ có đang bảo trì, tường lửa có đổi.",
        "Khi nguồn trở lại: ansinh nightly --source <tên>, hoặc chờ lượt đêm sau.",
    )


class SourceStopping(Unreachable):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "máy chủ nguồn đang dừng, đang khởi động, hoặc đã kết thúc phiên của trung tâm{state}"
    remedy = "Hỏi đơn vị quản lý nguồn về bảo trì và giới hạn thời gian của phiên; hệ thống khác vẫn chạy"
    means = (
        "Mạng và tài khoản vẫn tốt: chính máy chủ nguồn kết thúc phiên. Đã tự thử lại vài lần. Không ô nào bị nạp dở; bản tốt "
        "gần nhất vẫn dùng."
    )
    steps = (
        "Hỏi đơn vị quản lý nguồn: máy chủ có khởi động lại, chuyển sang máy dự phòng, hay có ai kết thúc phiên.",
        "Lặp lại mỗi đêm: họ xem idle_in_transaction_session_timeout và transaction_timeout đặt cho tài khoản đọc.",
        "Chạy ansinh nightly --source <tên>, hoặc chờ lượt đêm sau.",
    )


class SourceSilent(Unreachable):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "nguồn giữ kết nối nhưng không trả lời trong {waited}"
    remedy = "Báo đơn vị quản lý nguồn: máy chủ hoặc thiết bị đứng giữa bị treo; hệ thống khác vẫn chạy"
    means = (
        "Đường mạng vẫn thông mà máy chủ nguồn (hoặc bộ gộp kết nối, tường lửa đứng trước nó) không nói gì. Trung tâm bỏ phiên đó để "
        "không giữ các hệ thống khác; khi nhiều hệ thống cùng chạy, nguồn này được thử lại sau cùng. Bản tốt gần nhất vẫn dùng."
    )
    steps = (
        "Chạy ansinh doctor: chỉ nguồn này hay mọi nguồn.",
        "Nhờ đơn vị quản lý nguồn xem máy chủ, danh sách phiên (pg_stat_activity, show processlist) và bộ gộp kết nối có treo không, rồi khởi động lại phần treo.",
        "Nguồn vẫn sống nhưng câu lệnh cần lâu hơn: người phát triển nâng answer_timeout trong limits ở schemas/sources.",
        "Chạy ansinh nightly --source <tên>, hoặc chờ lượt đêm sau.",
    )
    was_waited_for = True


class SourceSlow(Unreachable):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "nguồn trả lời nhỏ giọt: đã chờ tổng cộng {waited} mà chưa đọc xong"
    remedy = "Hỏi đơn vị quản lý nguồn về tải của máy chủ và đường truyền; hệ thống khác vẫn chạy"
    means = (
        "Từng câu trả lời vẫn đến nhưng cộng lại quá lâu, nên trung tâm dừng để không giữ các hệ thống khác; khi nhiều hệ thống cùng "
        "chạy, nguồn này được thử lại sau cùng. Kỳ nào đọc xong đã được nạp; phần còn lại dùng bản tốt gần nhất."
    )
    steps = (
        "Hỏi đơn vị quản lý nguồn: máy chủ quá tải, đường truyền hẹp hay nghẽn vào giờ đó.",
        "Lượng dữ liệu lớn là đúng: người phát triển nâng reading_timeout trong limits ở schemas/sources.",
        "Chạy ansinh nightly --source <tên>: lượt này được chờ đủ lâu và lấy tiếp phần còn lại.",
    )
    was_waited_for = True


class SourceCanceled(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "máy chủ nguồn hủy câu lệnh: quá {minutes} phút cho phép, bị quản trị hủy, hoặc xung đột với việc khác{state}"
    remedy = "Xem máy chủ nguồn có đang quá tải; hệ thống khác vẫn chạy"
    means = (
        "Kết nối vẫn tốt: nguồn làm không kịp hoặc ngừng việc này. 57014 (MySQL: 1969, 3024) là quá giờ hoặc bị hủy; 40001, 40P01 là xung đột với giao "
        "dịch khác, ở máy dự phòng là với việc chép từ máy chính. Đã tự thử lại vài lần."
    )
    steps = (
        "Hỏi đơn vị quản lý nguồn: giờ đó có việc nặng (sao lưu, báo cáo, vacuum full) hay có ai hủy câu lệnh.",
        "Quá giờ mỗi đêm: đề nghị dời giờ, hoặc người phát triển sửa hour, limits của hệ thống ở schemas/sources.",
        "Máy dự phòng hay xung đột: họ đặt hot_standby_feedback hoặc tăng max_standby_streaming_delay.",
    )


class SourceDiskFull(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "đĩa của máy chủ nguồn đầy{state}"
    remedy = "Báo ngay đơn vị quản lý nguồn giải phóng đĩa; hệ thống khác vẫn chạy"
    means = (
        "Máy chủ nguồn không còn chỗ ghi tệp tạm để trả lời. Đĩa đầy là của nguồn, không phải của trung tâm; nguồn cũng sắp không "
        "ghi được dữ liệu của chính mình. Đã tự thử lại vài lần."
    )
    steps = (
        "Báo đơn vị quản lý nguồn: đĩa dữ liệu hoặc đĩa tệp tạm (temp_tablespaces, tmpdir) đầy.",
        "Khi đã có chỗ: ansinh nightly --source <tên>, hoặc chờ lượt đêm sau.",
    )


class SourceStrained(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "máy chủ nguồn hết bộ nhớ hoặc hết chỗ kết nối{state}"
    remedy = "Hỏi đơn vị quản lý nguồn về tải của máy chủ và giới hạn kết nối của tài khoản; hệ thống khác vẫn chạy"
    means = "Máy chủ vẫn sống nhưng không nhận thêm việc: 53200 là hết bộ nhớ, 53300 là quá nhiều kết nối. Đã tự thử lại vài lần."
    steps = (
        "Quá nhiều kết nối: họ xem max_connections, connection limit của tài khoản và bộ gộp kết nối.",
        "Hết bộ nhớ: họ xem tải giờ đó; trung tâm chỉ xin bộ nhớ ghi trong giới hạn mà ansinh doctor in ra.",
        "Chạy ansinh nightly --source <tên>, hoặc chờ lượt đêm sau.",
    )


class SourceLocked(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "bảng đang bị một phiên khác khóa quá {seconds} giây{state}"
    remedy = "Đề nghị đơn vị quản lý nguồn kết thúc phiên đang khóa; hệ thống khác vẫn chạy"
    means = "Người quản lý nguồn đang sửa cấu trúc bảng hoặc bỏ quên một phiên làm việc. Đã tự thử lại vài lần."
    steps = (
        "Báo đơn vị quản lý nguồn: có phiên giữ khóa độc quyền (ACCESS EXCLUSIVE) trên bảng của họ.",
        "Khi hết khóa: ansinh nightly --source <tên>, hoặc chờ lượt đêm sau.",
    )


class SourceBusy(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "tài khoản đã có {others} phiên của trung tâm đang mở ở nguồn, khai báo cho phép tối đa {most}"
    remedy = "Chờ phiên kia xong rồi chạy lại; hệ thống khác vẫn chạy"
    means = (
        "Trung tâm tự giới hạn số phiên mở cùng lúc để không đè nặng lên nguồn. Thường là một lượt chạy khác, hoặc phiên của một "
        "lượt vừa bị kết thúc mà máy chủ nguồn chưa đóng. Đã tự thử lại vài lần."
    )
    steps = (
        "Xem lượt nào đang chạy trên giao diện, chờ nó xong.",
        "Không có lượt nào: nhờ đơn vị quản lý nguồn xem danh sách phiên (pg_stat_activity, show processlist) và kết thúc phiên ansinh còn sót.",
        "Nếu nguồn chịu được nhiều hơn: người phát triển sửa limits của hệ thống ở schemas/sources.",
    )
    stops_system = True


class SourceRefused(Permanent):
    """The source answers and refuses: login, right, table."""


class SourceLoginRefused(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "máy chủ từ chối đăng nhập{state}"
    remedy = "Kiểm tra {environment}: tài khoản, mật khẩu, hạn dùng"
    means = "Sai mật khẩu, mật khẩu hết hạn, hoặc tài khoản bị khóa. Không thử lại, để tài khoản khỏi bị khóa thêm."
    steps = (
        "Xin đơn vị quản lý nguồn mật khẩu mới hoặc gia hạn tài khoản chỉ đọc.",
        "Cập nhật tệp bí mật mà biến môi trường được nêu chỉ ra, rồi chạy ansinh doctor.",
        "Chạy ansinh nightly --source <tên>.",
    )
    stops_system = True  # each further try could lock the account


class SourceUnencrypted(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "không có đường truyền mã hóa như địa chỉ đòi: {why}"
    remedy = "Sửa phần TLS trong {environment} (sslmode, sslrootcert… của PostgreSQL; ssl-mode, ssl-ca… của MySQL), hoặc chứng chỉ của nguồn; hệ thống khác vẫn chạy"
    means = "Hai bên chưa đồng ý về TLS nên chưa có gì được gửi. Không hạ mức TLS để chạy cho được: tên máy sai có thể là máy khác đứng giữa."
    steps = (
        "Từ máy chạy ansinh: psql, mariadb… với đúng địa chỉ đó cho biết lỗi nguyên văn.",
        "Hỏi đơn vị quản lý nguồn: vừa đổi chứng chỉ, tên máy; xin tệp chứng chỉ của nơi cấp cho sslrootcert.",
        "Chạy ansinh doctor, rồi ansinh nightly --source <tên>.",
    )
    stops_system = True


class SourceRightMissing(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "tài khoản không được đọc, hoặc chỉ được đọc một phần các dòng{state}"
    remedy = "Đề nghị đơn vị quản lý cấp quyền SELECT, và nếu có bảo mật theo dòng thì cho tài khoản đọc mọi dòng"
    means = (
        "Quyền đọc bảng hoặc cột đã bị thu hồi, hoặc bảng mà khung nhìn, hàm của nguồn đọc có bảo mật theo dòng (row-level "
        "security). Một phần không bao giờ được nạp thay cho tất cả."
    )
    steps = (
        "Chạy ansinh doctor: bảng nào, thiếu quyền gì, chính sách nào.",
        "Đề nghị đơn vị quản lý nguồn cấp lại quyền SELECT, hoặc alter role … bypassrls cho tài khoản chỉ đọc.",
        "Chạy ansinh doctor rồi chạy lại.",
    )


class SourceChanged(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "không thấy bảng, cột hoặc cơ sở dữ liệu đã khai báo{state}"
    remedy = "Kiểm tra {environment} và khai báo nguồn"
    means = (
        "Cơ sở dữ liệu, sổ nộp hoặc bảng không còn ở chỗ cũ; hoặc hàm mà khung nhìn của nguồn gọi nhắc đến bảng không kèm tên lược "
        "đồ, mà phiên của trung tâm không tìm bảng theo search_path của tài khoản, để không gặp nhầm bảng cùng tên."
    )
    steps = (
        "Chạy ansinh doctor để biết bảng nào.",
        "Doctor tốt mà đọc vẫn lỗi: đơn vị quản lý nguồn chạy alter function … set search_path = <lược đồ> cho hàm của khung nhìn.",
        "Hỏi đơn vị quản lý nguồn: có đổi tên, nâng cấp phần mềm. Cần đổi khai báo thì báo người phát triển.",
    )


class SourceValueWrong(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "máy chủ nguồn gặp một giá trị mà chính nó không tính, không đổi sang UTF-8 được{state}"
    remedy = "Đề nghị đơn vị quản lý tìm và sửa giá trị đó; bảng khác vẫn chạy"
    means = (
        "Kết nối và quyền vẫn tốt. 22P05, 22021 là ký tự sai bảng mã; mã 22 khác là phép tính trong khung nhìn của nguồn (chia cho "
        "không, tràn số, chữ thay cho số). Không dòng nào của bảng này được nạp; bản tốt gần nhất vẫn dùng."
    )
    steps = (
        "Chạy ansinh doctor để biết bảng nào, gửi mã SQLSTATE cho đơn vị quản lý nguồn.",
        "Họ chạy chính câu select của khung nhìn hoặc bảng đó để tìm dòng sai, và sửa.",
        "Chạy ansinh nightly --source <tên>.",
    )


class SourceDamaged(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "máy chủ nguồn báo dữ liệu hoặc đĩa của nó hỏng{state}"
    remedy = "Báo ngay đơn vị quản lý nguồn; hệ thống khác vẫn chạy"
    means = (
        "Trang dữ liệu, chỉ mục hoặc đĩa của nguồn hỏng. Chưa có dòng nào được nạp từ lần đọc này; bản tốt gần nhất vẫn dùng, và "
        "có thể là bản lành duy nhất còn lại."
    )
    steps = (
        "Báo đơn vị quản lý nguồn mã SQLSTATE; họ xem nhật ký máy chủ cơ sở dữ liệu, dmesg, smartctl và bản sao lưu.",
        "Không xóa gì ở trung tâm: lịch sử ở kho và tệp gốc trong raw giúp họ đối chiếu khi khôi phục.",
        "Khi nguồn lành: ansinh nightly --source <tên> --whole để đọc lại và so mọi ô.",
    )


class SourceCannotAnswer(SourceRefused):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "máy chủ nguồn trả lời rằng không làm được câu lệnh này{state}"
    remedy = "Gửi mã SQLSTATE cho đơn vị quản lý nguồn và người phát triển; bảng khác vẫn chạy"
    means = (
        "Kết nối vẫn tốt, nhưng nguồn từ chối: khung nhìn ghi dữ liệu khi đọc (25006), khung nhìn vật hóa chưa được nạp (55000), "
        "hàm trong khung nhìn báo lỗi (P0001), vượt giới hạn của máy chủ (54…), việc máy chủ không biết làm (0A000)."
    )
    steps = (
        "Tra mã SQLSTATE, mã lỗi trong tài liệu của loại máy chủ đó (PostgreSQL: phụ lục Error Codes).",
        "Đơn vị quản lý nguồn chạy thử: select count(*) từ bảng hoặc khung nhìn đó, bằng chính tài khoản đọc.",
        "Sửa xong: chạy ansinh doctor rồi ansinh nightly --source <tên>.",
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
    attempted = "Lấy dữ liệu {dataset} từ {place}"
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


class SourceSeenInPart(Permanent):
    attempted = "Lấy dữ liệu {dataset} từ {place}"
    found = "tài khoản có thể chỉ thấy một phần các dòng: {hidden}"
    remedy = (
        "Chưa có dòng nào được lấy, không dòng nào bị coi là đã xóa; đề nghị đơn vị quản lý nguồn cho tài khoản đọc mọi dòng "
        "(alter role … bypassrls, hoặc create policy … for select to … using (true)), hoặc giao khung nhìn không lọc theo người đọc"
    )
    means = (
        "Nguồn lọc dòng theo người đọc. Một phần mà lấy làm tất cả thì những dòng không thấy sẽ bị coi là đã xóa, và số công bố, "
        "báo cáo sai theo; nên bộ dữ liệu này dừng, bản tốt gần nhất vẫn dùng."
    )
    steps = (
        "Gửi nguyên dòng thông báo cho đơn vị quản lý nguồn: tên bảng, khung nhìn, hàm và chính sách được nêu.",
        "Bảo mật theo dòng: họ chạy alter role <tài khoản đọc> bypassrls; không có quyền quản trị thì create policy trung_tam on "
        "<bảng> for select to <tài khoản đọc> using (true), và không còn chính sách restrictive nào áp cho tài khoản.",
        "Khung nhìn hay hàm hỏi người đọc (current_user, current_setting…): họ giao một khung nhìn không hỏi, chỉ cấp cho trung tâm.",
        "Chạy ansinh doctor: dòng nguồn phải tốt; rồi ansinh nightly --source <tên>.",
    )


class SourceAltered(Transient):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "bảng của nguồn bị sửa cấu trúc, hoặc bị xóa sạch rồi nạp lại, trong lúc đang đọc{state}"
    remedy = "Chạy lại khi đơn vị quản lý nguồn làm xong; hệ thống khác vẫn chạy"
    means = (
        "Có lệnh sửa bảng (alter table), làm rỗng bảng (truncate) hoặc thay bảng khác vào chỗ của nó xen giữa lúc mở ảnh chụp và lúc "
        "đọc: ảnh chụp không còn thấy dòng nào của bảng cũ và chưa thấy dòng nào của bảng mới. Chưa có dòng nào được nạp từ lần đọc "
        "này. Đã tự thử lại vài lần; lần sau đọc theo bảng mới, khác khai báo thì nói rõ cột nào."
    )
    steps = (
        "Hỏi đơn vị quản lý nguồn có đang nâng cấp phần mềm, hay có việc định kỳ làm lại bảng trùng giờ đọc; chờ họ xong hoặc dời giờ.",
        "Chạy ansinh doctor, rồi ansinh nightly --source <tên>.",
    )


class RoadUnknown(Permanent):
    attempted = "Đọc hệ thống nguồn {source} ({title})"
    found = "địa chỉ trong {environment} thuộc loại chưa có đường đọc (đã có: {known})"
    remedy = "Sửa {environment}; hệ thống khác vẫn chạy"
    means = "Phần đầu của địa chỉ kết nối cho biết loại nguồn; loại này chương trình chưa biết đọc, hoặc địa chỉ gõ sai."
    steps = (
        "Xem lại phần đầu của địa chỉ, ví dụ postgresql+psycopg2://, mysql://.",
        "Chạy ansinh doctor.",
    )
    stops_system = True


class SentFileUnreadable(Permanent):
    attempted = "Đọc tệp đã nhận số {number} của đơn vị {sender} ({dataset})"
    found = "{why} ({path})"
    remedy = "Chép tệp cùng tên từ bản sao lưu gần nhất vào kho dữ liệu gốc, hoặc đề nghị đơn vị gửi lại đúng tệp đó; các ô khác vẫn được nạp"
    means = (
        "Một tệp đã nhận không còn đọc được từ kho dữ liệu gốc. Chỉ những ô mà tệp này đang giữ đứng lại ở bản tốt gần nhất; tệp của "
        "đơn vị khác vẫn được nạp. Mỗi đêm tệp được thử đọc lại cho đến khi đọc được."
    )
    steps = (
        "Chép tệp được nêu từ thư mục raw của bản sao lưu vào đúng chỗ; mã băm trong tên cho biết đúng tệp.",
        "Không có bản sao lưu: đề nghị đơn vị bỏ lại đúng tệp đã gửi vào hộp nhận, hoặc gửi tệp mới thay cho nó.",
        "Kiểm tra đĩa (dmesg, smartctl), và tìm vì sao tệp mất: không ai được xóa hay sửa trong thư mục này.",
    )


class KeyMissing(Permanent):
    attempted = "Lấy dữ liệu {dataset}, kỳ {period}"
    found = "đường lấy dữ liệu ({road}) giao dòng không có khóa {key}, mà mọi dòng phải có"
    remedy = "Chưa có dòng nào được nạp; gửi dòng này cho người phát triển"
    means = "Đây là lỗi của chương trình ở đường lấy dữ liệu này: không có khóa thì không biết dòng nào đã bị xóa ở nguồn."
    steps = (
        "Gửi nguyên dòng thông báo cho người phát triển.",
        "Các bộ dữ liệu khác không bị ảnh hưởng; bản tốt gần nhất vẫn dùng.",
    )


# What each trouble that a server tells of is called, by whatever road.
FAILURES: dict[Trouble, type[Failure]] = {
    "login": SourceLoginRefused,
    "right": SourceRightMissing,
    "locked": SourceLocked,
    "changed": SourceChanged,
    "disk": SourceDiskFull,
    "strained": SourceStrained,
    "canceled": SourceCanceled,
    "stopping": SourceStopping,
    "damaged": SourceDamaged,
    "read_only": SourceCannotAnswer,
    "value": SourceValueWrong,
    "refused": SourceCannotAnswer,
    "lost": SourceUnreachable,
    "unencrypted": SourceUnencrypted,
}
