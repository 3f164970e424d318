"""`ansinh ui`: the operator's UI over this state, until Ctrl-C or `ansinh stop`."""

import argparse
import socket
import subprocess
import sys

from pipelines.processes import ADDRESS, PORT, supervise, supervisor_stands
from pipelines.refusals import PortTaken, UiStanding
from resources.hub import Hub
from resources.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"cổng của giao diện (mặc định {PORT})")
    parser.epilog = "Giao diện không có tài khoản người dùng: đặt nó sau một proxy có xác thực khi dùng thật."


def run(parsed: argparse.Namespace) -> int:
    if supervisor_stands(Settings.load()):
        raise UiStanding
    with socket.socket() as probe:
        if probe.connect_ex((ADDRESS, parsed.port)) == 0:
            raise PortTaken(port=parsed.port)
    hub = Hub.open()
    assert hub.warehouse
    if hub.settings.is_demo:
        subprocess.run([sys.executable, "-m", "demo", "up"], check=True)
    from pipelines.instance import instance

    instance(hub.settings).dispose()
    print(f"Giao diện vận hành: http://{ADDRESS}:{parsed.port} (Ctrl-C để dừng)", flush=True)
    return supervise(hub.settings, parsed.port)
