"""The source system of the gratitude fund."""

from schemas.dataset import Source

SOURCE = Source(
    name="gratitude_fund",
    label="Quỹ Đền ơn đáp nghĩa",
    title="Phần mềm quản lý Quỹ Đền ơn đáp nghĩa",
    english="Fund of gratitude",
    description="Nhà tình nghĩa đã xây, đã sửa và các khoản đóng góp vào Quỹ trong tháng.",
    legal="NĐ 131/2021/NĐ-CP, Điều 155; Pháp lệnh 02/2020/UBTVQH14, Điều 42",
    hour="15 2 * * *",
    rule_letter="Q",
    last_rule=7,
)
