"""`python -m tests.integration.taken_in SOURCE ACTS`: take files in, and be killed before the ACTS-th file of the state folder that is
made, renamed or removed (0: never)."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from resources.hub import Hub
from resources.inbox.intake import take_in
from schemas.registry import source_named

IN_PLACE = ("os.rename", "os.remove")


def main(source: str, acts: str) -> None:
    hub = Hub.open()
    assert hub.warehouse and hub.raw
    done: list[str] = []
    home = str(hub.settings.home)

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" and event not in IN_PLACE:
            return
        path = str(arguments[0])
        is_made = event == "open" and bool(arguments[2] & os.O_CREAT) and not os.path.lexists(path)
        if path.startswith(home) and (is_made or (event in IN_PLACE and os.path.lexists(path))):
            done.append(f"{event} {Path(path).name}")
            if len(done) == int(acts):
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)
    take_in(hub, source_named(source))
    print(json.dumps(done))


if __name__ == "__main__":
    main(*sys.argv[1:])
