"""A small source for the tests of the demo's integration platform, the services that give it, and the platform that plays them."""

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from demo.platform.listing import AT_ONCE
from resources.embedded import server
from schemas.registry import dataset_named
from schemas.services import Service
from schemas.submissions import SUBMISSION_LOG
from tests.integration.kept import new_home
from tests.integration.platform_server import RunningPlatform, running_platform, service

SYSTEM = "social_protection"
PEOPLE, LISTS = dataset_named("social_protection.beneficiaries"), dataset_named("social_protection.monthly_payments")
INSTITUTIONS = dataset_named("social_protection.institutions")
BY_NUMBER = {"paging": "number", "page_parameter": "trang", "next_at": ""}
REGISTER = service(SYSTEM, PEOPLE.road.at_source, **BY_NUMBER)
PAYMENTS = service(SYSTEM, LISTS.road.at_source, page_size=10)
HOMES = service(SYSTEM, INSTITUTIONS.road.at_source, page_size=5000, etag_of="")
LOG = service(SYSTEM, SUBMISSION_LOG.road.at_source, from_parameter="", to_parameter="", etag_of="")
PAYMENTS_BY_NUMBER = service(SYSTEM, PAYMENTS.resource, page_size=10, path="/so-trang", **BY_NUMBER)
BY_HEADER = service(SYSTEM, PAYMENTS.resource, path="/tieu-de", auth="token_header")
ITSELF = service(SYSTEM, PAYMENTS.resource, path="/khong-token", auth="authorization")
FEW = service(SYSTEM, REGISTER.resource, path="/it-luot", calls_per_minute=2)
OLD = service(SYSTEM, PAYMENTS.resource, path="/cu/chi-tra", valid_to=dt.date(2024, 6, 30))
PAYMENTS_NAME = f"{SYSTEM}.{PAYMENTS.resource}"
TODAY = dt.date(2024, 11, 20)
PERSONS, LINES, MANY = 25, 47, AT_ONCE + 2500


def small_source() -> Iterator[Path]:
    """The home of an embedded server with the source's tables; for a fixture to yield from."""
    made = new_home()
    running = server(made)
    try:
        running.ensure_database(SYSTEM)
        with closing(running.connect(SYSTEM)) as connection, connection.cursor() as cursor:
            _fill(cursor)
        yield made
    finally:
        running.stop()
        shutil.rmtree(made)


def _fill(cursor: Any) -> None:
    for declared in (PEOPLE, LISTS, INSTITUTIONS, SUBMISSION_LOG):
        columns = ", ".join(f'"{c.source_column}" {c.source_type}' for c in declared.columns)
        cursor.execute(f"create table {declared.road.at_source} ({columns})")
    cursor.execute(
        f"insert into {REGISTER.resource} (ma_doi_tuong, ngay_cap_nhat_nguon, la_dtts_vung_dbkk) "
        f"select 'p' || n, timestamptz '2024-11-01 08:30:00+07' + n * interval '1 day', n = 1 from generate_series(1, {PERSONS}) n"
    )
    cursor.execute(
        f"insert into {PAYMENTS.resource} (ma_doi_tuong, thang, hinh_thuc_chi_tra) "
        f"select 'p' || n, case when n <= 40 then date '2024-10-01' when n <= 45 then date '2025-01-01' end, 2 "
        f"from generate_series(1, {LINES}) n"
    )
    cursor.execute(f"insert into {HOMES.resource} (ma_co_so) select 'c' || n from generate_series(1, {MANY}) n")
    log = "('415', %s, '2024-10', timestamptz '2024-11-02 10:00:00.5+07', 40, false)"
    cursor.execute(f"insert into {LOG.resource} values {log}", (PAYMENTS.resource,))


def small_platform(home: Path) -> Iterator[RunningPlatform]:
    """The platform over it; for a fixture to yield from."""
    connect = {SYSTEM: partial(server(home).connect, SYSTEM)}
    with running_platform(
        connect,
        (REGISTER, PAYMENTS, HOMES, LOG, PAYMENTS_BY_NUMBER, BY_HEADER, ITSELF, FEW, OLD),
        home / "platform",
        lambda: TODAY,
    ) as made:
        yield made


def read(platform: RunningPlatform, asked: Service, **parameters: Any) -> list[dict[str, Any]]:
    """The answers of all pages of a listing, as they come; of a service that never ends, twenty."""
    answers, page = [], 1
    while len(answers) < 20:
        answer = platform.get(asked, **parameters)
        assert answer.status_code == 200, answer.text
        answers.append(answer.json())
        page += 1
        if asked.paging == "number":
            parameters[asked.page_parameter] = page
        elif following := answers[-1][asked.next_at]:
            parameters[asked.page_parameter] = following
        else:
            return answers
        if asked.paging == "number" and not answers[-1]["data"]:
            return answers
    return answers


@contextmanager
def changed(home: Path, statement: str) -> Iterator[None]:
    """Inside, a table stands otherwise; afterwards as it was."""
    with closing(server(home).connect(SYSTEM)) as connection, connection.cursor() as cursor:
        table = next(asked.resource for asked in (PAYMENTS, REGISTER, HOMES) if f" {asked.resource} " in statement)
        cursor.execute(f"create table kept as table {table}")
        cursor.execute(statement)
        try:
            yield
        finally:
            cursor.execute(f"begin; delete from {table}; insert into {table} table kept; drop table kept; commit")


def names(answers: list[dict[str, Any]]) -> list[str]:
    return [row["ma_doi_tuong"] for answer in answers for row in answer["data"]]
