"""Why open data of a system is held back, in the officer's words."""

from resources.failing import Permanent
from resources.publication import failures as publication
from schemas.release import Refusal

CHAPTER = publication.CHAPTER


class NothingOpen(Permanent):
    attempted = "Công bố số liệu mở của {source}, kỳ {periods}"
    found = "kỳ chưa hết hạn nộp hoặc chưa đơn vị nào nộp, nên chưa có gì để công bố"
    remedy = "Chờ qua hạn nộp rồi chạy lại"
    means = "Số liệu mở chỉ được công bố khi kỳ đã hết hạn nộp: số lớn dần từng đêm sẽ cho biết ai vừa nộp."
    steps = ("Không cần làm gì: đêm sau hạn nộp số liệu tự được công bố.",)


class NotPublished(Permanent):
    """Open data of a system is held back; everything else goes on."""

    attempted = "Công bố số liệu mở của {source}"


class NoPlaceToPublish(NotPublished):
    found = "chưa có nơi công bố"
    remedy = "Đặt SHARED_WAREHOUSE_URL là địa chỉ kho dùng chung của tỉnh; các phần khác vẫn chạy"
    means = "Chưa khai kho dùng chung nên số liệu mở chưa được công bố ở đâu."
    steps = ("Xin quản trị kho dùng chung một tài khoản công bố.", "Đặt SHARED_WAREHOUSE_URL (hoặc …_FILE), chạy ansinh doctor.")


class NoRoundingSecret(NotPublished):
    found = "chưa có khóa làm tròn (ANSINH_ROUNDING_SECRET)"
    remedy = "Tạo một lần bằng openssl rand -hex 32, giữ ở nơi an toàn, đặt ANSINH_ROUNDING_SECRET_FILE; các phần khác vẫn chạy"
    means = "Số liệu mở được làm tròn theo một khóa bí mật cố định. Cấu hình production không bao giờ tự tạo khóa."
    steps = (
        "Chưa công bố lần nào: openssl rand -hex 32 vào một tệp chmod 600; giữ thêm một bản ở nơi khác như giữ mật khẩu.",
        "Đã từng công bố: lấy lại đúng khóa đã dùng. Khóa mới không công bố tiếp được.",
        "Đặt ANSINH_ROUNDING_SECRET_FILE chỉ đến tệp đó rồi chờ lượt đêm sau.",
    )


class OtherSecret(NotPublished):
    """Figures of two secrets side by side would undo the rounding."""

    found = "khóa làm tròn (ANSINH_ROUNDING_SECRET) không phải khóa của những bản đã công bố"
    remedy = "Đặt lại đúng khóa cũ rồi chạy lại; chưa có gì được công bố, bản trước vẫn nguyên"
    means = "Mỗi con số được làm tròn theo một khóa bí mật cố định. Hai khóa cho hai số làm tròn của một con số, trừ nhau là lộ."
    steps = (
        "Lấy lại khóa đã dùng từ nơi giữ khóa; ở bản mô phỏng: tệp secrets/rounding trong bản sao lưu.",
        "Đặt ANSINH_ROUNDING_SECRET (hoặc …_FILE) rồi chạy lại. Không tạo khóa mới.",
    )


class DecisionMissing(NotPublished):
    found = "chưa có quyết định công bố"
    remedy = "Ghi quyết định vào release_decisions.csv trong thư mục ANSINH_CONFIG, hoặc đặt ANSINH_RELEASE_DECISION bằng số, ký hiệu của nó"
    means = "Chỉ công bố khi có quyết định của người có thẩm quyền."
    steps = (
        "Trình người có thẩm quyền ký quyết định công bố.",
        "Ghi một dòng của quyết định đó (phần ANSINH_CONFIG của hướng dẫn), hoặc đặt ANSINH_RELEASE_DECISION; đêm sau số liệu được công bố.",
    )


class DecisionSynthetic(NotPublished):
    found = "quyết định được cấu hình là mô phỏng, không dùng cho dữ liệu thật"
    remedy = "Đặt ANSINH_RELEASE_DECISION bằng số thật"
    means = "Số của tỉnh mô phỏng bị mang sang cấu hình production."
    steps = ("Đặt ANSINH_RELEASE_DECISION bằng số, ký hiệu của quyết định thật.",)


class DecisionExpired(NotPublished):
    found = "quyết định được cấu hình không có hiệu lực vào ngày này"
    remedy = "Đặt ANSINH_RELEASE_DECISION bằng quyết định còn hiệu lực"
    means = "Quyết định công bố đã hết hiệu lực hoặc chưa bắt đầu."
    steps = ("Trình gia hạn hoặc thay quyết định.", "Đặt ANSINH_RELEASE_DECISION bằng quyết định còn hiệu lực.")


WITHOUT_DECISION: dict[Refusal, type[NotPublished]] = {
    "unconfigured": DecisionMissing,
    "synthetic": DecisionSynthetic,
    "expired": DecisionExpired,
}
