"""By what a figure is broken down: what a dimension is, and those that two or more indicators share.

A dimension of one indicator alone stands in its file. Its name is the column of the SQL and the code of the packet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas import codes

UNCLEAR, ALL = "khong_ro", "tat_ca"
EVERY = {UNCLEAR: "Không rõ", ALL: "Tất cả"}  # values that any dimension may hold


@dataclass(frozen=True, eq=False, kw_only=True)
class Dimension:
    """What a dimension is called, and its values: a code list's, or its own.

    `values`: those that stand in no list, or that the form names otherwise. `always`: reported even where nothing was
    counted; of the others those are shown that occur. `protected`: it implies a protected fact, and is shown for the whole
    province only; with `least`, there too only from so many on, none at all being as hidden as one.
    """

    name: str
    title: str
    code_list: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    always: tuple[str, ...] = ()
    protected: bool = False
    least: int = 0

    def value(self, code: str) -> str:
        """The name of a value; the code itself where it has none."""
        named = self.values.get(code) or (codes.label(self.code_list, code) if self.code_list else None)
        return named or EVERY.get(code, code)

    def faults(self) -> list[str]:
        """What is wrong with its declaration, in words."""
        if self.code_list and self.code_list not in codes.names():
            where = f"thêm {self.code_list}.csv vào codes của hệ thống hoặc schemas/codes"
            return [f"phân tổ {self.name}: không có danh mục {self.code_list}; {where}"]
        if not self.code_list and not self.values:
            return [f"phân tổ {self.name}: chưa khai giá trị nào (code_list hoặc values)"]
        unnamed = [code for code in self.always if self.value(code) == code]
        return [f"phân tổ {self.name}: giá trị {', '.join(unnamed)} không có tên"] if unnamed else []


# Where any knowledge of a person harms for life, fewer persons are not told even of the whole province (Quy ước của sở; NĐ 356/2025/NĐ-CP, Điều 4).
LEAST_TOLD = 5

MERIT_CATEGORY = Dimension(name="loai", title="Loại đối tượng", code_list="merit_category")
SEX = Dimension(name="gioi_tinh", title="Giới tính", code_list="sex", always=("1", "2"))
AREA = Dimension(name="khu_vuc", title="Khu vực", code_list="area", always=("1", "2"))
ETHNICITY = Dimension(name="dan_toc", title="Dân tộc", code_list="ethnicity")
# Households of whom nobody can work are told apart from the others (NĐ 07/2021/NĐ-CP; TT 07/2021/TT-BLĐTBXH).
LABOUR_CAPACITY = Dimension(
    name="kha_nang_lao_dong",
    title="Khả năng lao động của hộ",
    values={"khong": "Không có khả năng lao động", "co": "Có khả năng lao động"},
    always=("khong", "co"),
)
VOCATIONAL_LEVEL = Dimension(name="trinh_do", title="Trình độ đào tạo", code_list="vocational_level", always=("1", "2", "3", "4"))
OFFICE_LEVEL = Dimension(
    name="cap", title="Cấp tiếp nhận", values={"1": "Cấp tỉnh", "2": "Cấp huyện", "3": "Cấp xã"}, always=("1", "2", "3")
)
PROCEDURE_FIELD = Dimension(name="linh_vuc", title="Lĩnh vực", code_list="procedure_field")
SUBMISSION_CHANNEL = Dimension(name="kenh_nop", title="Kênh nộp", code_list="submission_channel", always=("1", "2", "3"))
ASSISTANCE_GROUP = Dimension(
    name="nhom",
    title="Nhóm đối tượng",
    code_list="assistance_group",
    # The form holds the groups of a clause as one, and K3, K6 and K8 under a name that does not say which.
    values={
        "K1": "Trẻ em dưới 16 tuổi không có nguồn nuôi dưỡng",
        "K5A": "Người cao tuổi nghèo không có người phụng dưỡng",
        "khac": "Các nhóm khác, gộp",
    },
    always=("khac",),
    protected=True,
)
