"""`ansinh ui`: the operator's UI over this state, until Ctrl-C or `ansinh stop`."""

import argparse
import socket
import subprocess
import sys

from pipelines.door.addresses import ADDRESS, Addresses
from pipelines.door.passes import Passes
from pipelines.failures import PortTaken, UiStanding
from pipelines.runtime.processes import PORT, supervise, supervisor_stands
from resources.hub import Hub
from resources.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"cổng của giao diện (mặc định {PORT})")
    parser.epilog = (
        "Vào bằng liên kết được in ra; liên kết mới: ansinh url ui. Giao diện chưa phân biệt người dùng: khi dùng thật, đặt nó sau "
        "một proxy có xác thực và nêu gốc của proxy ở ANSINH_UI_ORIGIN."
    )


def run(parsed: argparse.Namespace) -> int:
    addresses = Addresses.of(parsed.port)
    if supervisor_stands(Settings.load()):
        raise UiStanding
    with socket.socket() as probe:
        if probe.connect_ex((ADDRESS, parsed.port)) == 0:
            raise PortTaken(port=parsed.port)
    hub = Hub.open()
    assert hub.warehouse
    if hub.settings.is_demo:
        subprocess.run([sys.executable, "-m", "demo", "up"], check=True)
    from pipelines.runtime.instance import instance

    instance(hub.settings).dispose()
    passes = Passes(hub.settings)
    passes.open(parsed.port)
    print(f"Giao diện vận hành: {passes.link(addresses)}")
    print("Liên kết dùng một lần, trong 10 phút; liên kết mới: ansinh url ui. Ctrl-C để dừng.", flush=True)
    try:
        return supervise(hub.settings, parsed.port)
    finally:
        passes.close()
