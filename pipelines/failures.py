"""What the command line refuses, and what it finds of itself, in the officer's words."""

from resources.failing import Permanent, Transient, Unreachable


class Usage(Permanent):
    """The command was asked for something that cannot be: nothing was run."""

    exit_status = 2


class ReasonEmpty(Usage):
    attempted = "Chạy lại"
    found = "lý do để trống"
    remedy = "Nêu lý do sau --reason; lý do được lưu cùng các ô"
    means = "Mọi lần chạy lại bằng tay đều phải ghi vì sao."
    steps = ("Chạy lại lệnh với --reason và một câu nêu lý do, số văn bản sau --document nếu có.",)


class ClockWordEmpty(Usage):
    attempted = "Xác nhận đồng hồ"
    found = "lý do hoặc tên người xác nhận để trống"
    remedy = "Nêu lý do sau --reason và tên sau --by; cả hai được lưu lại"
    means = "Lời xác nhận đồng hồ đổi cách trung tâm hiểu thời điểm đã ghi, nên phải biết ai nói và vì sao."
    steps = ("Chạy lại lệnh với --reason và một câu nêu lý do, --by và họ tên.",)


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
    remedy = "Viết kỳ dạng YYYY-MM, YYYY-Qn, YYYY-Hn, YYYY hoặc now; gần nhất: {latest}"
    means = "Kỳ gõ sai, chưa bắt đầu (biểu báo cáo: chưa đến hạn), hoặc bộ dữ liệu, biểu báo cáo có loại kỳ khác."
    steps = ("Xem các kỳ bằng ansinh status --source <tên>, của báo cáo bằng ansinh report list.",)


class UnitUnknown(Usage):
    attempted = "Tìm đơn vị {unit!r}"
    found = "mã này không phải nộp gì ở những gì được hỏi"
    remedy = "Chọn trong các mã: {known}"
    means = "Mã đơn vị gõ sai, hoặc đơn vị đã sáp nhập trước ngày cuối của kỳ."
    steps = ("Dùng mã còn hiệu lực vào ngày cuối của kỳ; đơn vị đã sáp nhập thì dùng mã của đơn vị kế thừa.",)


class FormUnknown(Usage):
    attempted = "Tìm biểu báo cáo"
    found = "không có biểu {code!r}"
    remedy = "Chọn một trong: {known}"
    means = "Mã biểu gõ sai."
    steps = ("Chép mã từ danh sách trong thông báo; ansinh report list liệt kê các lần lập.",)


class NightRunning(Transient):
    attempted = "Chạy đêm {night}"
    found = "một lượt đêm khác đang chạy (đêm {running}, bắt đầu {since:%H:%M %d/%m/%Y}, tiến trình {process})"
    remedy = "Chờ lượt đó xong rồi chạy lại; chưa có gì được làm"
    means = "Hai lượt đêm cùng lúc chỉ làm chậm nhau. Khóa nằm ở kho và tự mất khi tiến trình kia kết thúc, dù kết thúc thế nào."
    steps = ("Xem tiến trình được nêu còn chạy không: ps -p <số>.", "Chờ nó xong; nếu nó treo thì kết thúc nó rồi chạy lại.")


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
    remedy = "Chạy ansinh stop trước khi mở lại"
    means = "Hai giao diện trên một trạng thái sẽ giành nhau socket."
    steps = ("Mở giao diện đang có, hoặc ansinh stop rồi ansinh ui.",)
    exit_status = 1


class UiNotStanding(Usage):
    attempted = "In liên kết vào giao diện"
    found = "giao diện của trạng thái này không chạy"
    remedy = "Chạy ansinh ui (hoặc make ui); lệnh đó in liên kết"
    means = "Liên kết chỉ mở được giao diện đang chạy, và hết hiệu lực khi giao diện dừng."
    steps = ("Chạy ansinh ui.", "Có nhiều trạng thái trên máy: kiểm tra ANSINH_HOME.")
    exit_status = 1


class PortTaken(Usage):
    attempted = "Mở giao diện"
    found = "cổng {port} đang có chương trình khác dùng"
    remedy = "Chạy ansinh stop, giải phóng cổng, hoặc chọn cổng khác bằng --port"
    means = "Một chương trình khác trên máy đang nghe ở cổng này."
    steps = ("Tìm chương trình: ss -ltnp.", "Hoặc ansinh ui --port 3001.")
    exit_status = 1


class ProductionKept(Usage):
    attempted = "Xóa trạng thái"
    found = "đang ở cấu hình production, không bao giờ bị xóa bằng lệnh này"
    remedy = "Chưa có gì thay đổi"
    means = "ansinh reset chỉ dành cho tỉnh mô phỏng."
    steps = ("Không cần làm gì.",)


class NotAState(Usage):
    attempted = "Xóa trạng thái"
    found = "{home} không phải thư mục trạng thái của ansinh"
    remedy = "Kiểm tra ANSINH_HOME; chưa có gì bị xóa"
    means = "ANSINH_HOME chỉ sang một thư mục khác. Lệnh này xóa cả thư mục nên chỉ nhận thư mục do ansinh dựng."
    steps = ("Đặt lại ANSINH_HOME rồi chạy lại ansinh reset.",)


class DiskLow(Permanent):
    attempted = "Kiểm tra đĩa"
    found = "còn {free:.1f} GB, cần ít nhất {least:.0f} GB"
    remedy = "Dọn hoặc mở rộng đĩa"
    means = "Đĩa đầy thì không ghi được bản gốc, lượt đêm sẽ dừng."
    steps = ("Xem thư mục nào lớn: du -sh $ANSINH_HOME/*.", "Chuyển bản sao lưu cũ sang máy khác, hoặc mở rộng đĩa.")


class GridDiffers(Permanent):
    attempted = "So lưới ô của giao diện với kho"
    found = "{told}"
    remedy = "Kể lại cho giao diện: ansinh doctor --mend-grid; dữ liệu trong kho không bị ảnh hưởng"
    means = (
        "Giao diện hiện thiếu hoặc thừa ô so với kho: có người bấm Wipe, xóa lượt chạy, báo tay một ô, hoặc chỉ một trong hai cơ sở "
        "dữ liệu được khôi phục. Kho mới là đúng. Lượt đêm đang chạy dở cũng hiện vậy cho đến khi xong."
    )
    steps = (
        "Không có lượt nào đang chạy: ansinh doctor --mend-grid; chạy nhiều lần cũng không hại.",
        "Mở lưới của bộ dữ liệu được nêu và xem lại; hỏi ai đã xóa nếu lặp lại.",
    )


class GridEmpty(Permanent):
    attempted = "So lưới ô của giao diện với kho"
    found = "cơ sở dữ liệu của Dagster (ANSINH_DAGSTER_URL) trống"
    remedy = "Kể lại cho giao diện mọi ô đang có trong kho: ansinh doctor --mend-grid"
    means = (
        "Cơ sở dữ liệu giữ lịch sử lượt chạy mới tạo hoặc đã mất. Kho vẫn nguyên; lịch sử lượt chạy cũ thì không lấy lại được."
    )
    steps = (
        "Xem ANSINH_DAGSTER_URL có đúng không; sai thì sửa.",
        "Còn bản sao lưu: ansinh restore lấy lại cả lịch sử lượt chạy.",
        "Không còn: ansinh doctor --mend-grid.",
    )


class SharedUnconfigured(Permanent):
    attempted = "Kiểm tra kho dùng chung của tỉnh"
    found = "chưa cấu hình"
    remedy = "Đặt SHARED_WAREHOUSE_URL để công bố số liệu mở; phần còn lại vẫn chạy"
    means = "Không có nơi công bố thì số liệu mở chỉ được tính khi có."
    steps = ("Xin quản trị kho dùng chung một tài khoản công bố.", "Đặt SHARED_WAREHOUSE_URL (hoặc …_FILE), chạy ansinh doctor.")


class DagsterUnreachable(Unreachable):
    attempted = "Mở nơi lưu nhật ký điều phối"
    found = "{why}"
    remedy = "Kiểm tra ANSINH_DAGSTER_URL, mạng và dịch vụ PostgreSQL rồi chạy lại"
    means = "Không có nơi giữ lượt chạy và sự kiện thì lượt đêm và giao diện không chạy; kho dữ liệu không bị ảnh hưởng."
    steps = (
        "Trên máy chủ đó: systemctl status postgresql. Từ máy chạy ansinh: psql với đúng ANSINH_DAGSTER_URL.",
        "Chạy ansinh doctor; khi dòng này tốt thì chạy lại.",
    )
    exit_status = 3


class ReaderReadsMore(Permanent):
    attempted = "Kiểm tra quyền của vai trò {reader}"
    found = "đọc được cả {relations}"
    remedy = "Đề nghị quản trị kho thu hồi, vai trò này chỉ được đọc lược đồ open_data"
    means = "Người đọc số liệu mở đọc được bảng khác trong kho dùng chung của tỉnh."
    steps = ("Gửi danh sách bảng cho quản trị kho: revoke select … from public.", "Chạy lại ansinh doctor.")


class SourceDiffers(Permanent):
    attempted = "Kiểm tra cấu trúc của nguồn {source}"
    found = "khác khai báo: {faults}"
    remedy = "Đề nghị đơn vị quản lý nguồn khôi phục cấu trúc, hoặc cập nhật khai báo trong schemas/sources"
    means = "Bảng được nêu không lấy được cho đến khi hai bên khớp nhau; các bảng khác của nguồn vẫn chạy."
    steps = ("Gửi danh sách cột cho đơn vị quản lý nguồn và hỏi họ vừa đổi gì.", "Đổi thật thì báo người phát triển.")


class SourceHides(Permanent):
    attempted = "Kiểm tra tài khoản ở nguồn {source} thấy mọi dòng"
    found = "có thể chỉ thấy một phần: {hidden}"
    remedy = (
        "Đề nghị đơn vị quản lý cho tài khoản đọc mọi dòng (alter role … bypassrls, hoặc create policy … for select to … using "
        "(true)), hoặc giao khung nhìn không lọc theo người đọc; chưa có dòng nào bị coi là đã xóa"
    )
    means = (
        "Nguồn lọc dòng theo người đọc. Bộ dữ liệu của bảng được nêu dừng cho đến khi tài khoản thấy mọi dòng, bản tốt gần nhất vẫn "
        "dùng; nếu bảng được nêu là sổ nộp thì mọi bộ dữ liệu theo kỳ của nguồn dừng."
    )
    steps = (
        "Gửi nguyên dòng này cho đơn vị quản lý nguồn: tên bảng, khung nhìn, hàm và chính sách được nêu.",
        "Chạy lại ansinh doctor: dòng nguồn phải tốt.",
    )


class SourceWritable(Permanent):
    attempted = "Thử quyền ghi ở nguồn {source}"
    found = "tài khoản {what}"
    remedy = "Đề nghị đơn vị quản lý thu hồi, chỉ để quyền đọc"
    means = "Tài khoản của trung tâm phải chỉ đọc được, để không bao giờ làm hỏng hệ thống nguồn."
    steps = ("Gửi nguyên dòng này cho đơn vị quản lý nguồn.", "Chạy lại ansinh doctor: dòng nguồn phải tốt.")


class GatewayUnconfigured(Permanent):
    attempted = "Kiểm tra cổng báo cáo quốc gia"
    found = "chưa cấu hình"
    remedy = "Đặt NATIONAL_REPORTING_URL, _CLIENT_ID, _CLIENT_SECRET"
    means = "Báo cáo vẫn được lập và nằm chờ ở hộp thư đi."
    steps = (
        "Xin địa chỉ, mã khách và khóa của đơn vị vận hành cổng.",
        "Đặt ba biến môi trường (bí mật dùng …_FILE), chạy ansinh doctor.",
    )


class BackupOverdue(Permanent):
    attempted = "Kiểm tra sao lưu"
    found = "bản sao lưu tốt gần nhất: {last}{why}"
    remedy = "Chạy ansinh backup, và xem vì sao lịch sao lưu không chạy"
    means = "Đã nhiều ngày không có bản sao lưu tốt nào. Mất máy lúc này là mất những gì vào kho từ đó."
    steps = (
        "Chạy ansinh backup cho đến khi kết thúc bằng 0.",
        "Xem lịch (cron, systemd timer) chạy ansinh backup sau các lượt đêm, và thư của nó.",
    )


class RehearsalBad(Permanent):
    attempted = "Diễn tập khôi phục lúc {at}"
    found = "không tốt: {why}"
    remedy = "Sửa nguyên nhân rồi chạy ansinh backup --verify; lần tốt gần nhất: {last}"
    means = "Bản sao lưu mới nhất không dựng lại được thành một trạng thái đúng, hoặc không thử được. Chưa chắc lúc cần nó sẽ dùng được."
    steps = (
        "Làm theo mục của nguyên nhân được nêu trong sổ này.",
        "Chạy ansinh backup, rồi ansinh backup --verify cho đến khi kết thúc bằng 0.",
    )
