"""A load of the benchmark's table through a service behind a platform of its own, which is a process beside the load: time and peak."""

import datetime as dt
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from benchmarks.load import SOURCE, load, shape
from benchmarks.measuring import Columns, environment, megabytes, module, seconds, temporary_home
from benchmarks.table import FORMS, FORMS_SERVICE, build
from demo.platform import readings
from demo.platform.server import Platform
from demo.serving.standing import HOST, credentials, listening, server_of
from resources.embedded import EmbeddedServer, existing, server

ADDRESS = "bench.url"
WAIT_SECONDS = 30


def run(rows: int, rounds: int) -> None:
    with temporary_home() as home:
        embedded = server(home)
        build(embedded, SOURCE, rows)
        print(f"{shape(rows)}, {rounds} rounds, pages of {FORMS_SERVICE.page_size:,} rows")
        columns = Columns(("load", "its process", "peak"))
        with _platform(home) as address:
            client_id, client_secret = credentials(home, "bench")
            account = {"LGSP_CLIENT_ID": client_id, "LGSP_CLIENT_SECRET": client_secret, "LGSP_PARTNER_CODE": "H41"}
            peaks = []
            for _ in range(rounds):
                done = load(home, embedded, address, **account)
                peaks.append(done.peak_mb)
                columns.row(seconds(done.seconds), seconds(done.process_seconds), megabytes(done.peak_mb))
            print(
                f"{done.accepted:,} rows accepted, {done.rejected:,} rejected; peak {megabytes(max(peaks))} (aim: at most 400 MB)"
            )


@contextmanager
def _platform(home: Path) -> Iterator[str]:
    """The address of one that serves the benchmark's table, in a process of its own."""
    process = subprocess.Popen(module("benchmarks.service", str(home)), env=environment(home))
    try:
        until = time.monotonic() + WAIT_SECONDS
        while not (home / ADDRESS).exists():
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit("the platform of the benchmark does not answer")
            time.sleep(0.1)
        yield (home / ADDRESS).read_text()
    finally:
        process.terminate()
        process.wait()


def _serve(home: Path) -> None:
    embedded: EmbeddedServer = existing(home)
    connect = {FORMS.source.name: lambda: embedded.connect(SOURCE)}
    with mock.patch.object(readings, "datasets_of", lambda name: (FORMS,)):
        platform = Platform(connect, [FORMS_SERVICE], credentials(home, "bench"), home / "bench", lambda: dt.date(2024, 11, 20))
        listener = listening()
        assert listener is not None
        (home / ADDRESS).write_text(f"http://{HOST}:{listener.getsockname()[1]}")
        server_of(platform.app()).run(sockets=[listener])


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
