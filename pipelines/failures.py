"""What the command line refuses, and what it finds of itself, in the officer's words."""

from resources.environment import profile
from resources.failing import Permanent, Transient
from schemas.reasons import tells_who

CHAPTER = "Lệnh ansinh và giao diện"


class Usage(Permanent):
    """The command was asked for something that cannot be: nothing was run."""

    exit_status = 2


class ReasonEmpty(Usage):
    attempted = "Chạy lại"
    found = "lý do để trống"
    remedy = "Nêu lý do sau --reason; lý do được lưu cùng các ô"
    means = "Mọi lần chạy lại bằng tay đều phải ghi vì sao."
    steps = ("Chạy lại lệnh với --reason và một câu nêu lý do, số văn bản sau --document nếu có.",)


class WordBlank(Usage):
    attempted = "Nhận tên, lý do và số văn bản của một việc làm bằng tay"
    found = "có mục được nêu mà để trống"
    remedy = "Nêu tên sau --by, lý do sau --reason, số văn bản sau --document; không có số văn bản thì bỏ --document"
    means = "Những mục này được lưu cùng việc đã làm. Bỏ trống thì về sau không biết ai đã làm, vì sao. Chưa có gì được làm."
    steps = ("Chạy lại lệnh với mục đó được ghi đủ; bỏ --by thì lệnh ghi tài khoản của máy, nơi lệnh cho bỏ.",)


def refuse_blank(*words: str | None) -> None:
    """Raises WordBlank where one is told and says nothing."""
    if any(word is not None and not word.strip() for word in words):
        raise WordBlank


class RehearsalUnsaid(Usage):
    attempted = "Sao lưu"
    found = "{option} chỉ đi cùng --verify (diễn tập khôi phục), mà lệnh không có --verify"
    remedy = "Muốn diễn tập thì thêm --verify; muốn sao lưu thì bỏ {option} và nêu nơi ghi sau --into; chưa có gì được ghi"
    means = "Lệnh có hai việc: không có --verify thì ghi một bản mới, có --verify thì thử khôi phục một bản đã có."
    steps = ("Chạy lại với đúng một trong hai việc.",)


class ClockWordEmpty(Usage):
    attempted = "Xác nhận đồng hồ"
    found = "lý do hoặc tên người xác nhận để trống"
    remedy = "Nêu lý do sau --reason và tên sau --by; cả hai được lưu lại"
    means = "Lời xác nhận đồng hồ đổi cách trung tâm hiểu thời điểm đã ghi, nên phải biết ai nói và vì sao."
    steps = ("Chạy lại lệnh với --reason và một câu nêu lý do, --by và họ tên.",)


class LookWordEmpty(Usage):
    attempted = "Tìm giấy tờ kết quả"
    found = "lý do hoặc tên người tra cứu để trống"
    remedy = "Nêu lý do sau --reason, tên sau --by; cả hai được lưu lại"
    means = "Mọi lần tra cứu giấy tờ của một người đều phải ghi ai tra cứu và vì sao."
    steps = ("Chạy lại lệnh với --reason và một câu nêu việc đang giải quyết; không ghi họ tên, số định danh vào lý do.",)


class LookTellsWho(Usage):
    attempted = "Tìm giấy tờ kết quả"
    found = "lý do hoặc tên người tra cứu có một dãy từ 9 chữ số, viết liền hay chia nhóm, có thể là số định danh hay số điện thoại của một người"
    remedy = "Bỏ dãy số đó; nêu việc bằng lời, mã hồ sơ sau --for"
    means = "Mọi lần tra cứu đều được lưu và không cho biết giấy tờ là của ai. Lần này chưa lưu gì, nhưng dòng lệnh còn trong lịch sử của máy."
    steps = ("Xóa dòng lệnh đó khỏi lịch sử (history -d).", "Chạy lại lệnh với lý do không có số của ai.")


class ReadWordEmpty(Usage):
    attempted = "Xem hay xuất dữ liệu cá nhân"
    found = "lý do, tên người xem hoặc số văn bản để trống, hay dài quá {longest} ký tự"
    remedy = "Nêu lý do sau --reason, tên sau --by, số văn bản sau --document; tất cả được lưu lại"
    means = "Mọi lần xem dữ liệu cá nhân đều được ghi vào sổ ops.reads: ai, lúc nào, xem gì, vì sao."
    steps = ("Chạy lại lệnh với --reason và một câu nêu việc đang giải quyết; không ghi họ tên, số định danh vào đó.",)


class WordTellsWho(Usage):
    attempted = "Nhận tên và lý do của một việc làm bằng tay"
    found = "trong đó có một dãy từ 9 chữ số, viết liền hay chia nhóm, có thể là số định danh hay số điện thoại của một người"
    remedy = "Bỏ dãy số đó; nêu việc bằng lời, theo đơn vị, kỳ và số văn bản"
    means = "Lý do được lưu cùng lượt chạy và gửi kèm báo cáo điều chỉnh, nên không được nêu ai. Chưa có gì được làm."
    steps = ("Xóa dòng lệnh đó khỏi lịch sử (history -d).", "Chạy lại lệnh với lý do không có số của ai.")


def refuse_who(*words: str | None) -> None:
    """Raises WordTellsWho."""
    if tells_who(*words):
        raise WordTellsWho


class ReadTellsWho(Usage):
    attempted = "Xem hay xuất dữ liệu cá nhân"
    found = "lý do, tên người xem hoặc số văn bản có một dãy từ 9 chữ số, viết liền hay chia nhóm, có thể là số định danh hay số điện thoại của một người"
    remedy = "Bỏ dãy số đó; nêu việc bằng lời, số văn bản sau --document"
    means = "Sổ ghi các lần xem không giữ giá trị của ai. Lần này chưa ghi và chưa cho xem gì, nhưng dòng lệnh còn trong lịch sử của máy."
    steps = ("Xóa dòng lệnh đó khỏi lịch sử (history -d).", "Chạy lại lệnh với lý do không có số của ai.")


class CustodianUnsaid(Usage):
    attempted = "Xem, xuất hay xóa dữ liệu cá nhân"
    found = "--restricted đòi cả hệ thống hạn chế ({sources}) mà chưa nêu đủ lý do và số văn bản"
    remedy = "Người giữ các hệ thống này nêu lý do sau --reason, số văn bản sau --document; chưa xem, xuất hay xóa gì"
    means = "Hệ thống hạn chế không được xem, xuất hay xóa kèm theo: phải nói rõ là cả chúng, vì sao và theo văn bản nào."
    steps = ("Không cần phần đó: bỏ --restricted.", "Cần: chạy lại với --restricted, --reason và số văn bản sau --document.")


class RestrictedUnsaid(Usage):
    attempted = "Xem, xuất hay xóa dữ liệu cá nhân"
    found = "hệ thống được nêu là hệ thống hạn chế ({sources}), mà lệnh không có --restricted"
    remedy = "Người giữ hệ thống này thêm --restricted, lý do sau --reason, số văn bản sau --document; chưa xem, xuất hay xóa gì"
    means = (
        "Dữ liệu của hệ thống hạn chế lộ ra thì hại suốt đời, nên tên hệ thống chưa đủ: phải nói rõ, vì sao và theo văn bản nào."
    )
    steps = (
        "Không phải người giữ hệ thống đó: chuyển yêu cầu cho người giữ.",
        "Người giữ: chạy lại với --restricted, --reason và số văn bản sau --document.",
    )


class NoIdentityNumber(Usage):
    attempted = "Đọc số định danh của một người"
    found = "đầu vào không phải một số định danh gồm 12 chữ số"
    remedy = "Gõ số định danh khi được hỏi, hoặc đưa vào qua đầu vào chuẩn, một dòng"
    means = "Số định danh không nhận từ dòng lệnh: tham số của lệnh nằm lại trong lịch sử và danh sách tiến trình của máy."
    steps = ("Chạy lại lệnh, gõ đủ 12 chữ số rồi Enter; số gõ không hiện ra màn hình.",)


class PaperKindUnknown(Usage):
    attempted = "Tìm giấy tờ kết quả"
    found = "không có loại giấy tờ {kind!r}"
    remedy = "Chọn một trong: {known}"
    means = "Mã loại giấy tờ gõ sai, hoặc không còn trong danh mục vào ngày được hỏi."
    steps = ("Chép mã từ danh sách trong thông báo.",)


class PaperDayAhead(Usage):
    attempted = "Tìm giấy tờ kết quả còn hiệu lực vào ngày {day}"
    found = "ngày này không đọc được hoặc chưa đến"
    remedy = "Viết ngày dạng YYYY-MM-DD, không sau hôm nay ({today:%d/%m/%Y})"
    means = "Giấy tờ có thể bị thu hồi trước ngày chưa đến, nên không ai nói trước được nó còn hiệu lực."
    steps = ("Bỏ --on để hỏi hôm nay, hoặc sửa ngày.",)


class DossierMalformed(Usage):
    attempted = "Tìm giấy tờ kết quả cho một hồ sơ"
    found = "mã hồ sơ sau --for không đúng dạng"
    remedy = "Viết mã hồ sơ dạng {words}"
    means = "Lượt tái sử dụng được đếm theo hồ sơ, nên phải là mã của một hồ sơ."
    steps = ("Chép mã hồ sơ từ giấy tiếp nhận và hẹn trả kết quả.",)


class DagsterUnprepared(Usage):
    attempted = "Chạy lệnh của Dagster"
    found = "chưa biết trạng thái ở đâu (ANSINH_DAGSTER_URL, ANSINH_DAGSTER_DIR chưa đặt)"
    remedy = 'Chưa có trạng thái thì chạy make run; rồi eval "$(.venv/bin/ansinh env)" và chạy lại'
    means = "Lệnh riêng của Dagster (dagster schedule list, dagster-daemon…) cần môi trường mà ansinh tự đặt cho các lệnh của nó."
    steps = (
        "Chưa có trạng thái nào: chạy make run.",
        'eval "$(ansinh env)" trong cùng cửa sổ lệnh, rồi chạy lại.',
        "Chỉ muốn xét các định nghĩa: dagster definitions validate không cần gì.",
    )


class WithoutDoor(Usage):
    attempted = "Chạy {command}"
    found = "giao diện mở cách này không có cửa, trang web nào cũng có thể chạy thay người dùng"
    remedy = "Chạy make ui (hoặc ansinh ui)"
    means = (
        "Webserver của Dagster không hỏi ai và không xét yêu cầu đến từ đâu. ansinh ui mở đúng giao diện ấy sau một cửa, nên ansinh từ chối "
        "mọi cách mở khác."
    )
    steps = (
        "Chạy make ui, vào bằng liên kết nó in ra.",
        "Chỉ muốn xét các định nghĩa: dagster definitions validate.",
    )


class SourceUnknown(Usage):
    attempted = "Tìm hệ thống nguồn"
    found = "không có hệ thống {name!r}"
    remedy = "Chọn một trong: {known}"
    means = "Tên hệ thống gõ sai."
    steps = ("Chép tên từ danh sách trong thông báo.",)


class DatasetUnknown(Usage):
    attempted = "Tìm bộ dữ liệu"
    found = "không có bộ dữ liệu {name!r}"
    remedy = "Chọn một trong: {known}"
    means = "Tên bộ dữ liệu gõ sai."
    steps = ("Chép tên từ danh sách trong thông báo.",)


class PeriodUnknown(Usage):
    attempted = "Tìm kỳ {period!r}"
    found = "đến ngày {today:%d/%m/%Y} không có kỳ này ở những gì được hỏi"
    remedy = "Viết kỳ dạng YYYY-MM, YYYY-Qn, YYYY-Hn, YYYY, YYYY-YYYY (năm học) hoặc now; gần nhất: {latest}"
    means = "Kỳ gõ sai, chưa bắt đầu (biểu báo cáo: chưa đến hạn), hoặc bộ dữ liệu, biểu báo cáo có loại kỳ khác."
    steps = ("Xem các kỳ bằng ansinh status --source <tên>, của báo cáo bằng ansinh report list.",)


class UnitUnknown(Usage):
    attempted = "Tìm đơn vị {unit!r}"
    found = "mã này không phải nộp gì ở những gì được hỏi"
    remedy = "Chọn trong các mã: {known}"
    means = "Mã đơn vị gõ sai, hoặc đơn vị đã sáp nhập trước ngày cuối của kỳ."
    steps = ("Dùng mã còn hiệu lực vào ngày cuối của kỳ; đơn vị đã sáp nhập thì dùng mã của đơn vị kế thừa.",)


class SenderUnsaid(Usage):
    attempted = "Xem thử một tệp"
    found = "không biết tệp của hệ thống nào, do đơn vị nào gửi"
    remedy = "Thêm --source và --unit"
    means = "Tệp không nằm trong hộp nhận nên không có thư mục nào cho biết."
    steps = ("ansinh check TỆP --source children --unit 421; cấp tỉnh gửi thì --unit 40.",)


class SenderUnknown(Usage):
    attempted = "Tìm đơn vị gửi {unit!r}"
    found = "không có đơn vị mã này"
    remedy = "Dùng mã huyện, mã xã trong danh mục, hoặc 40 (cấp tỉnh)"
    means = "Mã đơn vị gõ sai."
    steps = ("Xem mã ở schemas/units/districts.csv, communes.csv.",)


class FormUnknown(Usage):
    attempted = "Tìm biểu báo cáo"
    found = "không có biểu {code!r}"
    remedy = "Chọn một trong: {known}"
    means = "Mã biểu gõ sai."
    steps = ("Chép mã từ danh sách trong thông báo; ansinh report list liệt kê các lần lập.",)


class NightRunning(Transient):
    attempted = "Chạy đêm {night}"
    found = "một lượt đêm khác đang chạy (đêm {running}, bắt đầu {since}, tiến trình {process})"
    remedy = "Chờ lượt đó xong rồi chạy lại; chưa có gì được làm"
    means = "Hai lượt đêm cùng lúc chỉ làm chậm nhau. Khóa nằm ở kho và tự mất khi tiến trình kia kết thúc, dù kết thúc thế nào."
    steps = ("Xem tiến trình được nêu còn chạy không: ps -p <số>.", "Chờ nó xong; nếu nó treo thì kết thúc nó rồi chạy lại.")


class NightBesideRetention(Transient):
    attempted = "Dọn dữ liệu quá thời hạn"
    found = "một lượt đêm đang chạy"
    remedy = "Chờ lượt đêm xong rồi chạy lại; chưa có gì bị bỏ"
    means = "Việc dọn không chạy cạnh một lượt đêm, để không cái nào phải chờ cái nào. Tuần sau lịch tự chạy lại."
    steps = (
        "Chờ lượt đêm xong.",
        "Chạy ansinh retain; lượt của tuần do lịch chạy thì chạy lại trên giao diện (weekly_retention).",
    )


class RetentionRunning(Transient):
    attempted = "Dọn dữ liệu quá thời hạn"
    found = "một lượt dọn khác đang chạy"
    remedy = "Chờ lượt đó xong; chưa có gì được làm"
    means = "Khóa nằm ở kho và tự mất khi tiến trình kia kết thúc, dù kết thúc thế nào. Lượt bị cắt ngang được lượt sau làm nốt."
    steps = (
        "Xem lượt weekly_retention trên giao diện, hoặc ai đang chạy ansinh retain.",
        "Chờ nó xong rồi chạy lại nếu còn cần.",
    )


class RunDied(Permanent):
    attempted = "Chạy {job}"
    found = "tiến trình {process} của lượt chạy đã mất mà chưa kịp báo kết quả"
    remedy = "Phần đã nạp vẫn nguyên, phần dở đã tự hủy; chạy lại hoặc chờ lượt đêm sau"
    means = "Máy tắt, hết bộ nhớ, hoặc ai đó kết thúc tiến trình. Lượt chạy được đánh dấu hỏng để không hiện đang chạy mãi."
    steps = (
        "Xem vì sao: dmesg (hết bộ nhớ), nhật ký máy (khởi động lại).",
        "Chạy lại ansinh nightly, hoặc chờ lượt đêm sau; không cần dọn gì.",
    )


class RunStopped(Permanent):
    attempted = "Chạy {job}"
    found = "người vận hành đã dừng lệnh giữa chừng (Ctrl-C)"
    remedy = "Phần đã nạp vẫn nguyên, phần dở đã tự hủy; chạy lại hoặc chờ lượt đêm sau"
    means = "Lệnh chạy lượt này bị dừng theo yêu cầu, hoặc máy đang tắt. Lượt chạy được đánh dấu hỏng ngay lúc dừng."
    steps = ("Chạy lại ansinh nightly, hoặc chờ lượt đêm sau; không cần dọn gì.",)


class UiStanding(Usage):
    attempted = "Mở giao diện"
    found = "giao diện của trạng thái này đang chạy"
    remedy = "Vào bằng liên kết của ansinh url ui; muốn mở lại thì dừng trước: ansinh stop, trên máy thật systemctl stop ansinh.service"
    means = "Hai giao diện trên một trạng thái sẽ giành nhau socket."
    steps = (
        "Mở giao diện đang có: ansinh url ui.",
        "Mở lại: ansinh stop rồi ansinh ui; trên máy thật: systemctl restart ansinh.service.",
    )
    exit_status = 1


class PortRefused(Usage):
    attempted = "Mở giao diện ở {address}:{port}"
    found = "hệ điều hành từ chối ({why})"
    remedy = "Chọn cổng từ 1024 trở lên bằng --port; địa chỉ nghe (ANSINH_UI_LISTEN) phải là của máy này"
    means = "Cổng dưới 1024 chỉ root mở được, và không chương trình nào nghe được ở địa chỉ của máy khác. Chưa có gì được bật."
    steps = ("Xem địa chỉ của máy: ip addr.", "Bỏ --port và ANSINH_UI_LISTEN: giao diện ở 127.0.0.1:3000.")
    exit_status = 1


class UiNotStanding(Usage):
    attempted = "In liên kết vào giao diện"
    found = "giao diện của trạng thái này không chạy"
    remedy = (
        "Bật giao diện: ansinh ui (hoặc make ui), lệnh đó in liên kết; trên máy thật: systemctl start ansinh.service rồi chạy lại"
    )
    means = "Liên kết chỉ mở được giao diện đang chạy, và hết hiệu lực khi giao diện dừng."
    steps = (
        "Tỉnh mô phỏng: ansinh ui.",
        "Máy thật: systemctl status ansinh.service, sửa điều nó nêu, systemctl start ansinh.service, rồi ansinh url ui.",
        "Có nhiều trạng thái trên máy: kiểm tra ANSINH_HOME.",
    )
    exit_status = 1


class PortTaken(Usage):
    attempted = "Mở giao diện"
    found = "cổng {port} đang có chương trình khác dùng"
    remedy = "Giải phóng cổng, hoặc chọn cổng khác bằng --port"
    means = "Một chương trình khác trên máy đang nghe ở cổng này."
    steps = ("Tìm chương trình: ss -ltnp.", "Hoặc ansinh ui --port 3001.")
    exit_status = 1


class CodeServerOpen(Usage):
    attempted = "Mở máy chủ mã ở {address}"
    found = "tên này ứng với địa chỉ trên Internet hoặc mọi địa chỉ của máy"
    remedy = "Đặt ANSINH_CODE_SERVER là tên của vùng chứa trong mạng riêng, như code:4000, hoặc bỏ biến này"
    means = "Máy chủ mã nhận lệnh chạy từ bất kỳ ai đến được nó: giao thức của Dagster không có mật khẩu và không mã hóa."
    steps = (
        "Chạy cả ba phần trên một máy: bỏ ANSINH_CODE_SERVER; chúng nói với nhau qua socket của máy.",
        "Chạy trong vùng chứa: đặt cả ba vào một mạng riêng mà chỉ chúng ở trong (docs/trien-khai.md).",
    )
    exit_status = 1


class PartUnwell(Transient):
    attempted = "Hỏi {part} còn sống không"
    found = "{why}"
    remedy = "Xem nhật ký của phần đó; trong vùng chứa, nó được khởi động lại theo cấu hình"
    means = (
        "Một trong ba phần của giao diện (code-server, webserver, daemon) không làm việc. Khi daemon nghỉ thì đêm không tự chạy."
    )
    steps = (
        "Xem nhật ký: docker compose logs <phần>, kubectl logs, hoặc logs/<phần>.log của trạng thái.",
        "Khởi động lại phần đó. Code server vừa khởi động cần khoảng 20 giây.",
        "Daemon sống mà không thấy làm việc: chạy ansinh doctor để xem cơ sở dữ liệu của Dagster.",
    )


class ProductionKept(Usage):
    attempted = "Xóa trạng thái"
    found = "đang ở cấu hình production, không bao giờ bị xóa bằng lệnh này"
    remedy = "Chưa có gì thay đổi"
    means = "ansinh reset chỉ dành cho tỉnh mô phỏng."
    steps = ("Không cần làm gì. Dọn một lần khôi phục bị cắt ngang: mục “khôi phục dở”.",)


class DemoInProduction(Usage):
    attempted = "Chạy ansinh demo"
    found = "đang ở cấu hình production, nơi không có tỉnh mô phỏng nào"
    remedy = "Chưa có gì được tạo, bật hay thay đổi"
    means = "Các lệnh của tỉnh mô phỏng (make run cũng gọi chúng) dựng người giả, bật máy chủ giả, đổi đồng hồ: không bao giờ cạnh dữ liệu thật."
    steps = (
        "Muốn chạy đêm thật: ansinh nightly, không dùng make run.",
        "Muốn xem tỉnh mô phỏng: trên một máy khác, không đặt ANSINH_PROFILE.",
    )


def refuse_demo_in_production() -> None:
    """Raises DemoInProduction, before anything is made or asked."""
    if profile() != "demo":
        raise DemoInProduction


class NotAState(Usage):
    attempted = "Xóa trạng thái"
    found = "{home} không phải thư mục trạng thái của ansinh"
    remedy = "Kiểm tra ANSINH_HOME; chưa có gì bị xóa"
    means = "ANSINH_HOME chỉ sang một thư mục khác. Lệnh này xóa cả thư mục nên chỉ nhận thư mục do ansinh dựng."
    steps = ("Đặt lại ANSINH_HOME rồi chạy lại ansinh reset.",)


class GridEmpty(Permanent):
    attempted = "So lưới ô của giao diện với kho"
    found = "cơ sở dữ liệu của Dagster (ANSINH_DAGSTER_URL) trống"
    remedy = "Dựng lại lưới của giao diện từ kho: ansinh doctor --mend-grid"
    means = (
        "Cơ sở dữ liệu giữ lịch sử lượt chạy mới tạo hoặc đã mất. Kho vẫn nguyên; lịch sử lượt chạy cũ thì không lấy lại được."
    )
    steps = (
        "Xem ANSINH_DAGSTER_URL có đúng không; sai thì sửa.",
        "Còn bản sao lưu: ansinh restore lấy lại cả lịch sử lượt chạy.",
        "Không còn: ansinh doctor --mend-grid.",
    )
