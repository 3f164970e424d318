"""`ansinh ui`: the operator's UI over this state, until Ctrl-C or `ansinh stop`."""

import argparse
import socket
import subprocess
import sys

from pipelines.processes import ADDRESS, PORT, supervise
from resources.hub import Hub


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Giao diện không có tài khoản người dùng: đặt nó sau một proxy có xác thực khi dùng thật."


def run(parsed: argparse.Namespace) -> int:
    with socket.socket() as probe:
        if probe.connect_ex((ADDRESS, PORT)) == 0:
            print(
                f"Mở giao diện: cổng {PORT} đang có chương trình khác dùng. Chạy `ansinh stop` hoặc giải phóng cổng rồi chạy lại.",
                file=sys.stderr,
            )
            return 1
    hub = Hub.open()
    assert hub.warehouse
    if hub.settings.is_demo:
        subprocess.run([sys.executable, "-m", "demo", "up"], check=True)
    from pipelines.instance import instance

    instance(hub.settings).dispose()
    print(f"Giao diện vận hành: http://{ADDRESS}:{PORT} (Ctrl-C để dừng)", flush=True)
    return supervise(hub.settings)
