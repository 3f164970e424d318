"""How each service behind the provincial platform is spoken to, as dated facts: today's gateway is another one tomorrow.

What the services give is declared in schemas/sources, as for any road; here stands what of their contract is known, since when,
and how sure that is. No request is made here.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from schemas.dated import Dated, dates, read_each

# Where the platform's own header and the token stand, in its three shapes: a bearer token beside `lgspaccesstoken`; the token as
# `X-Authentication-Token` beside it; and what the header would hold in `Authorization` itself, without any token.
Auth = Literal["bearer", "token_header", "authorization"]
Paging = Literal["cursor", "number"]
# What an ETag is of: the one page that it came with, or all rows that were asked for, whichever page they came on; of nothing ("").
# By the marks themselves it cannot be told: pages that were written at once may have one that is each page's own.
EtagOf = Literal["", "page", "whole"]


@dataclass(frozen=True)
class Service(Dated):
    """A service for one resource of one system: a GET whose answer is a page of rows in an envelope.

    Names of parameters that are empty do not exist there. `rows_at`, `total_at`, `next_at` are names in the envelope, a dot between two
    levels. Without `from_parameter` it knows no periods: all of a resource is read. `page_size` and `calls_per_minute` are what its owner allows.
    """

    system: str
    resource: str
    valid_from: dt.date
    valid_to: dt.date | None
    path: str
    token_path: str
    auth: Auth
    code_at: str
    success_codes: tuple[str, ...]  # of several that services behind one platform give
    rows_at: str
    total_at: str  # how many rows all pages together have
    paging: Paging
    page_parameter: str  # the number of a page, or the cursor
    size_parameter: str
    page_size: int
    next_at: str  # of a cursor, the next one
    from_parameter: str  # the first day, as yyyyMMdd
    to_parameter: str
    since_parameter: str  # only what changed since an instant, as yyyyMMddHHmmss
    etag_of: EtagOf  # a strong one, which `If-None-Match` is answered by
    calls_per_minute: int
    source: str
    confidence: str


@cache
def services() -> tuple[Service, ...]:
    return tuple(_service(system, row) for system, row in read_each("services.csv"))


def service(system: str, resource: str, on: dt.date) -> Service | None:
    """The service in force on a day; None where nobody has declared one."""
    return next((s for s in services() if (s.system, s.resource) == (system, resource) and s.holds(on)), None)


def _service(system: str, row: dict[str, str]) -> Service:
    for name, known in {"auth": Auth, "paging": Paging, "etag_of": EtagOf}.items():
        if row[name] not in get_args(known):
            raise ValueError(f"services.csv of {system}, {row['resource']}: {name} is none of {get_args(known)}")
    texts = {name: row[name] for name in ("resource", "path", "token_path", "code_at", "rows_at", "total_at", "page_parameter")}
    texts |= {name: row[name] for name in ("size_parameter", "next_at", "from_parameter", "to_parameter", "since_parameter")}
    valid_from, valid_to = dates(row)
    return Service(
        system=system,
        valid_from=valid_from,
        valid_to=valid_to,
        auth=row["auth"],  # ty: ignore[invalid-argument-type]
        success_codes=tuple(row["success_codes"].split("|")),
        paging=row["paging"],  # ty: ignore[invalid-argument-type]
        page_size=int(row["page_size"]),
        etag_of=row["etag_of"],  # ty: ignore[invalid-argument-type]
        calls_per_minute=int(row["calls_per_minute"]),
        source=row["source"],
        confidence=row["confidence"],
        **texts,
    )
