"""The instance that dagster.yaml names: what Dagster's own does, and what every road to a run has to meet.

A run by hand that lacks what it needs is refused before it waits in the queue, whether a click, a backfill of the UI, a
sensor or Dagster's command line launches it. A text too long for a tag lies in the warehouse. A run in process belongs to its
job, as one of the daemon does. And no process that loads this class says what its database said in the library's words.

A command of Dagster that is started by hand meets it first: where its storage lies is asked here, before anything opens.
"""

import atexit
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any

import click
import dagster as dg
import yaml

from assets import long_tags
from assets.cells import asked
from assets.dagster_internals import (
    ConfigurableClassData,
    DagsterUserCodeProcessError,
    InstanceRef,
    PartitionBackfill,
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
    SerializableErrorInfo,
)
from assets.keys import core_key, raw_key
from assets.tags import CELLS, OF_ONE_RUN, SOURCE
from pipelines.failures import DagsterUnprepared, WithoutDoor
from pipelines.runtime import last_net
from pipelines.runtime.instance import apply_environment
from resources.clock import Clock
from resources.environment import told
from resources.failing import Failure
from resources.servers import dagster_database
from resources.settings import Settings
from resources.warehouse.engine import typed
from schemas.dataset import Dataset
from schemas.registry import DATASETS

LOCATION, REPOSITORY = "ansinh", "__repository__"  # as workspace.yaml names the one, and Dagster the other
DOORLESS = {"dev": "dagster dev", "dagster-webserver": "dagster-webserver"}  # what serves the UI with nothing before it

dagster_database.hide_statements()  # before the storages open: what names this class has imported it first


class Instance(dg.DagsterInstance):
    def __init__(self, *args: Any, **given: Any) -> None:
        last_net.hold()  # each process of Dagster has one: webserver, daemon, code server, runs
        super().__init__(*args, **given)

    @staticmethod
    def config_schema() -> Mapping[str, Any]:
        return {}

    @staticmethod
    def config_defaults(base_dir: str) -> Mapping[str, Any]:
        """The place of the storage. dagster.yaml leaves it out, since a look at the definitions alone needs none."""
        context = click.get_current_context(silent=True)
        command = context.command.name if context else None
        if command == "validate":
            return InstanceRef.config_defaults(_passing_folder())
        try:
            return {**InstanceRef.config_defaults(base_dir), **_storage(command)}
        except Failure as failure:
            if context is None:
                raise
            raise click.ClickException(str(failure)) from None  # a line, where any other exception is a stack

    def submit_run(self, run_id: str, workspace: Any) -> dg.DagsterRun:
        """Let a run wait for its turn. One that is refused leaves nothing: no failed run, no red cell."""
        run = self.get_run_by_id(run_id)
        if run is not None and run.status == dg.DagsterRunStatus.NOT_STARTED:
            if why := refusal(run):
                self.delete_run(run_id)
                raise in_words(why)
            if inherited := [tag for tag in OF_ONE_RUN if tag in run.tags]:
                # Started again from a run whose process is gone, it would be taken for dead.
                self.add_run_tags(run_id, dict.fromkeys(inherited, ""))
        return super().submit_run(run_id, workspace)

    def create_run_for_job(self, job_def: dg.JobDefinition, *args: Any, **given: Any) -> dg.DagsterRun:
        """A run in process, of our code location: else the timeline knows nothing of it and its links lead nowhere."""
        given = {"remote_job_origin": origin(job_def.name), **given, "tags": long_tags.kept(given.get("tags") or {})}
        return super().create_run_for_job(job_def, *args, **given)

    def create_run(self, **given: Any) -> dg.DagsterRun:
        given["tags"] = stored(given["tags"], given.get("run_config"))
        return super().create_run(**given)

    def create_reexecuted_run(self, **given: Any) -> dg.DagsterRun:
        given["extra_tags"] = stored(given.get("extra_tags"), given.get("run_config"))
        return super().create_reexecuted_run(**given)

    def add_backfill(self, partition_backfill: PartitionBackfill) -> None:
        """A launch over several cells, whose runs are made when the daemon comes to it: refused at once, as a run of one cell is.

        Refused run by run, it would fail half a minute later on a page that nobody looks at, and after runs that were let.
        """
        typed_in = {name: getattr(partition_backfill, name) for name in ("title", "description")}
        words: dict[str, Any] = {name: text and long_tags.readable(text) for name, text in typed_in.items()}
        kept = partition_backfill._replace(tags=stored(partition_backfill.tags), **words)
        if why := refusal_of_cells(kept):
            raise in_words(why)
        super().add_backfill(kept)

    def add_run_tags(self, run_id: str, new_tags: Mapping[str, str]) -> None:
        super().add_run_tags(run_id, stored(new_tags))


def _passing_folder() -> str:
    folder = tempfile.mkdtemp(prefix="ansinh-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _storage(command: str | None) -> dict[str, ConfigurableClassData]:
    """The database and the folder of the state that the environment names; nothing stands in for what it does not name."""
    if command in DOORLESS:
        raise WithoutDoor(command=DOORLESS[command])
    if told("ANSINH_DAGSTER_URL_FILE"):
        apply_environment(
            Settings.load()
        )  # a container that starts a command of Dagster itself: its files say where the state is
    if not (told("ANSINH_DAGSTER_URL") and told("ANSINH_DAGSTER_DIR")):
        raise DagsterUnprepared
    postgres = yaml.dump({"postgres_url": {"env": "ANSINH_DAGSTER_URL"}})
    folder = yaml.dump({"base_dir": {"env": "ANSINH_DAGSTER_DIR"}})
    return {
        "storage": ConfigurableClassData("dagster_postgres", "DagsterPostgresStorage", postgres),
        "local_artifact_storage": ConfigurableClassData("dagster._core.storage.root", "LocalArtifactStorage", folder),
    }


def stored(tags: Mapping[str, Any] | None, config: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The tags as a run is stored with. What cannot be is refused in words, also where it is launched by a click."""
    try:
        long_tags.refuse_unstorable("run_config", json.dumps(config, ensure_ascii=False, default=str))
        return long_tags.kept(tags or {})
    except Exception as error:
        raise in_words(str(typed("nhận thẻ của lượt chạy", error))) from None


def in_words(why: str) -> DagsterUserCodeProcessError:
    """What the UI and the daemon show as it is written."""
    told = SerializableErrorInfo(message=why, stack=[], cls_name=None)
    return DagsterUserCodeProcessError(why, user_code_process_error_infos=[told])


def origin(job: str) -> RemoteJobOrigin:
    """The job of that name as the standing code server serves it."""
    location = RegisteredCodeLocationOrigin(LOCATION)  # ty: ignore[abstract-class-instantiation] # its one field is what is abstract
    return RemoteJobOrigin(RemoteRepositoryOrigin(location, REPOSITORY), job)


def refusal(run: dg.DagsterRun) -> str | None:
    """Why the cells that a run is asked for may not be loaded so, in words."""
    datasets = _datasets(run.asset_selection or ())
    if run.asset_selection is None:
        datasets = [d for d in DATASETS if d.source.name == run.tags.get(SOURCE)]
    return _why_not(f"nhận lượt chạy của {run.job_name}", run.tags, {dataset: {} for dataset in datasets})


def refusal_of_cells(launch: PartitionBackfill) -> str | None:
    """The same of a launch over several cells."""
    if launch.asset_backfill_data is None:
        return None
    chosen = launch.asset_backfill_data.target_subset.partitions_subsets_by_asset_key
    wanted: dict[Dataset, Mapping[str, str]] = {}
    for dataset in _datasets(chosen):
        cells = {str(cell) for key in _keys(dataset) if key in chosen for cell in chosen[key].get_partition_keys()}
        wanted[dataset] = {CELLS: ";".join(sorted(cells))}
    return _why_not("nhận lượt chạy nhiều ô", launch.tags, wanted)


def _keys(dataset: Dataset) -> tuple[dg.AssetKey, dg.AssetKey]:
    return raw_key(dataset), core_key(dataset)


def _datasets(keys: Iterable[dg.AssetKey]) -> list[Dataset]:
    """The datasets that are loaded where these assets are."""
    chosen = set(keys)
    return [dataset for dataset in DATASETS if not chosen.isdisjoint(_keys(dataset))]


def _why_not(what: str, tags: Mapping[str, str], wanted: Mapping[Dataset, Mapping[str, str]]) -> str | None:
    """`wanted`: the datasets, each with what is said of it beside the tags."""
    try:
        said, now = long_tags.whole(tags), Clock(Settings.load()).now()
        for dataset, beside in wanted.items():
            asked.refuse(dataset, {**said, **beside}, now)
    except Exception as error:
        return str(typed(what, error))
    return None
