"""How what stands here may fail: the environment and its settings, the state folder, the clock, the disk, the demo's servers, raw."""

from resources.failing import Permanent, Transient, kind_of, place_of

CHAPTER = "Cấu hình, đồng hồ, thư mục trạng thái và dữ liệu gốc"

NOT_32_BYTES = "không phải 32 byte ngẫu nhiên viết ở dạng hex (64 ký tự) hoặc base64"


class Unreachable(Transient):
    """Nothing answered at all: the pass can stop here."""

    stops_system = True


class DiskFull(Transient):
    attempted = "Chạy {what}"
    found = "đĩa đầy: thư mục trạng thái (ANSINH_HOME) hoặc thư mục tạm của máy chạy ansinh ({why})"
    remedy = "Giải phóng đĩa của máy này rồi chạy lại; những gì đã nạp vẫn nguyên"
    means = "Máy chạy ansinh không còn chỗ ghi tệp. Không phải lỗi của kho, của nguồn hay của dữ liệu. Đã tự thử lại vài lần."
    steps = (
        "Xem df -h, rồi du -sh $ANSINH_HOME/* và thư mục tạm (/tmp).",
        "Chuyển bản sao lưu cũ sang máy khác, hoặc mở rộng đĩa; không xóa gì trong thư mục raw.",
        "Chạy ansinh doctor, rồi chạy lại; lượt đêm sau cũng tự lấy tiếp.",
    )


class Unforeseen(Permanent):
    attempted = "Chạy {what}"
    found = "gặp lỗi chưa lường trước ({kind} tại {place})"
    remedy = "Những gì đã nạp vẫn nguyên; gửi dòng này cho người phát triển, không kèm dữ liệu cá nhân"
    means = (
        "Chương trình gặp một tình huống chưa được khai báo. Nội dung lỗi của thư viện bị giấu vì có thể chứa dữ liệu cá nhân; chỉ "
        "loại lỗi và chỗ xảy ra được giữ lại."
    )
    steps = (
        "Chạy lại một lần: nếu hết thì không cần làm gì thêm.",
        "Nếu lặp lại, gửi nguyên dòng thông báo và mã lượt chạy cho người phát triển; không gửi dữ liệu.",
        "Các hệ thống và bộ dữ liệu khác không bị ảnh hưởng, lượt đêm sau vẫn chạy.",
    )

    @classmethod
    def of(cls, what: str, error: BaseException, beneath: BaseException | None = None) -> "Unforeseen":
        """The failure for an exception whose text may hold a value: only its type and the innermost place of ours are told.

        `beneath`: what a library found and wraps; its type tells more.
        """
        return cls(what=what, kind=kind_of(beneath or error), place=place_of(error))


class Unconfigured(Permanent):
    """A setting is not there or has no meaning. The message names it and never holds a secret."""

    exit_status = 2


class SecretUnreadable(Unconfigured):
    attempted = "Đọc {name} từ tệp mà {name}_FILE chỉ ra"
    found = "không đọc được ({why})"
    remedy = "Kiểm tra đường dẫn, quyền đọc và nội dung tệp"
    means = (
        "Biến môi trường kết thúc bằng _FILE chỉ đến một tệp thường chứa đúng một giá trị ở dạng văn bản UTF-8, nhưng tài khoản chạy "
        "ansinh không đọc được tệp như vậy."
    )
    steps = (
        "Kiểm tra đường dẫn trong biến môi trường được nêu: một tệp thường, không rỗng, dưới 64 KB, không phải thư mục.",
        "Cấp quyền đọc tệp cho riêng tài khoản chạy ansinh (chmod 600).",
    )


class SettingTwice(Unconfigured):
    attempted = "Đọc cấu hình {name}"
    found = "cả {name} và {name}_FILE đều được đặt"
    remedy = "Giữ lại một, bỏ một rồi chạy lại"
    means = "Giá trị được khai ở hai nơi; chương trình không đoán nơi nào đúng, vì nơi còn lại thường là giá trị cũ."
    steps = ("Bỏ biến không dùng nữa; bí mật nên để trong tệp.", "Chạy ansinh doctor.")


class SettingWrong(Unconfigured):
    attempted = "Đọc cấu hình {name}"
    found = "giá trị đã đặt không đúng, cần {expected}"
    remedy = "Sửa biến môi trường rồi chạy lại"
    means = "Một biến môi trường viết sai. Giá trị không được in ra, vì có thể là một bí mật đặt nhầm chỗ."
    steps = (
        "Đặt biến được nêu theo đúng điều cần trong thông báo, hoặc bỏ trống để dùng giá trị mặc định.",
        "Chạy ansinh doctor.",
    )


class WarehouseUnconfigured(Unconfigured):
    attempted = "Mở kho dữ liệu của trung tâm"
    found = "WAREHOUSE_URL chưa đặt, cấu hình production cần địa chỉ kho"
    remedy = "Đặt WAREHOUSE_URL (hoặc WAREHOUSE_URL_FILE) rồi chạy lại"
    means = "Cấu hình production không bao giờ tự dùng kho mô phỏng, nên thiếu địa chỉ kho thì không chạy."
    steps = (
        "Đặt WAREHOUSE_URL=postgresql+psycopg2://… (bí mật nên để trong tệp, dùng WAREHOUSE_URL_FILE).",
        "Chạy ansinh doctor.",
    )


class DagsterUnconfigured(Unconfigured):
    attempted = "Mở nơi lưu nhật ký điều phối"
    found = "ANSINH_DAGSTER_URL chưa đặt"
    remedy = (
        "Quản trị máy chủ chạy: create database dagster owner <vai trò của ansinh> encoding 'UTF8' template template0; "
        "rồi đặt ANSINH_DAGSTER_URL"
    )
    means = "Dagster cần một cơ sở dữ liệu PostgreSQL riêng để giữ lượt chạy và sự kiện."
    steps = (
        "Cơ sở dữ liệu riêng, trên máy chủ của kho cũng được; ansinh setup lập nó cùng các vai trò.",
        "Đặt ANSINH_DAGSTER_URL rồi chạy ansinh doctor.",
    )


class HomeNotAFolder(Unconfigured):
    attempted = "Mở thư mục trạng thái (ANSINH_HOME)"
    found = "{home} không phải thư mục"
    remedy = "Sửa ANSINH_HOME rồi chạy lại"
    means = "Đường dẫn chỉ đến một tệp."
    steps = ("Đặt ANSINH_HOME là một thư mục của riêng ansinh, đường dẫn đầy đủ; bỏ trống thì là .ansinh cạnh chương trình.",)


class RoundingSecretWrong(Unconfigured):
    attempted = "Đọc khóa làm tròn số liệu mở (ANSINH_ROUNDING_SECRET)"
    found = NOT_32_BYTES
    remedy = "Đặt lại đúng khóa đã dùng; chưa có khóa nào thì tạo bằng: openssl rand -hex 32"
    means = "Khóa làm tròn bị cắt, thừa ký tự, sai dạng, hoặc tự gõ ra nên đoán được. Số liệu mở không được công bố; các phần khác vẫn chạy."
    steps = (
        "Đã từng công bố: lấy lại đúng khóa cũ từ nơi giữ khóa hoặc bản sao lưu. Không tạo khóa mới.",
        "Chưa công bố lần nào: openssl rand -hex 32 vào một tệp chmod 600, đặt ANSINH_ROUNDING_SECRET_FILE chỉ đến tệp đó.",
    )


class PersonSecretWrong(Unconfigured):
    attempted = "Đọc khóa lập dấu của người đã xóa (PERSON_DIGEST_SECRET)"
    found = NOT_32_BYTES
    remedy = "Lấy lại đúng khóa cũ từ nơi giữ khóa; chưa từng xóa ai thì tạo bằng openssl rand -hex 32"
    means = "Không có đúng khóa thì không nhận ra người đã xóa khi nguồn gửi lại, nên các hệ thống đã có người được xóa dừng nạp."
    steps = (
        "Chưa xóa ai lần nào: openssl rand -hex 32 vào một tệp chmod 600, đặt PERSON_DIGEST_SECRET_FILE chỉ đến tệp đó.",
        "Đã từng xóa: tìm đúng khóa cũ; khóa mới không nhận ra ai.",
    )


class PopulationSecretWrong(Unconfigured):
    attempted = "Đọc khóa lập dấu đối chiếu dân cư (POPULATION_DIGEST_SECRET)"
    found = NOT_32_BYTES
    remedy = "Đặt lại đúng khóa đã dùng; chưa có khóa nào thì tạo bằng: openssl rand -hex 32"
    means = "Khóa bị cắt, thừa ký tự, sai dạng, hoặc tự gõ ra nên đoán được. Không đối chiếu được với CSDLQG về dân cư; các phần khác vẫn chạy."
    steps = (
        "Đã từng đối chiếu: lấy lại đúng khóa cũ từ nơi giữ khóa hoặc bản sao lưu.",
        "Chưa đối chiếu lần nào: openssl rand -hex 32 vào một tệp chmod 600, đặt POPULATION_DIGEST_SECRET_FILE chỉ đến tệp đó.",
    )


class RootInState(Permanent):
    attempted = "Chạy lệnh trên thư mục trạng thái {home}"
    found = "lệnh chạy bằng root, thư mục là của tài khoản {account}"
    remedy = "Chạy bằng đúng tài khoản đó: sudo ansinh … theo trang cài đặt, hoặc runuser -u {account} -- …; chưa có gì được ghi"
    means = (
        "Tệp mà root tạo trong đó thì tài khoản chạy lượt đêm không đọc, không ghi được: đêm sau, bản sao lưu sau sẽ hỏng. ansinh doctor "
        "và ansinh setup thì chạy bằng root được."
    )
    steps = (
        "Dùng /usr/local/bin/ansinh (deploy/systemd/ansinh): nó tự chuyển sang tài khoản đó.",
        "Đã lỡ chạy bằng root bằng bản cũ: chown -R <tài khoản>: <thư mục trạng thái> <thư mục sao lưu>, rồi ansinh doctor.",
    )
    exit_status = 2


class StateOpen(Permanent):
    attempted = "Kiểm tra quyền của thư mục trạng thái {home}"
    found = "tài khoản khác của máy đọc được: {what}"
    remedy = "Chạy chmod go-rw {home} và chmod -R go= cho từng mục được nêu"
    means = (
        "Dữ liệu gốc, nhật ký và bí mật nằm ở đó. Mỗi lượt chạy tự đóng thư mục của riêng ansinh; mục còn mở là của tài khoản khác, "
        "hoặc thư mục còn chứa thứ không phải của ansinh."
    )
    steps = (
        "Xem chủ và quyền: ls -la $ANSINH_HOME. Mọi mục phải thuộc tài khoản chạy ansinh (pg có thể thuộc pgserver).",
        "Chuyển thứ không phải của ansinh đi nơi khác; đặt quyền theo câu lệnh trong thông báo.",
        "Chạy lại ansinh doctor.",
    )


class ClockUnreadable(Permanent):
    attempted = "Đọc ngày của tỉnh mô phỏng từ {place}"
    found = "không phải một ngày viết dạng YYYY-MM-DD, từ năm 2000 đến năm 2099"
    remedy = "Sửa lại ngày, hoặc ansinh reset rồi dựng lại tỉnh; chưa có gì được ghi"
    means = (
        "Tỉnh mô phỏng có đồng hồ riêng: biến ANSINH_TODAY cho ngày đầu, tệp clock trong thư mục trạng thái giữ ngày hiện tại."
    )
    steps = ("Viết đúng một ngày, ví dụ 2024-11-20, vào chỗ được nêu.", "Dời ngày bằng ansinh demo day, không sửa tệp bằng tay.")
    exit_status = 2


class ClockWentBack(Permanent):
    attempted = "Đọc đồng hồ"
    found = "đang là {now}, nhưng lần ghi cuối là {last}"
    remedy = "Giờ của máy sai: chỉnh lại (NTP) rồi chạy lại. Giờ của máy đúng: ansinh clock accept --reason … --by …; chưa có gì được ghi"
    means = (
        "Đồng hồ máy lùi quá 24 giờ so với lần ghi gần nhất: hoặc bây giờ nó sai, hoặc lần trước nó đã chạy trước và kho mang thời "
        "điểm chưa đến. Hạn nộp và lịch sử sẽ sai nếu ghi tiếp, nên mọi lượt chạy dừng."
    )
    steps = (
        "Xem giờ của máy: timedatectl. Sai thì bật đồng bộ giờ (NTP), chờ giờ đúng rồi chạy lại.",
        "Giờ bây giờ đúng, tức lần trước máy chạy trước: sao lưu, rồi ansinh clock accept --reason … --by …. Những gì ghi ở thời điểm "
        "chưa đến được ghi lại ngày, giữ nguyên thứ tự; việc này được lưu trong ops.clock_acts.",
        "Xem ansinh report list: báo cáo đã lập trong lúc giờ sai phải được xem lại. Không sửa kho bằng tay.",
    )


class ClockAgainstServer(Permanent):
    attempted = "So đồng hồ của máy với máy chủ của kho"
    found = "máy này là {now}, máy chủ kho là {server} (giờ Việt Nam), lệch quá 1 giờ"
    remedy = "Chỉnh đồng hồ của máy sai (NTP) rồi chạy lại; chưa có gì được ghi"
    means = "Một trong hai đồng hồ sai. Thời điểm ghi sai làm hỏng hạn nộp và lịch sử, nên mọi lượt chạy dừng cho đến khi hai giờ khớp."
    steps = (
        "Xem giờ trên cả hai máy: timedatectl; so với giờ chuẩn, chỉnh máy sai và bật NTP.",
        "Chạy ansinh doctor: dòng đồng hồ phải tốt; rồi chạy lại.",
    )


class ClockLeapt(Permanent):
    attempted = "Đọc đồng hồ"
    found = "đang là {now}, lần ghi cuối là {last}; các nguồn: {told}"
    remedy = "Giờ của máy sai: chỉnh lại (NTP) rồi chạy lại. Giờ đúng: ansinh clock accept --reason … --by …; chưa có gì được ghi"
    means = (
        "Từ lần ghi cuối đã hơn 24 giờ: hoặc trung tâm vừa nghỉ, hoặc đồng hồ máy nhảy tới. Đồng hồ của các hệ thống nguồn được hỏi, và "
        "đa số không xác nhận giờ này. Ghi ở một thời điểm chưa đến sẽ khóa trung tâm đến ngày đó, nên mọi lượt chạy dừng."
    )
    steps = (
        "Xem giờ của máy: timedatectl. Sai thì bật đồng bộ giờ (NTP), chờ giờ đúng rồi chạy lại.",
        "Giờ đúng (máy đã tắt lâu, nguồn chưa trả lời hoặc nguồn sai giờ): ansinh clock accept --reason … --by …, được lưu trong "
        "ops.clock_acts.",
        "Nguồn được nêu là lệch: báo đơn vị quản lý nguồn chỉnh giờ máy chủ của họ.",
    )


class ClockDrifts(Permanent):
    attempted = "So đồng hồ của máy với máy chủ của kho"
    found = "lệch {minutes} phút; quá 60 phút thì mọi lượt chạy dừng"
    remedy = "Bật đồng bộ giờ (NTP) trên cả hai máy"
    means = "Hai đồng hồ đang lệch dần. Chưa có gì sai, nhưng bài nộp sát giờ hạn có thể bị tính nhầm."
    steps = ("Xem timedatectl trên cả hai máy, bật NTP.", "Chạy lại ansinh doctor.")


class StillHeld(Transient):
    attempted = "Chờ lượt chạy khác đang dùng {name}"
    found = "sau {waited} lượt kia vẫn chưa xong"
    remedy = "Xem lượt đang chạy trên giao diện; các hệ thống khác vẫn chạy"
    means = (
        "Mỗi hệ thống nguồn chỉ có một lượt nạp tại một lúc. Lượt kia nạp lâu, hoặc tiến trình của nó bị treo mà chưa mất. Khi nhiều "
        "hệ thống cùng chạy, hệ thống này được thử lại sau cùng."
    )
    steps = (
        "Xem lượt đang chạy trên giao diện (Runs): còn tiến triển thì chờ nó xong rồi chạy lại.",
        "Không tiến triển: kết thúc tiến trình của nó (thẻ ansinh/process cho biết số hiệu), rồi chạy lại. Không mất gì đã nạp.",
    )
    was_waited_for = True


class HomeTooDeep(Permanent):
    attempted = "Khởi động PostgreSQL nhúng"
    found = "đường dẫn socket dài {length} ký tự, tối đa {limit}"
    remedy = "Đặt ANSINH_HOME ở một thư mục có đường dẫn ngắn hơn"
    means = "Hệ điều hành giới hạn độ dài đường dẫn của socket; chỉ gặp khi chạy tỉnh mô phỏng."
    steps = ("Đặt ANSINH_HOME là một thư mục có đường dẫn ngắn rồi chạy lại.",)
    exit_status = 2


class EmbeddedMissing(Permanent):
    attempted = "Dùng PostgreSQL nhúng của tỉnh mô phỏng"
    found = "máy này chỉ cài phần dùng thật của ansinh (requirements.lock), không có máy chủ nhúng"
    remedy = "Xem thử tỉnh mô phỏng: make run. Dùng thật: ANSINH_PROFILE=production, WAREHOUSE_URL và ANSINH_DAGSTER_URL"
    means = "Máy chủ nhúng chỉ được cài cùng tỉnh mô phỏng (requirements-demo.lock). Chưa có gì được chạy."
    steps = (
        "Máy của sở: đặt ANSINH_PROFILE=production và các địa chỉ của máy chủ thật, rồi chạy ansinh doctor.",
        "Máy để thử: pip install --require-hashes -r requirements-demo.lock, hoặc make run.",
    )
    exit_status = 2


class EmbeddedInProduction(Permanent):
    attempted = "Dùng chương trình của PostgreSQL nhúng"
    found = "cấu hình là production, mà máy chủ nhúng và công cụ của nó chỉ dành cho tỉnh mô phỏng"
    remedy = "Đặt địa chỉ của máy chủ thật (WAREHOUSE_URL, ANSINH_DAGSTER_URL), hoặc bỏ ANSINH_PROFILE=production"
    means = "Bản PostgreSQL đi kèm không có TLS và không nhận bản vá của hệ điều hành. Chưa có gì được chạy."
    steps = (
        "Dùng thật: xem địa chỉ trong WAREHOUSE_URL, ANSINH_DAGSTER_URL; chạy ansinh doctor.",
        "Thư mục trạng thái từng là của tỉnh mô phỏng: đặt ANSINH_HOME là thư mục khác.",
        "Muốn dừng máy chủ nhúng còn chạy: ANSINH_PROFILE=demo ansinh stop.",
    )
    exit_status = 2


class StateMissing(Permanent):
    attempted = "Mở trạng thái của ansinh"
    found = "không có trạng thái ở {home}"
    remedy = "Kiểm tra ANSINH_HOME; muốn dựng mới ở đó thì chạy ansinh demo build"
    means = (
        "Thư mục trạng thái chưa được dựng, đã bị xóa, hoặc ANSINH_HOME gõ sai. Không lệnh nào tự tạo một trạng thái rỗng ở đó."
    )
    steps = (
        "In lại ANSINH_HOME của tài khoản chạy lệnh; bỏ trống thì trạng thái là .ansinh cạnh chương trình.",
        "Đúng nơi mà mất: ansinh restore --from với thư mục chứa các bản sao lưu.",
        "Chưa từng có: ansinh demo build, hoặc make run.",
    )
    exit_status = 3


class ServerStopped(Unreachable):
    attempted = "Mở máy chủ PostgreSQL nhúng ở {home}"
    found = "máy chủ đang tắt, và lệnh chỉ đọc không tự bật"
    remedy = "Bật bằng ansinh demo up rồi chạy lại"
    means = "Máy vừa khởi động lại, hoặc ansinh stop đã dừng máy chủ. Dữ liệu vẫn nguyên."
    steps = ("Chạy ansinh demo up (ansinh ui và ansinh nightly cũng bật nó).", "Chạy lại lệnh.")
    exit_status = 3


class MariaDbMissing(Permanent):
    attempted = "Mở máy chủ MariaDB của tỉnh mô phỏng"
    found = "máy này không có chương trình {program}"
    remedy = "Cài gói mariadb-server rồi chạy lại, hoặc dựng lại tỉnh mô phỏng bằng ansinh demo build: không có MariaDB thì PostgreSQL nhúng thay"
    means = "Tỉnh mô phỏng được dựng khi máy có MariaDB, nay chương trình đã bị gỡ, hoặc trạng thái được khôi phục ở máy khác. Chỉ hệ thống nằm trên đó dừng."
    steps = (
        "Debian, Ubuntu: apt-get install mariadb-server unixodbc odbc-mariadb; không cần bật dịch vụ mariadb của máy.",
        "Để ở nơi riêng thì đặt ANSINH_MARIADB_PATH, viết như PATH; đặt rồi thì chỉ những thư mục đó được xem.",
        "Chạy ansinh demo up, rồi ansinh nightly.",
    )
    stops_system = True


class MariaDbStopped(Unreachable):
    attempted = "Mở máy chủ MariaDB của tỉnh mô phỏng ở {home}"
    found = "máy chủ đang tắt, và lệnh chỉ đọc không tự bật"
    remedy = "Bật bằng ansinh demo up rồi chạy lại"
    means = "Máy vừa khởi động lại, ansinh stop đã dừng máy chủ, hoặc nó tắt giữa chừng. Dữ liệu vẫn nguyên."
    steps = ("Chạy ansinh demo up (ansinh nightly cũng bật nó).", "Chạy lại lệnh.")
    exit_status = 3


class MariaDbSilent(Unreachable):
    attempted = "Dựng hoặc bật máy chủ MariaDB của tỉnh mô phỏng ở {home}"
    found = "chương trình dừng, hoặc không trả lời trong một phút"
    remedy = "Xem {log}, sửa điều nó nêu rồi chạy lại; các hệ thống khác không bị ảnh hưởng"
    means = "Đĩa đầy, tệp của máy chủ hỏng, hoặc phiên bản MariaDB của máy cũ hơn phiên bản đã dựng thư mục đó."
    steps = (
        "Đọc các dòng cuối của tệp nhật ký được nêu; df -h xem đĩa còn chỗ.",
        "Chạy ansinh stop, rồi ansinh demo up.",
        "Vẫn không lên: ansinh demo build dựng lại tỉnh mô phỏng; kho trung tâm giữ nguyên.",
    )
    exit_status = 3


class MariaDbRefused(Permanent):
    attempted = "Làm việc với máy chủ MariaDB của tỉnh mô phỏng ở {home}"
    found = "{program} bị từ chối (lỗi {number})"
    remedy = "Tra số lỗi của MariaDB; chạy lại, hoặc dựng lại tỉnh mô phỏng bằng ansinh demo build"
    means = "Thư mục mariadb của trạng thái do tài khoản khác dựng, hoặc đã bị sửa bằng tay. Nội dung câu lệnh không được in ra."
    steps = (
        "1045, 1698: chạy bằng đúng tài khoản đã dựng trạng thái; 1021: đĩa đầy; 2002: máy chủ tắt, chạy ansinh demo up.",
        "Chạy lại lệnh; vẫn gặp thì ansinh reset rồi make run, hoặc ansinh restore.",
    )
    exit_status = 3


class BesideStopped(Unreachable):
    attempted = "Hỏi {title}"
    found = "máy chủ đang tắt, và lệnh chỉ đọc không tự bật"
    remedy = "Bật bằng ansinh demo up rồi chạy lại"
    means = "Máy vừa khởi động lại, ansinh stop đã dừng máy chủ, hoặc nó tắt giữa chừng. Dữ liệu vẫn nguyên."
    steps = ("Chạy ansinh demo up (ansinh nightly cũng bật nó).", "Chạy lại lệnh.")
    exit_status = 3


class BesideSilent(Unreachable):
    attempted = "Bật {title}"
    found = "chương trình dừng, hoặc không trả lời sau {seconds} giây"
    remedy = "Xem {log}, sửa điều nó nêu rồi chạy lại; các hệ thống khác không bị ảnh hưởng"
    means = "Cổng TCP của nó đang có chương trình khác dùng, đĩa đầy, hoặc máy đang quá bận."
    steps = (
        "Đọc các dòng cuối của tệp nhật ký được nêu; df -h xem đĩa còn chỗ.",
        "Chạy ansinh stop, rồi ansinh demo up.",
    )
    exit_status = 3


class NeverFilled(Permanent):
    attempted = "Đọc kho dữ liệu"
    found = "cơ sở dữ liệu {name} còn trống, chưa lượt đêm nào chạy"
    remedy = "Chạy ansinh nightly: lượt đầu tiên dựng kho"
    means = "Kho được dựng ở lượt đêm đầu tiên. Đã có đêm chạy rồi mà vẫn gặp thì địa chỉ kho chỉ sang nơi khác."
    steps = ("Lần đầu: ansinh doctor, rồi ansinh nightly.", "Đã từng chạy: xem lại ANSINH_HOME và WAREHOUSE_URL.")
    exit_status = 3


class RawMissing(Permanent):
    attempted = "Đọc dữ liệu gốc {path}"
    found = "không thấy tệp"
    remedy = "Khôi phục tệp từ bản sao lưu (ansinh restore) hoặc lấy lại ô đó từ nguồn"
    means = "Một tệp của kho dữ liệu gốc đã mất. Kho trung tâm không đổi; chỉ việc kiểm tra lại từ bản gốc không làm được."
    steps = (
        "Chép tệp cùng tên từ bản sao lưu gần nhất (thư mục raw) vào đúng chỗ; mã băm trong tên cho biết đúng tệp.",
        "Không có bản sao lưu: chạy ansinh backfill các ô đó không kèm --from-raw để lấy lại từ nguồn.",
        "Tìm vì sao tệp mất: không ai được xóa hay sửa trong thư mục này.",
    )


class RawDamaged(Permanent):
    attempted = "Đọc dữ liệu gốc {path}"
    found = "nội dung không còn khớp mã băm đã ghi"
    remedy = "Khôi phục từ bản sao lưu hoặc lấy lại từ nguồn"
    means = "Tệp gốc bị hỏng hoặc bị sửa. Dữ liệu trong tệp không được dùng; kho trung tâm không đổi."
    steps = (
        "Kiểm tra đĩa (dmesg, smartctl).",
        "Chép tệp cùng tên từ bản sao lưu, hoặc chạy ansinh backfill các ô đó không kèm --from-raw để lấy lại từ nguồn.",
    )


class RawNotWritable(Transient):
    attempted = "Ghi dữ liệu gốc của {what}"
    found = "hệ điều hành từ chối ({why})"
    remedy = "Giải phóng đĩa hoặc trả lại quyền ghi thư mục raw rồi chạy lại; ô giữ nguyên bản trước, chưa có gì được nạp"
    means = "Đĩa đầy, hệ tệp chỉ đọc, hoặc thiếu quyền ghi. Không có bản gốc thì không nạp, để luôn kiểm tra lại được."
    steps = (
        "Xem df -h và quyền của thư mục raw trong ANSINH_HOME.",
        "Giải phóng hoặc mở rộng đĩa; hệ tệp chỉ đọc thường do đĩa hỏng, xem dmesg.",
        "Chạy ansinh doctor, rồi chạy lại; lượt đêm sau cũng tự lấy tiếp.",
    )
