"""`ansinh url warehouse|shared`: connection URLs, for psql and other clients."""

import argparse
import sys

from resources.connecting import libpq_uri
from resources.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "which", choices=("warehouse", "shared"), metavar="KHO", help="warehouse (của trung tâm) hoặc shared (của tỉnh)"
    )
    parser.epilog = "Để kết nối ngay được, lệnh này bật máy chủ nhúng nếu nó đang tắt."


def run(parsed: argparse.Namespace) -> int:
    settings = Settings.load()
    url = settings.warehouse_url() if parsed.which == "warehouse" else settings.shared_url()
    if url is None:
        print("SHARED_WAREHOUSE_URL chưa đặt: chưa cấu hình kho dùng chung của tỉnh.", file=sys.stderr)
        return 2
    print(libpq_uri(url))
    return 0
