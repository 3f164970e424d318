"""The checks of the doctor, in the order in which they are told."""

from functools import partial

from pipelines.doctor import (
    alerting,
    backups,
    inbox,
    local,
    machine,
    open_data,
    orchestrator,
    person,
    population,
    reads,
    reporting,
    retention,
    roles,
    scheduler,
    sources,
    warehouse,
)
from pipelines.doctor.checking import Check
from schemas.registry import SOURCES

STATE = Check("thư mục trạng thái", machine.home)  # where it is the demo's and is not there, there is nothing else to look at
CHECKS = (
    Check("kho dữ liệu của trung tâm", warehouse.look),
    Check("vai trò và tài khoản", roles.look),
    Check("nhật ký điều phối", orchestrator.database),
    Check("bộ lập lịch", scheduler.look, needs_warehouse=True),
    Check("đêm gần nhất", scheduler.last_night, needs_warehouse=True),
    Check("sao lưu", backups.road, longest=180),
    Check("kho dùng chung của tỉnh", open_data.shared_warehouse),
    Check("khóa làm tròn số liệu mở", open_data.rounding, needs_warehouse=True),
    Check("quyết định công bố", open_data.decision),
    Check("lưới ô của giao diện", orchestrator.grid, needs_warehouse=True, longest=600),
    Check("đồng hồ", machine.clock, needs_warehouse=True, longest=180),
    Check("đĩa", machine.disk),
    Check("cấu hình và quyền tệp", machine.own_things),
    Check("bảng của địa phương", local.look_at),
    *(Check(f"nguồn {source.name}", partial(sources.look, source=source), source.limits, longest=180) for source in SOURCES),
    Check("hộp nhận tệp", inbox.look),
    Check("các bản sao lưu", backups.health, needs_warehouse=True),
    Check("mã định danh của đơn vị gửi", reporting.sender),
    Check("dọn dữ liệu quá thời hạn", retention.look, needs_warehouse=True),
    Check("sổ ghi ai đã xem", reads.look, needs_warehouse=True),
    Check("yêu cầu xóa, đính chính", person.look, needs_warehouse=True),
    Check("cổng báo cáo quốc gia", reporting.look),
    Check("đối chiếu dân cư", population.look, needs_warehouse=True),
    Check("báo tin cho cán bộ trực", alerting.look, needs_warehouse=True),
)
