"""The source system of monthly social assistance."""

from schemas.dataset import Source

SOURCE = Source(
    name="social_protection",
    label="Bảo trợ xã hội",
    title="Phần mềm bảo trợ xã hội",
    english="Social protection",
    description="Đối tượng hưởng trợ giúp xã hội hằng tháng, chi trả hằng tháng và cơ sở trợ giúp xã hội.",
    legal="NĐ 20/2021/NĐ-CP; NĐ 76/2024/NĐ-CP; TT 02/2021/TT-BLĐTBXH",
    hour="30 1 * * *",
    rule_letter="B",
    last_rule=9,
)
