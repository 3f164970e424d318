"""What can stand in the way of a backup, of bringing one back, and of a rehearsal."""

from resources.failing import Permanent, Transient
from resources.failures import Unconfigured

CHAPTER = "Sao lưu và khôi phục"

# `ansinh reset` is the demo's alone: a production is cleared by hand.
CLEARED = "dọn phần dở (máy thật: xóa và tạo lại hai cơ sở dữ liệu, xóa nội dung ANSINH_HOME; tỉnh mô phỏng: ansinh reset)"


# Commands that whoever administers the machine copies.
MAKE_ENCRYPTION = "age-keygen -o khoa-giai-ma.txt"
MAKE_SIGNING = "openssl genpkey -algorithm ed25519 -out khoa-ky.pem"


class IntoHome(Permanent):
    attempted = "Sao lưu vào {folder}"
    found = "thư mục này nằm trong ANSINH_HOME ({home}), cần một nơi ở ngoài"
    remedy = "Chọn một thư mục ngoài ANSINH_HOME, tốt nhất ở đĩa hay máy khác, rồi chạy lại; chưa có gì được ghi"
    means = "Bản sao lưu nằm trong trạng thái sẽ mất cùng trạng thái."
    steps = ("Chạy ansinh backup --into với một thư mục ở đĩa khác hoặc ổ mạng.",)
    exit_status = 2


class NothingToBackUp(Permanent):
    attempted = "Sao lưu trạng thái {home}"
    found = "chưa có kho dữ liệu nào, cần ít nhất một lượt đêm đã chạy"
    remedy = "Kiểm tra ANSINH_HOME và WAREHOUSE_URL rồi chạy lại; chưa có gì được ghi"
    means = "Nơi được chỉ ra không có kho: sai ANSINH_HOME, sai WAREHOUSE_URL, hoặc hệ thống chưa chạy lần nào."
    steps = ("Xem ANSINH_HOME, ANSINH_PROFILE và WAREHOUSE_URL của tài khoản chạy lệnh.", "Chạy ansinh doctor.")
    exit_status = 2


class BackupNotWritable(Transient):
    attempted = "Ghi bản sao lưu vào {folder}"
    found = "hệ điều hành từ chối ({why})"
    remedy = "Giải phóng đĩa hoặc trả lại quyền ghi rồi chạy lại; phần dở đã xóa, các bản sao lưu trước còn nguyên"
    means = "Đĩa đầy, hệ tệp chỉ đọc, thiếu quyền ghi hoặc ổ mạng mất kết nối. Không có bản dở nào mang tên như bản tốt."
    steps = (
        "Xem df -h và quyền của thư mục sao lưu; ổ mạng thì xem còn gắn không.",
        "Chuyển bớt bản cũ sang nơi khác nếu đĩa đầy.",
        "Chạy lại ansinh backup cho đến khi kết thúc bằng 0: chưa xong thì hôm nay chưa có bản sao lưu.",
    )


class DumpFailed(Permanent):
    attempted = "Sao lưu cơ sở dữ liệu {database}"
    found = "{why}"
    remedy = "Sửa nguyên nhân rồi chạy lại; phần dở đã xóa, các bản sao lưu trước còn nguyên"
    means = "Công cụ sao lưu của PostgreSQL không đọc hết được cơ sở dữ liệu, nên bản này bị bỏ."
    steps = (
        "Đĩa đầy: giải phóng đĩa. Mất kết nối: xem dịch vụ PostgreSQL. Thiếu quyền: tài khoản phải sở hữu cơ sở dữ liệu.",
        "Máy chủ mới hơn công cụ: nâng cấp ansinh, hoặc sao lưu bằng pg_dump của chính máy chủ.",
        "Chạy lại ansinh backup cho đến khi kết thúc bằng 0.",
    )


class RawFilesDamaged(Permanent):
    attempted = "Sao lưu kho dữ liệu gốc vào {name}"
    found = "{count} tệp gốc đã mất hoặc không còn khớp mã băm trong kho, tệp đầu: {first}"
    remedy = "{became}. Chép tệp cùng tên từ một bản sao lưu trước hoặc lấy lại ô đó từ nguồn, rồi sao lưu lại"
    means = "Bản sao lưu vẫn được ghi và khôi phục được, nhưng kho dữ liệu gốc của trạng thái có tệp hỏng hoặc mất."
    steps = (
        "Xem tên các tệp ở phần in ra phía trên; kiểm tra đĩa (dmesg, smartctl).",
        "Chép tệp cùng tên từ thư mục raw của một bản sao lưu trước vào đúng chỗ trong ANSINH_HOME.",
        "Không có bản trước: chạy ansinh backfill các ô của kỳ đó không kèm --from-raw, rồi sao lưu lại.",
    )


class NoBackup(Permanent):
    attempted = "Khôi phục từ {folder}"
    found = "không có bản sao lưu trọn vẹn nào{besides}"
    remedy = "Chỉ ra một bản sao lưu hoặc thư mục chứa các bản sao lưu; chưa có gì được ghi"
    means = "Thư mục được nêu không có thư mục con ansinh-… nào kèm tệp manifest.json đúng."
    steps = ("Kiểm tra đường dẫn và quyền đọc.", "Ổ mạng: xem còn gắn không.", "Tìm bản sao lưu ở nơi cất khác.")
    exit_status = 2


class BackupCutShort(Permanent):
    attempted = "Khôi phục từ {name}"
    found = "bản sao lưu này bị cắt ngang: không có manifest.json trọn vẹn"
    remedy = "Chọn một bản sao lưu trọn vẹn; chưa có gì được ghi"
    means = "Lệnh sao lưu bị ngắt trước khi xong, hoặc bản sao lưu được chép đi thiếu tệp. Bản như vậy không bao giờ được dùng."
    steps = ("Chạy ansinh restore --from với thư mục chứa các bản sao lưu: bản trọn vẹn mới nhất được chọn và nêu tên.",)
    exit_status = 2


class BackupUnsigned(Permanent):
    attempted = "Khôi phục từ {name}"
    found = "bản sao lưu này không có chữ ký (manifest.json.sig): của ansinh đời trước, bị cắt ngang, hoặc bị người khác sửa"
    remedy = "Chọn một bản sao lưu có chữ ký; chưa có gì được đọc hay ghi"
    means = "Bản không ký không chứng minh được ai đã làm ra nó, và khôi phục một bản giả là giao máy cho người làm giả. Không có ngoại lệ."
    steps = (
        "Dùng bản sao lưu do bản ansinh hiện nay tạo.",
        "Chỉ còn bản đời trước: khôi phục nó bằng đúng bản ansinh đã tạo ra nó, trên máy tách mạng, rồi nâng cấp và sao lưu lại.",
    )
    exit_status = 2


class BackupForeign(Permanent):
    attempted = "Khôi phục từ {name}"
    found = "chữ ký không khớp với khóa kiểm tra (BACKUP_VERIFY_KEY)"
    remedy = "Không dùng bản này; chọn bản khác hoặc kiểm tra lại khóa; chưa có gì được đọc hay ghi"
    means = "Manifest bị sửa sau khi ký, hoặc bản sao lưu do một khóa khác ký: của hệ thống khác, của lần thay khóa trước, hoặc bị làm giả."
    steps = (
        "So khóa: openssl pkey -in <khóa ký> -pubout phải ra đúng BACKUP_VERIFY_KEY.",
        "Kiểm không cần ansinh: openssl pkeyutl -verify -pubin -inkey <khóa kiểm tra> -rawin -in manifest.json -sigfile manifest.json.sig.",
        "Khóa đúng mà vẫn sai: coi như nơi cất bị xâm nhập, báo người phụ trách an toàn thông tin, dùng bản ở nơi cất khác.",
    )
    exit_status = 2


class BackupUnsound(Permanent):
    attempted = "Khôi phục từ {name}"
    found = "manifest.json không đúng dạng: quá lớn, thiếu hoặc thừa mục, tên tệp dẫn ra ngoài"
    remedy = "Chọn một bản sao lưu khác; chưa có gì được ghi"
    means = "Manifest không phải do bản ansinh này viết ra. Không mục nào của nó được dùng, dù chữ ký đúng."
    steps = (
        "Dùng bản sao lưu khác.",
        "Chữ ký đúng mà dạng sai: báo người phát triển, và giữ khóa ký như đã lộ cho đến khi rõ vì sao.",
    )
    exit_status = 2


class BackupNewer(Permanent):
    attempted = "Khôi phục từ {name}"
    found = "bản sao lưu ở phiên bản kho {found_version}, chương trình này chỉ biết đến phiên bản {known_version}"
    remedy = "Cài phiên bản ansinh đã tạo bản sao lưu (hoặc mới hơn) rồi chạy lại; chưa có gì được ghi"
    means = "Bản sao lưu do một bản ansinh mới hơn tạo. Bản cũ không được dựng lại kho mà nó không hiểu."
    steps = ("Cài đúng bản ansinh đã dùng khi sao lưu hoặc mới hơn, rồi khôi phục.", "Bản ansinh mới tự nâng cấp kho cũ hơn.")
    exit_status = 2


class BackupAhead(Permanent):
    attempted = "Chọn bản sao lưu mới nhất trong {folder}"
    found = "{name} ghi giờ tạo {claimed}, chưa đến theo đồng hồ của máy này"
    remedy = "Sửa đồng hồ của máy này; đồng hồ đúng rồi thì nêu đích danh bản cần bằng --from, hoặc chuyển bản ghi giờ sai đi nơi khác; chưa có gì được ghi"
    means = (
        "Đồng hồ của máy này chậm, hoặc bản đó được tạo khi đồng hồ chạy trước. Theo giờ ghi thì không biết bản nào mới nhất, và lấy nhầm bản cũ "
        "là mất những ngày sau nó."
    )
    steps = (
        "So giờ của máy với giờ thật: timedatectl.",
        "Xem các bản: ls -lt <thư mục>; ngày của tệp manifest.json do máy giữ bản sao lưu ghi.",
        "Nêu đích danh: ansinh restore --from <thư mục>/ansinh-<giờ>. Diễn tập: chuyển bản ghi giờ sai ra ngoài thư mục rồi chạy lại.",
    )
    exit_status = 2


class BackupDamaged(Permanent):
    attempted = "Khôi phục từ {name}"
    found = "{count} tệp thiếu hoặc không khớp mã băm của manifest, tệp đầu: {first}"
    remedy = "Chọn một bản sao lưu khác; chưa có gì được ghi"
    means = "Bản sao lưu bị hỏng sau khi ghi (đĩa, chép thiếu, bị sửa). Bản hỏng không bao giờ được dùng."
    steps = (
        "Kiểm tra đĩa chứa bản sao lưu; lấy lại bản đó từ nơi cất thứ hai nếu có.",
        "Chạy ansinh restore --from với thư mục chứa các bản sao lưu để dùng bản tốt gần nhất.",
    )
    exit_status = 2


class OtherIdentity(Permanent):
    attempted = "Giải mã {name}"
    found = "khóa giải mã được đưa không mở được bản này; bản này mã hóa cho {recipients}"
    remedy = "Đưa đúng tệp khóa bằng --identity rồi chạy lại; chưa có gì được ghi"
    means = "Bản sao lưu được mã hóa cho một khóa công khai khác với khóa riêng đang đưa."
    steps = (
        "In khóa công khai của tệp khóa: age-keygen -y <tệp khóa>; nó phải là một trong các khóa được nêu.",
        "Khóa đã thay: dùng tệp khóa của thời gian đó.",
    )
    exit_status = 2


class TargetNotEmpty(Permanent):
    attempted = "Khôi phục vào {place}"
    found = "nơi nhận đã có {what}, cần một nơi trống"
    remedy = "Chọn nơi trống rồi chạy lại; chưa có gì thay đổi"
    means = "Lệnh khôi phục không bao giờ ghi đè một trạng thái đang có."
    steps = (
        "Đặt ANSINH_HOME là một thư mục chưa có hoặc trống; production: tạo cơ sở dữ liệu mới và đổi WAREHOUSE_URL, ANSINH_DAGSTER_URL.",
        "Chỉ khi chắc chắn bỏ trạng thái đang có: sao lưu nó, rồi ansinh reset (tỉnh mô phỏng) hoặc xóa bằng tay.",
    )
    exit_status = 2


class OtherPlace(Permanent):
    attempted = "Khôi phục cơ sở dữ liệu {database}"
    found = "bản sao lưu lấy nó từ {was}, cấu hình hiện tại đặt nó ở {now}"
    remedy = "Đặt ANSINH_PROFILE, WAREHOUSE_URL, ANSINH_DAGSTER_URL như khi sao lưu rồi chạy lại; chưa có gì được ghi"
    means = "Bản sao lưu của tỉnh mô phỏng chỉ về máy chủ nhúng; bản sao lưu production chỉ về máy chủ được cấu hình."
    steps = ("So cấu hình hiện tại với cấu hình của hệ thống đã sao lưu.", "Chạy lại ansinh restore.")
    exit_status = 2


class NotEnoughRoom(Permanent):
    attempted = "Khôi phục {name} vào {home}"
    found = "đĩa còn {free:.1f} GB, cần khoảng {needed:.1f} GB"
    remedy = "Giải phóng đĩa hoặc chọn ANSINH_HOME ở đĩa khác rồi chạy lại; chưa có gì được ghi"
    means = "Kích thước lấy từ manifest đã ký, nên biết trước là đĩa không đủ."
    steps = ("Xem df -h.", "Chuyển dữ liệu khác đi, hoặc đặt ANSINH_HOME ở đĩa lớn hơn.")
    exit_status = 2


class RestorerTooMighty(Permanent):
    attempted = "Khôi phục cơ sở dữ liệu {database}"
    found = "tài khoản trong {setting} là superuser hoặc được chạy lệnh trên máy chủ PostgreSQL"
    remedy = "Dùng một tài khoản thường sở hữu cơ sở dữ liệu đó rồi chạy lại; chưa có gì được ghi"
    means = "Một bản dump dựng lại bằng superuser có thể chạy lệnh trên máy chủ. ansinh chỉ dựng lại bằng tài khoản thường."
    steps = (
        "Quản trị máy chủ: create role ansinh login; alter database <kho> owner to ansinh.",
        "Đặt lại địa chỉ kết nối với tài khoản đó rồi chạy lại.",
    )
    exit_status = 2


class RestoreNotWritable(Transient):
    attempted = "Khôi phục vào {home}"
    found = "hệ điều hành từ chối ({why})"
    remedy = f"Giải phóng đĩa hoặc trả lại quyền ghi, {CLEARED}, rồi khôi phục lại"
    means = "Đĩa đầy, hệ tệp chỉ đọc hoặc thiếu quyền ghi giữa lúc khôi phục. Trạng thái dở được đánh dấu, không lệnh nào chạy trên đó."
    steps = ("Xem df -h và quyền của ANSINH_HOME.", "Dọn trạng thái dở như mục “khôi phục dở”, rồi khôi phục lại.")


class RestoreFailed(Permanent):
    attempted = "Khôi phục cơ sở dữ liệu {database}"
    found = "{why}"
    remedy = f"Sửa nguyên nhân, {CLEARED}, rồi khôi phục lại"
    means = "Công cụ khôi phục của PostgreSQL dừng giữa chừng. Trạng thái dở được đánh dấu, không lệnh nào chạy trên đó."
    steps = (
        "Đĩa đầy: giải phóng đĩa. Thiếu quyền: tài khoản phải được tạo lược đồ trong cơ sở dữ liệu nhận.",
        "Thiếu locale: cài bộ mã ngôn ngữ của máy cũ.",
        "Dọn trạng thái dở như mục “khôi phục dở”, rồi khôi phục lại.",
    )


class RestoredRuns(Permanent):
    attempted = "Khôi phục cơ sở dữ liệu {database}"
    found = "bản dump mang theo thứ tự chạy mà hệ thống không có: {what}"
    remedy = f"Không dùng bản này; {CLEARED}; giữ bản sao lưu lại để xem xét"
    means = "Hàm, trigger, quy tắc hay phần mở rộng lạ sẽ chạy với quyền của ansinh ở lần ghi sau. Không bản sao lưu nào của ansinh có chúng."
    steps = ("Báo người phụ trách an toàn thông tin: khóa ký có thể đã lộ.", "Dùng bản sao lưu khác, từ nơi cất khác.")


class RestoredDiffers(Permanent):
    attempted = "Kiểm tra trạng thái vừa khôi phục từ {name}"
    found = "{count} con số khác với lúc sao lưu, đầu tiên: {first}"
    remedy = f"Không dùng trạng thái này; {CLEARED}, rồi khôi phục lại, hoặc dùng bản sao lưu khác"
    means = "Dữ liệu dựng lại không giống lúc sao lưu. Trạng thái được đánh dấu dở, không lệnh nào chạy trên đó."
    steps = ("Khôi phục lại; nếu vẫn khác, dùng bản sao lưu trước.", "Báo người phát triển kèm dòng thông báo này.")


class RehearsalNoPlace(Permanent):
    attempted = "Diễn tập khôi phục"
    found = "tài khoản trong {setting} không được tạo cơ sở dữ liệu tạm, hoặc máy chủ từ chối"
    remedy = "Cấp quyền createdb, hoặc đặt BACKUP_REHEARSAL_URL là một máy chủ thử rồi chạy lại; kho thật không bị động đến"
    means = (
        "Diễn tập dựng lại bản sao lưu vào cơ sở dữ liệu tạm (ansinh_rehearsal_…) rồi xóa đi, nên cần quyền tạo cơ sở dữ liệu."
    )
    steps = (
        "Tốt nhất: một máy chủ PostgreSQL khác, đặt BACKUP_REHEARSAL_URL=postgresql://tài_khoản@máy/postgres.",
        "Hoặc quản trị máy chủ kho: alter role <tài khoản> createdb.",
    )


class RehearsalStopped(Transient):
    attempted = "Diễn tập khôi phục"
    found = "hệ điều hành từ chối ({why})"
    remedy = "Giải phóng đĩa tạm hoặc trả lại quyền đọc bản sao lưu rồi chạy lại; trạng thái thật không bị động đến"
    means = "Đĩa tạm đầy, thiếu quyền, hoặc bản sao lưu mất giữa chừng. Nơi tạm đã được xóa."
    steps = (
        "Xem df -h của thư mục tạm (TMPDIR) và của ANSINH_HOME; ổ mạng thì xem còn gắn không.",
        "Chạy lại ansinh backup --verify.",
    )


class BackupsUnnamed(Permanent):
    attempted = "Sao lưu hoặc diễn tập khôi phục"
    found = "chưa nói thư mục nào giữ các bản sao lưu"
    remedy = "Đặt BACKUP_DIR, hoặc nêu --into (khi sao lưu), --from (khi diễn tập) rồi chạy lại"
    means = "Lệnh không đoán nơi cất các bản sao lưu."
    steps = ("Đặt BACKUP_DIR là thư mục sao lưu, ngoài ANSINH_HOME, tốt nhất ở máy khác.",)
    exit_status = 2


class RecipientUnconfigured(Unconfigured):
    attempted = "Sao lưu trạng thái"
    found = "BACKUP_RECIPIENT chưa đặt: không biết mã hóa bản sao lưu cho ai"
    remedy = f"Trên máy khác chạy {MAKE_ENCRYPTION}, đặt BACKUP_RECIPIENT là dòng age1… của nó rồi chạy lại; chưa có gì được ghi"
    means = "Bản sao lưu chứa dữ liệu cá nhân nên luôn được mã hóa, cho một khóa mà máy này không giữ phần riêng."
    steps = (
        f"Trên máy khác, tốt nhất máy không nối mạng: {MAKE_ENCRYPTION}; in tệp đó ra giấy, cất hai nơi. Mất nó là mất mọi bản sao lưu.",
        "Đặt BACKUP_RECIPIENT=age1… (khóa công khai); nhiều người nhận thì cách nhau bằng dấu cách.",
        "Chạy lại ansinh backup.",
    )


class SigningUnconfigured(Unconfigured):
    attempted = "Sao lưu trạng thái"
    found = "BACKUP_SIGNING_KEY_FILE chưa đặt: không có khóa để ký bản sao lưu"
    remedy = f"Chạy {MAKE_SIGNING}, đặt BACKUP_SIGNING_KEY_FILE chỉ đến tệp đó rồi chạy lại; chưa có gì được ghi"
    means = "Bản sao lưu không ký thì nơi khôi phục không phân biệt được với bản giả, và sẽ từ chối nó."
    steps = (
        f"Chạy {MAKE_SIGNING}, rồi chmod 600 khoa-ky.pem; đặt BACKUP_SIGNING_KEY_FILE.",
        "In khóa kiểm tra: openssl pkey -in khoa-ky.pem -pubout; giữ nó ở nơi khôi phục (BACKUP_VERIFY_KEY), đừng cất cùng bản sao lưu.",
        "Chạy lại ansinh backup.",
    )


class VerifyUnconfigured(Unconfigured):
    attempted = "Kiểm tra bản sao lưu"
    found = "BACKUP_VERIFY_KEY chưa đặt: không kiểm được chữ ký"
    remedy = "Đặt BACKUP_VERIFY_KEY (hoặc BACKUP_VERIFY_KEY_FILE) là khóa kiểm tra của hệ thống đã sao lưu rồi chạy lại; chưa có gì được ghi"
    means = "Khóa kiểm tra phải có sẵn ở nơi khôi phục: lấy nó từ chính bản sao lưu thì bản giả nào cũng đúng."
    steps = (
        "Còn khóa ký: openssl pkey -in khoa-ky.pem -pubout > khoa-kiem-tra.pem; đặt BACKUP_VERIFY_KEY_FILE.",
        "Không còn: lấy khóa kiểm tra từ nơi cất giấy tờ của hệ thống (PEM, hoặc 32 byte base64).",
        "Tỉnh mô phỏng: khóa ở thư mục ansinh/demo-backup trong thư mục cấu hình (XDG_CONFIG_HOME) của tài khoản đã sao lưu.",
    )


class IdentityUnconfigured(Unconfigured):
    attempted = "Giải mã bản sao lưu"
    found = "chưa đưa tệp khóa giải mã"
    remedy = "Chạy lại với --identity TỆP (hoặc đặt BACKUP_IDENTITY_FILE); chưa có gì được ghi"
    means = "Khóa riêng không nằm trên máy đã sao lưu; người giữ nó phải mang tới nơi khôi phục."
    steps = (
        "Lấy tệp khóa (dòng AGE-SECRET-KEY-…) từ nơi cất, chạy ansinh restore --from … --identity TỆP.",
        "Khóa có mật khẩu: mở bằng age -d khoa.age vào một tệp 0600 của tài khoản chạy ansinh, nêu tệp đó ở --identity, xong thì shred -u tệp đó.",
        "Tỉnh mô phỏng: khóa ở thư mục ansinh/demo-backup trong thư mục cấu hình (XDG_CONFIG_HOME) của tài khoản đã sao lưu.",
    )


class KeyWrong(Unconfigured):
    attempted = "Đọc khóa sao lưu {name}"
    found = "{what}"
    remedy = "Sửa rồi chạy lại; chưa có gì được ghi"
    means = "Khóa viết sai, bị cắt, không đọc được, hoặc là loại khóa khác. Nội dung khóa không bao giờ được in ra."
    steps = (
        "BACKUP_RECIPIENT: các dòng age1… do age-keygen in ra. Khóa giải mã: tệp có dòng AGE-SECRET-KEY-….",
        f"Khóa ký: tệp do {MAKE_SIGNING} tạo. Khóa kiểm tra: openssl pkey -in <khóa ký> -pubout.",
    )


class KeyOpenToOthers(Unconfigured):
    attempted = "Đọc khóa sao lưu {name}"
    found = "tài khoản khác của máy cũng đọc được tệp khóa"
    remedy = "Chạy chmod 600 trên tệp đó rồi chạy lại; chưa có gì được ghi"
    means = "Ai đọc được khóa ký thì làm giả được bản sao lưu; ai đọc được khóa giải mã thì mở được nó."
    steps = ("chown cho tài khoản chạy ansinh, chmod 600 tệp khóa.", "Đã để mở lâu: coi như lộ, tạo khóa mới và sao lưu lại.")


class KeepWrong(Unconfigured):
    attempted = "Đọc quy tắc giữ bản sao lưu (BACKUP_KEEP)"
    found = "không phải ba số nguyên: số ngày (từ 1), số tuần, số tháng (từ 0), mỗi số tối đa {longest}"
    remedy = "Sửa biến môi trường, ví dụ BACKUP_KEEP='7 5 12', hoặc bỏ đi để dùng quy tắc sẵn có"
    means = "Quy tắc giữ bản sao lưu viết sai nên không bản nào bị xóa."
    steps = ("Sửa BACKUP_KEEP theo mẫu được nêu, rồi chạy lại ansinh backup.",)


class OldBackupStays(Permanent):
    attempted = "Xóa bản sao lưu cũ {name}"
    found = "hệ điều hành từ chối ({why})"
    remedy = "Bản mới đã ghi trọn và dùng được; trả lại quyền ghi, hoặc xóa bản cũ bằng tay"
    means = "Không xóa được thì đĩa sao lưu đầy dần. Bản bị xóa dở không còn mang tên của một bản tốt."
    steps = ("Xem quyền của thư mục sao lưu; ổ mạng thì xem còn gắn và cho xóa không.", "Lần sao lưu sau tự thử lại.")


class BackupRoadBlocked(Permanent):
    attempted = "Thử đường sao lưu của cơ sở dữ liệu {database}"
    found = "{why}"
    remedy = "Sửa nguyên nhân rồi chạy lại ansinh doctor; chưa sửa thì chưa có bản sao lưu nào mới"
    means = "pg_dump của máy này không đọc được cấu trúc cơ sở dữ liệu như lúc sao lưu thật; không có gì được ghi."
    steps = (
        "Chữ trong thông báo cho biết vì sao: kết nối, TLS, quyền, khóa. Thiếu quyền: tài khoản phải sở hữu cơ sở dữ liệu.",
        "Chạy ansinh doctor: dòng sao lưu phải tốt; rồi ansinh backup.",
    )


class ToolsMissing(Permanent):
    attempted = "Tìm công cụ sao lưu của PostgreSQL"
    found = "không có pg_dump và pg_restore {where}; máy chủ là PostgreSQL {needed}"
    remedy = "Cài bộ công cụ PostgreSQL {needed} trên máy chạy ansinh, hoặc đặt BACKUP_TOOLS_DIR là thư mục chứa hai công cụ đó"
    means = (
        "Dùng thật thì sao lưu và khôi phục bằng công cụ của hệ điều hành, cùng phiên bản với máy chủ: công cụ đi kèm ansinh không có "
        "TLS nên chỉ dành cho tỉnh mô phỏng."
    )
    steps = (
        "Debian, Ubuntu: apt-get install postgresql-client-<phiên bản>; RHEL: dnf install postgresql<phiên bản>. Chưa có gói đó thì thêm "
        "kho phần mềm của PostgreSQL (PGDG).",
        "Để ở nơi riêng thì đặt BACKUP_TOOLS_DIR; đặt rồi thì chỉ thư mục đó được xem.",
        "Chạy ansinh doctor: dòng sao lưu phải tốt.",
    )


class ToolsTooOld(Permanent):
    attempted = "Tìm công cụ sao lưu của PostgreSQL"
    found = "mới nhất là {found} ở {folder}, máy chủ là PostgreSQL {needed}, cần công cụ {needed} trở lên"
    remedy = "Cài bộ công cụ PostgreSQL {needed} trên máy chạy ansinh, hoặc đặt BACKUP_TOOLS_DIR là thư mục chứa nó"
    means = "pg_dump cũ hơn máy chủ không đọc được cơ sở dữ liệu. Thường gặp sau khi máy chủ PostgreSQL được nâng cấp."
    steps = (
        "Debian, Ubuntu: apt-get install postgresql-client-<phiên bản>; RHEL: dnf install postgresql<phiên bản>.",
        "Chạy ansinh doctor: dòng sao lưu phải tốt; rồi ansinh backup ngay, các đêm trước chưa có bản nào.",
    )


class ToolsNewer(Permanent):
    """A warning of the doctor."""

    attempted = "Tìm công cụ sao lưu của PostgreSQL"
    found = (
        "gần nhất là {found}, máy chủ là PostgreSQL {needed}: bản sao lưu có thể không khôi phục được vào một máy chủ cũ như vậy"
    )
    remedy = "Cài thêm bộ công cụ PostgreSQL {needed} trên máy chạy ansinh; chúng đứng cạnh nhau được"
    means = "Sao lưu vẫn chạy. Nhưng điều pg_restore bản mới đặt trước khi ghi, máy chủ cũ hơn 17 không hiểu và từ chối."
    steps = (
        "Debian, Ubuntu: apt-get install postgresql-client-<phiên bản của máy chủ>.",
        "Nếu phải khôi phục khi chưa cài: dùng một máy chủ PostgreSQL cùng phiên bản với công cụ.",
    )


class HalfRestored(Permanent):
    attempted = "Mở trạng thái {home}"
    found = "khôi phục dở từ {name}"
    remedy = f"{CLEARED[0].upper()}{CLEARED[1:]}, rồi khôi phục lại"
    means = "Lần khôi phục trước bị cắt ngang nên trạng thái thiếu. Không lệnh nào được chạy trên đó, để không ghi đè phần thiếu."
    steps = (
        "Tỉnh mô phỏng: chạy ansinh reset, rồi chạy lại ansinh restore --from với cùng bản sao lưu.",
        "Cấu hình production: xóa và tạo lại hai cơ sở dữ liệu (kho và điều phối), xóa nội dung ANSINH_HOME, rồi khôi phục lại.",
    )
    exit_status = 2
