"""`ansinh alert`: tells the operators what is new, once. For a timer that lives when neither night nor daemon does."""

import argparse
import datetime as dt
import sys

from pipelines.alerting import lost, words
from pipelines.alerting.telling import UNSET, looked, roads, tell
from resources.alerting.channels import TITLES, configured, usable
from resources.alerting.sending import send
from resources.clock import Clock
from resources.failing import Failure
from resources.failures import StateMissing, Unconfigured
from resources.hub import Hub
from resources.settings import Settings
from resources.warehouse.engine import typed


def arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--dry-run", action="store_true", help="in những việc sẽ báo, không báo và không ghi gì")
    which.add_argument("--test", action="store_true", help="gửi một tin thử qua từng kênh")


def run(parsed: argparse.Namespace) -> int:
    if parsed.test:
        return _test()
    if parsed.dry_run:
        channels = configured()
        print(f"Kênh: {roads(channels)}." if channels else f"{UNSET}.")
        print("\n".join(looked(Hub.look())))
        return 0
    settings = Settings.load()
    try:
        hub = Hub.open()
        hub.warehouse.engine.connect().close()
    except Exception as error:
        failure = typed("ansinh alert", error)
        if isinstance(failure, StateMissing | Unconfigured):  # asked for wrongly: nobody else need know
            raise
        return _lost(settings, failure)
    outcome = tell(hub)
    print("\n".join(outcome.told[:1]))
    for failure in outcome.failures:
        print(failure, file=sys.stderr)
    return 1 if outcome.failures else 0


def _lost(settings: Settings, failure: Failure) -> int:
    """The warehouse does not answer, which is told too, and by what is wrong with it here."""
    channels, wrong = usable()
    failures = [failure, *wrong, *lost.lost(settings, channels, Clock(settings).system().astimezone(dt.UTC))]
    for met in failures:
        print(met, file=sys.stderr)
    return failure.exit_status


def _test() -> int:
    settings = Settings.load()
    channels, wrong = usable()
    if not channels and not wrong:
        print(f"{UNSET}.")
        return 1
    for failure in wrong:
        print(failure, file=sys.stderr)
    status = 1 if wrong else 0
    for channel in channels:
        try:
            send(channel, words.trial(settings, Clock(settings).system().astimezone(dt.UTC)))
        except Exception as error:
            print(typed("báo tin thử", error), file=sys.stderr)
            status = 1
        else:
            print(f"Đã gửi tin thử qua {TITLES[channel.name]} ({channel.road}).")
    return status
