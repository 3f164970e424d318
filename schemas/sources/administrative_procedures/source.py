"""The source system of the results of administrative procedures."""

from schemas.dataset import Source

SOURCE = Source(
    name="administrative_procedures",
    label="Thủ tục hành chính",
    title="Hệ thống thông tin giải quyết thủ tục hành chính",
    english="Dossiers of administrative procedures",
    description="Hồ sơ thủ tục hành chính, tiến độ giải quyết, giấy tờ là kết quả giải quyết.",
    legal="NĐ 61/2018/NĐ-CP; NĐ 107/2021/NĐ-CP; NĐ 118/2025/NĐ-CP",
    hour="15 2 * * *",
    rule_letter="H",
    last_rule=7,
)
