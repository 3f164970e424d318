"""`ansinh setup`: roles, logins, databases and rights on the servers that the settings name, from the list in schemas/roles.csv."""

import argparse
import sys
from collections.abc import Sequence

from pipelines.terminal.printed import console
from resources.roles.performing import perform
from resources.roles.plan import PARTS, Plan, has_admin, plans
from resources.roles.script import script
from resources.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sql", action="store_true", help="chỉ in câu lệnh cho quản trị máy chủ chạy bằng psql; không kết nối, không có mật khẩu"
    )
    parser.add_argument(
        "--only",
        choices=PARTS,
        metavar="NƠI",
        help="chỉ một máy chủ: hub (của kho và Dagster), shared (kho dùng chung của tỉnh, khi ở máy chủ khác)",
    )
    parser.epilog = (
        "Cần ANSINH_ADMIN_URL (superuser của máy chủ kho), và ANSINH_SHARED_ADMIN_URL khi kho dùng chung ở máy chủ khác; hoặc …_FILE. "
        "Đặt cho riêng lần chạy này, rồi bỏ đi."
    )


def run(parsed: argparse.Namespace) -> int:
    found = plans(Settings.load(), parsed.only)
    if parsed.sql:
        return _print(found)
    screen = console()
    if not found:
        screen.print("SHARED_WAREHOUSE_URL chưa đặt, hoặc kho dùng chung ở cùng máy chủ với kho: không có gì riêng phải dựng.")
    for plan in found:
        if plan.part == "shared" and not parsed.only and not has_admin(plan):
            print(ELSEWHERE, file=sys.stderr)  # the province's own: its administrator is often another
            continue
        perform(plan, lambda said: screen.print(said, soft_wrap=True, markup=False, highlight=False))
    return 0


ELSEWHERE = "Kho dùng chung ở máy chủ khác: đặt ANSINH_SHARED_ADMIN_URL, hoặc gửi quản trị kho: ansinh setup --sql --only shared."


def _print(found: Sequence[Plan]) -> int:
    """The script of one server: run on another it would make there what is not to stand there."""
    for plan in found[:1]:
        print(script(plan), end="")
    if len(found) > 1:
        print(ELSEWHERE, file=sys.stderr)
    return 0
