"""The source system of the province's employment service centre."""

from schemas.dataset import Source

SOURCE = Source(
    name="job_service",
    label="Giới thiệu việc làm",
    title="Phần mềm giới thiệu việc làm, dạy nghề của Trung tâm Dịch vụ việc làm",
    english="Employment service centre",
    description="Người tìm việc, việc tìm người, giới thiệu việc làm, tư vấn, phiên giao dịch việc làm, tiếp nhận hồ sơ bảo hiểm "
    "thất nghiệp, lớp dạy nghề ngắn hạn.",
    legal="NĐ 23/2021/NĐ-CP; Luật Việc làm 38/2013/QH13",
    hour="0 2 * * *",
    rule_letter="V",
    last_rule=4,
)
