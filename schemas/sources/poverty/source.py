"""The source system of poor and near-poor households."""

from schemas.dataset import Source

SOURCE = Source(
    name="poverty",
    label="Hộ nghèo",
    title="Cơ sở dữ liệu hộ nghèo, hộ cận nghèo",
    english="Poor and near-poor households",
    description="Kết quả rà soát hộ nghèo, hộ cận nghèo hằng năm theo chuẩn nghèo đa chiều và biến động trong năm.",
    legal="NĐ 07/2021/NĐ-CP; QĐ 24/2021/QĐ-TTg; TT 07/2021/TT-BLĐTBXH; TT 02/2022/TT-BLĐTBXH",
    hour="0 1 * * *",
    rule_letter="P",
    last_rule=9,
)
