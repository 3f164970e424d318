"""Running jobs in this process, for the commands that do not wait for the daemon."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pipelines.instance import instance
from pipelines.jobs import REPORTS_JOB, night_job_name
from resources.settings import Settings

# An uncaught stack in the terminal helps nobody; the message is printed by the command.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class Runner:
    def __init__(self, dagster_instance: Any) -> None:
        from pipelines.definitions import defs

        self._instance = dagster_instance
        self._definitions = defs

    def night(self, source: str, night: str, periods: Sequence[str] | None) -> list[str]:
        """One source's night; the failures in words."""
        tags = {"ansinh/night": night}
        if periods:
            tags["ansinh/periods"] = ";".join(periods)
        return self.job(night_job_name(source), tags)

    def reports(self, night: str) -> list[str]:
        return self.job(REPORTS_JOB, {"ansinh/night": night})

    def job(self, name: str, tags: dict[str, str]) -> list[str]:
        job = self._definitions.resolve_job_def(name)
        result = job.execute_in_process(instance=self._instance, tags=tags, run_config=QUIET, raise_on_error=False)
        return failures_of(result)


def failures_of(result: Any) -> list[str]:
    """The message of each failed step: a failure of ours carries its three parts, anything else its type alone."""
    found = []
    for event in result.get_step_failure_events():
        data = event.step_failure_data
        told = data.user_failure_data.description if data.user_failure_data else None
        if not told:
            error = data.error.cause or data.error
            told = f"Bước {event.step_key} hỏng vì lỗi chưa lường trước ({error.cls_name}); chi tiết ở trang của lượt chạy."
        found.append(told)
    return found


@contextmanager
def dagster(settings: Settings) -> Iterator[Runner]:
    with instance(settings) as found:
        yield Runner(found)
