"""What can be met on the way to the population database, in words. No answer is ever repeated: it may hold a person."""

from resources.failing import Permanent, Transient
from resources.failures import Unconfigured, Unreachable

CHAPTER = "Đối chiếu với Cơ sở dữ liệu quốc gia về dân cư"


class PopulationCodesMissing(Unconfigured):
    attempted = "Chuẩn bị đối chiếu với CSDLQG về dân cư"
    found = "đã có địa chỉ (POPULATION_URL) nhưng thiếu {missing}"
    remedy = "Đặt các biến được nêu theo văn bản cấp quyền; chưa có lượt hỏi nào được gửi"
    means = "Mỗi lượt hỏi phải nêu mã dịch vụ, mã tích hợp, mã đơn vị và mã cán bộ. Thiếu thì không hỏi."
    steps = (
        "Lấy các mã trong văn bản hay tài khoản mà nơi vận hành nền tảng của tỉnh cấp.",
        "Đặt các biến được nêu, chạy ansinh doctor.",
    )


class PopulationUnfounded(Unconfigured):
    attempted = "Chuẩn bị đối chiếu với CSDLQG về dân cư"
    found = "chưa nêu mục đích hoặc căn cứ ({missing})"
    remedy = "Đặt các biến được nêu bằng mục đích và số, ký hiệu văn bản cho phép; chưa có lượt hỏi nào được gửi"
    means = (
        "Luật 91/2025/QH15 chỉ cho xử lý dữ liệu cá nhân đúng mục đích, có căn cứ, có nhật ký. Mỗi lượt hỏi được ghi kèm cả hai ở "
        "ops.population_calls."
    )
    steps = (
        "Hỏi người phụ trách bảo vệ dữ liệu cá nhân của sở: hỏi để làm gì, theo văn bản nào.",
        "Đặt POPULATION_PURPOSE và POPULATION_LEGAL_BASIS, chạy ansinh doctor.",
    )


class PopulationLoginMissing(Unconfigured):
    attempted = "Chuẩn bị đối chiếu với CSDLQG về dân cư"
    found = "đã có địa chỉ (POPULATION_URL) nhưng thiếu mã khách hoặc khóa bí mật"
    remedy = "Đặt LGSP_CLIENT_ID và LGSP_CLIENT_SECRET (hoặc POPULATION_CLIENT_ID, POPULATION_CLIENT_SECRET nếu dịch vụ có riêng)"
    means = "Nền tảng tích hợp của tỉnh cấp cho sở một mã khách và một khóa; không có thì không xin được token."
    steps = ("Xin nơi vận hành nền tảng cấp mã khách và khóa.", "Đặt hai biến (bí mật dùng …_FILE), chạy ansinh doctor.")


class PopulationSecretMissing(Unconfigured):
    attempted = "Chuẩn bị đối chiếu với CSDLQG về dân cư"
    found = "chưa có khóa lập dấu (POPULATION_DIGEST_SECRET)"
    remedy = "Tạo một lần bằng openssl rand -hex 32, giữ như mật khẩu, đặt POPULATION_DIGEST_SECRET_FILE"
    means = (
        "Kho giữ kết quả theo một dấu có khóa của điều đã hỏi, không giữ số định danh hay tên. Không có khóa thì không lập được dấu; "
        "cấu hình production không tự tạo khóa."
    )
    steps = (
        "Chưa đối chiếu lần nào: openssl rand -hex 32 vào một tệp chmod 600, giữ thêm một bản ở nơi khác.",
        "Đã đối chiếu: lấy lại đúng khóa cũ.",
        "Đặt POPULATION_DIGEST_SECRET_FILE chỉ đến tệp đó, chạy ansinh doctor.",
    )


class PopulationSecretOther(Permanent):
    attempted = "Chuẩn bị đối chiếu với CSDLQG về dân cư"
    found = "khóa lập dấu (POPULATION_DIGEST_SECRET) không phải khóa của những kết quả đang giữ"
    remedy = "Đặt lại đúng khóa cũ rồi chạy lại; khóa mất hẳn thì ansinh population forget rồi đối chiếu lại từ đầu"
    means = (
        "Với khóa khác, mọi người thành như chưa hỏi bao giờ: các cảnh báo đang mở sẽ tự khép, và số lượt hỏi bị tiêu lại. Vì vậy "
        "không làm gì."
    )
    steps = (
        "Lấy lại khóa đã dùng từ nơi giữ khóa; ở bản mô phỏng: tệp secrets/population trong bản sao lưu.",
        "Khóa mất hẳn: ansinh population forget; nhật ký các lượt hỏi vẫn được giữ.",
    )


class PopulationServiceUndeclared(Permanent):
    attempted = "Chuẩn bị đối chiếu với CSDLQG về dân cư"
    found = "không có dòng nào trong schemas/population.csv có hiệu lực ngày {day}"
    remedy = "Thêm dòng của dịch vụ đang dùng; chưa có lượt hỏi nào được gửi"
    means = "Cách hỏi dịch vụ (đường dẫn, mã kết quả, số lượt, hạn giữ) là dữ liệu có ngày hiệu lực."
    steps = ("Báo người phát triển kèm văn bản mới của nơi vận hành dịch vụ.",)


class PopulationRunning(Permanent):
    attempted = "Đối chiếu với CSDLQG về dân cư"
    found = "một lượt đối chiếu khác đang chạy"
    remedy = "Chờ lượt đó xong rồi xem bằng ansinh population status"
    means = "Hai lượt cùng lúc sẽ hỏi trùng và tiêu gấp đôi số lượt được phép."
    steps = ("Không cần làm gì: lượt đang chạy làm cùng việc đó.",)


class PopulationRefused(Permanent):
    """The service read what it was asked and does not answer: all else would meet the same."""

    attempted = "{what}"
    found = "dịch vụ từ chối (HTTP {status}, mã lỗi {code}, mã thành công mong đợi {expected})"
    remedy = "Kiểm tra quyền và các mã POPULATION_… với nơi vận hành nền tảng, kèm mã giao dịch"
    means = "Dịch vụ đọc được lượt hỏi và không trả lời: thường là hết lượt trong ngày, thiếu quyền, hoặc sai mã dịch vụ."
    steps = (
        "Gửi mã giao dịch cho nơi vận hành nền tảng; không gửi dữ liệu. Lời của dịch vụ không được ghi lại vì có thể chứa dữ liệu "
        "cá nhân.",
        "Khi họ sửa xong, đêm sau tự hỏi tiếp từ chỗ dừng.",
    )


class PopulationAddressWrong(Permanent):
    attempted = "Đọc địa chỉ trong {setting}"
    found = "địa chỉ {wrong}"
    remedy = "Sửa {setting} theo mẫu https://máy/đường-dẫn; chưa có lượt hỏi nào được gửi"
    means = (
        "Mỗi lượt hỏi mang khóa bí mật của sở và dữ liệu cá nhân, nên chỉ đi qua kết nối có mã hóa, trừ khi nền tảng nằm trên chính "
        "máy này. Địa chỉ không được in ra vì có thể chứa mật khẩu."
    )
    steps = (
        "Hỏi nơi vận hành nền tảng địa chỉ https:// hiện hành.",
        "Sửa biến môi trường được nêu, chạy ansinh doctor.",
    )


class PopulationUnsafe(Permanent):
    attempted = "{what}"
    found = "không lập được kết nối an toàn ({kind})"
    remedy = "Kiểm tra POPULATION_URL và chứng thư của nền tảng (LGSP_CA_FILE nếu tỉnh có chứng thư gốc riêng)"
    means = "Chứng thư hết hạn, không được tin cậy, hoặc địa chỉ viết sai. Không hỏi qua kết nối không an toàn."
    steps = (
        "Kiểm tra chứng thư: openssl s_client -connect <máy>:443.",
        "Đặt LGSP_CA_FILE là chứng thư gốc của nền tảng, hoặc báo nơi vận hành; chạy ansinh doctor.",
    )


class PopulationNotLetIn(Permanent):
    attempted = "{what}"
    found = "nền tảng không cho vào (HTTP {status})"
    remedy = "Kiểm tra mã khách, khóa bí mật và quyền dùng dịch vụ đối chiếu dân cư"
    means = "Mã khách hoặc khóa sai, hết hạn, hoặc sở chưa được cấp quyền dùng dịch vụ này. Các phần khác của đêm vẫn chạy."
    steps = (
        "Hỏi nơi vận hành nền tảng về mã khách và quyền của sở.",
        "Cập nhật tệp bí mật, chạy ansinh doctor; đêm sau tự hỏi tiếp.",
    )


class PopulationTokenEnded(Transient):
    attempted = "{what}"
    found = "token hết hạn giữa chừng (HTTP {status})"
    remedy = "Xin token mới rồi hỏi lại những người này"
    means = "Nền tảng coi token là hết hạn sớm hơn nó đã nói, hoặc vừa khởi động lại."
    steps = ("Không cần làm gì: ansinh tự hỏi lại với token mới.",)


class PopulationBusy(Transient):
    attempted = "{what}"
    found = "dịch vụ trả HTTP {status}, mong đợi 200"
    remedy = "Đêm sau tự hỏi tiếp từ chỗ dừng"
    means = "Dịch vụ quá tải, hết lượt của ngày, hoặc lỗi tạm thời. Khoảng chờ mà dịch vụ yêu cầu được tôn trọng."
    steps = (
        "Không cần làm gì.",
        "HTTP 429 mỗi đêm: đặt POPULATION_DAILY_CALLS bằng số lượt thật sự được phép.",
    )


class PopulationUnreachable(Unreachable):
    attempted = "{what}"
    found = "không có trả lời ({kind})"
    remedy = "Đêm sau tự hỏi tiếp từ chỗ dừng; kiểm tra mạng và POPULATION_URL"
    means = "Nền tảng không trả lời hoặc quá chậm. Các phần khác của đêm không phụ thuộc vào lượt này."
    steps = (
        "Không cần làm gì nếu chỉ một đêm.",
        "Lặp lại: kiểm tra mạng ra ngoài của máy, chạy ansinh doctor, hỏi nơi vận hành nền tảng.",
    )


class PopulationGarbled(Transient):
    attempted = "{what}"
    found = "trả lời không đọc được ({how})"
    remedy = "Đêm sau tự hỏi lại những người này; lặp lại thì báo nơi vận hành nền tảng, kèm mã giao dịch"
    means = "Trả lời bị cắt, không phải JSON, hoặc không theo mẫu. Không kết quả nào trong đó được tin."
    steps = ("Không cần làm gì.", "Lặp lại quá một ngày: gửi mã giao dịch cho nơi vận hành nền tảng.")


class PopulationAnswerForeign(Permanent):
    attempted = "{what}"
    found = "trong trả lời có kết quả của mã yêu cầu không do lượt này hỏi"
    remedy = "Không nhận kết quả nào của lượt này; báo nơi vận hành nền tảng, kèm mã giao dịch"
    means = "Dịch vụ trả lời của người khác. Nhận bừa thì kết quả của người này có thể bị ghi cho người kia."
    steps = (
        "Gửi mã giao dịch cho nơi vận hành nền tảng đối chiếu nhật ký.",
        "Lượt đối chiếu dừng ở đây; đêm sau hỏi lại từ chỗ dừng.",
    )


class PopulationSaysNothing(Permanent):
    attempted = "{what}"
    found = "không có kết quả hiểu được cho người nào trong {persons} người được hỏi"
    remedy = "Xem mã kết quả ở schemas/population.csv có còn đúng với dịch vụ; báo nơi vận hành nền tảng, kèm mã giao dịch"
    means = "Dịch vụ trả lời bằng những mã chưa được khai báo, lặp, hoặc bỏ trống. Không đoán; lượt dừng để không phí số lượt."
    steps = (
        "Hỏi nơi vận hành dịch vụ danh mục mã kết quả hiện hành.",
        "Mã đổi: báo người phát triển thêm dòng vào schemas/population.csv.",
    )
