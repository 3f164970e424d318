"""Schedules: each source's night from 01:00 Asia/Ho_Chi_Minh, and the reports once the sources are done."""

import dagster as dg

from assets.guard import told
from assets.tags import NIGHT, WHOLE
from pipelines.jobs import POPULATION_JOB, REHEARSAL_JOB, REPORTS_JOB, RETENTION_JOB, night_job_name
from pipelines.left_out import left_out
from pipelines.population import NOT_GRANTED, has_to_do
from pipelines.retaining import is_night
from resources.clock import Clock
from resources.hub import Hub
from resources.settings import Settings
from schemas.dataset import Source
from schemas.registry import SOURCES

ZONE = "Asia/Ho_Chi_Minh"
RECONCILED_ON = 7  # Sunday: the offices are closed, so a night that reads everything keeps nobody from working


def tonight() -> str:
    """The night's name: the day of the one clock."""
    return Clock(Settings.load()).today().isoformat()


def source_schedule(source: Source) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"{night_job_name(source.name)}_schedule",
        job_name=night_job_name(source.name),
        cron_schedule=source.hour,
        execution_timezone=ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Mỗi đêm, đồng bộ {source.title}; đêm Chủ nhật đọc lại toàn bộ các ô để đối soát. Đêm bị lỡ được chạy bù một lần.",
    )
    @told(f"hẹn lượt đêm của {source.name}")
    def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if why := left_out(Hub.look()).get(source):
            return dg.SkipReason(f"{source.label}: {why}")
        at = context.scheduled_execution_time
        whole = {WHOLE: "weekly"} if at.isoweekday() == RECONCILED_ON else {}
        return dg.RunRequest(run_key=f"{source.name}-{at:%Y-%m-%d}", tags={NIGHT: tonight(), **whole})

    return nightly


@dg.schedule(
    name=f"{REPORTS_JOB}_schedule",
    job_name=REPORTS_JOB,
    cron_schedule=["*/10 2-4 * * *", "0 5 * * *"],
    execution_timezone=ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Gửi báo cáo đến hạn khi các hệ thống nguồn của đêm đã chạy xong, chậm nhất 05:00.",
)
@told("hẹn gửi báo cáo")
def reports_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    at = context.scheduled_execution_time
    if at.hour < 5 and not _sources_ended(context.instance, f"{at:%Y-%m-%d}"):
        return dg.SkipReason("Các hệ thống nguồn của đêm chưa chạy xong; xem lại sau 10 phút, chậm nhất 05:00.")
    # The run key makes it once a night, however many ticks find the sources done.
    return dg.RunRequest(run_key=f"reports-{at:%Y-%m-%d}", tags={NIGHT: tonight()})


@dg.schedule(
    name=f"{POPULATION_JOB}_schedule",
    job_name=POPULATION_JOB,
    cron_schedule=["*/10 2-4 * * *", "0 5 * * *"],
    execution_timezone=ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Đối chiếu với CSDLQG về dân cư khi các hệ thống nguồn của đêm đã chạy xong, chậm nhất 05:00; không chờ, không giữ báo cáo.",
)
@told("hẹn đối chiếu dân cư")
def population_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    at = context.scheduled_execution_time
    if not has_to_do(Hub.look()):
        return dg.SkipReason(f"Đối chiếu dân cư: {NOT_GRANTED}.")
    if at.hour < 5 and not _sources_ended(context.instance, f"{at:%Y-%m-%d}"):
        return dg.SkipReason("Các hệ thống nguồn của đêm chưa chạy xong; xem lại sau 10 phút, chậm nhất 05:00.")
    return dg.RunRequest(run_key=f"population-{at:%Y-%m-%d}", tags={NIGHT: tonight()})


def _sources_ended(instance: dg.DagsterInstance, night: str) -> bool:
    passed_over = left_out(Hub.look())
    for source in SOURCES:
        if source in passed_over:
            continue
        records = instance.get_runs(dg.RunsFilter(tags={"dagster/run_key": f"{source.name}-{night}"}), limit=1)
        if not records or not records[0].is_finished:
            return False
    return True


@dg.schedule(
    name=f"{REHEARSAL_JOB}_schedule",
    job_name=REHEARSAL_JOB,
    cron_schedule="30 5 * * 0",
    execution_timezone=ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Mỗi sáng Chủ nhật, khi các lượt của đêm đã xong: diễn tập khôi phục bản sao lưu mới nhất trong BACKUP_DIR.",
)
@told("hẹn diễn tập khôi phục")
def rehearsal_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    if Settings.load().backups_dir is None:
        return dg.SkipReason("BACKUP_DIR chưa đặt nên không biết diễn tập bản sao lưu nào.")
    return dg.RunRequest(run_key=f"rehearsal-{context.scheduled_execution_time:%Y-%m-%d}")


@dg.schedule(
    name=f"{RETENTION_JOB}_schedule",
    job_name=RETENTION_JOB,
    cron_schedule="15 6-11 * * 0",
    execution_timezone=ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Mỗi sáng Chủ nhật, khi không lượt đêm nào đang chạy: bỏ những gì quá thời hạn giữ.",
)
@told("hẹn bỏ những gì quá thời hạn giữ")
def retention_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    if is_night(context.instance):
        return dg.SkipReason("Một lượt đêm đang chạy; xem lại sau một giờ, chậm nhất 11:15.")
    # The run key makes it once a week, however many ticks find no night.
    return dg.RunRequest(run_key=f"retention-{context.scheduled_execution_time:%Y-%m-%d}")


SCHEDULES = [
    *(source_schedule(source) for source in SOURCES),
    reports_schedule,
    population_schedule,
    rehearsal_schedule,
    retention_schedule,
]
