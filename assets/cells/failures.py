"""Why a run or a cell is refused, in the officer's words. What a cell is measured by stands in cells/acceptance.py."""

from dataclasses import dataclass

from resources.failing import Permanent


class NoCellChosen(Permanent):
    attempted = "Chạy {dataset}"
    found = "chưa chọn ô nào"
    remedy = "Chọn kỳ và đơn vị ở mục Partitions rồi chạy lại"
    means = "Lượt chạy từ giao diện cần biết kỳ và đơn vị nào."
    steps = ("Mở bộ dữ liệu, bấm Materialize…, chọn kỳ và đơn vị, thêm thẻ lý do nếu ô đã quá hạn, bấm Launch.",)


class ReasonMissing(Permanent):
    attempted = "Chạy lại {dataset}"
    found = "ô {cells} đã quá hạn nộp nên cần lý do và người yêu cầu; còn thiếu {missing}"
    remedy = (
        "Khi chọn Materialize… (bấm Confirm nếu được hỏi), mở mục Tags, thêm thẻ ansinh/reason (lý do) và ansinh/officer "
        "(người yêu cầu), nếu có văn bản thì thêm ansinh/document, rồi bấm Launch"
    )
    means = "Nạp một ô quá hạn làm thay đổi số liệu đã báo cáo, nên phải ghi vì sao và ai yêu cầu. Lượt chạy chưa hề bắt đầu."
    steps = (
        "Chạy lại với hai thẻ được nêu; chữ Việt có dấu dùng được.",
        "Hoặc dùng lệnh: ansinh backfill --source … --period … --unit … --reason … --by ….",
    )


class CellUnknown(Permanent):
    attempted = "Chạy lại {dataset}"
    found = "lưới ô của bộ dữ liệu không có ô {cells}"
    remedy = "Viết mỗi ô dạng kỳ|mã đơn vị như trong lưới, cách nhau bằng dấu chấm phẩy ở thẻ ansinh/cells; chưa có gì được chạy"
    means = "Ô gõ sai: kỳ khác loại kỳ của bộ dữ liệu, mã đơn vị không có, hoặc thiếu dấu gạch đứng."
    steps = ("Chọn ô trong lưới thay vì gõ, hoặc chép kỳ và mã từ lưới: 2024-09|412.",)


class CellNotExpected(Permanent):
    attempted = "Chạy lại {dataset}"
    found = "ô {cells} không phải nộp: kỳ chưa bắt đầu, hoặc đơn vị không tồn tại vào ngày cuối của kỳ"
    remedy = "Chọn ô khác; ansinh status --source nêu các ô phải nộp; chưa có gì được chạy"
    means = "Lưới có cả kỳ sắp đến và đơn vị của những năm khác; các ô đó không bao giờ có số liệu."
    steps = ("Đơn vị đã sáp nhập: chọn ô của đơn vị có mã vào ngày cuối của kỳ.", "Kỳ sắp đến: chờ kỳ bắt đầu.")


class TagUnknown(Permanent):
    attempted = "Chạy lại {dataset}"
    found = "thẻ {tag} có giá trị không hiểu được"
    remedy = "Ghi {tag} = {known}, hoặc bỏ thẻ; chưa có gì được chạy"
    means = "Thẻ gõ sai sẽ bị bỏ qua và lượt chạy làm khác ý người chạy, nên bị từ chối trước."
    steps = ("Sửa giá trị của thẻ như được nêu rồi bấm Launch lại.",)


class TagMisspelt(Permanent):
    attempted = "Chạy lại {dataset}"
    found = "không có thẻ nào tên là {tag}"
    remedy = "Sửa tên thẻ thành một trong: {known}; hoặc bỏ thẻ; chưa có gì được chạy"
    means = (
        "Tên thẻ gõ sai sẽ bị bỏ qua: lý do, số văn bản hay lời xác nhận sẽ mất mà không ai hay, nên lượt chạy bị từ chối trước."
    )
    steps = ("Chép tên thẻ từ hướng dẫn sử dụng, mục 4, không thêm dấu cách, không viết hoa, rồi bấm Launch lại.",)


class PeriodsUnknown(Permanent):
    attempted = "Chạy {dataset}"
    found = "thẻ {tag} nêu kỳ không có: {periods}"
    remedy = (
        "Viết kỳ dạng 2024-09, 2024-Q3, 2024, 2023-2024 hoặc now, cách nhau bằng dấu chấm phẩy, hoặc bỏ thẻ; chưa có gì được chạy"
    )
    means = "Kỳ gõ sai hoặc chưa bắt đầu. Lượt chạy theo kỳ không có sẽ không nạp gì mà vẫn báo xong."
    steps = ("Chép kỳ từ lưới của bộ dữ liệu rồi bấm Launch lại.",)


class NothingLoaded(Permanent):
    attempted = "Chạy lại {dataset}"
    found = "không ô nào trong {count} ô được nhận; ô {cell}: {reason}"
    remedy = "Bản tốt gần nhất vẫn giữ nguyên; xử lý theo lý do được nêu rồi chạy lại"
    means = "Mọi ô của lượt chạy bằng tay đều bị từ chối hoặc nguồn chưa có dòng nào."
    steps = (
        "Nguồn chưa có dòng nào: hỏi đơn vị đã gửi lên hệ thống nguồn chưa.",
        "Bị từ chối: tìm mục có cùng lý do trong phần Ô bị từ chối của sổ tay này.",
    )


@dataclass(frozen=True)
class CellRefusal:
    """A reason for which one cell keeps its last good version while the others go on."""

    text: str
    means: str
    steps: tuple[str, ...]

    def of(self, **facts: object) -> str:
        return self.text.format(**facts)


ALL_BAD = CellRefusal(
    "cả {received} dòng đều bị loại; xem khu cách ly, sửa tại nguồn rồi gửi lại",
    "Mọi dòng của ô vi phạm quy tắc: thường là nhầm tệp, lệch cột, hoặc nhầm bảng mã.",
    (
        "ansinh quarantine list --unit <đơn vị> --period <kỳ>: quy tắc nào bị vi phạm.",
        "ansinh quarantine export … và gửi sổ làm việc cho đơn vị sửa tại nguồn.",
        "Khi đơn vị sửa xong: chạy lại ô đó, hoặc chờ lượt đêm.",
    ),
)
ABOVE_TOLERANCE = CellRefusal(
    "{rejected} trên {received} dòng bị loại ({share}), vượt mức cho phép {tolerated:.0%} và {rows} dòng; xem khu cách ly, sửa tại "
    "nguồn rồi gửi lại",
    "Quá nhiều dòng bị loại: số của ô sẽ sai nếu chỉ nhận phần còn lại, nên cả ô giữ bản trước.",
    (
        "ansinh quarantine export --unit <đơn vị> --period <kỳ>, gửi cho đơn vị.",
        "Đơn vị sửa tại nguồn, lượt đêm sau tự nhận lại; hoặc sửa ngay trên tệp ấy rồi nộp lại: cả ô được xét lại với dòng đã sửa.",
    ),
)
SHRUNKEN = CellRefusal(
    "còn {received} dòng so với {before} dòng của bản tốt gần nhất (giảm {gone:.0%}, mức cho phép {tolerated:.0%}); nếu đúng, chạy "
    "lại có lý do và xác nhận (--confirm-shrink hoặc thẻ ansinh/confirm=shrink)",
    "Nguồn bỗng thiếu nhiều dòng hoặc trống: thường là nguồn hỏng hoặc gửi thiếu, không phải người hưởng giảm thật.",
    (
        "Hỏi đơn vị: giảm thật (sáp nhập, rà soát) hay gửi thiếu.",
        "Gửi thiếu: đơn vị gửi lại; lượt đêm sau tự nhận.",
        "Giảm thật: ansinh backfill … --reason … --confirm-shrink (trong giao diện: thẻ ansinh/confirm = shrink).",
    ),
)
RESENT = CellRefusal(
    "mọi dòng giống hệt danh sách chi trả tháng trước; nếu gửi nhầm, đề nghị đơn vị gửi lại danh sách của tháng này; nếu đúng là không "
    "có gì thay đổi, chạy lại có lý do và xác nhận (--confirm-shrink hoặc thẻ ansinh/confirm=shrink)",
    "Danh sách của tháng này trùng hoàn toàn với tháng trước, kể cả số tiền và ngày nhận: thường là gửi nhầm tệp. Ở một xã nhỏ cũng "
    "có tháng không ai thêm, không ai bớt.",
    (
        "Hỏi đơn vị: gửi nhầm danh sách hay đúng là không có gì thay đổi.",
        "Gửi nhầm: đơn vị gửi lại danh sách đúng tháng; lượt đêm sau tự nhận.",
        "Không có gì thay đổi: ansinh backfill … --reason … --confirm-shrink (trong giao diện: thẻ ansinh/confirm = shrink); xác nhận này "
        "dùng chung cho ô hụt và ô giống hệt tháng trước.",
    ),
)
BESIDE_REFUSED = CellRefusal(
    "dòng chuyển giữa ô này và một ô bị từ chối; nhận một nửa thì mất hoặc trùng dòng",
    "Tệp sửa đưa dòng bị loại ở ô này (thường vì mã xã sai) về ô của đơn vị khác, hoặc xã của sổ đăng ký đã chuyển sang đơn vị khác, "
    "mà một trong hai ô bị từ chối.",
    (
        "Xem lý do của ô bị từ chối trong cùng lượt; sửa xong gửi lại tệp, hoặc chờ lượt đêm: các ô được nạp cùng nhau.",
        "Ô kia chỉ cần xác nhận: ansinh backfill nêu cả hai đơn vị trong một lệnh, kèm --confirm-shrink.",
    ),
)
CELL_REFUSALS = (ALL_BAD, ABOVE_TOLERANCE, SHRUNKEN, RESENT, BESIDE_REFUSED)


class RegisterStale(Permanent):
    attempted = "Đọc sổ đăng ký {dataset}"
    found = "{read}, phải đọc trong 48 giờ"
    remedy = "Xem lượt chạy đêm của hệ thống và ansinh doctor"
    means = (
        "Sổ đăng ký không có hạn nộp nên được xét theo lần đọc gần nhất. Báo cáo vẫn dùng bản đọc được sau cùng và ghi ngày đọc."
    )
    steps = (
        "ansinh status: dòng Hỏng của hệ thống đó nói vì sao không đọc được; sửa theo mục tương ứng trong sổ tay này.",
        "Không có dòng Hỏng: lượt đêm không chạy; xem giao diện có đang chạy (ansinh ui) và lịch của hệ thống có bật.",
    )
