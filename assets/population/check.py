"""One run of the check: who is to be asked about, batch by batch within the allowed calls, then the findings beside the rows.

A call is counted before it is made, and what was said is kept batch by batch: a run that is killed at any instant is gone on with by
the next, and asks nobody twice about whom it was answered. What the service does stops nothing but this.
"""

import datetime as dt
import logging
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa

from resources.failing import Failure, Transient, kind_of
from resources.hub import Hub
from resources.locks import only_now, only_one
from resources.population.agreement import Agreement, agreement
from resources.population.client import Population, client
from resources.population.failures import (
    PopulationRefused,
    PopulationRunning,
    PopulationSaysNothing,
    PopulationSecretOther,
    PopulationServiceUndeclared,
)
from resources.population.persons import Person, Secret, secret
from resources.warehouse.persons import population
from resources.warehouse.persons.population import Call, Left, Place, Said
from schemas.dataset import Dataset
from schemas.population import Outcome, service
from schemas.written import grouped

log = logging.getLogger("ansinh.population")

LONGEST_RUN = 3600.0  # seconds: a service that crawls holds up the findings of nobody else's night
TRIES = 2  # of one batch; each is a call
PAUSE = 1.1  # seconds before the second: a token that is given again with no time left has ended by then
LONGEST_PAUSE = 20.0  # that a service may ask for; a longer one is left to the next night
REFUSED_IN_A_ROW = 2
NOT_THIS_ONE = (PopulationRefused, PopulationSaysNothing)  # of this batch; what else is permanent is of all


@dataclass(frozen=True)
class Run:
    """What one run did. `is_granted`: there is access; `failure`: what ended the asking before its time."""

    is_granted: bool
    calls: int = 0
    answered: int = 0
    expired: int = 0
    left: Left | None = None
    failure: Failure | None = None
    changed: Sequence[Dataset] = ()  # whose findings are others than before


def check(hub: Hub, most: int | None = None, longest: float = LONGEST_RUN) -> Run:
    """Ask within what is allowed, at most about so many persons, and bring the findings to what is known. Raises what stands in the
    way of asking anybody at all; a failure on the way is returned."""
    asking = _asking(hub)
    with hub.warehouse.engine.connect() as connection:
        if asking is None and population.known(connection, hub.today()).is_empty:
            return Run(is_granted=False)
    key = _secret(hub)
    with only_now(hub.warehouse.engine, population.LOCK, PopulationRunning), hub.warehouse.engine.connect() as session:
        population.lay_out(session, hub.warehouse.engine, key.digest, hub.today())
        with session.begin():
            expired = population.expire(session, hub.today(), is_granted=asking is not None)
        done = _Asked()
        if asking is not None:
            done = _ask_all(hub, session, key, asking, most, time.monotonic() + longest)
        with only_one(hub.warehouse.engine, "findings"), session.begin():
            changed = population.settle(session, hub.now())
            left = population.left(session, hub.today())
            population.clear(session)
    log.info(
        "đối chiếu dân cư: %s lượt hỏi, %s người có kết quả, %s kết quả hết hạn giữ",
        grouped(done.calls),
        grouped(done.answered),
        grouped(expired),
    )
    return Run(asking is not None, done.calls, done.answered, expired, left, done.failure, changed)


@dataclass
class _Asked:
    calls: int = 0
    answered: int = 0
    failure: Failure | None = None


def _asking(hub: Hub) -> Population | None:
    """The client; None: the province has no access."""
    if hub.settings.population_url() is None:
        return None
    found = service(hub.today())
    if found is None:
        raise PopulationServiceUndeclared(day=f"{hub.today():%d/%m/%Y}")
    return client(hub.settings, found, agreement(hub.settings, found))


def _secret(hub: Hub) -> Secret:
    key = secret(hub.settings)
    with hub.warehouse.engine.begin() as connection:
        if not population.is_secret_known(connection, key.check):
            raise PopulationSecretOther
    return key


def _ask_all(hub: Hub, session: sa.Connection, key: Secret, asking: Population, most: int | None, ends: float) -> _Asked:
    done = _Asked()
    terms = asking.service
    with session.begin():
        allowed = max(asking.agreement.calls_a_day - population.calls_on(session, hub.today()), 0)
        persons = allowed * terms.persons_a_call
        places = population.wanted(session, hub.today(), persons if most is None else min(persons, most))
    refused = 0
    for batch in _batches(places, terms.persons_a_call):
        with session.begin():
            told = {key.digest(t): Person.of(t) for t in population.told(session, batch)}
        about = {digest: person for digest, person in told.items() if person.can_be_asked_about}
        for tried in range(TRIES if about else 0):
            if done.calls >= allowed or time.monotonic() >= ends:
                return done
            if done.calls:
                time.sleep(60 / terms.calls_a_minute)
            done.failure = _one(hub, session, asking, about, done)
            if not isinstance(done.failure, Transient):
                break
            asked = done.failure.retry_after or dt.timedelta(seconds=PAUSE)
            if tried + 1 == TRIES or asked.total_seconds() > LONGEST_PAUSE:
                return done
            time.sleep(asked.total_seconds())
        # One person may be what a batch is refused for, and would keep all others waiting for ever: two in a row are not.
        refused = refused + 1 if isinstance(done.failure, NOT_THIS_ONE) else 0
        if refused == REFUSED_IN_A_ROW or (done.failure and not refused):
            return done
    return done


def _one(hub: Hub, session: sa.Connection, asking: Population, about: dict[bytes, Person], done: _Asked) -> Failure | None:
    """One call and what becomes of it, both kept. Where we are not let in, none is made."""
    try:
        asking.be_let_in()
    except Failure as failure:
        return failure
    transaction_id = str(uuid.uuid4())
    ids = {f"{transaction_id.replace('-', '')}-{n:04d}": digest for n, digest in enumerate(about)}
    call = _call(asking.agreement, transaction_id, hub.now(), len(ids))
    with session.begin():
        population.begin_call(session, call)
    done.calls += 1
    failure: Failure | None = None
    answers: dict[str, Outcome] = {}
    try:
        answers = asking.ask(transaction_id, {request_id: about[digest] for request_id, digest in ids.items()})
    except Failure as met:
        failure = met
    if failure is None and not any(outcome != "unanswered" for outcome in answers.values()):
        failure = PopulationSaysNothing(what=f"Đối chiếu với CSDLQG về dân cư, lượt {transaction_id}", persons=len(ids))
    if isinstance(failure, NOT_THIS_ONE):
        answers = {request_id: "unanswered" for request_id in ids}
    said = [Said(ids[request_id], outcome, request_id) for request_id, outcome in answers.items()]
    with session.begin():
        outcome = kind_of(failure) if failure else "answered"
        population.end_call(session, call, hub.now(), outcome, asking.service.kept_days, said)
    done.answered += sum(s.outcome != "unanswered" for s in said)
    return failure


def _call(agreed: Agreement, transaction_id: str, now: dt.datetime, persons: int) -> Call:
    return Call(
        transaction_id,
        now,
        agreed.purpose,
        agreed.legal_basis,
        agreed.service_code,
        agreed.integration_code,
        agreed.unit_code,
        agreed.officer_code,
        persons,
    )


def _batches(items: Sequence[Place], size: int) -> Iterator[list[Place]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
