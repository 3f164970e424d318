"""What holds for all tests."""

import os
import shutil
import signal
import tempfile

import pytest

from tests.integration.kept import FOLDER

# A shell lets Ctrl-C be ignored by what it starts in the background, and so by all that is started there: the tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the workers inherit it
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="an-kept-", dir="/tmp")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)
