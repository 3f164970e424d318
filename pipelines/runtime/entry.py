"""What a container starts: any command, in the environment that Dagster's own commands need.

The run of a cluster is Dagster's command in a container of its own: nothing else would tell it where the state is.
"""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from pipelines.runtime import last_net
from pipelines.runtime.closed import keep_to_itself
from pipelines.runtime.instance import apply_environment
from resources.failing import Failure
from resources.settings import Settings


def main(command: Sequence[str]) -> NoReturn:
    keep_to_itself()
    last_net.hold()
    if not command:
        last_net.say("hãy nêu lệnh cần chạy, như ansinh doctor")
        sys.exit(2)
    try:
        if command[0] != "ansinh":  # which sees to itself, and some of whose commands need nothing
            apply_environment(Settings.load())
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(failure.exit_status)
    try:
        os.execvp(command[0], list(command))
    except OSError as error:
        last_net.say(f"không chạy được lệnh đã nêu ({type(error).__name__})")
        sys.exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
