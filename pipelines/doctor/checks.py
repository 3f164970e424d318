"""The checks of the doctor, in the order in which they are told."""

from functools import partial

from pipelines.doctor import backups, inbox, machine, open_data, orchestrator, population, reporting, sources, warehouse
from pipelines.doctor.checking import Check
from schemas.registry import SOURCES

CHECKS = (
    Check("kho dữ liệu của trung tâm", warehouse.look),
    Check("nhật ký điều phối", orchestrator.database),
    Check("sao lưu", backups.road),
    Check("kho dùng chung của tỉnh", open_data.shared_warehouse),
    Check("khóa làm tròn số liệu mở", open_data.rounding),
    Check("lưới ô của giao diện", orchestrator.grid),
    Check("đồng hồ", machine.clock),
    Check("đĩa", machine.disk),
    Check("cấu hình và quyền tệp", machine.own_things),
    *(Check(f"nguồn {source.name}", partial(sources.look, source=source), source.limits) for source in SOURCES),
    Check("hộp nhận tệp", inbox.look),
    Check("các bản sao lưu", backups.health),
    Check("cổng báo cáo quốc gia", reporting.look),
    Check("đối chiếu dân cư", population.look),
)
