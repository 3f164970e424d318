"""What the doctor finds, in the officer's words."""

from resources.failing import Permanent
from resources.failures import Unreachable

CHAPTER = "Việc ansinh doctor kiểm tra"


class NotConfigured(Permanent):
    """What is looked at was never set up: the third word of the doctor, no failure."""


class CheckSilent(Permanent):
    attempted = "Kiểm tra {what}"
    found = "chưa xong sau {seconds} giây"
    remedy = "Xem máy chủ, mạng hoặc đĩa của mục đó có treo không; các mục khác vẫn được kiểm tra"
    means = "Nơi được hỏi giữ kết nối mà không trả lời. Lệnh không chờ mãi; lượt đêm cũng có giới hạn chờ của nó."
    steps = (
        "Hỏi quản trị nơi đó: máy chủ quá tải, phiên bị khóa, thiết bị đứng giữa treo.",
        "Chạy lại ansinh doctor khi nơi đó trả lời bình thường.",
    )


class HomeClosed(Permanent):
    attempted = "Kiểm tra thư mục trạng thái (ANSINH_HOME) {home}"
    found = "tài khoản {account} không {lacks}"
    remedy = "Chạy bằng root: {line}"
    means = "Dữ liệu gốc, nhật ký và khóa nằm ở thư mục này: không ghi được thì lượt đêm dừng ngay từ đầu."
    steps = (
        "Chạy câu lệnh trong thông báo; hệ tệp chỉ đọc thì sửa đĩa hoặc đặt ANSINH_HOME ở nơi khác.",
        "Chạy lại ansinh doctor bằng đúng tài khoản sẽ chạy lượt đêm.",
    )


class SecretOpenToOthers(Permanent):
    attempted = "Xem quyền của các tệp giữ bí mật"
    found = "tài khoản khác của máy cũng đọc được tệp mà {names} chỉ đến"
    remedy = "Chạy chmod 600 trên tệp đó, chủ là tài khoản chạy ansinh"
    means = "Mật khẩu hoặc khóa nằm trong tệp ấy: ai có tài khoản trên máy đều có thể dùng. ansinh vẫn chạy."
    steps = (
        "chown cho tài khoản chạy ansinh, chmod 600.",
        "Đã để mở lâu trên máy có nhiều người dùng: coi như lộ, đổi mật khẩu hoặc khóa đó.",
    )


class SettingsUnknown(Permanent):
    """A warning of the doctor."""

    attempted = "Xem tên các biến cấu hình"
    found = "không có biến nào tên {names}"
    remedy = "Sửa tên theo docs/bien-moi-truong.md, hoặc bỏ biến đó"
    means = "Tên biến viết sai: không phần nào của ansinh đọc nó, nên điều định đặt coi như chưa đặt. Một biến có _FILE ở cuối mà không nhận tệp cũng vậy."
    steps = (
        "Tìm tên đúng trong docs/bien-moi-truong.md; trong ngoặc là tên giống nhất. Chỉ biến có dấu * ở đó mới nhận <TÊN>_FILE.",
        "Sửa tệp cấu hình, chạy ansinh doctor; dịch vụ đang chạy thì systemctl restart ansinh.service.",
        "Biến của chương trình khác trên máy: không phải sửa gì.",
    )


class ClearLinesAllowed(Permanent):
    """A warning of the doctor."""

    attempted = "Xem kết nối nào được phép đi qua mạng không mã hóa"
    found = "ANSINH_CLEAR_LINES cho phép {names}"
    remedy = "Khi máy chủ có TLS: ghi verify-full vào địa chỉ, rồi bỏ tên đó khỏi ANSINH_CLEAR_LINES"
    means = "Người vận hành đã cho phép các địa chỉ này đi qua mạng mà không buộc mã hóa: ai nghe được mạng thì đọc được dữ liệu cá nhân."
    steps = (
        "Hỏi quản trị máy chủ bao giờ có TLS; dòng của chính kết nối đó cho biết hôm nay nó có mã hóa không.",
        "Bỏ tên khỏi ANSINH_CLEAR_LINES, chạy ansinh doctor.",
    )


class BackupFolderClosed(Permanent):
    attempted = "Kiểm tra thư mục sao lưu (BACKUP_DIR) {folder}"
    found = "tài khoản {account} không {lacks}"
    remedy = "Chạy bằng root: {line}"
    means = "Bản sao lưu được ghi vào thư mục này sau mỗi đêm; không ghi được thì không có bản nào."
    steps = (
        "Đĩa hay máy khác được gắn vào đó: xem nó có đang được gắn không (mount).",
        "Chạy câu lệnh trong thông báo, rồi chạy lại ansinh doctor.",
    )


class ExportFolderClosed(Permanent):
    """A warning of the doctor."""

    attempted = "Kiểm tra thư mục sổ xuất (EXPORT_DIR) {folder}"
    found = "tài khoản {account} không {lacks}"
    remedy = "Chạy bằng root: {line}"
    means = "Sổ mà các lệnh xuất ra được ghi vào thư mục này; không ghi được thì không xuất được sổ nào. Lượt đêm không cần nó."
    steps = (
        "Đĩa hay máy khác được gắn vào đó: xem nó có đang được gắn không (mount).",
        "Chạy câu lệnh trong thông báo, rồi chạy lại ansinh doctor.",
    )


class DiskLow(Permanent):
    attempted = "Kiểm tra đĩa"
    found = "đĩa của {place} còn {free:.1f} GB, cần ít nhất {least:.0f} GB"
    remedy = "Dọn hoặc mở rộng đĩa đó"
    means = "Đĩa đầy thì không ghi được bản gốc, lượt đêm sẽ dừng; đĩa của BACKUP_DIR đầy thì không có bản sao lưu mới."
    steps = (
        "Xem thư mục nào lớn: du -sh $ANSINH_HOME/* (thư mục sao lưu: du -sh $BACKUP_DIR/*).",
        "raw: ansinh retain --dry-run nêu sẽ bỏ gì; thời hạn ở retention.csv. logs: mỗi tệp có hạn, xem tệp lạ. pg, hay đĩa của máy chủ PostgreSQL: "
        "kho và nhật ký điều phối, cũng do ansinh retain dọn.",
        "Bản sao lưu cũ: chuyển sang máy khác, hoặc giảm BACKUP_KEEP; hoặc mở rộng đĩa.",
    )


class GridDiffers(Permanent):
    attempted = "So lưới ô của giao diện với kho"
    found = "{told}"
    remedy = (
        "Có lượt đang chạy thì chờ xong rồi xem lại; không có thì dựng lại lưới từ kho: ansinh doctor --mend-grid. Dữ liệu trong kho không "
        "bị ảnh hưởng"
    )
    means = (
        "Giao diện hiện thiếu hoặc thừa ô so với kho: có người bấm Wipe, xóa lượt chạy, báo tay một ô, hoặc chỉ một trong hai cơ sở "
        "dữ liệu được khôi phục. Kho mới là đúng. Lượt đêm đang chạy dở cũng hiện vậy cho đến khi xong."
    )
    steps = (
        "Không có lượt nào đang chạy: ansinh doctor --mend-grid; chạy nhiều lần cũng không hại.",
        "Mở lưới của bộ dữ liệu được nêu và xem lại; hỏi ai đã xóa nếu lặp lại.",
    )


class SharedUnconfigured(NotConfigured):
    attempted = "Kiểm tra kho dùng chung của tỉnh"
    found = "chưa cấu hình"
    remedy = "Đặt SHARED_WAREHOUSE_URL để công bố số liệu mở; phần còn lại vẫn chạy"
    means = "Không có nơi công bố thì số liệu mở chỉ được tính khi có."
    steps = ("Xin quản trị kho dùng chung một tài khoản công bố.", "Đặt SHARED_WAREHOUSE_URL (hoặc …_FILE), chạy ansinh doctor.")


class RoundingUnconfigured(NotConfigured):
    attempted = "Kiểm tra khóa làm tròn số liệu mở"
    found = "chưa cấu hình"
    remedy = "Tạo một lần bằng openssl rand -hex 32, giữ ở nơi an toàn, đặt ANSINH_ROUNDING_SECRET_FILE; phần còn lại vẫn chạy"
    means = "Số liệu mở được làm tròn theo một khóa bí mật cố định; chưa có khóa thì chưa công bố gì. Cấu hình production không tự tạo khóa."
    steps = (
        "openssl rand -hex 32 vào một tệp chmod 600; giữ thêm một bản ở nơi khác như giữ mật khẩu.",
        "Đặt ANSINH_ROUNDING_SECRET_FILE chỉ đến tệp đó, chạy ansinh doctor.",
    )


class DecisionUnconfigured(NotConfigured):
    attempted = "Kiểm tra quyết định công bố số liệu mở"
    found = "chưa cấu hình"
    remedy = (
        "Đặt ANSINH_RELEASE_DECISION bằng số, ký hiệu của quyết định, hoặc thêm dòng vào release_decisions.csv trong ANSINH_CONFIG; "
        "phần còn lại vẫn chạy"
    )
    means = "Chỉ công bố khi có quyết định của người có thẩm quyền; chưa có thì không có gì ra ngoài."
    steps = (
        "Trình người có thẩm quyền ký quyết định công bố.",
        "Đặt ANSINH_RELEASE_DECISION bằng số, ký hiệu của quyết định đó, hoặc thêm dòng của nó vào release_decisions.csv trong ANSINH_CONFIG.",
        "Chạy ansinh doctor.",
    )


class SourceNotConfigured(NotConfigured):
    attempted = "Kiểm tra nguồn {source}"
    found = "chưa cấu hình"
    remedy = "Đặt {environment} khi có tài khoản chỉ đọc; đến lúc đó đêm bỏ qua hệ thống này và ô của nó không bị tính là thiếu"
    means = (
        "Chưa có địa chỉ, chưa từng đọc được gì và chưa nhận tệp nào của hệ thống này. Một hệ thống đã từng đọc mà mất địa chỉ thì "
        "vẫn là hỏng."
    )
    steps = (
        "Xin đơn vị quản lý nguồn một tài khoản chỉ đọc.",
        "Đặt biến môi trường được nêu (hoặc …_FILE); chỉ nhận tệp của đơn vị thì đặt dir://<thư mục hộp nhận>.",
        "Chạy ansinh doctor.",
    )


class BackupUnconfigured(NotConfigured):
    attempted = "Kiểm tra các bản sao lưu"
    found = "chưa cấu hình"
    remedy = "Đặt BACKUP_RECIPIENT, BACKUP_SIGNING_KEY_FILE, BACKUP_DIR trước khi có dữ liệu thật; chưa có bản nào thì mất máy là mất hết"
    means = "Chưa khai khóa nên ansinh backup chưa ghi được bản nào."
    steps = (
        "Làm theo mục «Sao lưu: khóa, khôi phục, diễn tập» ở đầu sổ này.",
        "Chạy ansinh backup, rồi ansinh doctor: dòng này phải nêu bản tốt gần nhất.",
    )


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


class DagsterRightMissing(Permanent):
    attempted = "Kiểm tra quyền ở cơ sở dữ liệu của Dagster (ANSINH_DAGSTER_URL)"
    found = "tài khoản {role} không được lập bảng ở đó"
    remedy = "Quản trị máy chủ PostgreSQL chạy, trong cơ sở dữ liệu {database}: grant create on schema public to {role}"
    means = (
        "Từ PostgreSQL 15 chỉ chủ cơ sở dữ liệu được lập bảng trong lược đồ public; Dagster lập bảng của nó ở lượt chạy đầu tiên."
    )
    steps = (
        "Chạy câu lệnh trong thông báo, hoặc ansinh setup.",
        "Chạy lại ansinh doctor.",
    )


class ReaderReadsMore(Permanent):
    attempted = "Kiểm tra quyền của vai trò {reader}"
    found = "đọc được cả {relations}"
    remedy = "Đề nghị quản trị kho thu hồi, vai trò này chỉ được đọc lược đồ open_data"
    means = "Người đọc số liệu mở đọc được bảng khác trong kho dùng chung của tỉnh."
    steps = ("Gửi danh sách bảng cho quản trị kho: revoke select … from public.", "Chạy lại ansinh doctor.")


class LockedByOthers(Permanent):
    """A warning of the doctor."""

    attempted = "Kiểm tra ai giữ khóa riêng (advisory lock) trong kho dữ liệu của trung tâm"
    found = "tài khoản {role} giữ từ phiên mở lúc {since} (pid {pid})"
    remedy = "Hỏi chủ tài khoản; không phải việc của ansinh thì kết thúc phiên: select pg_terminate_backend({pid})"
    means = "Khóa riêng là cách các lượt chạy của ansinh tránh nhau: phiên khác giữ đúng khóa đó thì lượt đêm, sao lưu chờ mãi không chạy."
    steps = (
        "Xem phiên: select usename, client_addr, application_name, state from pg_stat_activity where pid = … (thay … bằng pid được nêu).",
        "Tài khoản không cần vào kho thì thu hồi quyền: revoke connect on database … from ….",
        "Chạy lại ansinh doctor.",
    )


class OthersWrite(Permanent):
    attempted = "Kiểm tra ai ghi được vào lược đồ {schema} của kho dùng chung"
    found = "ngoài tài khoản công bố còn: {rights}"
    remedy = "Đề nghị quản trị kho thu hồi: chỉ tài khoản công bố được ghi, nơi khác chỉ được đọc"
    means = (
        "Ai ghi được thì sửa được số liệu mở, hoặc đặt số chưa làm tròn cạnh số đã làm tròn; quyền trigger còn cho chạy lệnh bằng quyền "
        "của tài khoản công bố, quyền references giữ lại bản cũ."
    )
    steps = (
        "Gửi danh sách quyền cho quản trị kho: revoke … from …; người đọc chỉ cần vai trò open_reader.",
        "Chạy lại ansinh doctor.",
    )


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


class GatewayUnconfigured(NotConfigured):
    attempted = "Kiểm tra cổng báo cáo quốc gia"
    found = "chưa cấu hình"
    remedy = "Đặt NATIONAL_REPORTING_URL, _CLIENT_ID, _CLIENT_SECRET"
    means = "Báo cáo vẫn được lập và nằm chờ ở hộp thư đi."
    steps = (
        "Xin địa chỉ, mã khách và khóa của đơn vị vận hành cổng.",
        "Đặt ba biến môi trường (bí mật dùng …_FILE), chạy ansinh doctor.",
    )


class GatewayHalfConfigured(Permanent):
    attempted = "Kiểm tra cổng báo cáo quốc gia"
    found = "chưa đặt {missing}, trong khi phần kia đã đặt"
    remedy = "Đặt biến còn thiếu; báo cáo nằm chờ ở hộp thư đi cho đến lúc đó"
    means = "Cổng chỉ cho vào khi có đủ địa chỉ, mã khách và khóa."
    steps = ("Đặt biến được nêu (bí mật dùng …_FILE), chạy ansinh doctor.",)


class OrganisationUnknown(Permanent):
    attempted = "Kiểm tra mã định danh trong báo cáo"
    found = "chưa có mã còn hiệu lực ngày {day} của {roles}"
    remedy = "Thêm vào {place} dòng: {line}"
    means = "Gói báo cáo nào cũng nêu mã của đơn vị gửi và đơn vị nhận; thiếu một mã thì không biểu nào được lập. Nạp dữ liệu vẫn chạy."
    steps = (
        "Lấy mã trong quyết định cấp mã định danh của tỉnh (QĐ 20/2020/QĐ-TTg).",
        "Thêm dòng như trong thông báo, thay phần trong dấu <> bằng mã, tên và số quyết định.",
        "Chạy ansinh doctor; biểu chưa lập được lập ở lượt đêm sau.",
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


class ReadsBroken(Permanent):
    attempted = "Kiểm tra sổ ghi ai đã xem dữ liệu cá nhân (ops.reads)"
    found = "{where}"
    remedy = "Không sửa gì trong bảng; báo người phụ trách an toàn thông tin, so với bản sao lưu gần nhất"
    means = (
        "Sổ chỉ được thêm và mỗi dòng niêm phong dòng trước. Có người đã sửa, xóa hay chèn dòng bằng quyền của quản trị kho, hoặc kho được "
        "khôi phục bằng cách khác ansinh restore; các lần xem từ dòng đó không còn chắc là đủ."
    )
    steps = (
        "Ghi lại nguyên dòng này và giờ phát hiện; ansinh reads --json giữ phần còn lại.",
        "ansinh restore bản sao lưu trước lúc đó vào nơi khác, so từng dòng của ops.reads.",
        "Hỏi quản trị kho ai đã dùng quyền chủ bảng; nhật ký của PostgreSQL có thể cho biết.",
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


class SchedulerStopped(Permanent):
    attempted = "Kiểm tra bộ lập lịch"
    found = "đang dừng, nhịp cuối lúc {last}"
    remedy = "Bật lại dịch vụ của ansinh (ansinh ui); đêm bị lỡ được chạy bù một lần khi bật lại"
    means = "Không có bộ lập lịch thì không đêm nào tự chạy, báo cáo chờ gửi không được gửi lại, tệp đơn vị gửi chờ đến lượt đêm."
    steps = (
        "Bật lại: ansinh ui, hoặc dịch vụ systemd của nó; xem $ANSINH_HOME/logs/daemon.log vì sao dừng.",
        "Đêm chạy bằng cron với ansinh nightly thì dòng này chỉ là cảnh báo: bộ lập lịch từng được bật rồi tắt.",
    )


class SchedulesAhead(Permanent):
    attempted = "Kiểm tra bộ lập lịch"
    found = "có lịch hoặc cảm biến đã ghi một lần chạy vào giờ chưa đến ({until})"
    remedy = "Đồng hồ của máy đúng rồi thì chạy: ansinh clock accept --reason LÝ_DO --by TÊN"
    means = "Đồng hồ từng chạy trước. Lịch và cảm biến nối tiếp từ lần ghi cuối, nên đến giờ ấy chúng không chạy gì và cũng không báo lỗi."
    steps = (
        "Xem dòng đồng hồ: giờ của máy phải đúng (timedatectl).",
        "Chạy câu lệnh trong thông báo, rồi ansinh doctor: dòng này phải tốt.",
        "Đêm đã lỡ: ansinh nightly.",
    )


class NightMissed(Permanent):
    attempted = "Kiểm tra đêm gần nhất"
    found = "đến {by} không có đêm nào xong; gần nhất: {last}"
    remedy = "Xem bộ lập lịch có chạy không, rồi chạy ansinh nightly"
    means = (
        "Không có lượt đêm trọn vẹn (mọi hệ thống và báo cáo) xong trước giờ đó, nên kho còn là của đêm trước và báo cáo đến hạn có thể "
        "chưa đi. Giờ được đặt ở ALERT_NIGHT_BY (mặc định 7)."
    )
    steps = (
        "Đọc dòng bộ lập lịch ở trên; đang dừng thì bật lại.",
        "Đêm còn đang chạy: chờ, và xem ở giao diện hệ thống nào chậm.",
        "Không có lượt nào: ansinh nightly, chạy lại không hại gì.",
    )


class NightBad(Permanent):
    attempted = "Xem đêm gần nhất"
    found = "một phần hỏng"
    remedy = "Sửa nguyên nhân ở các dòng khác của ansinh doctor, rồi chạy ansinh nightly hoặc chờ đêm sau"
    means = "Một phần của đêm hỏng; các phần khác đã xong, bản tốt gần nhất của phần hỏng vẫn dùng."
    steps = (
        "ansinh status nói vì sao từng hệ thống không nạp được; trang của lượt chạy trên giao diện nói bước nào.",
        "Sửa xong: ansinh nightly, có thể chỉ hệ thống đó (--source).",
    )


class AlertsWait(Permanent):
    attempted = "Báo tin cho cán bộ trực"
    found = "{count} tin chờ gửi từ {since}: {why}"
    remedy = "Thử ansinh alert --test; tin chờ tự đi khi nơi nhận nhận được"
    means = "Việc cần báo đã được ghi mà chưa đến ai."
    steps = ("Làm theo lý do được nêu.", "ansinh alert gửi ngay những tin đã đến giờ thử lại.")


class RetentionOverdue(Permanent):
    attempted = "Kiểm tra việc dọn dữ liệu quá thời hạn"
    found = "{last}{why}"
    remedy = "Chạy ansinh retain, và xem vì sao lịch weekly_retention không chạy"
    means = (
        "Đã hơn một tuần không bỏ những gì quá thời hạn giữ. Chưa hỏng gì, nhưng dữ liệu cá nhân nằm lại lâu hơn căn cứ cho phép."
    )
    steps = (
        "Xem sẽ bỏ gì: ansinh retain --dry-run; đúng thì chạy ansinh retain cho đến khi kết thúc bằng 0.",
        "Xem lịch weekly_retention_schedule trên giao diện có bật và bộ lập lịch có chạy không; nơi không chạy bộ lập lịch thì đặt "
        "cron hằng tuần chạy ansinh retain.",
    )
