"""The documents against the code: commands, options, links, images, states and checks that they name, and no machine path."""

import argparse
import functools
import importlib
import re
from pathlib import Path

import pytest

import demo.__main__ as demo_program
from assets.tags import CONFIRM, DOCUMENT, OFFICER, REASON
from pipelines import cli
from resources.settings import PROJECT
from resources.warehouse.arrivals.tracker import STATUS_TITLES as CELL_STATUS_TITLES
from resources.warehouse.foundation import FOUNDATION
from resources.warehouse.published.submissions import MATURITIES as REPORT_MATURITIES
from resources.warehouse.published.submissions import MATURITY_TITLES as REPORT_MATURITY_TITLES
from resources.warehouse.published.submissions import STATUS_TITLES
from resources.warehouse.published.submissions import STATUSES as REPORT_STATUSES
from schemas import dataset as declared
from schemas.projections.open import MATURITIES, STATUSES

GUIDE = PROJECT / "docs" / "huong-dan.md"
ADR = PROJECT / "docs" / "adr"
HAND_WRITTEN = [
    PROJECT / "README.md",
    PROJECT / "CONTRIBUTING.md",
    *sorted((PROJECT / "docs").glob("*.md")),
    *sorted(ADR.glob("*.md")),
]
ALL = [*HAND_WRITTEN, *sorted((PROJECT / "docs" / "dictionary").glob("*.md"))]

FENCE = re.compile(r"^ *```[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"(?<![\w./-])(?:\.venv/bin/)?ansinh +([a-z]\S*)((?: +[^\n`;|]*)?)")
OPTION = re.compile(r"(?<!\S)\[?(--[a-z][a-z-]*)")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
MACHINE_PATH = re.compile(r"(?<![\w.$}~:/-])/(?:home|root|tmp|Users|work|var|opt|srv|mnt|media|data)(?=/)|\b[A-Z]:\\|file://|~/")


# Where the product is installed, which the pages that install it say.
INSTALLED = re.compile(r"/(?:opt|srv|var/lib|var/backups)/ansinh\b")


def relative(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def commands(text: str) -> list[tuple[str, str]]:
    """Every (command, rest of its line) named in code, be it a block or a span; a line that goes on is joined first."""
    blocks = [block.replace("\\\n", " ") for block in FENCE.findall(text)]
    spans = INLINE.findall(FENCE.sub("", text))
    return [(m[1].strip('()"'), m[2]) for piece in (*blocks, *spans) for m in COMMAND.finditer(piece)]


@functools.cache
def options(command: str) -> frozenset[str]:
    """Every option of a command and of its actions, from its own parser."""
    parser = argparse.ArgumentParser()
    importlib.import_module(f"pipelines.commands.{command}").arguments(parser)
    found: set[str] = set()
    waiting = [parser]
    while waiting:
        for action in waiting.pop()._actions:
            found.update(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                found.update(action.choices)
                waiting += action.choices.values()
            elif action.choices:
                found.update(str(choice) for choice in action.choices)
    return frozenset(found)


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=relative)
def test_named_commands_exist(path: Path) -> None:
    named = {command for command, _ in commands(path.read_text(encoding="utf-8"))}
    if path in (PROJECT / "README.md", GUIDE):
        assert len(named) > 5, "the commands were not found: has the way of writing them changed?"
    assert named <= set(cli.COMMANDS), f"{relative(path)} names commands that do not exist"


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=relative)
def test_named_options_and_actions_exist(path: Path) -> None:
    wrong = []
    for command, rest in commands(path.read_text(encoding="utf-8")):
        first = rest.split()[0] if rest.split() else ""
        if command == "demo":
            if first and first not in demo_program.COMMANDS:
                wrong.append(f"demo {first}")
            continue
        wrong += [f"{command} {option}" for option in OPTION.findall(rest) if option not in options(command)]
        # Quarantine, report and url take an action; an argument of another command is no action.
        if command in ("quarantine", "report", "url") and first and first.strip(',")') not in options(command):
            wrong.append(f"{command} {first}")
    assert not wrong, f"{relative(path)} names what does not exist: {wrong}"


@pytest.mark.parametrize("path", ALL, ids=relative)
def test_relative_links_and_images_exist(path: Path) -> None:
    targets = [t for t in LINK.findall(path.read_text(encoding="utf-8")) if not re.match(r"[a-z]+:", t) and not t.startswith("#")]
    if path in (PROJECT / "README.md", GUIDE):
        assert len(targets) > 3, "the links were not found: has the way of writing them changed?"
    missing = [t for t in targets if not (path.parent / t.split("#")[0]).exists()]
    assert not missing, f"{relative(path)} links to what is not there: {missing}"


def test_the_glossary_has_each_term_once_and_every_table_of_the_ledger() -> None:
    text = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")
    terms = [line.split(" | ")[0].removeprefix("| ") for line in text.splitlines() if line.startswith("| ")]
    terms = [term for term in terms if term not in ("---", "bảng") and not term.startswith("trong ")]
    assert len(terms) > 100 and sorted(terms) == sorted(set(terms))
    tables = set(re.findall(r"create table (?:if not exists )?((?:ops|quarantine)\.\w+)", "\n".join(FOUNDATION)))
    assert tables and not [table for table in sorted(tables) if f"`{table}`" not in terms]


def test_the_glossary_knows_the_words_in_which_a_system_is_declared() -> None:
    text = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
    named = [name for name, kind in vars(declared).items() if isinstance(kind, type) and kind.__module__ == declared.__name__]
    words = [re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower() for name in named]
    assert words and not [word for word in words if word not in text]


def test_the_index_of_decisions_lists_every_page() -> None:
    pages = sorted(page.name for page in ADR.glob("0*.md"))
    assert LINK.findall((ADR / "README.md").read_text(encoding="utf-8")) == pages
    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1)), "a number is given once, and none is left out"


@pytest.mark.parametrize(
    "titles",
    [CELL_STATUS_TITLES, STATUS_TITLES, {m: REPORT_MATURITY_TITLES[m] for m in REPORT_MATURITIES}, STATUSES],
    ids=["cell status", "report status", "report maturity", "open value status"],
)
def test_every_state_is_explained(titles: dict[str, str]) -> None:
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    missing = [
        code for code, title in titles.items() if not any(re.match(rf"\| `{code}` \| {re.escape(title)} \|", li) for li in lines)
    ]
    assert not missing, f"not explained in the guide under the title that the programs print: {missing}"


def test_every_maturity_of_a_cell_is_explained() -> None:
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    missing = [code for code, title in MATURITIES.items() if f"| `{code}` | {title} |" not in "\n".join(lines)]
    assert not missing


def test_the_states_looked_for_are_all_that_the_warehouse_allows() -> None:
    cells = next(statement for statement in FOUNDATION if "create table if not exists ops.cells" in statement)
    allowed = [set(re.findall(r"'(\w+)'", part)) for part in re.findall(r"check \((?:status|maturity) in\s*\(([^)]*)\)", cells)]
    assert allowed == [set(CELL_STATUS_TITLES), set(MATURITIES)]
    assert set(REPORT_STATUSES) == set(STATUS_TITLES)
    assert set(REPORT_MATURITIES) == set(REPORT_MATURITY_TITLES)


def test_every_check_of_the_graph_is_explained() -> None:
    graph = (PROJECT / "graph.txt").read_text(encoding="utf-8")
    checks = {c for line in graph.splitlines() for c in line.rsplit(" | ", 1)[1].split(", ")} - {"-"}
    assert checks, "graph.txt names no check"
    guide = GUIDE.read_text(encoding="utf-8")
    assert not [c for c in sorted(checks) if f"| `{c}` |" not in guide]


def test_the_tags_of_a_run_by_hand_are_explained() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    assert not [tag for tag in (REASON, OFFICER, DOCUMENT, CONFIRM) if f"| `{tag}` |" not in guide]


@pytest.mark.parametrize("path", ALL, ids=relative)
def test_no_file_names_a_path_of_a_machine(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.name in ("cai-dat.md", "trien-khai.md"):
        lines = [INSTALLED.sub("", line) for line in lines]
    found = [n for n, line in enumerate(lines, start=1) if MACHINE_PATH.search(line)]
    assert not found, f"{relative(path)}: lines {found} name a path of somebody's machine"


@pytest.mark.parametrize("text", ["see /home/an/x", "cd /tmp/x", "(/root/a)", "`/work/b`", "C:\\data", "~/ansinh", "file:///a"])
def test_a_machine_path_is_seen(text: str) -> None:
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:3000/runs", "$ANSINH_HOME/open", "NĐ 20/2021/NĐ-CP", "docs/work/x.md", "dir:///…"]
)
def test_other_slashes_are_not_machine_paths(text: str) -> None:
    assert not MACHINE_PATH.search(text)


def test_commands_are_found_in_spans_and_blocks() -> None:
    text = '`ansinh nope --x`\n```\npsql "$(ansinh url warehouse)"\nansinh backfill --a \\\n  --b\n```\nansinh is prose\n'
    assert commands(text) == [("url", ' warehouse)"'), ("backfill", " --a    --b"), ("nope", " --x")]
