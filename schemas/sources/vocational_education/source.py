"""The source system of vocational education."""

from schemas.dataset import Source

SOURCE = Source(
    name="vocational_education",
    label="Giáo dục nghề nghiệp",
    title="Phần mềm quản lý tuyển sinh và tốt nghiệp giáo dục nghề nghiệp",
    english="Vocational education: enrolments and graduates",
    description="Cơ sở giáo dục nghề nghiệp, kết quả tuyển sinh hằng tháng, kết quả tốt nghiệp theo năm học.",
    legal="Luật Giáo dục nghề nghiệp 74/2014/QH13; TT 05/2021/TT-BLĐTBXH",
    hour="30 1 * * *",
    rule_letter="G",
    last_rule=6,
)
