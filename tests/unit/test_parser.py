"""What a script asks wrongly is refused before anything is done: an empty value, an option given twice, a number out of bounds."""

import argparse
from pathlib import Path

import pytest

from demo import days, urls
from demo.acts import commands as acts
from pipelines import cli
from pipelines.commands import backfill, report
from pipelines.failures import WordBlank
from pipelines.terminal.known import known_sources
from pipelines.terminal.parser import Parser

CELLS = ["backfill", "--source", "poverty", "--period", "2024", "--reason", "thử"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["status", "--source", ""], "tham số --source: giá trị để trống"),
        (["status", "--period="], "tham số --period: giá trị để trống"),
        (["quarantine", "export", "--unit", "421", "--period", "now", "--source", ""], "tham số --source: giá trị để trống"),
        (["report", "list", "--form", ""], "tham số --form: giá trị để trống"),
        (["report", "show", "AS-T", ""], "tham số KỲ: giá trị để trống"),
        (["report", "show", "AS-T", "2024-11", "--xlsx", ""], "tham số --xlsx/--into: giá trị để trống"),
        (["person", "show", "--reason", "thử", "--into", ""], "tham số --into: giá trị để trống"),
        (["backup", "--into", ""], "tham số --into: giá trị để trống"),
        (["restore", "--from", ""], "tham số --from: giá trị để trống"),
        ([*CELLS, "--unit", "412", ""], "tham số --unit: giá trị để trống"),
        (["status", "--source", "poverty", "--source", "children"], "tham số --source: chỉ nêu một lần"),
        ([*CELLS, "--source", "children"], "tham số --source: chỉ nêu một lần"),
        (["report", "approve", "AS-T", "2024-11", "--by", "A", "--by", "B"], "tham số --by: chỉ nêu một lần"),
        (["ui", "--port", "99999"], "cần một cổng từ 1 đến 65535"),
        (["ui", "--port", "0"], "cần một cổng từ 1 đến 65535"),
        (["reads", "--last", "9" * 30], "cần một số từ 1 đến 1000000"),
        (["population", "check", "--limit", "0"], "cần một số người từ 1 đến 10000000"),
        (["report", "show", "AS-T", "2024-11", "--revision", "-1"], "tham số --revision: cần "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_asked_wrongly_is_refused(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2 and told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "does"),
    [("person show", "xem"), ("person erase", "xóa"), ("person correct", "yêu cầu đính chính"), ("quarantine export", "xuất"),
     ("backup", "sao lưu"), ("restore", "khôi phục"), ("url", "lấy địa chỉ"), ("report show", "xem")],
)  # fmt: skip
def test_help_says_why_of_what_the_command_does(command: str, does: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main([*command.split(), "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert f"vì sao {does}, được lưu lại" in told and f"người {does}; mặc định" in told


@pytest.mark.parametrize(
    ("command", "arguments", "told"),
    [
        (days, ["2024-02-30"], "'2024-02-30' không phải một ngày có thật"),
        (days, [""], "tham số NGÀY: giá trị để trống"),
        (urls, [""], "tham số HỆ_THỐNG: giá trị để trống"),
        (acts, ["late", "--source", "poverty", "--source", "children"], "tham số --source: chỉ nêu một lần"),
        (acts, ["spoil", "--rows", "-1"], "tham số --rows: cần "),
    ],
    ids=str,
)
def test_and_so_by_the_commands_of_the_demo(
    command, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "existing", lambda home: None)
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2 and told in capsys.readouterr().err


def test_what_may_be_repeated_adds_up_and_is_done_once() -> None:
    parser = Parser()
    backfill.arguments(parser)
    asked = parser.parse_args([*CELLS[1:], "--unit", "412", "413", "--period", "2023", "--unit", "414"])
    assert asked.unit == ["412", "413", "414"] and asked.period == ["2024", "2023"]
    assert [source.name for source in known_sources(["poverty", "children", "poverty"])] == ["poverty", "children"]


def test_a_command_is_asked_anew_each_time() -> None:
    def make() -> argparse.ArgumentParser:
        parser = Parser()
        parser.add_argument("--source")
        return parser

    assert [make().parse_args(["--source", "a"]).source for _ in range(2)] == ["a", "a"]


@pytest.mark.parametrize("option", ["--by", "--document"])
def test_a_run_by_hand_is_nobodys_where_its_name_is_blank(option: str) -> None:
    parser = Parser()
    backfill.arguments(parser)
    with pytest.raises(WordBlank, match="để trống"):
        backfill.chosen(None, parser.parse_args([*CELLS[1:], option, "  "]))  # ty: ignore[invalid-argument-type]


@pytest.mark.parametrize("blank", [["--by", " "], ["--by", "A", "--reason", " "]])
def test_a_form_is_filed_by_nobody_without_a_name(blank: list[str]) -> None:
    parser = Parser()
    report.arguments(parser)
    with pytest.raises(WordBlank):
        report._submit(None, parser.parse_args(["submit", "AS-T", "2024-11", *blank]), [])  # ty: ignore[invalid-argument-type]


@pytest.mark.parametrize("option", ["--from", "--identity"])
def test_what_belongs_to_a_rehearsal_makes_no_backup(option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["backup", "--into", str(tmp_path), option, str(tmp_path)]) == 2
    assert f"{option} chỉ đi cùng --verify" in capsys.readouterr().err and not list(tmp_path.iterdir())
