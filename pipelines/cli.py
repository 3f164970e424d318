"""`ansinh`: the command line. Parses, dispatches, and turns known failures into one message and an exit status.

Exit status: 0 all done; 1 done, but some cell was refused or some system failed (named on stderr); 2 wrong usage;
3 the warehouse is out of reach; 130 stopped by Ctrl-C.
"""

import argparse
import gc
import importlib
import importlib.metadata
import signal
import subprocess
import sys
import warnings
from collections.abc import Sequence
from types import ModuleType

from pipelines.runtime import last_net, stopping
from pipelines.runtime.closed import keep_to_itself
from pipelines.terminal import speaking
from pipelines.terminal.parser import Parser

COMMANDS = {
    "nightly": "đồng bộ đêm: mọi ô mở và theo dõi của mọi hệ thống, số liệu mở, báo cáo đến hạn",
    "backfill": "chạy lại đúng những ô được nêu, có lý do, rồi cập nhật những gì phụ thuộc",
    "status": "tình trạng các ô: phải nộp, đã nhận, đúng hạn, muộn, thiếu, bị từ chối",
    "check": "xem thử một tệp đơn vị gửi sẽ được nhận hay trả lại, dòng nào bị loại; không nạp gì",
    "quarantine": "dòng bị loại: liệt kê, xuất sổ làm việc cho đơn vị gửi",
    "report": "báo cáo: liệt kê, xem, duyệt, gửi",
    "paper": "tìm giấy tờ kết quả có trong kho, còn hiệu lực, thay cho yêu cầu nộp lại",
    "population": "đối chiếu với CSDLQG về dân cư: hỏi tiếp, xem, bỏ kết quả đang giữ",
    "retain": "bỏ những gì quá thời hạn giữ; --dry-run chỉ nêu sẽ bỏ gì, theo căn cứ nào, mất gì",
    "doctor": "kiểm tra kết nối, quyền, đồng hồ, đĩa, phiên bản",
    "alert": "báo cho cán bộ trực những việc mới: đêm hỏng hoặc thiếu, nguồn không nạp được, báo cáo chờ",
    "setup": "dựng vai trò, tài khoản, cơ sở dữ liệu và quyền trên các máy chủ PostgreSQL",
    "clock": "xác nhận đồng hồ của máy đúng, khi lần ghi cuối nói khác",
    "backup": "sao lưu toàn bộ trạng thái, có kiểm tra, vào một thư mục ở ngoài",
    "restore": "khôi phục một bản sao lưu vào nơi trống, rồi kiểm tra",
    "person": "mọi dữ liệu về một người: xem, xóa, đính chính",
    "reads": "ai đã xem hay xuất dữ liệu cá nhân, lúc nào, vì sao",
    "url": "in địa chỉ kết nối: warehouse, shared; liên kết vào giao diện: ui",
    "ui": "giao diện vận hành tại 127.0.0.1:3000",
    "stop": "dừng mọi tiến trình của trạng thái này",
    "reset": "dừng và xóa toàn bộ trạng thái nhúng",
    "env": "in biến môi trường cho lệnh dagster",
    "demo": "tỉnh mô phỏng: build, up, day, fault, truth, url",
}

ENDED_AT_ONCE = ("nightly", "backfill", "population", "retain", "doctor")  # the others clean up first


def main(arguments: Sequence[str] | None = None) -> int:
    keep_to_itself()
    last_net.hold()
    try:
        status = _main(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        stopping.end()
    except SystemExit as ended:  # of the parser: a page of help, or what is asked wrongly
        if (told := _let_out(0)) and not ended.code:
            raise SystemExit(told) from None
        raise
    except BaseException as error:
        last_net.tell(error)
        status = last_net.STATUS
    return _let_out(status)


def _let_out(status: int) -> int:
    """The status, or another where what was said did not all go out."""
    if speaking.fall_silent():
        return status
    last_net.say("kết quả chưa ghi ra được hết; xem chỗ trống của đĩa nhận nó.")
    return status or last_net.STATUS


def _main(arguments: Sequence[str]) -> int:
    speaking.speak()
    if arguments[:1] and arguments[0] in ENDED_AT_ONCE:
        status = stopping.stoppable(lambda: _command(arguments))
    else:
        status = _command(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done and told: the interpreter's own end would answer with a stack
    return status


def _command(arguments: Sequence[str]) -> int:
    # The beta features in use are listed and pinned by a test; an officer's terminal is not the place for them.
    warnings.filterwarnings("ignore", message=".*is currently in beta.*")
    if arguments[:1] == ["demo"]:
        # The demo imports the product, never the other way round: it runs as a program of its own.
        if (refused := _refused_demo()) is not None:
            return refused
        return subprocess.call([sys.executable, "-m", "demo", *arguments[1:]])
    parser = Parser(prog="ansinh", description="Trung tâm dữ liệu ngành lao động, người có công và xã hội.")
    version = f"ansinh {importlib.metadata.version('ansinh')}"
    parser.add_argument("--version", action="version", version=version, help="in phiên bản rồi thoát")
    commands = parser.add_subparsers(dest="command", metavar="lệnh", required=True)
    for name, gloss in COMMANDS.items():
        sub = commands.add_parser(name, help=gloss, description=gloss)
        if arguments[:1] == [name]:
            _module(name).arguments(sub)
    parsed = parser.parse_args(arguments)
    return _run(parsed)


def _module(command: str) -> ModuleType:
    """What is imported stays to the end: looking through it, again and again, for what is gone takes a tenth of `status`."""
    gc.disable()
    try:
        return importlib.import_module(f"pipelines.commands.{command}")
    finally:
        gc.freeze()
        gc.enable()


def _refused_demo() -> int | None:
    """The status of a command of the demo that may not be: where its program is not even there, it is told all the same."""
    from pipelines.failures import refuse_demo_in_production
    from resources.failing import Failure

    try:
        refuse_demo_in_production()
    except Failure as failure:
        print(failure, file=sys.stderr)
        return failure.exit_status
    return None


READS = ("status", "quarantine", "check", "report")  # they go on, whatever of the place's tables is wrong


def _lay_local(command: str) -> None:
    """The place's tables, before any is read. What is wrong is told here to who only reads; the others refuse."""
    from resources.local.laying import failure, lay

    found = lay()
    if found.faults and command in READS:
        print(failure(found.faults), file=sys.stderr)


AS_ROOT = ("doctor", "setup")  # what an administrator may ask for as himself: the one writes nothing, the other no file


def _refuse_root(command: str) -> None:
    if command in AS_ROOT:
        return
    from resources.settings import Settings
    from resources.state_folder import refuse_root

    settings = Settings.load()
    if not settings.is_demo:  # whose embedded server has an account of its own
        refuse_root(settings.home)


def _run(parsed: argparse.Namespace) -> int:
    try:
        _refuse_root(parsed.command)
        _lay_local(parsed.command)
        return _module(parsed.command).run(parsed)
    except Exception as error:
        from resources.warehouse.engine import typed

        failure = typed(f"ansinh {parsed.command}", error)
        print(failure, file=sys.stderr)
        return failure.exit_status


if __name__ == "__main__":
    sys.exit(main())
