"""Every import from a private module of Dagster, and why no public name does: elsewhere only webserver_internals.py has some.

A new version of Dagster may move or change these without a word. `dagster` is pinned, and this is the list to go through
when the pin is raised. What a public name does is imported where it is used: `dg.AssetCheckEvaluation`, `dg.DagsterEvent`.
"""

# What a check of one partition is tied to: the event of the materialisation it judged. A step yields `dg.AssetCheckResult`
# in public, but that takes no partition: it is of the step's own partition, and a run over many cells has none. So
# `dg.AssetCheckEvaluation` is yielded, which is public and takes a partition. Without this target, which is not public,
# the check's own grid of partitions stays empty in the UI.
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData

# The class of the `asset_graph` that a job is resolved over, to make another one of the same assets without their
# partitions. In public a graph comes out of `dg.Definitions.resolve_asset_graph()` only, whole, and cannot be made of a
# list of assets.
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

# The class of what `dg.define_asset_job` returns, to override how it is resolved. `define_asset_job` itself refuses a
# night: "Selected assets must have the same partitions definitions". A job resolved beforehand, out of a `dg.Definitions`
# of the same assets without partitions (`resolve_job_def`), ran in a trial of two assets; it was not tried with the jobs of
# a night, and Dagster marks that method as no more public than this class.
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

# The one error that the UI and the daemon's backfills show as it was written, without a stack (its text is a
# `SerializableErrorInfo`): whoever launched a run that is refused reads what is missing. Any other error is shown as its
# class, its text and the stack of the webserver; and one that is no error of Dagster's a backfill tries five times more.
from dagster._core.errors import DagsterUserCodeProcessError

# Many materialisations of one asset stored at once: the mark of one batch, and the id it is known by. In public a step
# yields them, or `context.log_event` takes them: each is then an insert of its own, several times slower over the cells
# of a night. `instance.report_runless_asset_event` also stores one at a time, and the event belongs to no run.
# Its event of one, to store many of no run.
from dagster._core.events import DagsterEventBatchMetadata, StepMaterializationData, generate_event_batch_id

# What a launch over several partitions is kept as until the daemon makes runs of it, and its states.
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

# Where an instance of another class (`instance_class` of dagster.yaml) has its defaults from: Dagster asks the class for
# them, and `dg.DagsterInstance` itself has none to inherit.
from dagster._core.instance.ref import InstanceRef

# The id and the job of an event that belongs to no run, as `instance.report_runless_asset_event` stores it.
from dagster._core.instance.utils import RUNLESS_JOB_NAME, RUNLESS_RUN_ID

# What a launcher answers when monitoring asks how the process of a run is. The classes of launchers are not public either.
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus

# Whose job a run is. The timeline and the links of a run to its job read it from the run; the daemon sets it, and a run in
# process (`execute_in_process`) has none: it stands on no page but the list of all runs.
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

# The tag that the launcher of a cluster gives to each run that it makes a Job for.
from dagster._core.storage.tags import DOCKER_IMAGE_TAG

# How a default of an instance names a class and its configuration, as a section of dagster.yaml does.
from dagster._serdes import ConfigurableClassData

# The text of `DagsterUserCodeProcessError`.
from dagster_shared.error import SerializableErrorInfo

__all__ = [
    "DOCKER_IMAGE_TAG",
    "RUNLESS_JOB_NAME",
    "RUNLESS_RUN_ID",
    "AssetCheckEvaluationTargetMaterializationData",
    "AssetGraph",
    "BulkActionStatus",
    "CheckRunHealthResult",
    "ConfigurableClassData",
    "DagsterEventBatchMetadata",
    "DagsterUserCodeProcessError",
    "InstanceRef",
    "PartitionBackfill",
    "RegisteredCodeLocationOrigin",
    "RemoteJobOrigin",
    "RemoteRepositoryOrigin",
    "SerializableErrorInfo",
    "StepMaterializationData",
    "UnresolvedAssetJobDefinition",
    "WorkerStatus",
    "generate_event_batch_id",
]
