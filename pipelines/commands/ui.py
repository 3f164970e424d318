"""`ansinh ui`: the operator's UI over this state, until Ctrl-C or `ansinh stop`."""

import argparse
import socket
import subprocess
import sys

from pipelines.door.addresses import Addresses
from pipelines.door.passes import Passes
from pipelines.failures import PortRefused, PortTaken, UiStanding
from pipelines.runtime.health import refuse_unwell
from pipelines.runtime.processes import CODE_SERVER, PARTS, PORT, WEBSERVER, refuse_open, supervise, supervisor_stands
from pipelines.terminal.parser import whole
from resources.failing import why_not
from resources.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=whole("một cổng", 1, 65_535), default=PORT, metavar="N", help=f"cổng của giao diện (mặc định {PORT})"
    )
    parser.add_argument("--only", choices=PARTS, help="chạy một phần, trong vùng chứa của riêng nó (docs/trien-khai.md)")
    parser.add_argument("--check", choices=PARTS, help="hỏi một phần đang chạy còn sống không, rồi thoát")
    parser.epilog = (
        "Vào bằng liên kết được in ra; liên kết mới: ansinh url ui. Giao diện chưa phân biệt người dùng: khi dùng thật, đặt nó sau "
        "một proxy có xác thực và nêu gốc của proxy ở ANSINH_UI_ORIGIN."
    )


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.load()
    if parsed.check:
        refuse_unwell(settings, parsed.check, parsed.port)
        return 0
    addresses = Addresses.of(parsed.port)
    listening = addresses.listening
    if supervisor_stands(settings):
        raise UiStanding
    if parsed.only in (None, CODE_SERVER):
        refuse_open(settings)
    if parsed.only in (None, WEBSERVER):
        refuse_port(listening, parsed.port)
    from resources.hub import Hub  # a health check, asked every half minute, is done before

    hub = Hub.open()
    assert hub.warehouse
    if hub.settings.is_demo and parsed.only in (None, CODE_SERVER):
        subprocess.run([sys.executable, "-m", "demo", "up"], check=True)
    from pipelines.runtime.instance import instance

    instance(hub.settings).dispose()
    if parsed.only not in (None, WEBSERVER):
        return supervise(hub.settings, parsed.port, parsed.only)
    passes = Passes(hub.settings)
    passes.open(parsed.port)
    if parsed.only:
        # A link is a key, and the output of a container a log that others read.
        print(f"Giao diện ở {listening}:{parsed.port}. Liên kết vào: ansinh url ui, gõ trong vùng chứa này.", flush=True)
        return supervise(hub.settings, parsed.port, parsed.only)
    print(f"Giao diện vận hành: {passes.link(addresses)}")
    print("Liên kết dùng một lần, trong 10 phút; liên kết mới: ansinh url ui. Ctrl-C để dừng.", flush=True)
    try:
        return supervise(hub.settings, parsed.port)
    finally:
        passes.close()


def refuse_port(listening: str, port: int) -> None:
    """Raises PortTaken, and PortRefused: a door that cannot listen would be started again and again behind a link that leads nowhere."""
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex((listening, port)) == 0:
            raise PortTaken(port=port)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the door does, which may just have ended there
        try:
            probe.bind((listening, port))
        except OSError as error:
            raise PortRefused(address=listening, port=port, why=why_not(error)) from None
