"""What changes a fingerprint and what does not: held against edited copies of schemas/, each read in a process of its own."""

import csv
import importlib.util
import inspect
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import schemas
from schemas.column import Column
from schemas.dataset import Dataset
from schemas.meaning import NotDescribed, meaning, unnamed
from schemas.projections.fingerprint import fingerprint
from schemas.registry import DATASETS, dataset_named

SCHEMAS = Path(schemas.__file__).parent
DAYS = ("2024-11-20", "2025-08-01")
PARTS = ("asked", "judges", "over_sets")
Prints = dict[str, dict[str, Any]]  # dataset -> what of it (a part, or a day) -> fingerprint
Edit = Callable[[Path], None]

# Processes ---------------------------------------------------------------------------------------------------------


def serve() -> None:
    """Compute the fingerprints of each copy whose folder is read, in a fork that knows no schemas yet but all that they import."""
    import datetime, gc, importlib, json, os, signal, sys, traceback  # noqa: E401, I001

    import numpy, pandas, pandera.pandas, pandera.typing, pyarrow, pyarrow.compute, sqlalchemy  # noqa: E401, F401

    assert not [name for name in sys.modules if name.split(".")[0] == "schemas"]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    for line in sys.stdin:
        folder, *days = line.split()
        if os.fork():
            continue
        answer = f"{folder}/answer.json"
        try:
            gc.disable()
            sys.path.insert(0, folder)
            before = importlib.import_module("before") if os.path.exists(f"{folder}/before.py") else None
            registry = importlib.import_module("schemas.registry")
            fingerprint = importlib.import_module("schemas.projections.fingerprint").fingerprint
            assert sys.modules["schemas"].__file__ == f"{folder}/schemas/__init__.py", sys.modules["schemas"].__file__
            found = {}
            for dataset in reversed(registry.DATASETS) if before else registry.DATASETS:
                print_ = fingerprint(dataset)
                found[dataset.id] = {"asked": print_.asked, "judges": print_.judges.digest, "over_sets": print_.over_sets}
                found[dataset.id] |= {day: print_.judged_by(datetime.date.fromisoformat(day)) for day in days}
        except BaseException:
            found = traceback.format_exc()
        with open(f"{answer}.part", "w") as f:
            json.dump(found, f)
        os.rename(f"{answer}.part", answer)
        os._exit(0)


class Forks:
    """A process from which copies are read, and the copies."""

    def __init__(self, root: Path, hash_seed: int = 0) -> None:
        self._root, self._numbers = root, itertools.count()
        code = f"{inspect.getsource(serve)}\nserve()"
        environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, text=True, cwd=root, env=environment
        )

    def prints(self, *edits: Edit, before: str | None = None) -> Prints:
        """The fingerprints of an edited copy. `before`: code that is run in the process first."""
        folder = self._root / str(next(self._numbers))
        shutil.copytree(SCHEMAS, folder / "schemas")
        for edit in edits:
            edit(folder / "schemas")
        if before:
            (folder / "before.py").write_text(before, encoding="utf-8")
        assert self._process.stdin
        self._process.stdin.write(f"{folder} {' '.join(DAYS)}\n")
        self._process.stdin.flush()
        answer, end = folder / "answer.json", time.monotonic() + 120
        while not answer.exists():
            assert self._process.poll() is None and time.monotonic() < end, "no fingerprints came"
            time.sleep(0.005)
        found = json.loads(answer.read_text())
        shutil.rmtree(folder)
        assert isinstance(found, dict), found
        return found

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)


# Edits -------------------------------------------------------------------------------------------------------------


def text(path: str, old: str, new: str) -> Edit:
    """Other text in a file; `old` has to be there, once."""

    def edit(root: Path) -> None:
        whole = (root / path).read_text(encoding="utf-8")
        assert whole.count(old) == 1, f"{path} holds {old!r} {whole.count(old)} times"
        assert old != new
        (root / path).write_text(whole.replace(old, new), encoding="utf-8")

    return edit


def cell(path: str, column: str, value: str, **where: str) -> Edit:
    """Another value in the last row of a table that is so; in all rows where none is described."""

    def edit(root: Path) -> None:
        rows = _read(root / path)
        chosen = [r for r in rows if all(r[k] == v for k, v in where.items())]
        assert chosen and column in chosen[-1], f"{path} holds no row of {where} with a {column}"
        for row in chosen[-1:] if where else chosen:
            assert row[column] != value
            row[column] = value
        _write(root / path, rows)

    return edit


def row(path: str, **values: str) -> Edit:
    """One more row, as the last one but for some values."""

    def edit(root: Path) -> None:
        rows = _read(root / path)
        assert values.keys() <= rows[-1].keys()
        _write(root / path, [*rows, {**rows[-1], **values}])

    return edit


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def new_list(root: Path) -> None:
    assert not (root / "codes" / "other.csv").exists()
    shutil.copy(root / "codes" / "banks.csv", root / "codes" / "other.csv")


def rename(old: str, new: str) -> Edit:
    """Another name for a module."""

    def edit(root: Path) -> None:
        (root / f"{old.replace('.', '/')}.py").rename(root / f"{new.replace('.', '/')}.py")
        package, _, name = old.rpartition(".")
        for path in root.rglob("*.py"):
            whole = path.read_text(encoding="utf-8").replace(f"schemas.{old}", f"schemas.{new}")
            whole = whole.replace(
                f"from schemas.{package} import {name}\n", f"from schemas.{new.rpartition('.')[0]} import {name}\n"
            )
            path.write_text(whole, encoding="utf-8")

    return edit


def _cut(path: Path, first: str, after: str) -> str:
    whole = path.read_text(encoding="utf-8")
    start, end = whole.index(first), whole.index(after)
    assert start < end
    path.write_text(whole[:start] + whole[end:], encoding="utf-8")
    return whole[start:end]


def move_folded(root: Path) -> None:
    """The folding of names into a module of its own, with the constant that it reads."""
    cut = _cut(root / "rules" / "columns.py", "_TITLE = re.compile(", "def same_name(")
    (root / "rules" / "folding.py").write_text(f"import re\nimport unicodedata\n\n{cut}", encoding="utf-8")
    text("rules/columns.py", "import numpy as np\n", "import numpy as np\nfrom schemas.rules.folding import folded\n")(root)


def order_otherwise(root: Path) -> None:
    path = root / "rules" / "columns.py"
    cut = _cut(path, "def first_of_month(", "def fits(")
    path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{cut}", encoding="utf-8")


def more_days(root: Path) -> None:
    for path in root.glob("sources/*/due_days.csv"):
        _write(path, [{**r, "day": str(int(r["day"]) - 1)} for r in _read(path)])


# Whom a change may concern -----------------------------------------------------------------------------------------

EVERY = frozenset(d.id for d in DATASETS)
NONE: frozenset[str] = frozenset()


def those(which: Callable[[Dataset], Any]) -> frozenset[str]:
    found = frozenset(d.id for d in DATASETS if which(d))
    assert found
    return found


def with_column(which: Callable[[Column], bool]) -> frozenset[str]:
    return those(lambda d: any(map(which, d.columns)))


def with_list(name: str) -> frozenset[str]:
    return with_column(lambda c: c.codes == name)


def with_rule(*names: str) -> frozenset[str]:
    return those(lambda d: {r.name for r in d.rules} & set(names))


def with_sql(part: str) -> frozenset[str]:
    return those(lambda d: any(part in r.sql for r in d.set_rules))


HOUSEHOLDS, RESULTS, CHANGES = ({f"poverty.{n}"} for n in ("households", "review_results", "in_year_changes"))
PROFILES, MERIT_PAYMENTS = ({f"meritorious_persons.{n}"} for n in ("profiles", "monthly_payments"))
WORKERS, UNEMPLOYMENT, JOBS = ({f"labour_employment.{n}"} for n in ("workers", "unemployment_decisions", "jobs_created"))
BENEFICIARIES, ASSISTANCE_PAYMENTS = ({f"social_protection.{n}"} for n in ("beneficiaries", "monthly_payments"))


@dataclass(frozen=True)
class Case:
    name: str
    edits: tuple[Edit, ...]
    changed: dict[str, frozenset[str] | set[str]] = field(default_factory=dict)  # part -> datasets
    moves: bool = False  # code, so that another edit would no longer find it


def same(name: str, *edits: Edit) -> Case:
    return Case(name, edits)


def moved(name: str, edit: Edit) -> Case:
    return Case(name, (edit,), moves=True)


def judges(name: str, changed: frozenset[str] | set[str], *edits: Edit, **more: frozenset[str] | set[str]) -> Case:
    return Case(name, edits, {"judges": changed, **more})


CASES = (
    same(
        "comments",
        text("rules/columns.py", "    year_only = np", "    # So it is.\n    year_only = np"),
        text("reading/persons.py", "        number = number[3:]\n", "        number = number[3:]  # so it is\n"),
        text("validation/__init__.py", "    bad = findings.rejected\n", "    # So it is.\n    bad = findings.rejected\n"),
    ),
    same("the message of a rule", text("sources/poverty/rules.py", '"""Chủ hộ dưới 15 tuổi: ', '"""Chủ hộ chưa đủ 15 tuổi: ')),
    same(
        "the docstring of a helper", text("rules/columns.py", '"""The greatest age in whole years', '"""The age in whole years')
    ),
    same("a text for people", text("messages.py", "thừa hoặc thiếu chữ số", "thiếu hoặc thừa chữ số")),
    same(
        "an annotation",
        text("rules/columns.py", "(day_numbers: np.ndarray) -> np.ndarray", '(day_numbers: "np.ndarray")'),
        text("reading/__init__.py", "known: dict[tuple[str | None, Any], ReadValue] = {}", "known = {}"),
        text("reading/cells.py", "reason: str | None = None", "reason: Any = None"),
    ),
    same(
        "the form of code",
        text(
            "rules/columns.py",
            "return np.floor(day_numbers / 100) * 100 + 1",
            "return (\n\n        np.floor(day_numbers/100)*100 + 1)",
        ),
    ),
    same(
        "the law of a rule",
        text("rules/persons.py", 'NUMBER_LAW = "NĐ 137/2015/NĐ-CP, Điều 13"', 'NUMBER_LAW = "NĐ 137/2015/NĐ-CP"'),
    ),
    same("the law of a limit", cell("rates/limits.csv", "legal_basis", "khác")),
    same("the law of an allowance", cell("sources/meritorious_persons/rates/allowances.csv", "legal_basis", "khác")),
    same(
        "a dated table that no rule joins",
        text(
            "sources/poverty/rates.py",
            "from schemas.dated import read_rows\n",
            "from schemas.dated import DatedTable, read_rows\n",
        ),
        text(
            "sources/poverty/rates.py",
            "def threshold_of(",
            'THRESHOLDS = DatedTable("thresholds", "Chuẩn nghèo", thresholds, ())\n\n\ndef threshold_of(',
        ),
    ),
    same(
        "the law of communes",
        cell("units/communes.csv", "legal_basis", "khác"),
        cell("units/successors.csv", "legal_basis", "khác"),
    ),
    same("the meaning of a form", cell("rates/forms.csv", "meaning", "khác")),
    same("the labels of a list", cell("codes/sex.csv", "label_vi", "khác"), cell("codes/sex.csv", "label_en", "other")),
    same("a list that no column names", new_list),
    same("whether a list is closed to open data", cell("list_facts.csv", "is_closed", "false", list="banks")),
    same("what the codes of a list tell", cell("list_facts.csv", "tells", "never_released", list="banks")),
    same("the title of a field", text("vocabulary.py", '"Số điện thoại"', '"Điện thoại"')),
    same("what a field means in English", text("vocabulary.py", '"Telephone number"', '"Number of a telephone"')),
    same("the law of a field", text("terms.py", 'legal="TT 105/2020/TT-BTC, Điều 5"', 'legal="TT 105/2020/TT-BTC"')),
    same(
        "the privacy of a field",
        text("vocabulary.py", '"Year of birth", privacy="internal"', '"Year of birth", privacy="public"'),
    ),
    same(
        "the unit of a field",
        text(
            "sources/poverty/datasets.py",
            'plausible_le=30,\n        unit="người"',
            'plausible_le=30,\n        unit="nhân khẩu"',
        ),
    ),
    moved("the name of a file of helpers", rename("rules.columns", "rules.frames")),
    moved("the name of a file of the work", rename("validation.communes", "validation.places")),
    moved("a function in another module", move_folded),
    moved("the order of functions", order_otherwise),
    same(
        "an open table",
        text("sources/poverty/datasets.py", "Đếm hộ trong danh sách rà soát của năm;", "Đếm hộ;"),
        text("sources/poverty/datasets.py", 'name="households_by_class"', 'name="households_in_classes"'),
    ),
    same("the hour of a source", text("sources/poverty/source.py", 'hour="0 1 * * *"', 'hour="0 2 * * *"')),
    same("due days", more_days),
    same("another source's decisions", cell("release_decisions.csv", "title", "khác")),
    judges(
        "a bound of a field",
        HOUSEHOLDS,
        text("sources/poverty/datasets.py", "ge=1,\n        plausible", "ge=2,\n        plausible"),
    ),
    judges("what is hardly believed", HOUSEHOLDS, text("sources/poverty/datasets.py", "plausible_le=30", "plausible_le=31")),
    judges(
        "the form of a field",
        WORKERS,
        text("sources/labour_employment/fields.py", r'r"^[1-6](,[1-6])*$"', r'r"^[1-7](,[1-7])*$"'),
    ),
    judges(
        "whether a field may be empty",
        RESULTS,
        text(
            "sources/poverty/datasets.py",
            '"Số hộ nghèo", "Poor households", privacy="public", source_type="integer", nullable=False',
            '"Số hộ nghèo", "Poor households", privacy="public", source_type="integer"',
        ),
    ),
    judges(
        "a comparison in a rule",
        with_rule("identity_sex_agrees"),
        text("rules/persons.py", "(century % 2 == sex - 1)", "(century % 2 != sex - 1)"),
    ),
    judges(
        "the severity of a rule",
        HOUSEHOLDS,
        text("sources/poverty/rules.py", '@rule("error", "score_b2",', '@rule("warning", "score_b2",'),
    ),
    judges(
        "the columns of a rule",
        PROFILES,
        text(
            "sources/meritorious_persons/rules.py", '"warning", "supplement_vnd", "category_code"', '"warning", "supplement_vnd"'
        ),
    ),
    judges(
        "a helper of some rules",
        with_rule("entitled_from_decision_month", "age_fits_group"),
        text("rules/columns.py", "np.floor(day_numbers / 100) * 100 + 1", "np.floor(day_numbers / 100) * 100 + 2"),
    ),
    judges(
        "a helper of all rules",
        those(lambda d: d.rules),
        text("rules/columns.py", "np.asarray(fine, dtype=bool)", "~np.asarray(fine, dtype=bool)"),
    ),
    judges(
        "two constants of rules, one for the other",
        with_rule("class_follows_previous_class"),
        text(
            "sources/poverty/rules.py",
            "POOR, NEAR_POOR, LEFT_POVERTY, LEFT_NEAR_POVERTY = 1, 2, 3, 4",
            "POOR, NEAR_POOR, LEFT_POVERTY, LEFT_NEAR_POVERTY = 2, 1, 3, 4",
        ),
    ),
    judges(
        "what a rule made for a dataset is given",
        BENEFICIARIES,
        text(
            "sources/social_protection/rules.py",
            'account_rules(guardian="guardian_name")',
            'account_rules(guardian="household_id")',
        ),
    ),
    judges(
        "a reader",
        with_column(lambda c: c.reader == "phone_number"),
        text("reading/persons.py", r're.compile(r"02\d{9}", re.ASCII)', r're.compile(r"02\d{8}", re.ASCII)'),
    ),
    judges(
        "a table of a reader",
        with_column(lambda c: c.reader == "phone_number"),
        text("reading/persons.py", '"0120": "070"', '"0120": "071"'),
    ),
    judges(
        "what all readers share",
        EVERY,
        text("reading/received.py", "_AHEAD = 7 ", "_AHEAD = 8 "),
    ),
    judges(
        "the work itself",
        EVERY,
        text(
            "validation/__init__.py",
            "ordinal = pa.array(np.arange(first_ordinal,",
            "ordinal = pa.array(np.arange(1 + first_ordinal,",
        ),
    ),
    judges(
        "the day of judging",
        EVERY,
        text("calendar.py", "Moment(period, first, last, min(last, arrival))", "Moment(period, first, last, last)"),
    ),
    judges(
        "a property of records",
        PROFILES,
        text(
            "sources/meritorious_persons/rates.py", 'self.span.confidence == "sure"', 'self.span.confidence in ("sure", "likely")'
        ),
        over_sets=MERIT_PAYMENTS,
    ),
    judges("a code's last day", with_list("ethnicity"), cell("codes/ethnicity.csv", "valid_to", "2030-12-31", code="01")),
    judges(
        "a code's last day, of a list with numbers", with_list("sex"), cell("codes/sex.csv", "valid_to", "2030-12-31", code="2")
    ),
    judges("one more code", JOBS, row("sources/labour_employment/codes/job_channel.csv", code="99")),
    judges(
        "lists that are not whole",
        with_list("countries"),
        row("list_facts.csv", list="countries", is_closed="false"),
    ),
    # The rules of merit profiles ask for a limit by a name that is made up.
    judges("a limit", HOUSEHOLDS | PROFILES, cell("sources/poverty/rates/limits.csv", "value", "11", name="deficit_points")),
    judges(
        "a limit of set rules",
        PROFILES,
        cell("rates/limits.csv", "value", "4", name="people_per_account"),
        over_sets=with_sql("'people_per_account'") & with_sql("account_number"),
    ),
    judges(
        "a limit of one set rule",
        PROFILES,
        cell("sources/meritorious_persons/rates/limits.csv", "value", "0.006", name="merit_amount_band"),
        over_sets=MERIT_PAYMENTS,
    ),
    judges(
        "a standard of a set rule",
        BENEFICIARIES | UNEMPLOYMENT,  # the rules of unemployment ask for standards by names that are made up
        cell("sources/social_protection/rates/standards.csv", "amount_vnd", "1", name="social_assistance"),
        over_sets=ASSISTANCE_PAYMENTS,
    ),
    judges(
        "the ages of a group, which rules over payments read",
        BENEFICIARIES,
        cell("sources/social_protection/rates/assistance_groups.csv", "age_ranges", "0-5", group_code="K1.A"),
        over_sets=ASSISTANCE_PAYMENTS,
    ),
    judges(
        "what may be drawn beside a group, which rules over beneficiaries read",
        BENEFICIARIES,
        cell("sources/social_protection/rates/assistance_groups.csv", "adds_to", "K6", group_code="K4"),
        over_sets=BENEFICIARIES,
    ),
    judges(
        "a standard", UNEMPLOYMENT, cell("sources/labour_employment/rates/standards.csv", "amount_vnd", "1", name="base_salary")
    ),
    judges("a threshold", HOUSEHOLDS, cell("sources/poverty/rates/thresholds.csv", "score_b1_most", "141", area_code="2")),
    judges(
        "an allowance",
        PROFILES,
        cell("sources/meritorious_persons/rates/allowances.csv", "amount_vnd", "1", category_code="04", kind="allowance"),
        over_sets=MERIT_PAYMENTS,
    ),
    judges(
        "an allowance of which nobody is sure",
        PROFILES,
        cell("sources/meritorious_persons/rates/allowances.csv", "ratio_per_percent", "1", category_code="07B"),
    ),
    # Whether a dataset has a commune or not: what is done to any row is described whole.
    judges("a commune", EVERY, cell("units/communes.csv", "name", "Xã Khác", code="16663")),
    judges("an alias of a commune", EVERY, row("units/aliases.csv", alias="Khác")),
    judges(
        "where a dataset's rows are placed",
        JOBS,
        text(
            "sources/labour_employment/datasets.py",
            'placed_by="started_date",\n    by_province=True,',
            'placed_by="started_date",',
        ),
    ),
    judges(
        "one more field",
        CHANGES,
        text(
            "sources/poverty/datasets.py",
            "class InYearChanges(Placed):\n",
            'class InYearChanges(Placed):\n    more: Series[Text] = field("them", "Thêm", "One more")\n',
        ),
        asked=CHANGES,
    ),
    judges(
        "a key",
        HOUSEHOLDS,
        text("sources/poverty/datasets.py", 'key=("household_id", "review_year"),', 'key=("household_id",),'),
        asked=HOUSEHOLDS,
    ),
    judges(
        "a column of the source",
        PROFILES,
        text("sources/meritorious_persons/datasets.py", '"ty_le_ton_thuong"', '"ty_le"'),
        asked=PROFILES,
    ),
    judges(
        "a column of the source that rules over sets read in quarantine",
        with_column(lambda c: c.source_column == "ten_xa"),
        text("terms.py", '"ten_xa"', '"ten_xa_phuong"'),
        asked=with_column(lambda c: c.source_column == "ten_xa"),
        over_sets=RESULTS,
    ),
    Case("the table of the source", (text("sources/poverty/datasets.py", '"hn_ho"', '"hn_ho_moi"'),), {"asked": HOUSEHOLDS}),
    Case("a rule over sets", (text("sources/poverty/set_rules.py", "m.heads <> 1", "m.heads > 1"),), {"over_sets": HOUSEHOLDS}),
)


# Edited copies -----------------------------------------------------------------------------------------------------


def _changes_nothing(case: Case) -> bool:
    return not case.changed and not case.moves


class Copies:
    """The fingerprints of each case, two at a time and the next one ahead of its test.

    What should change nothing is edited all in one copy; where that is another after all, each is read by itself.
    """

    def __init__(self, forks: Forks) -> None:
        self._forks, self._pool = forks, ThreadPoolExecutor(2)
        self._asked: dict[int, Future[Prints]] = {}
        self.unedited = self._pool.submit(forks.prints)
        together = [edit for case in CASES if _changes_nothing(case) for edit in case.edits]
        self._together = self._pool.submit(forks.prints, *together)

    def of(self, number: int) -> Prints:
        if _changes_nothing(CASES[number]) and self._is_unchanged():
            return self._together.result()
        for each in range(number, min(number + 3, len(CASES))):
            if each not in self._asked:
                self._asked[each] = self._pool.submit(self._forks.prints, *CASES[each].edits)
        return self._asked[number].result()

    def _is_unchanged(self) -> bool:
        return self._together.exception() is None and self._together.result() == self.unedited.result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    forks = Forks(tmp_path_factory.mktemp("copies"))
    yield forks
    forks.close()


@pytest.fixture(scope="module")
def copies(forks: Forks) -> Iterator[Copies]:
    copies = Copies(forks)
    yield copies
    copies.close()


@pytest.mark.landing
@pytest.mark.parametrize("number", range(len(CASES)), ids=[re.sub(r"\W+", "-", c.name) for c in CASES])
def test_a_change_concerns_whom_it_should(copies: Copies, number: int) -> None:
    unedited, edited = copies.unedited.result(), copies.of(number)
    assert edited.keys() == unedited.keys() == EVERY
    changed = {what: {d for d in EVERY if edited[d][what] != unedited[d][what]} for what in (*PARTS, *DAYS)}
    expected = {part: set(CASES[number].changed.get(part, ())) for part in PARTS}
    assert {part: changed[part] for part in PARTS} == expected
    assert {day: changed[day] for day in DAYS} == dict.fromkeys(DAYS, expected["judges"])


# What a fingerprint does not depend on -----------------------------------------------------------------------------

VALIDATED = """
import datetime as dt
import pyarrow as pa
from schemas import calendar
from schemas.registry import DATASETS
from schemas.validation import validate

for dataset in DATASETS:
    for on in (dt.date(2024, 6, 30), dt.date(2025, 8, 1)):
        columns = {c.source_column: pa.array(["1", None, "Nguyễn Văn A", " 01/02/1990", "0912 345 678"] * 50) for c in dataset.columns}
        period = calendar.period_of(dataset.kind, on)
        assert validate(dataset, pa.table(columns), calendar.moment(dataset, period, on)).examined.rows == 250
"""


@pytest.mark.landing
def test_it_is_the_same_in_another_process_after_rows_were_validated(tmp_path: Path, copies: Copies) -> None:
    """Another hash seed, other caches, and the datasets the other way round."""
    forks = Forks(tmp_path, hash_seed=7)
    try:
        assert forks.prints(before=VALIDATED) == copies.unedited.result()
    finally:
        forks.close()


# Turns -------------------------------------------------------------------------------------------------------------


def test_a_register_is_judged_otherwise_once_a_list_turned() -> None:
    beneficiaries = fingerprint(dataset_named("social_protection.beneficiaries"))
    days = [date(2025, 6, 30), date(2025, 7, 1), date(2025, 8, 1), date(2025, 9, 30)]
    before, turned, later, still = map(beneficiaries.judged_by, days)
    assert before != turned
    assert later == still


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.id)
def test_a_dataset_is_judged_otherwise_on_each_day_on_which_what_it_reads_turns(dataset: Dataset) -> None:
    turns = sorted(fingerprint(dataset).judges.turns)
    judged = [fingerprint(dataset).judged_by(day) for day in (date(1800, 1, 1), *turns)]
    assert len(set(judged)) == len(judged)
    assert date(2025, 7, 1) in turns  # the communes of today


def test_only_the_lists_of_a_dataset_turn() -> None:
    """The thresholds of poverty end with 2026; no payment list reads them."""
    turns = {d.id: fingerprint(d).judges.turns for d in DATASETS}
    assert {d for d, days in turns.items() if date(2027, 1, 1) in days} == HOUSEHOLDS


# Code --------------------------------------------------------------------------------------------------------------

Probe = Callable[[str], ModuleType]


@pytest.fixture
def probe(tmp_path: Path) -> Iterator[Probe]:
    """Code as a module of ours, which is called `schemas.probe`."""
    numbers = itertools.count()

    def load(code: str) -> ModuleType:
        path = tmp_path / f"probe_{next(numbers)}.py"
        path.write_text(code, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("schemas.probe", path)
        assert spec and spec.loader
        module = sys.modules["schemas.probe"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    yield load
    sys.modules.pop("schemas.probe", None)


SEEN = {
    "a helper whose answer is used at once": (
        "def helper(x):\n    return [{}]\n\ndef judge(x):\n    return helper(x).pop()\n",
        "1",
        "2",
    ),
    "a helper in the arguments of such a call": (
        "def helper(x):\n    return {}\n\ndef judge(x):\n    return str(helper(x)).lower()\n",
        "1",
        "2",
    ),
    "a default that is a number": ("def judge(x, most={}):\n    return x < most\n", "1", "2"),
    "a default of the place where it was made": (
        "def make(most):\n    def judge(x, most=most):\n        return x < most\n    return judge\n\njudge = make({})\n",
        "1",
        "2",
    ),
    "a value around it": (
        "def make(most):\n    def judge(x):\n        return x < most\n    return judge\n\njudge = make({})\n",
        "1",
        "2",
    ),
    "a decorator of ours": (
        "def less(most):\n    def around(f):\n        def inner(x):\n            return f(x) < most\n        return inner\n    return around\n\n"
        "@less({})\ndef judge(x):\n    return x\n",
        "1",
        "2",
    ),
    "a decorated method": (
        "def less(f):\n    return lambda self: f(self) - {}\n\nclass Row:\n    @less\n    def value(self):\n        return 1\n\n"
        "def judge(x):\n    return Row().value()\n",
        "1",
        "2",
    ),
    "a partial function": (
        "import functools\n\ndef less(most, x):\n    return x < most\n\nless_than = functools.partial(less, {})\n\ndef judge(x):\n    return less_than(x)\n",
        "1",
        "2",
    ),
    "a method of a value": ("PREFIXES = {{1: {}}}\nprefix = PREFIXES.get\n\ndef judge(x):\n    return prefix(x)\n", "1", "2"),
    "a method of a record": (
        "import dataclasses\n\n@dataclasses.dataclass\nclass Row:\n    value: int\n    def less(self, x):\n        return x < self.value + {}\n\n"
        "ROWS = [Row(1)]\n\ndef judge(x):\n    return ROWS[0].less(x)\n",
        "1",
        "2",
    ),
    "an inherited method": (
        "class Base:\n    def less(self, x):\n        return x < {}\n\nclass Row(Base):\n    pass\n\ndef judge(x):\n    return Row().less(x)\n",
        "1",
        "2",
    ),
    "an attribute of a class": ("class Row:\n    most = {}\n\ndef judge(x):\n    return x < Row.most\n", "1", "2"),
    "a field of a record": (
        "import dataclasses\n\n@dataclasses.dataclass\nclass Row:\n    value: int = {}\n\ndef judge(x):\n    return Row().value\n",
        "1",
        "2",
    ),
    "a class decorated otherwise": (
        "import dataclasses\n\n@dataclasses.dataclass(order={})\nclass Row:\n    value: int\n\ndef judge(x):\n    return Row(1) == Row(x)\n",
        "True",
        "False",
    ),
    "a constant whose value another one has": ("A, B, C = {}\n\ndef judge(x):\n    return [A, B][x] + C\n", "1, 2, 1", "2, 1, 2"),
    "two lambdas of one line": ("F = [lambda x: x, lambda x: x + {}]\n\ndef judge(x):\n    return F[1](x)\n", "1", "2"),
    "the order of a table": ("T = {{{}}}\n\ndef judge(x):\n    return next(k for k in T if k > x)\n", "1: 1, 2: 2", "2: 2, 1: 1"),
    "a table in a file's function": (
        "from functools import cache\n\n@cache\ndef rows():\n    return ({},)\n\ndef judge(x):\n    return x in rows()\n",
        "1",
        "2",
    ),
    "a kept function with a parameter": (
        "from functools import cache\n\n@cache\ndef more(x, *, most={}):\n    return x < most\n\ndef judge(x):\n    return more(x)\n",
        "1",
        "2",
    ),
    "a limit named by a module that a variable of a comprehension is called like": (
        "from schemas import rates\n\ndef judge(x, on):\n    return [rates for rates in x] + [rates.limit('{}', on)]\n",
        "deficit_points",
        "labour_age",
    ),
    "a name behind a match": (
        "class Row:\n    value = {}\n\ndef judge(x):\n    match x:\n        case Row():\n            return 1\n",
        "1",
        "2",
    ),
    "a name in a text with values": ("MOST = {}\n\ndef judge(x):\n    return f'{{MOST:>3}}'\n", "1", "2"),
}


@pytest.mark.parametrize("which", SEEN)
def test_a_change_of_what_code_names_is_seen(probe: Probe, which: str) -> None:
    code, *values = SEEN[which]
    one, other, again = (meaning([probe(code.format(value)).judge]) for value in (*values, values[0]))
    assert one.digest != other.digest
    assert one == again


def test_which_of_two_functions_of_one_name_is_meant_is_seen(probe: Probe) -> None:
    code = "def make(most):\n    def less(x):\n        return x < most\n    return less\n\none, two = make(1), make(2)\nRULES = {RULES}\n"
    one, other = (
        meaning([probe(code.replace("{RULES}", rules)).RULES])
        for rules in ("[('a', one), ('b', two)]", "[('a', two), ('b', one)]")
    )
    assert one.digest != other.digest


def test_a_day_that_stands_in_code_is_a_turn(probe: Probe) -> None:
    code = "import datetime as dt\n\ndef judge(x, on):\n    return on < dt.date(2031, 5, 1) or on > dt.date.fromisoformat('2032-06-01')\n"
    assert {date(2031, 5, 1), date(2032, 6, 1)} <= meaning([probe(code).judge]).turns


def test_a_list_that_a_rule_names_by_a_variable_may_be_any_list(probe: Probe) -> None:
    judge = probe("from schemas import codes\n\ndef judge(name, on):\n    return codes.since(name, on)\n").judge
    apart = probe("from schemas import codes\n").codes.rows
    whole, without = meaning([judge]), meaning([judge], apart=[unnamed(apart)])
    assert any("K1.A" in text for text in whole.texts)
    assert not any("K1.A" in text for text in without.texts)


REFUSED = {
    "an import inside": "def judge(x):\n    from schemas import rates\n    return rates.limits()\n",
    "a value without description": "class Row:\n    pass\n\nROW = Row()\n\ndef judge(x):\n    return ROW\n",
    "a library's object without description": "import threading\n\nLOCK = threading.Lock()\n\ndef judge(x):\n    return LOCK\n",
    "a module as a whole": "from schemas import rates\n\ndef judge(x):\n    return getattr(rates, x)()\n",
    "a file": "from schemas.dated import read_rows\n\ndef judge(x):\n    return read_rows('rates', 'limits.csv')\n",
    "a file that is opened": "def judge(x):\n    return open('limits.csv')\n",
    "code made at run time": "exec('def judge(x):\\n    return x')\n",
    "a function wrapped by a library": "import contextlib\n\n@contextlib.contextmanager\ndef judge(x):\n    yield x\n",
    "a vectorised function": "import numpy as np\n\nless = np.vectorize(lambda x: x < 1)\n\ndef judge(x):\n    return less(x)\n",
    "a class inside a function": "def make():\n    class Row:\n        pass\n    return Row\n\nRow = make()\n\ndef judge(x):\n    return Row()\n",
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_described_is_refused(probe: Probe, what: str) -> None:
    with pytest.raises(NotDescribed):
        meaning([probe(REFUSED[what]).judge])


def test_a_figure_that_a_rule_asks_for_and_there_is_not_is_told_by_its_name(probe: Probe) -> None:
    """Before a row is judged: what goes wrong over rows is told by its kind alone, since its text may hold a value."""
    module = probe("from schemas import rates\n\ndef judge(x):\n    return rates.whole_limit('khong_co_nguong', x)\n")
    with pytest.raises(NotDescribed, match=r"whole_limit\('khong_co_nguong'\)"):
        meaning([module.judge])


def test_a_file_that_was_replaced_under_the_process_is_not_taken_for_what_runs(probe: Probe) -> None:
    """An upgrade under a standing server: rows judged by the old rules would be marked as judged by the new ones."""
    module = probe("def judge(x):\n    return x < 1\n")
    assert module.__file__
    Path(module.__file__).write_text("def judge(x):\n    return x < 2\n", encoding="utf-8")
    with pytest.raises(NotDescribed, match="no longer what runs"):
        meaning([module.judge])
