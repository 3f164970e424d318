"""`ansinh url warehouse|shared`: connection URLs, for psql and other clients; `ansinh url ui`: a link that enters the UI."""

import argparse
import sys

from pipelines import reads
from pipelines.door.addresses import Addresses
from pipelines.door.passes import Passes
from pipelines.failures import UiNotStanding
from pipelines.runtime.processes import supervisor_stands
from resources.servers.connecting import libpq_uri
from resources.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "which",
        choices=("warehouse", "shared", "ui"),
        metavar="NƠI",
        help="warehouse (kho của trung tâm), shared (kho của tỉnh), ui (giao diện đang chạy: liên kết dùng một lần, trong 10 phút)",
    )
    reads.arguments(parser, does="lấy địa chỉ")
    parser.epilog = (
        "Để kết nối ngay được, warehouse và shared bật máy chủ nhúng nếu nó đang tắt. Liên kết vào giao diện là chìa khóa: trong tập "
        "lệnh, đưa nó qua đường ống như ở docs/van-hanh.md, đừng để nó hiện ở ps."
    )


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.load()
    if parsed.which == "ui":
        print(_link(settings))
        return 0
    by = reads.asking(parsed)
    url = settings.warehouse_url() if parsed.which == "warehouse" else settings.shared_url()
    if url is None:
        print("SHARED_WAREHOUSE_URL chưa đặt: chưa cấu hình kho dùng chung của tỉnh.", file=sys.stderr)
        return 2
    whose = "kho của trung tâm" if parsed.which == "warehouse" else "kho dùng chung của tỉnh"
    reads.keep_or_say(settings, by, f"url {parsed.which}", f"địa chỉ kết nối có mật khẩu của {whose}")
    print(libpq_uri(url))
    return 0


def _link(settings: Settings) -> str:
    settings.refuse_no_state()
    passes = Passes(settings)
    if passes.port is None or not supervisor_stands(settings):
        raise UiNotStanding
    return passes.link(Addresses.of(passes.port))
