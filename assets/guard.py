"""How a step of the graph ends when something goes wrong: one message in three parts, retried only when that may help.

Every step of ours runs inside `guarded`, so neither a library's text, which can hold a value, nor a stack reaches an event.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from assets.tags import PROCESS, process_tags
from resources.failures import Failure, Transient, Unreachable
from resources.settings import Settings
from resources.warehouse import typed

RETRIES = 3

# The systems found silent in a run of this process: the other steps of the run would only wait for the same again.
_silent: dict[tuple[str, str], Failure] = {}


@contextmanager
def guarded(context: dg.AssetExecutionContext, what: str, system: str | None = None) -> Iterator[None]:
    """`what` is the step, in words. `system`: what outside it reaches, silent for the rest of the run once it did not answer."""
    key = (context.run.run_id, system or "")
    if PROCESS not in context.run.tags:
        # A run of the daemon: whether it still lives can be told by this alone, once nobody watches it.
        context.instance.add_run_tags(context.run.run_id, process_tags())
    try:
        if system and key in _silent:
            raise _silent[key]
        yield
    except (dg.Failure, dg.RetryRequested):
        raise
    except Exception as error:
        failure = typed(what, error)
        if isinstance(failure, Transient) and key not in _silent:
            attempt = context.retry_number
            if attempt < RETRIES:
                wait = Settings.load().retry_seconds * 2**attempt
                context.log.warning(f"{failure} Thử lại lần {attempt + 1} trên {RETRIES} sau {wait:g} giây.")
                raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=wait) from None
            if system and isinstance(failure, Unreachable):
                _silent[key] = failure
        raise dg.Failure(str(failure), allow_retries=False) from None
