"""How looking for one person, or erasing one, may fail. No message holds a value of anybody."""

from resources.failing import Permanent
from resources.failures import Unconfigured

CHAPTER = "Dữ liệu của một người: xem, xóa, đính chính"


class PersonSecretMissing(Unconfigured):
    attempted = "Dùng dấu của người đã được xóa"
    found = "chưa có khóa lập dấu (PERSON_DIGEST_SECRET)"
    remedy = "Tạo một lần bằng openssl rand -hex 32, giữ như mật khẩu, đặt PERSON_DIGEST_SECRET_FILE"
    means = (
        "Người đã xóa được nhận ra lần sau bằng dấu có khóa, để dữ liệu không lặng lẽ trở lại từ nguồn. Không có khóa thì không xóa được, và "
        "hệ thống đã có người được xóa dừng nạp thay vì nạp lại họ."
    )
    steps = (
        "Chưa xóa ai lần nào: openssl rand -hex 32 vào một tệp chmod 600, đặt PERSON_DIGEST_SECRET_FILE chỉ đến tệp đó.",
        "Đã từng xóa: lấy lại đúng khóa cũ từ nơi giữ khóa; khóa mới không nhận ra ai.",
    )


class PersonSecretOther(Unconfigured):
    attempted = "Dùng dấu của người đã được xóa"
    found = "khóa lập dấu (PERSON_DIGEST_SECRET) không phải khóa của những lần xóa đã ghi"
    remedy = "Đặt lại đúng khóa cũ; chưa có dòng nào được nạp"
    means = (
        "Dấu lập bằng khóa khác không nhận ra ai: dữ liệu của người đã xóa sẽ trở lại từ nguồn. Vì vậy các hệ thống đó dừng nạp."
    )
    steps = ("Lấy khóa cũ từ nơi giữ khóa, đặt PERSON_DIGEST_SECRET_FILE, chạy lại ansinh nightly.",)


class AnswersOutOfReach(Unconfigured):
    attempted = "Tìm những gì CSDLQG về dân cư đã trả lời về một người"
    found = "thiếu khóa lập dấu (POPULATION_DIGEST_SECRET) của các kết quả đang giữ, hoặc đặt khóa khác"
    remedy = "Đặt lại đúng khóa đã dùng rồi chạy lại; khóa mất hẳn thì ansinh population forget trước. Chưa xóa gì"
    means = (
        "Kết quả đối chiếu được giữ theo một dấu có khóa: không có đúng khóa thì không biết kết quả nào của ai, nên không thể nói là đã nêu "
        "hết hay đã xóa hết."
    )
    steps = (
        "Lấy lại khóa đã dùng từ nơi giữ khóa, đặt POPULATION_DIGEST_SECRET_FILE, chạy lại đúng lệnh đó.",
        "Khóa mất hẳn: ansinh population forget xóa mọi kết quả đối chiếu, rồi chạy lại.",
    )


class ErasureForbidden(Permanent):
    attempted = "Xóa dữ liệu của một người"
    found = "luật buộc giữ: {kept}"
    remedy = (
        "Bỏ hệ thống đó khỏi --source; hoặc văn bản cho phép xóa cả phần này thì thêm --kept-by-law-too, số văn bản sau --document. Chưa "
        "xóa gì"
    )
    means = "Quyền yêu cầu xóa không áp dụng cho dữ liệu mà luật khác buộc lưu giữ (Luật 91/2025/QH15)."
    steps = (
        "Trả lời người yêu cầu phần nào không xóa được và căn cứ; phần còn lại xóa bằng --source của từng hệ thống.",
        "Có văn bản của cơ quan có thẩm quyền cho xóa: chạy lại với --kept-by-law-too và số văn bản đó.",
    )
    exit_status = 2


class RemainsOfPerson(Permanent):
    attempted = "Xóa dữ liệu của một người, lần ghi số {act}"
    found = "sau khi xóa vẫn còn thấy giá trị của người đó ở: {where}"
    remedy = "Chạy lại đúng lệnh đó; vẫn còn thì báo người phát triển tên nơi được nêu, không gửi dữ liệu"
    means = "Lần xóa tự tìm lại ở mọi nơi và chưa coi là xong. Việc nạp vẫn chặn người này."
    steps = (
        "Chạy lại ansinh person erase với cùng lý do và văn bản.",
        "Vẫn còn: xem nơi được nêu có phải do người khác tạo không.",
    )
