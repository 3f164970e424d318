"""Jobs: one a source system, and one for the reports."""

from functools import lru_cache
from typing import Any

import dagster as dg

from assets.cells import checks
from assets.cells.freshness import FRESHNESS_CHECKS
from assets.dagster_internals import AssetGraph, UnresolvedAssetJobDefinition
from assets.guard import guarded
from assets.population.check import check
from assets.tags import LAUNCHED, NIGHT, PERSONS, SOURCE
from pipelines.backups import rehearse_if_due
from pipelines.job_names import POPULATION_JOB, REHEARSAL_JOB, REPORTS_JOB, RETENTION_JOB, night_job_name
from pipelines.retaining import in_words, retain
from resources.hub import Hub
from resources.local.laying import refuse_wrong
from schemas import local
from schemas.dataset import Source
from schemas.registry import SOURCES

# With the first tag a run's outputs record no asset event of their own: a night spans many cells, and only those that
# moved are recorded, one explicit event each. The second makes a launch of the job from the UI a night as well.
NIGHT_TAGS = {"dagster/defer_asset_events": "true", NIGHT: LAUNCHED}


class NightJob(UnresolvedAssetJobDefinition):
    """An asset job over cells, periods and years at once, run without a partition key: its steps find what moved.

    Dagster would refuse assets of several partition definitions in one job, and ask a step for the partition of its
    inputs. So the night runs the same assets, same keys and same code, as if they had no partitions; what it records
    names its partition itself.
    """

    def resolve(
        self,
        asset_graph: AssetGraph,
        default_executor_def: dg.ExecutorDefinition | None = None,
        resource_defs: Any = None,
    ) -> dg.JobDefinition:
        return super().resolve(_whole(asset_graph), default_executor_def, resource_defs)


@lru_cache(maxsize=1)  # nine systems' nights are resolved over one graph
def _whole(asset_graph: AssetGraph) -> AssetGraph:
    return AssetGraph.from_assets([assets.map_asset_specs(_without_partitions) for assets in asset_graph.assets_defs])


def _without_partitions(spec: dg.AssetSpec) -> dg.AssetSpec:
    return spec.replace_attributes(partitions_def=None, deps=[dg.AssetDep(dep.asset_key) for dep in spec.deps])


def night_job(source: Source) -> NightJob:
    return NightJob(
        night_job_name(source.name),
        selection=dg.AssetSelection.groups(source.name),
        description=f"Đêm của {source.title}: lấy, kiểm tra, nạp mọi ô mở và theo dõi, rồi công bố số liệu mở.",
        tags={SOURCE: source.name, **NIGHT_TAGS},
    )


def reports_job() -> NightJob:
    return NightJob(
        REPORTS_JOB,
        # The registers' freshness is judged here too: a source that is down runs none of its own steps.
        selection=dg.AssetSelection.groups("reports") | dg.AssetSelection.checks(*FRESHNESS_CHECKS),
        description="Báo cáo đến hạn: tính chỉ tiêu, gửi hệ thống báo cáo quốc gia, lưu biên nhận; xét các sổ đăng ký còn mới.",
        tags=NIGHT_TAGS,
    )


# Built once: Dagster takes two equal jobs of one name for a mistake.
NIGHT_JOBS = {source.name: night_job(source) for source in SOURCES}
REPORTS = reports_job()


@dg.op(description="Khôi phục bản sao lưu mới nhất vào nơi tạm và so với lúc sao lưu.")
def rehearse_restore(context: dg.OpExecutionContext) -> None:
    with guarded(context, "Diễn tập khôi phục"):
        failure = rehearse_if_due(Hub.open(), context.log.info)
        if failure is not None:
            raise failure


@dg.job(name=REHEARSAL_JOB, description="Mỗi tuần một lần: diễn tập khôi phục bản sao lưu mới nhất, ở nơi tạm.")
def rehearsal_job() -> None:
    rehearse_restore()


@dg.op(description="Hỏi CSDLQG về dân cư trong số lượt được phép; ghi kết quả thành cảnh báo cạnh dòng, không loại dòng nào.")
def check_population(context: dg.OpExecutionContext) -> None:
    with guarded(context, "Đối chiếu với CSDLQG về dân cư"):
        refuse_wrong(local.POPULATION)
        hub, most = Hub.open(), context.run.tags.get(PERSONS)
        done = check(hub, int(most) if most else None)
        with hub.warehouse.engine.connect() as connection:
            told = checks.rules_beside(connection, done.changed)
        for evaluation in told:
            context.instance.report_runless_asset_event(evaluation)
        context.add_output_metadata({"lượt hỏi": done.calls, "người có kết quả": done.answered, "kết quả hết hạn": done.expired})
        if done.failure is not None:  # it has been asked again where that could help, and each time is one of the day's calls
            raise dg.Failure(str(done.failure), allow_retries=False)


@dg.job(
    name=POPULATION_JOB,
    description="Mỗi đêm, khi các nguồn đã xong: đối chiếu người trong các sổ đăng ký với CSDLQG về dân cư.",
)
def population_job() -> None:
    check_population()


@dg.op(
    description="Bỏ những gì quá thời hạn giữ: phiên bản cũ, bản gốc, dòng cách ly đã giải quyết, tệp trả lại, nhật ký, sự kiện."
)
def remove_past_terms(context: dg.OpExecutionContext) -> None:
    with guarded(context, "Dọn dữ liệu quá thời hạn"):
        done = retain(Hub.open(), context.instance)
        context.add_output_metadata(
            {"đã bỏ": in_words(done.lines)}
            | {f"{line.record()['title']}": line.count for line in done.lines if line.count}
            | {f"giữ lại, còn cần: {line.record()['title']}": line.held for line in done.lines if line.held}
        )
        if done.failures:  # the others went; what failed is tried again by the next run
            raise dg.Failure(" ".join(map(str, done.failures)), allow_retries=False)


@dg.job(name=RETENTION_JOB, description="Mỗi tuần một lần, ngoài các lượt đêm: bỏ những gì quá thời hạn giữ.")
def retention_job() -> None:
    remove_past_terms()
