"""How a step of the graph ends when something goes wrong: one message in three parts, retried only when that may help.

Every step of ours runs inside `guarded`, so neither a library's text, which can hold a value, nor its stack reaches an event: the only
stack that the UI shows under a message is the one that leads to the `raise` below.
While other systems wait for their turn nothing is tried again: the system has another turn after them.
"""

import functools
import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import dagster as dg

from assets.tags import PROCESS, process_tags
from resources.connectors import turns
from resources.failing import Failure, Transient
from resources.settings import Settings
from resources.warehouse.engine import typed

Asked = TypeVar("Asked", bound=Callable[..., Any])

RETRIES = 3

# What did not answer, by run and system: the failure, when it may be asked again, and whether it was given up. The other
# steps of the run would only wait for the same again.
_silent: dict[tuple[str, str], "Silence"] = {}


@dataclass
class Silence:
    failure: Failure
    until: float  # time.monotonic()
    is_given_up: bool


@contextmanager
def guarded(
    context: dg.AssetExecutionContext | dg.OpExecutionContext, what: str, system: str | None = None
) -> Iterator[Failure | None]:
    """`what` is the step, in words. `system`: what outside it reaches; the steps of a run ask a silent one together.

    Gives the failure of a system that is not to be asked yet: the step raises it, once it has done what it can without.
    """
    key = (context.run.run_id, system or "")
    silence = _silent.get(key)
    try:
        if not context.run.tags.get(PROCESS):
            # A run of the daemon: whether it still lives can be told by this alone, once nobody watches it.
            context.instance.add_run_tags(context.run.run_id, process_tags())
        is_silent = silence is not None and (silence.is_given_up or time.monotonic() < silence.until)
        yield silence.failure if silence and is_silent else None
        if not is_silent:
            _silent.pop(key, None)
    except (dg.Failure, dg.RetryRequested):
        raise
    except Exception as error:
        failure = typed(what, error)
        try:
            ended = _end(context, key, failure, silence)
        except Exception:  # a setting that has no meaning, a storage that is gone: what happened first is what is told
            ended = dg.Failure(str(failure), allow_retries=False)
        raise ended from None


def told(what: str) -> Callable[[Asked], Asked]:
    """Wrap what Dagster asks outside a run, a sensor or a schedule, so that an error is told in words: the UI shows it.

    It may be a generator.
    """

    def guarding(asked: Any) -> Any:
        @functools.wraps(asked)
        def all_at_once(*args: Any, **named: Any) -> Any:
            with _worded(what):
                return asked(*args, **named)

        @functools.wraps(asked)
        def one_by_one(*args: Any, **named: Any) -> Iterator[Any]:
            with _worded(what):
                yield from asked(*args, **named)

        return one_by_one if inspect.isgeneratorfunction(asked) else all_at_once

    return guarding


@contextmanager
def _worded(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise typed(what, error) from None


def _end(
    context: dg.AssetExecutionContext | dg.OpExecutionContext, key: tuple[str, str], failure: Failure, silence: Silence | None
) -> Exception:
    """How the step ends: asked for again, where that may help, or failed for good."""
    attempt = context.retry_number
    turn = turns.current()
    may_help = isinstance(failure, Transient) and attempt < RETRIES and not (silence and silence.is_given_up)
    if isinstance(failure, Transient) and turn and turn.others_wait:
        may_help, turn.has_more = False, True
    may_help = may_help and not failure.was_waited_for
    wait = Settings.load().retry_seconds * 2**attempt
    asked = silence is None or failure is not silence.failure
    if key[1] and failure.stops_system and asked:
        _silent[key] = Silence(failure, time.monotonic() + wait, not may_help)
    if not may_help:
        return dg.Failure(str(failure), allow_retries=False)
    if asked:
        context.log.warning(f"{failure} Thử lại lần {attempt + 1} trên {RETRIES} sau {wait:g} giây.")
    return dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=wait)
