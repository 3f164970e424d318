"""How a run's own tags may fail."""

from resources.failing import Permanent

CHAPTER = "Lượt chạy"


class TagTooLong(Permanent):
    attempted = "Nhận thẻ {tag} của lượt chạy"
    found = "dài {length} ký tự, tối đa {limit}"
    remedy = "Viết ngắn lại, phần dài để trong văn bản kèm theo; chưa có gì được chạy"
    means = "Lý do, số văn bản, danh sách ô dài đến mấy cũng được giữ nguyên trong kho đến mức tối đa này; thẻ khác phải ngắn."
    steps = ("Nêu ý chính trong thẻ, số văn bản ở ansinh/document, rồi chạy lại.", "Nhiều ô: chia thành vài lượt chạy.")
    exit_status = 2


class TagTellsWho(Permanent):
    attempted = "Nhận thẻ {tag} của lượt chạy"
    found = "có một dãy từ 9 chữ số, viết liền hay chia nhóm, có thể là số định danh hay số điện thoại của một người"
    remedy = "Bỏ dãy số đó, nêu việc bằng lời, theo đơn vị, kỳ và số văn bản; chưa có gì được chạy"
    means = "Tên, lý do và số văn bản nằm lại ở lượt chạy, ở từng ô và ở báo cáo điều chỉnh gửi đi, nên không được nêu ai."
    steps = ("Gõ lại thẻ không có số của ai, rồi chạy lại.",)
    exit_status = 2


class TagUnreadable(Permanent):
    attempted = "Nhận thẻ {tag} của lượt chạy"
    found = "có ký tự điều khiển mà cơ sở dữ liệu không lưu được"
    remedy = "Gõ lại thẻ thay vì dán, rồi chạy lại; chưa có gì được chạy"
    means = "Thẻ được dán từ một tệp nhị phân hoặc một chương trình gửi ký tự không phải chữ."
    steps = ("Xóa thẻ, gõ lại bằng tay rồi bấm Launch.",)
    exit_status = 2


class TextLost(Permanent):
    attempted = "Đọc thẻ {tag} của lượt chạy"
    found = "kho không có toàn văn mà thẻ trỏ đến"
    remedy = "Chạy lại với thẻ ghi đầy đủ; chưa có gì được chạy"
    means = "Thẻ chỉ giữ phần đầu và mã của lời dài; lời nằm trong kho. Kho và lịch sử lượt chạy của hai lần sao lưu khác nhau."
    steps = (
        "Ghi lại đầy đủ lý do hoặc danh sách ô vào thẻ rồi chạy lại.",
        "Vừa khôi phục: khôi phục cả kho và lịch sử lượt chạy từ cùng một bản sao lưu.",
    )
