"""The systems whose personal values are shown, taken out or erased.

A restricted one is among them only where that is asked for, with a reason and a document.
"""

import argparse
from collections.abc import Sequence

from pipelines.failures import CustodianUnsaid, RestrictedUnsaid
from pipelines.reads import Asking
from pipelines.terminal.known import known_sources
from schemas.dataset import Source


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--restricted", action="store_true", help="cả các hệ thống hạn chế; phải có --reason và --document")


def asked(names: Sequence[str] | None, by: Asking, *, is_said: bool) -> list[Source]:
    """The systems that are asked for by name; without names, all that may be meant. Raises CustodianUnsaid and RestrictedUnsaid."""
    found = known_sources(names)
    closed = titles([source for source in found if source.restricted])
    if closed and is_said and not (by.reason and by.document):
        raise CustodianUnsaid(sources=closed)
    if closed and names and not is_said:
        raise RestrictedUnsaid(sources=closed)
    return [source for source in found if is_said or not source.restricted]


def titles(sources: Sequence[Source]) -> str:
    return "; ".join(source.title for source in sources)
