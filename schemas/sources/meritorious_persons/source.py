"""The source system of persons with merit."""

from schemas.dataset import Source

SOURCE = Source(
    name="meritorious_persons",
    label="Người có công",
    title="Cơ sở dữ liệu hồ sơ người có công",
    english="Persons with merit and their relatives",
    description="Hồ sơ người có công với cách mạng và thân nhân, quyết định, trợ cấp và chi trả hằng tháng.",
    legal="Pháp lệnh 02/2020/UBTVQH14; NĐ 131/2021/NĐ-CP; NĐ 77/2024/NĐ-CP",
    hour="15 1 * * *",
    rule_letter="N",
    last_rule=8,
)
