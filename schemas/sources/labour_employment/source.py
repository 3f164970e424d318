"""The source system of labour supply and demand, jobs and unemployment benefit."""

from schemas.dataset import Source

SOURCE = Source(
    name="labour_employment",
    label="Lao động - việc làm",
    title="Phần mềm cơ sở dữ liệu lao động - việc làm",
    english="Labour and employment",
    description="Cung, cầu lao động, lao động nước ngoài, lao động đi làm việc ở nước ngoài, giải quyết việc làm, "
    "bảo hiểm thất nghiệp.",
    legal="TT 01/2022/TT-BLĐTBXH; Luật Việc làm 38/2013/QH13; Luật 69/2020/QH14",
    hour="45 1 * * *",
    rule_letter="L",
    last_rule=8,
)
