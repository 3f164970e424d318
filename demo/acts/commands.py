"""`ansinh demo fault KIND ...`: change a source as a district, a clerk or a failing machine would.

What each kind does is told in KINDS, how in acts.py. Nothing printed holds a value of a person.
"""

import json
import sys

from rich.table import Table

from demo.acts import acts
from demo.failures import Impossible
from pipelines.terminal.known import holding, known_datasets, known_source, known_unit
from pipelines.terminal.parser import Parser, whole
from pipelines.terminal.printed import LINES, paged
from resources.clock import Clock
from resources.embedded import existing
from resources.settings import Settings
from schemas.registry import SOURCES, datasets_of

KINDS = {
    "late": "các dòng của một ô còn thiếu nay mới đến, có ghi sổ nộp",
    "correct": "đơn vị sửa lại các dòng đã bị loại rồi nộp lại",
    "spoil": "một số dòng tốt trở nên sai (--rows, mặc định 3)",
    "tolerance": "số dòng sai vượt mức cho phép của một ô",
    "all-bad": "mọi dòng của một ô đều sai",
    "shrink": "một nửa số dòng của một ô biến mất",
    "empty": "mọi dòng của một ô biến mất, đơn vị khai rỗng",
    "resend": "danh sách tháng trước được gửi lại làm danh sách tháng này",
    "late-file": "các dòng của một ô còn thiếu đến bằng tệp; cơ sở dữ liệu vẫn chưa có gì của ô",
    "password-file": "đơn vị gửi thêm một sổ đặt mật khẩu",
    "empty-file": "đơn vị gửi thêm một sổ chưa điền gì",
    "last-month-file": "danh sách tháng trước được gửi trong tệp mang tên tháng này",
    "others-file": "đơn vị gửi nhầm tệp của huyện khác",
    "dead": "hệ thống nguồn từ chối mọi kết nối đọc",
    "alive": "hệ thống nguồn trả lời trở lại",
}
WHOLE_SOURCE = ("dead", "alive")


def main(arguments: list[str]) -> int:
    parser = Parser(
        prog="ansinh demo fault",
        description="Thay đổi một hệ thống nguồn mô phỏng như đơn vị ngoài đời vẫn làm.",
        epilog="Các loại là gì: ansinh demo fault list",
    )
    parser.add_argument("kind", choices=["list", *KINDS], metavar="LOẠI", help=f"list, hoặc một trong: {', '.join(KINDS)}")
    parser.add_argument("--source", metavar="S")
    parser.add_argument("--dataset", metavar="D")
    parser.add_argument("--period", metavar="P")
    parser.add_argument("--unit", metavar="U")
    parser.add_argument(
        "--rows", type=whole("một số dòng", 1, 1_000_000), default=3, metavar="N", help="với spoil: bao nhiêu dòng (mặc định 3)"
    )
    parser.add_argument("--json", action="store_true", help="với list: in dạng JSON")
    asked = parser.parse_args(arguments)
    if asked.kind == "list":
        _list(is_json=asked.json)
        return 0
    if asked.json:
        parser.error("--json chỉ đi cùng list")
    if asked.source is None:
        parser.error(f"còn thiếu: --source, một trong: {', '.join(s.name for s in SOURCES)}")
    source = known_source(asked.source)
    settings = Settings.load()
    if asked.kind in WHOLE_SOURCE:
        try:
            done = acts.switch(existing(settings.home), source, asked.kind == "alive")
        except Impossible as error:
            print(f"{asked.kind}: {source.name}: {error}", file=sys.stderr)
            return 1
        print(f"{asked.kind}: {source.name}: {done}.")
        return 0
    if asked.dataset is None:
        parser.error(f"còn thiếu: --dataset, một trong: {', '.join(d.name for d in datasets_of(source))}")
    if asked.unit and asked.period is None:
        parser.error("--unit cần đi cùng --period")
    (dataset,) = known_datasets([source], asked.dataset)
    found, today = existing(settings.home), Clock(settings).today()
    if asked.period:
        holding(asked.period, [dataset], today)
    if asked.unit:
        known_unit(asked.unit, [dataset], [asked.period], today)
    try:
        done = acts.do(found, dataset, asked.kind, asked.period, asked.unit, asked.rows)
    except Impossible as error:
        print(f"{asked.kind}: {dataset.id}: {error}", file=sys.stderr)
        return 1
    print(f"{asked.kind}: {dataset.id} {asked.period or ''} {asked.unit or ''}: {done}.")
    return 0


def _list(*, is_json: bool) -> None:
    if is_json:
        print(json.dumps([{"kind": kind, "does": gloss} for kind, gloss in KINDS.items()], ensure_ascii=False))
        return
    table = Table(title="Các loại thay đổi", title_justify="left", **LINES)
    table.add_column("Loại", no_wrap=True)
    table.add_column("Làm gì", overflow="fold")
    for kind, gloss in KINDS.items():
        table.add_row(kind, gloss)
    with paged() as console:
        console.print(table)
