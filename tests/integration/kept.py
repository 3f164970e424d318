"""What several files of tests begin with, made once in a run of the tests and copied: a built province, its first night, a warehouse."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from resources.embedded import server
from resources.mariadb import MariaDbServer

# What no machine is lost in needs no page twice, and what is copied again and again no log of what is done.
UNSYNCED = {"fsync": "off", "full_page_writes": "off", "wal_recycle": "off", "min_wal_size": "32MB", "max_wal_size": "256MB"}
ROOM = 8 << 30
FOLDER = "TESTS_KEPT"  # the folder of this run, which its workers share; tests/conftest.py makes and removes it


def homes() -> str:
    """Where homes are made: in memory where there is room for all of a run, since each is thousands of files that are soon removed.

    A short path: a unix socket's has less than 107 characters.
    """
    memory = "/dev/shm"
    return memory if os.path.isdir(memory) and shutil.disk_usage(memory).free > ROOM else "/tmp"


def new_home() -> Path:
    return Path(tempfile.mkdtemp(prefix="an", dir=homes()))


def copy_of(name: str, make: Callable[[], Path]) -> Path:
    """A home of its own as `make` leaves one, in which nothing runs."""
    if FOLDER not in os.environ:  # outside a run of the tests nobody would remove what is kept
        return make()
    kept = Path(os.environ[FOLDER], name)
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            make().rename(kept)
    home = new_home()
    subprocess.run(["cp", "-a", f"{kept}/.", home], check=True)  # with its owner: the server of root runs as another user
    return home


def stop_unsynced(home: Path) -> None:
    """Stop the servers of a home; from now on they do not wait for the disk: no machine is lost in these tests."""
    mariadb = MariaDbServer(home)
    if mariadb.stop():
        with mariadb.settings_file.open("a") as settings:
            settings.write("innodb_flush_log_at_trx_commit = 0\ninnodb_flush_method = nosync\ninnodb_doublewrite = 0\n")
    found = server(home)
    with closing(found.connect()) as connection, connection.cursor() as cursor:
        for name, value in UNSYNCED.items():
            cursor.execute(f"alter system set {name} = '{value}'")
    found.stop()
