"""A full load beside dlt and sling copying the same table plainly, in interleaved rounds: from PostgreSQL, and from MariaDB.

All three are whole processes here, their start included. The tools neither validate nor keep history.
"""

import os
import statistics
from contextlib import closing
from pathlib import Path

from benchmarks.load import COPIED, SOURCE, Load, drop, fresh, load, shape, told
from benchmarks.mariadb import DATABASE, mariadb
from benchmarks.measuring import Columns, Measured, measured, megabytes, ratio, seconds, temporary_home, times
from benchmarks.raw_copy import raw_copy
from benchmarks.table import FORMS, build
from benchmarks.tools import TARGET, NotInstalled, Peer, Place, installed, sling_address
from resources.embedded import EmbeddedServer, server


def run(rows: int, rounds: int) -> None:
    with temporary_home() as home:
        embedded = server(home)
        build(embedded, SOURCE, rows)
        peers = installed(home, embedded)
        print(f"{shape(rows)}, {rounds} rounds, {', '.join(f'{p.name} {p.version}' for p in peers) or 'no peer'}")
        postgresql = Place(
            "PostgreSQL", embedded.url(SOURCE), embedded.url(SOURCE), "pyarrow", sling_address(embedded, SOURCE), "public", 0.5
        )
        _measured(home, embedded, peers, postgresql, rows, rounds)
        try:
            with mariadb(home, embedded, SOURCE) as place:
                address = f"mysql://{place}"
                # connectorx is by far the fastest of the ways that dlt reads it.
                of_mariadb = Place("MariaDB", address, f"mysql+pymysql://{place}", "connectorx", address, DATABASE, 0.6)
                _measured(home, embedded, peers, of_mariadb, rows, rounds)
        except NotInstalled as error:
            print(f"MariaDB is not measured: {error}", flush=True)


def _measured(home: Path, embedded: EmbeddedServer, peers: list[Peer], place: Place, rows: int, rounds: int) -> None:
    """Raw COPY, which is between two PostgreSQL databases, tells how fast the machine is in a round."""
    columns = Columns((f"from {place.title}", "raw COPY", "load", "its process", "peak", *(p.name for p in peers)))
    copies: list[float] = []
    loads: list[Load] = []
    taken: dict[str, list[Measured]] = {p.name: [] for p in peers}
    for number in range(rounds):
        copies.append(raw_copy(embedded, SOURCE, COPIED, [FORMS]))
        loads.append(load(home, embedded, place.ours))
        for peer in peers:
            taken[peer.name].append(_copied(home, embedded, peer, place, number, rows))
        columns.row(
            "",
            seconds(copies[-1]),
            seconds(loads[-1].seconds),
            seconds(loads[-1].process_seconds),
            megabytes(loads[-1].peak_mb),
            *(seconds(taken[p.name][-1].seconds) for p in peers),
        )
    told(copies, loads)
    for name, done in taken.items():
        print(
            f"{name}: {times(ratio([d.seconds for d in done], copies))} raw COPY, peak {megabytes(max(d.peak_mb for d in done))}"
        )
    if taken:
        faster = min(taken, key=lambda name: statistics.median(d.seconds for d in taken[name]))
        share = ratio([d.process_seconds for d in loads], [d.seconds for d in taken[faster]])
        print(
            f"load / {faster}, the faster: {times(share)} median of whole processes (aim: at most {times(place.aim)})", flush=True
        )


def _copied(home: Path, embedded: EmbeddedServer, peer: Peer, place: Place, number: int, rows: int) -> Measured:
    """One copy by a tool into an empty database; every row has to be there."""
    fresh(embedded, TARGET)
    # Their own files belong into the home that is removed.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"HOME": str(home / "peers")} | peer.settings
    done = measured(peer.command(place, number), environment)
    with closing(embedded.connect(TARGET)) as connection, connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {peer.table}")
        ((found,),) = cursor.fetchall()
    if found != rows:
        raise SystemExit(f"{peer.name} copied {found:,} of {rows:,} rows")
    drop(embedded, TARGET)
    return done
