"""The source system of the prevention of social evils."""

from schemas.dataset import Source

SOURCE = Source(
    name="social_evils_prevention",
    label="Tệ nạn xã hội",
    title="Báo cáo phòng, chống tệ nạn xã hội",
    english="Prevention of social evils: forms of rehabilitation",
    description="Số liệu tổng hợp hằng tháng của xã và của cơ sở cai nghiện; không có người nào. Dừng ở tháng 02/2025.",
    legal="Luật Phòng, chống ma túy 73/2021/QH14; TT 05/2011/TT-BLĐTBXH",
    hour="15 2 * * *",
    rule_letter="X",
    last_rule=6,
    restricted=True,
)
