"""`python -m tests.integration.retained FILES`: remove what is past its term, and be killed before the FILES-th raw file goes."""

import json
import os
import signal
import sys
from typing import Any

from pipelines.commands import retain
from resources.settings import Settings


def main(files: str) -> None:
    raw, done = str(Settings.load().raw_dir), list[str]()

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "os.remove" and str(arguments[0]).startswith(raw) and os.path.lexists(str(arguments[0])):
            done.append(str(arguments[0]))
            if len(done) == int(files):
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)
    import argparse

    parser = argparse.ArgumentParser()
    retain.arguments(parser)
    retain.run(parser.parse_args(["--json"]))
    print(json.dumps(done))


if __name__ == "__main__":
    main(*sys.argv[1:])
