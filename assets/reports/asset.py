"""The reports in the asset graph: report/national/<form>, partitioned by the form's periods that have begun, with their checks.

Thin: a night files every due period of the form, a click files the chosen ones. What is filed is decided in filing.py. A form
that is declared wrongly has its asset all the same, which fails and says why: it stops neither the others nor the night.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from assets import partitions
from assets.guard import guarded
from assets.keys import core_key, report_key
from assets.long_tags import tags_of
from assets.recording import targets
from assets.reports.failures import ChosenTooEarly, FiguresImplausible, FormDeclaredWrongly, ReportsUnfinished
from assets.reports.form import Form
from assets.reports.forms import FORMS, UNREADABLE
from assets.reports.night import Filed, file_due
from assets.reports.reconcile import failed, in_words
from assets.tags import CORRECTION, NIGHT, OFFICER, REASON, SEND_AGAIN
from resources.hub import Hub
from resources.local.laying import refuse_wrong
from resources.reporting.client import client
from resources.reporting.parties import refuse_unknown
from resources.warehouse.arrivals.backfills import Act
from resources.warehouse.engine import typed
from resources.warehouse.published import submissions
from resources.warehouse.published.submissions import MATURITY_TITLES, STANDING, STATUS_TITLES, Submission
from schemas import local
from schemas.registry import DATASETS
from schemas.written import unit_title

UNITS_NAMED = 30  # of one dataset and period; who needs the others asks `ansinh status`
OWNER = "team:Bộ phận tổng hợp báo cáo"

CHECKS = {
    "all_units_submitted": "Mọi đơn vị phải nộp đều có số liệu trong lần lập mới nhất.",
    "figures_plausible": "Mọi số liệu nằm trong khoảng hợp lý đã khai, hoặc đã có người duyệt.",
    "indicators_reconcile": "Mọi đối chiếu giữa các chỉ tiêu và với danh sách chi trả đều đạt; điều đơn vị nộp cần xem lại hoặc cần thuyết minh được nêu kèm.",
    "receipt_kept": "Mọi kỳ đã đến hạn có biên nhận của nơi nhận.",
}


def report_asset(form: Form) -> dg.AssetsDefinition:
    key = report_key(form.asset_name)

    @dg.asset(
        key=key,
        # A form reads cells of several periods and all units; which ones is the form's own matter.
        deps=[dg.AssetDep(core_key(d), partition_mapping=dg.AllPartitionMapping()) for d in form.datasets],
        partitions_def=dg.StaticPartitionsDefinition(form.started(partitions.today())),
        group_name="reports",
        owners=[OWNER],
        kinds={"postgres"},
        description=(
            f"{form.title} (biểu {form.code}). Tính chỉ tiêu, lập lần gửi mới khi có số liệu hoặc trạng thái thay đổi, "
            f"gửi hệ thống báo cáo quốc gia và lưu biên nhận. Chế độ {_regime(form)}. "
            f"Căn cứ: {form.legal_basis}."
        ),
        output_required=False,  # nothing comes after it, and only the periods that moved are recorded, one event each
        check_specs=[dg.AssetCheckSpec(name, asset=key, description=text) for name, text in CHECKS.items()],
    )
    def report(context: dg.AssetExecutionContext) -> Iterator[object]:
        with guarded(context, f"lập biểu {form.code}"):
            if form.faults:
                raise FormDeclaredWrongly(form=form.code, told="; ".join(form.faults))
            yield from _filed(context, form, key)

    return report


def unreadable_asset(module: str, why: str) -> dg.AssetsDefinition:
    """What stands in the graph for a form whose file cannot be read: it fails, and nothing else does."""
    code = module.upper()

    @dg.asset(
        key=report_key(code),
        group_name="reports",
        owners=[OWNER],
        description=f"Biểu chưa đọc được: {why}.",
        output_required=False,
    )
    def report(context: dg.AssetExecutionContext) -> Iterator[object]:
        with guarded(context, f"lập biểu {code}"):
            raise FormDeclaredWrongly(form=code, told=why)
        yield

    return report


def _regime(form: Form) -> str:
    return form.regime_code if form.faults else f"{form.regime.code}: {form.regime.title.lower()}"


def _filed(context: dg.AssetExecutionContext, form: Form, key: dg.AssetKey) -> Iterator[object]:
    refuse_wrong(local.REPORTS, *(dataset.source.name for dataset in form.datasets))
    hub = Hub.open()
    refuse_unknown(hub.settings, hub.today())
    tags = tags_of(context.run)
    due = form.periods_due(hub.today())
    chosen = list(context.partition_keys) if context.has_partition_key or context.has_partition_key_range else due
    early = [p for p in chosen if p not in due]
    if early:
        raise ChosenTooEarly(
            form=form.code,
            periods=", ".join(early),
            first=early[0],
            due=form.due_day(early[0]),
            today=hub.today(),
            known=f"{form.code} {', '.join(due[-3:])}",
        )
    reason = tags.get(REASON, "").strip()
    follows = CORRECTION in tags  # whose reasons are kept with the cells that they were given for
    filed = file_due(
        hub.reporting.engine,
        client(hub.settings),
        hub.now(),
        form,
        [] if tags.get(NIGHT) == SEND_AGAIN else chosen,  # what is composed by day would take the place of the night's
        mode=hub.settings.filing,
        asked=Act(tags.get(OFFICER, "").strip() or None, reason) if reason and not follows else None,
        follows=follows,
    )
    with hub.reporting.engine.connect() as connection:
        latest = submissions.latest(connection, form.code)
        moved = _moved(context.instance.get_materialized_partitions(key), filed, latest, due)
        latest |= submissions.latest(connection, form.code, moved)
    yield from materializations(key, latest, moved)
    yield from verdicts(context.instance, key, latest, moved)
    yield from summaries(key, latest, due)
    stopped = FiguresImplausible(form=form.code, told=_listed_by_period(filed.stopped)) if filed.stopped else None
    if filed.failed or filed.unsent:
        raise ReportsUnfinished(form=form.code, told=f"{_told(form, filed)} {stopped or ''}".strip(), again=by_hand(filed.unsent))
    if stopped:
        raise stopped


def _moved(told: Collection[str], filed: Filed, latest: Collection[str], due: Sequence[str]) -> list[str]:
    """The periods to tell of. What a killed run composed or sent without an event is told of now."""
    return sorted({s.period for s in [*filed.composed, *filed.sent]} | {p for p in due if p in latest and p not in told})


def materializations(
    key: dg.AssetKey, latest: Mapping[str, Submission], periods: Iterable[str]
) -> Iterator[dg.AssetMaterialization]:
    """What the orchestrator is told of the last revision of these periods."""
    for period in periods:
        yield dg.AssetMaterialization(key, partition=period, metadata=_metadata(latest[period]))


def verdicts(
    instance: dg.DagsterInstance, key: dg.AssetKey, latest: Mapping[str, Submission], periods: Sequence[str]
) -> Iterator[dg.AssetCheckEvaluation]:
    """The checks of each of these periods, whose materialisations are told."""
    latest_of = targets(instance, key, periods)
    for period in periods:
        for name, (passed, why) in _verdicts(latest[period]).items():
            yield dg.AssetCheckEvaluation(
                asset_key=key,
                check_name=name,
                passed=passed,
                severity=dg.AssetCheckSeverity.WARN,
                description=why,
                partition=period,
                target_materialization_data=latest_of.get(period),
            )


def summaries(key: dg.AssetKey, latest: Mapping[str, Submission], due: Sequence[str]) -> Iterator[dg.AssetCheckResult]:
    """Each check of the form over all due periods."""
    judged = {p: _verdicts(latest[p]) for p in due if p in latest}
    for name in CHECKS:
        verdicts = {p: of_period[name] for p, of_period in judged.items()}
        if name == "receipt_kept":
            verdicts |= {p: (False, "chưa lập lần nào") for p in due if p not in latest}
        wrong = sorted(p for p, (passed, _) in verdicts.items() if not passed)
        yield dg.AssetCheckResult(
            passed=not wrong,
            asset_key=key,
            check_name=name,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"{len(wrong)} kỳ cần xem: {', '.join(wrong)}" if wrong else None,
            metadata={
                "kỳ đã xét": len(due),
                "kỳ cần xem": len(wrong),
                "chi tiết": dg.TableMetadataValue(
                    [dg.TableRecord({"kỳ": p, "nội dung": why}) for p, (_, why) in sorted(verdicts.items()) if why],
                    dg.TableSchema([dg.TableColumn("kỳ"), dg.TableColumn("nội dung")]),
                ),
            },
        )


def _verdicts(submission: Submission) -> dict[str, tuple[bool, str | None]]:
    """check -> whether the latest revision passes it, and what is to be said of it."""
    missing = [told for record in submission.inputs if "dataset" in record and (told := _missing(record, submission.due_day))]
    return {
        "all_units_submitted": (not missing, "; ".join(dict.fromkeys(missing)) or None),
        "figures_plausible": (not submission.stopped_by, _listed(submission.stopped_by)),
        "indicators_reconcile": (not failed(submission.findings), in_words(submission.findings) or None),
        "receipt_kept": (
            submission.status in STANDING,
            None
            if submission.status in STANDING
            else f"lần {submission.revision} {STATUS_TITLES[submission.status]}"
            + (f": {submission.last_error}" if submission.last_error else ""),
        ),
    }


def _listed(findings: Sequence[Mapping[str, Any]]) -> str | None:
    return "; ".join(f"{f['code']}: {f['message']}" for f in findings) or None


def _listed_by_period(stopped: Sequence[Submission]) -> str:
    return ". ".join(f"kỳ {s.period} lần {s.revision}: {_listed(s.stopped_by)}" for s in stopped)


def _missing(record: Mapping[str, Any], on: dt.date) -> str | None:
    """Which units had not sent what a form counts, by name; None: all had."""
    period = record["period"]
    names = [unit_title(code, period, on) for code, cell in sorted(record["units"].items()) if not cell["received"]]
    if not names:
        return None
    more = f" và {len(names) - UNITS_NAMED} đơn vị khác" if len(names) > UNITS_NAMED else ""
    title = next((d.title for d in DATASETS if d.id == record["dataset"]), record["dataset"])
    return f"{title}, kỳ {period}: {', '.join(names[:UNITS_NAMED])}{more}"


def _metadata(submission: Submission) -> dict[str, Any]:
    return {
        "lần": submission.revision,
        "mức độ hoàn chỉnh": MATURITY_TITLES[submission.maturity],
        "trạng thái": STATUS_TITLES[submission.status],
        "biên nhận": submission.receipt or "chưa có",
        "mã giao dịch": submission.transaction_id,
        "kỳ số liệu": f"từ {submission.window_start:%d/%m/%Y} đến {submission.window_end:%d/%m/%Y}",
        "hạn gửi": f"{submission.due_day:%d/%m/%Y}",
        "số dòng đã gửi": len(submission.payload["so_lieu"]),
        "lý do": submission.reason or "lần gửi đầu",
        "ghi chú": dg.MetadataValue.md("\n".join(f"- {n}" for n in submission.payload["ghi_chu"]) or "không"),
    }


def _told(form: Form, filed: Filed) -> str:
    """One message for the run: our own messages in full, of anything else its type alone (a KeyError's text is a value)."""
    parts = [
        f"kỳ {period}: {error if type(error) is LookupError else typed(f'lập biểu {form.code} kỳ {period}', error)}"
        for period, error in sorted(filed.failed.items())
    ]
    parts += [s.last_error or f"{s.form} {s.period}: chưa có biên nhận" for s in filed.unsent]
    return " ".join(dict.fromkeys(parts))


def by_hand(unsent: Sequence[Submission]) -> str:
    """What is to be done about what the receiver has returned: it waits for a person, unlike the rest of the outbox."""
    returned = [s for s in unsent if s.status == "returned"]
    commands = ", ".join(f"ansinh report submit {s.form} {s.period} --by <tên>" for s in returned)
    return f", lần bị trả lại thì không: sửa theo lý do rồi {commands}" if returned else ""


REPORT_ASSETS: list[dg.AssetsDefinition] = [
    *(report_asset(form) for form in FORMS),
    *(unreadable_asset(module, why) for module, why in UNREADABLE.items()),
]
