"""How commands speak: argparse has no word but Vietnamese ones, and a reader that goes away is no error."""

import argparse
import ast
import inspect
import json
import os
import re
import subprocess
import sys

import pytest

from demo import __main__ as demo
from demo.acts import commands as acts
from pipelines import cli
from pipelines.terminal import speaking
from resources.settings import PROJECT

# Texts of argparse that tell a programmer of a mistake in the parser itself: no command line leads there.
OF_PROGRAMMERS = re.compile(
    r"conflicting|__call__|'required'|mutually exclusive|not callable|cannot merge|must start with|dest=|conflict_resolution"
    r"|multiple subparser|with mode|usage: |different"
)


def texts_of_argparse() -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(argparse))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
            found |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return found


def test_every_text_of_argparse_has_a_vietnamese_one() -> None:
    texts = texts_of_argparse()
    assert len(texts) > 20
    assert {t for t in texts - set(speaking.WORDS) if not OF_PROGRAMMERS.search(t)} == set()
    for text, said in speaking.WORDS.items():
        assert sorted(re.findall(r"%(?:\(\w+\))?[srd]", text)) == sorted(re.findall(r"%(?:\(\w+\))?[srd]", said)), text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--help"], "tùy chọn:"),
        (["report", "show", "--help"], "cách dùng: ansinh report show"),
        (["--version"], "ansinh 0."),
        ([], "còn thiếu: lệnh"),
        (["statu"], "không có 'statu', chọn một trong: "),
        (["status", "--perod", "2024"], "không hiểu: --perod 2024"),
        (["status", "--period"], "tham số --period: cần đúng một giá trị"),
        (["backfill", "--source", "poverty"], "còn thiếu: --period, --reason"),
        (["ui", "--port", "x"], "tham số --port: cần một cổng từ 1 đến 65535"),
    ],
    ids=" ".join,
)
def test_the_command_line_speaks_vietnamese(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    output = "".join(capsys.readouterr())
    assert ended.value.code == (0 if arguments[-1:] in (["--help"], ["--version"]) else 2)
    assert told in output and max(map(len, output.splitlines()[:-1] or [""])) <= 100
    for word in ("usage", "error", "options", "argument", "required", "expected", "show this"):
        assert word not in output.lower()


HELP = [[name] for name in cli.COMMANDS if name != "demo"] + [
    [name, action]
    for name, actions in (("report", "list show approve submit"), ("quarantine", "list export"))
    for action in actions.split()
]


def test_every_help_fits_and_has_a_word_on_each_option(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    for command in HELP:
        with pytest.raises(SystemExit):
            cli.main([*command, "--help"])
        page = capsys.readouterr().out
        assert page.startswith(f"cách dùng: ansinh {' '.join(command)}") and max(map(len, page.splitlines())) <= 100
        bare = re.findall(r"^  (-\S+(?: \S+)*)$(?!\n {10,}\S)", page, re.MULTILINE)
        assert bare == [], f"{command}: {bare}"


OF_COMMANDS = [f"pipelines.commands.{name}" for name in cli.COMMANDS if name != "demo"] + [m for m, _ in demo.COMMANDS.values()]


@pytest.mark.parametrize("module", OF_COMMANDS)
def test_what_prints_a_table_prints_it_for_programs_too(module: str) -> None:
    text = PROJECT.joinpath(*module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
    assert not re.search(r"\b(Table|cells_table)(\.grid)?\(", text) or '"--json"' in text


def test_the_kinds_of_faults_are_listed_for_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert acts.main(["list", "--json"]) == 0
    assert {told["kind"]: told["does"] for told in json.loads(capsys.readouterr().out)} == acts.KINDS
    with pytest.raises(SystemExit) as ended:
        acts.main(["late", "--source", "poverty", "--json"])
    assert ended.value.code == 2, "what changes a source prints no table"


LEFT = """
import sys, time
from pipelines.terminal import speaking
speaking.speak()
for number in range(20_000):
    print("một dòng", number)
    print("một lỗi", number, file=sys.stderr)
open({ended!r}, "w").write("to its end")
"""


@pytest.mark.parametrize("program", ["work", "exit", "help"])
def test_a_reader_that_goes_away_ends_nothing_and_is_told_nothing(program: str, tmp_path) -> None:
    ended = tmp_path / "ended"
    code = {
        "work": LEFT.format(ended=str(ended)),
        "exit": "from pipelines.terminal import speaking\nspeaking.speak()\nimport time; time.sleep(0.3)\nprint('vào lúc thoát')",
        "help": "import sys, time\nsys.argv = ['ansinh', '--help']\ntime.sleep(0.3)\nfrom pipelines import cli\ncli.main()",
    }[program]
    read_end, write_end = os.pipe()
    errors = tmp_path / "errors"
    with errors.open("wb") as kept:
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=PROJECT, stdout=write_end, stderr=write_end if program == "work" else kept
        )
        os.close(write_end)
        if program == "work":
            os.read(read_end, 10)
        os.close(read_end)
        assert process.wait(60) == 0
    assert errors.read_bytes() == b""
    assert program != "work" or ended.read_text() == "to its end"
