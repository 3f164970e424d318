"""The source system of children."""

from schemas.dataset import Source

SOURCE = Source(
    name="children",
    label="Trẻ em",
    title="Phần mềm quản lý dữ liệu trẻ em",
    english="Register of children",
    description="Sổ trẻ em dưới 16 tuổi, trẻ em có hoàn cảnh đặc biệt, có nguy cơ và hình thức trợ giúp.",
    legal="Luật Trẻ em 102/2016/QH13; NĐ 56/2017/NĐ-CP",
    hour="0 2 * * *",
    rule_letter="T",
    last_rule=7,
    restricted=True,
)
