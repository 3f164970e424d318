"""Every declared dataset keeps what the architecture asks of it; nobody opts in, a new system is covered by being there."""

import contextlib
import csv
import dataclasses
import datetime as dt
import itertools
import json
import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from schemas import calendar, codes, messages, owners, references, release, retention
from schemas.dataset import NO_ROW, Dataset, Moment
from schemas.dated import systems
from schemas.projections import reference
from schemas.projections.fingerprint import fingerprint
from schemas.registry import DATASETS, SOURCES, dataset_named, datasets_of
from schemas.roads import Rest
from schemas.services import Service, services
from schemas.submissions import SUBMISSION_LOG
from schemas.validation import Verdict, validate
from schemas.vocabulary import MonthlyPayment
from tests.fixtures import datasets as fixtures

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.id)
every_source = pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.name)
every_system = pytest.mark.parametrize("system", systems())
SCHEMAS = Path(codes.__file__).parent


def every_file(*patterns: str) -> pytest.MarkDecorator:
    """The CSV files of the systems and those that they share; the path is the test's name, so `-k <system>` finds its own."""
    found = sorted(file for pattern in patterns for file in SCHEMAS.glob(pattern))
    return pytest.mark.parametrize("file", found, ids=lambda f: str(f.relative_to(SCHEMAS)))


def lines_of(file: Path) -> list[tuple[str, dict[str, str]]]:
    """Each row with where it stands: the file's path and the row's number, the heading being the first."""
    place = file.relative_to(SCHEMAS.parent)
    with file.open(encoding="utf-8", newline="") as text:
        return [(f"{place}, row {number}", row) for number, row in enumerate(csv.DictReader(text), start=2)]


LEGAL = re.compile(r"(Luật|Bộ luật|Pháp lệnh|NĐ|TT|QĐ|NQ|QCVN|Quy ước|ISO|Mã định danh)\b")


def has_marks(text: str) -> bool:
    return any(unicodedata.combining(c) for c in unicodedata.normalize("NFD", text)) or "đ" in text.lower()


def is_composed(text: str) -> bool:
    return unicodedata.normalize("NFC", text) == text


# --- labels, grain, owners, legal basis -----------------------------------------------------------------------------------


@every_source
def test_source_is_labelled_and_owned(source) -> None:
    assert has_marks(source.title) and has_marks(source.description)
    assert LEGAL.search(source.legal)
    spans = owners.owners_of(source.name)
    assert spans, f"{source.name} has no owner in its owners.csv"
    assert spans[-1].valid_to is None
    for before, after in itertools.pairwise(spans):
        assert (after.valid_from - before.valid_to).days == 1, f"{source.name}: the owners leave a gap or overlap"


@every_source
def test_a_rule_letter_is_of_one_system(source) -> None:
    """The number of a rule begins with it: with one letter for two, a rule of one would pass for built in the other."""
    shared = {ref[0] for ref in references.COMMON | references.UNNUMBERED}
    taken = {s.rule_letter: s.name for s in SOURCES if s is not source}
    assert re.fullmatch(r"[A-Z]", source.rule_letter), f"{source.name}: rule_letter {source.rule_letter!r} is no capital letter"
    assert source.rule_letter not in taken, (
        f"{source.name}: rule_letter {source.rule_letter} is that of {taken[source.rule_letter]}; taken are "
        f"{', '.join(sorted(taken.keys() | shared))}"
    )
    assert source.rule_letter not in shared, f"{source.name}: rule_letter {source.rule_letter} is kept for what systems share"


@every_system
def test_nobody_owns_a_system_that_is_not_declared(system: str) -> None:
    assert system in {s.name for s in SOURCES}, f"schemas/sources/{system} declares no source of its name"
    assert {o.source for o in owners.owners()} == {s.name for s in SOURCES}


@every_dataset
def test_every_period_has_a_due_day(dataset: Dataset) -> None:
    """Without one nothing of the dataset is ever late, and no rate counts it."""
    without = calendar.without_due_day(dataset, dt.date(2040, 1, 1))
    place = f"schemas/sources/{dataset.source.name}/due_days.csv"
    assert not without, f"{dataset.id} has no due day from {without[0]} on: add a row to {place}"
    if dataset.placed_by:
        for period in calendar.started(dataset, dt.date(2026, 1, 1)):
            due, locked = calendar.due_day(dataset, period), calendar.locked_day(dataset, period)
            assert calendar.span(period)[1].replace(day=1) <= due < locked, f"{dataset.id}: the due day of {period}"


@every_source
def test_due_days_speak_of_declared_datasets_once_a_day(source) -> None:
    of_dataset: dict[str, list[calendar.DueRule]] = {}
    for rule in calendar.due_rules():
        if rule.dataset.partition(".")[0] != source.name:
            continue
        of_dataset.setdefault(rule.dataset, []).append(rule)
        assert 1 <= rule.day <= 31 and rule.months_after >= 0 and rule.lock_months >= 0, rule
        assert LEGAL.search(rule.legal_basis), rule
    assert of_dataset.keys() == {d.id for d in DATASETS if d.placed_by and d.source is source}, (
        f"schemas/sources/{source.name}/due_days.csv names other datasets than those that have periods"
    )
    for name, rules in of_dataset.items():
        for before, after in itertools.pairwise(sorted(rules, key=lambda r: r.valid_from)):
            assert before.valid_to and before.valid_to < after.valid_from, f"{name}: two due days hold at once"


@every_dataset
def test_what_was_closed_has_a_term(dataset: Dataset) -> None:
    """Without one nothing of it ever goes, and no night says so."""
    place = f"schemas/sources/{dataset.source.name}/retention.csv"
    for year in range(2020, 2041):
        for store in retention.OF_DATASETS:
            found = retention.term(store, dt.date(year, 6, 30), dataset)
            assert found, f"{dataset.id} has no term of {store} in {year}: add a row to {place}"
    own = [t for t in retention.terms() if t.dataset == dataset.id]
    assert any(t.store == "history" for t in own), f"{dataset.id} has no term of its own for its history in {place}"
    assert all(t.store in retention.OF_DATASETS for t in own), f"{dataset.id}: {place} names a store that is no dataset's"


@every_source
def test_terms_speak_of_declared_datasets_by_a_law_and_once_a_day(source) -> None:
    of = [t for t in retention.terms() if t.dataset is None or t.dataset.partition(".")[0] == source.name]
    assert {t.dataset for t in of} <= {None, *(d.id for d in datasets_of(source))}, f"{source.name}: retention.csv names others"
    spans: dict[tuple[str | None, str], list[retention.Term]] = {}
    for found in of:
        assert LEGAL.search(found.legal_basis) or found.legal_basis.startswith("TCVN "), found
        spans.setdefault((found.dataset, found.store), []).append(found)
    for of_one in spans.values():
        for before, after in itertools.pairwise(sorted(of_one, key=lambda t: t.valid_from)):
            assert before.valid_to and before.valid_to < after.valid_from, f"two terms hold at once: {before}, {after}"


@every_dataset
def test_labels_and_grain_are_complete(dataset: Dataset) -> None:
    assert has_marks(dataset.title) and is_composed(dataset.title)
    assert dataset.each_row_is.startswith(("một ", "kết quả của một "))
    assert LEGAL.search(dataset.legal), f"{dataset.id} cites no legal basis"
    for column in dataset.columns:
        assert has_marks(column.title), f"{dataset.id}.{column.name} has no Vietnamese label"
        assert is_composed(column.title)
        assert column.title[0].isupper()
    counted = Counter(c.source_column for c in dataset.columns)
    assert not [name for name, n in counted.items() if n > 1], "two fields are read from one source column"


POINTING = (
    "identity", "full_name", "head_name", "guardian", "birth_date", "phone", "passport", "account", "hamlet", "card", "_holder$",
    "^workplace$",
)  # fmt: skip
# Of whom a code, or a field, says what may harm for life; and what is sensitive besides.
HARMS = re.compile(
    r"khuyết tật|\bHIV|nghiện|ma túy|xâm hại|bạo lực|bóc lột|mua bán|mại dâm"
    r"|disab|addict|\bdrug|abuse|violen|traffick|exploit|rehabilit|relapse",
    re.IGNORECASE,
)
SENSITIVE = re.compile(
    r"bệnh|ốm đau|thương binh|thương tật|nhiễm|tâm thần|tự tử|phạt tù|vi phạm pháp luật|chấp hành án|dân tộc thiểu số"
    r"|khả năng lao động|dinh dưỡng|người phụ thuộc|able to work|nutrition|dependant"
    r"|\bill\b|illness|\bsick|invalid|injur|suicid|prison|ethnic|minority",
    re.IGNORECASE,
)
NO_PERSON = {"centre_id", "centre_name"}  # of the rehabilitation centre itself, which the department runs openly
CLOSED = {name for name in codes.names() if codes.facts_of(name).is_closed}


def test_what_is_looked_for_is_there() -> None:
    """A field or list of another name would be passed over below."""
    names = {c.name for d in DATASETS for c in d.columns}
    assert [part for part in POINTING if not any(re.search(part, name) for name in names)] == []
    assert {c.name for d in DATASETS for c in d.columns} >= NO_PERSON
    assert {f.tells for f in codes.list_facts().values()} == set(codes.TELLS)
    used = {c.codes or d.listed_in(c.name) for d in DATASETS for c in d.columns}
    # The groups of children are looked up by their sub-groups.
    assert {name for name in codes.names() if codes.facts_of(name).tells} - used == {"special_child_group"}


@every_dataset
def test_identity_fields_are_not_public(dataset: Dataset) -> None:
    """What can point at a person is never public; what names a sensitive fact is sensitive."""
    for column in dataset.columns:
        if re.search("|".join(POINTING), column.name):
            assert column.privacy in ("personal", "sensitive"), f"{dataset.id}.{column.name} is {column.privacy}"
        if column.never_released:
            assert column.privacy == "sensitive"
    if dataset.person_key:
        assert dataset.column(dataset.person_key).privacy == "personal"


@every_dataset
def test_a_field_is_marked_by_what_its_codes_and_its_words_tell(dataset: Dataset) -> None:
    """One code among harmless ones is enough: a condition over it would count whom it is of."""
    for column in dataset.columns:
        place = f"{dataset.id}.{column.name}"
        tells = codes.facts_of(column.codes or dataset.listed_in(column.name)).tells
        words = f"{column.title} {column.description}"
        if tells or SENSITIVE.search(words) or (HARMS.search(words) and column.name not in NO_PERSON):
            assert column.privacy == "sensitive", f"{place} is {column.privacy}"
        if tells == "never_released" or (HARMS.search(words) and column.name not in NO_PERSON):
            assert column.never_released, f"{place} may be released"


@pytest.mark.parametrize("name", codes.names())
def test_a_list_says_what_the_heaviest_of_its_codes_tells(name: str) -> None:
    facts = codes.facts_of(name)
    for row in codes.rows(name):
        words, place = f"{row.label_vi} {row.label_en}", f"{name} {row.code} ({row.label_en})"
        if HARMS.search(words):
            assert facts.tells == "never_released", f"{place}: list_facts.csv does not say that it is never released"
        elif SENSITIVE.search(words):
            assert facts.tells, f"{place}: list_facts.csv does not say that it is sensitive"
    assert facts.is_closed or not facts.tells, f"{name}: an open table may group by it"


@every_dataset
def test_code_lists_exist_and_cite_their_source(dataset: Dataset) -> None:
    for column in dataset.columns:
        if column.codes is None:
            continue
        rows = codes.rows(column.codes)
        assert rows, f"the list {column.codes} of {dataset.id}.{column.name} is empty"
        for row in rows:
            assert row.label_vi and row.legal_basis.strip(), f"{column.codes} {row.code} has no label or no source"
            assert row.confidence in codes.CONFIDENCES, (
                f"{column.codes} {row.code}: {row.confidence!r} is none of {codes.CONFIDENCES}"
            )


@every_file("codes/*.csv", "sources/*/codes/*.csv")
def test_a_list_stands_in_one_folder(file: Path) -> None:
    others = {other for pattern in ("codes", "sources/*/codes") for other in SCHEMAS.glob(f"{pattern}/{file.name}")} - {file}
    assert not others, f"a list of one name stands in two folders: {file}, {', '.join(map(str, others))}"
    assert file.stem in codes.names()


@every_file("list_facts.csv", "sources/*/list_facts.csv")
def test_facts_of_lists_speak_of_lists(file: Path) -> None:
    for place, row in lines_of(file):
        assert row["list"] in codes.names(), f"{place}: there is no list {row['list']!r}"
        assert {row["is_closed"], row["is_incomplete"]} <= {"true", "false"}, f"{place}: neither true nor false"
        assert row["tells"] in codes.TELLS, f"{place}: tells {row['tells']!r} is none of {codes.TELLS}"


def test_every_list_is_found_and_every_fact_is_of_one() -> None:
    stems = {file.stem for pattern in ("codes/*.csv", "sources/*/codes/*.csv") for file in SCHEMAS.glob(pattern)}
    assert stems == set(codes.names()) and codes.list_facts().keys() <= stems


READ_BY_NAME = ("limits.csv", "standards.csv", "days.csv", "forms.csv")  # schemas/rates.py, whatever folder they stand in


@every_file(*(f"{folder}rates/{name}" for folder in ("", "sources/*/") for name in READ_BY_NAME))
def test_a_name_of_a_rate_stands_in_one_folder(file: Path) -> None:
    """A rule asks by the name alone: it would be given the figure of whichever folder is read first."""
    mine = lines_of(file)
    for folder in ("rates", "sources/*/rates"):
        for other in SCHEMAS.glob(f"{folder}/{file.name}"):
            theirs = {} if other == file else {row["name"]: place for place, row in lines_of(other)}
            for place, row in mine:
                assert row["name"] not in theirs, f"{place}: the name {row['name']} stands also in {theirs[row['name']]}"


@every_file(
    "rates/*.csv",
    "sources/*/rates/*.csv",
    "codes/*.csv",
    "sources/*/codes/*.csv",
    "sources/*/owners.csv",
    "retention.csv",
    "sources/*/retention.csv",
)
def test_a_row_says_how_sure_it_is(file: Path) -> None:
    """What is read by its name alone judges whoever asks: `unsure` has no place there."""
    allowed = tuple(word for word in codes.CONFIDENCES if file.name not in READ_BY_NAME or word != "unsure")
    for place, row in lines_of(file):
        assert row["confidence"] in allowed, f"{place}: confidence {row['confidence']!r} is none of {', '.join(allowed)}"


@every_dataset
def test_an_open_table_groups_by_a_public_field_and_no_other_can_be_declared(dataset: Dataset) -> None:
    """It is refused where it is declared, at import: what stands among DATASETS has passed."""
    for column in dataset.columns:
        is_open = column.privacy == "public" and not column.never_released and column.codes not in CLOSED
        labels = () if column.codes else (("1", "Một"),)
        table = release.OpenTable(
            name="t",
            title="T",
            measure=release.Count(unit="dòng"),
            by=column.name,
            labels=labels,
            decision=release.OPEN_DATA_CATALOGUE,
        )
        with contextlib.nullcontext() if is_open else pytest.raises(release.NotReleasable, match=f"groups by '{column.name}'"):
            assert dataclasses.replace(dataset, open_tables=(table,)).open_tables == (table,)


@every_dataset
def test_what_has_the_lines_of_a_payment_list_says_that_it_is_one(dataset: Dataset) -> None:
    """It is declared, and not guessed from a key that holds the month: forms and enrolments have such a key too."""
    assert dataset.is_payment_list == issubclass(dataset.model, MonthlyPayment)
    if dataset.is_payment_list:
        assert dataset.placed_by in dataset.key, "a row of the month before has another key, and is found by it"


def test_a_payment_list_is_of_a_month() -> None:
    with pytest.raises(ValueError, match="a payment list is of a month"):
        dataclasses.replace(dataset_named("poverty.households"), is_payment_list=True)


# --- rules ---------------------------------------------------------------------------------------------------------------


@every_dataset
def test_rules_speak_vietnamese_and_cite_the_law(dataset: Dataset) -> None:
    names = [r.name for r in (*dataset.rules, *dataset.set_rules)]
    assert len(names) == len(set(names)), f"{dataset.id} has two rules of one name"
    for rule in (*dataset.rules, *dataset.set_rules):
        message = messages.rule_broken(rule) if rule in dataset.rules else rule.message
        assert is_composed(message) and has_marks(message)
        assert message.endswith(".") and message[0].isupper(), f"{rule.name}: the message is no sentence"
        assert rule.legal in message and LEGAL.search(rule.legal), f"{rule.name}: the message does not cite {rule.legal}"
        assert "{" not in message and "}" not in message, f"{rule.name}: the message would hold a value"
        # Words of three letters and more without any mark are few in Vietnamese: a message typed without marks is full of them.
        words = [w for w in re.findall(r"[^\W\d_]{3,}", message)]
        assert sum(has_marks(w) for w in words) / len(words) > 0.4, f"{rule.name}: the message lacks its diacritics"
        assert rule.ref in references.numbered() | references.UNNUMBERED


@every_dataset
def test_what_the_rules_name_is_there(dataset: Dataset) -> None:
    fingerprint(dataset)  # a NotDescribed names the rule's limit, standard or form that no dated table has


@every_dataset
def test_set_rules_name_what_they_read(dataset: Dataset) -> None:
    known = {f"core.{d.table}" for d in DATASETS}
    for rule in dataset.set_rules:
        read = set(re.findall(r"\bcore\.\w+", rule.sql))
        assert read <= known, f"{rule.name} reads a relation that nobody declares"
        assert read - {f"core.{dataset.table}"} == set(rule.needs) - {f"core.{dataset.table}"}, (
            f"{rule.name}: needs differ from its SQL"
        )
        assert rule.column in {c.name for c in dataset.columns}, f"{rule.name} warns about a field that {dataset.id} has not"
        assert "%" not in rule.sql
        assert rule.of_cell == (f"'{NO_ROW}' as row_key" in rule.sql), f"{rule.name}: is it about a cell, or about rows?"
        spelled = re.findall(r"\bref\b\W*\.", rule.sql, re.IGNORECASE)
        assert set(spelled) <= {"ref."}, f"{rule.name}: its fingerprint would miss a dated table that is not written ref.<name>"
        for table, rows in reference.read_by(rule.sql):  # a KeyError names a dated table that nobody declares
            assert rows, f"{rule.name} reads nothing of ref.{table}: no row has the name that it asks for"


@pytest.mark.parametrize("name", reference.tables())
def test_dated_tables_that_sql_joins_are_labelled_and_end(name: str) -> None:
    table = reference.tables()[name]
    assert has_marks(table.title) and is_composed(table.title)
    columns = [column.name for column in reference.columns(table)]
    assert len(columns) == len(set(columns)), f"ref.{name} has two columns of one name"
    for column in reference.columns(table):
        assert has_marks(column.title) and is_composed(column.title), f"ref.{name}.{column.name} has no Vietnamese label"
    for row in reference.rows(table):
        told = dict(zip(columns, row, strict=True))
        assert LEGAL.search(told["legal_basis"]), f"ref.{name} {row}: no legal basis is cited"
        assert told["confidence"] in codes.CONFIDENCES
        assert told["valid_from"] <= told["valid_to"], f"ref.{name} {row}: ends before it begins"


def not_built(numbers: frozenset[str]) -> list[str]:
    return sorted(numbers - references.built() - {r.ref for r in references.without_input()})


@every_source
def test_every_rule_of_the_field_is_built_or_says_why_not(source) -> None:
    missing = not_built(source.rule_numbers)
    assert not missing, f"{', '.join(missing)}: neither built nor in schemas/sources/{source.name}/rules_without_input.csv"


def test_every_rule_that_systems_share_is_built_or_says_why_not() -> None:
    assert not_built(references.COMMON) == []
    assert not_built(references.numbered()) == []


@every_file("rules_without_input.csv", "sources/*/rules_without_input.csv")
def test_a_rule_without_input_says_why(file: Path) -> None:
    for place, row in lines_of(file):
        assert row["ref"] in references.numbered(), f"{place}: the rule book has no {row['ref']}"
        assert row["part"] in ("whole", "part"), f"{place}: part is {row['part']!r}, not whole or part"
        assert has_marks(row["reason_vi"]), f"{place}: the reason is no Vietnamese with its marks"
        assert row["reason_vi"].endswith("."), f"{place}: the reason does not end with a full stop"
        assert LEGAL.search(row["legal"]), f"{place}: cites no legal basis"


# --- good and bad rows -----------------------------------------------------------------------------------------------------


def findings(verdict) -> dict[int, set[tuple[str, str, str]]]:
    """(rule, column, severity) of each row, by its place in the batch."""
    found: dict[int, set[tuple[str, str, str]]] = {}
    place = dict(zip(verdict.accepted["row_key"].to_pylist(), verdict.accepted["ordinal"].to_pylist(), strict=True))
    for row in verdict.rejected.to_pylist():
        found.setdefault(row["ordinal"], set()).update((f["rule"], f["column"], "error") for f in json.loads(row["failures"]))
    for remark in verdict.remarks.to_pylist():
        found.setdefault(place[remark["row_key"]], set()).add((remark["rule"], remark["column"], remark["kind"]))
    return found


@every_dataset
def test_every_dataset_has_fixtures(dataset: Dataset) -> None:
    assert dataset.id in fixtures.FIXTURES, f"{dataset.id} has no rows in tests/fixtures/rows_{dataset.source.name}.py"
    assert len(fixtures.bad(dataset)) >= 3, f"{dataset.id} has less than three bad rows"


@every_dataset
def test_good_rows_break_no_rule(dataset: Dataset) -> None:
    moment = fixtures.moment_of(dataset)
    batch = fixtures.good(dataset, moment)
    verdict = validate(dataset, batch, moment)
    assert not (extra := findings(verdict)), f"{dataset.id}: a good row breaks {extra}"
    assert verdict.accepted.num_rows == batch.num_rows >= 2
    assert verdict.examined.rows == batch.num_rows
    assert verdict.examined.rules >= len(dataset.rules)


VARIANTS = [(d, b) for d in DATASETS if d.id in fixtures.FIXTURES for b in fixtures.bad(d)]


@cache
def judged(number: int) -> tuple[int, Moment, Verdict]:
    """Of the batch with the bad row of a variant: its rows, when it is judged, and what becomes of it."""
    dataset, variant = VARIANTS[number]
    batch, moment = fixtures.bad_table(dataset, variant)
    return batch.num_rows, moment, validate(dataset, batch, moment)


@pytest.mark.parametrize("number", range(len(VARIANTS)), ids=[f"{d.id}-{i}-{b.rule}" for i, (d, b) in enumerate(VARIANTS)])
def test_bad_row_fails_for_its_stated_rule_and_no_other(number: int) -> None:
    _, variant = VARIANTS[number]
    rows, _, verdict = judged(number)
    wanted = {(variant.rule, variant.column, variant.severity)}
    found = findings(verdict)
    extra = {row: more for row, of_row in found.items() if (more := of_row - (wanted if row == variant.row else set()))}
    assert not extra, f"row {variant.row} is to give {wanted} alone; what is found beside it, by row: {extra}"
    assert found == {variant.row: wanted}, f"row {variant.row} is to give {wanted}; nothing is found"
    assert verdict.failures_by_rule == {(variant.column, variant.rule): 1}
    assert verdict.accepted.num_rows == rows - (variant.severity == "error")


@every_dataset
def test_every_row_rule_has_a_row_that_breaks_it(dataset: Dataset) -> None:
    broken = {b.rule for b in fixtures.bad(dataset)}
    unbroken = {r.name for r in dataset.rules} - broken
    assert not unbroken, f"{dataset.id}: no Bad of its fixture breaks {', '.join(sorted(unbroken))}"


@every_dataset
def test_messages_hold_no_received_value(dataset: Dataset) -> None:
    """The same fault with other values gives the same text."""
    for number, variant in ((n, b) for n, (d, b) in enumerate(VARIANTS) if d is dataset):
        _, moment, verdict = judged(number)
        said = [f["message"] for row in verdict.rejected.to_pylist() for f in json.loads(row["failures"])]
        said += verdict.remarks["message"].to_pylist()
        received = {str(v) for v in variant.changes.values() if isinstance(v, str) and len(v) > 4}
        good_row = fixtures.good_rows(dataset, moment)[variant.row]
        received |= {str(v) for v in good_row.values() if isinstance(v, str) and len(v) > 4}
        assert said and received, variant.rule
        for message in said:
            assert not [v for v in received if v in message], f"{variant.rule}: the message repeats what was received"


@every_dataset
def test_an_empty_batch_is_judged(dataset: Dataset) -> None:
    moment = fixtures.moment_of(dataset)
    verdict = validate(dataset, fixtures.table(dataset, []), moment)
    assert verdict.accepted.num_rows == verdict.rejected.num_rows == verdict.remarks.num_rows == 0


# --- services -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", [d for d in DATASETS if isinstance(d.road, Rest)], ids=lambda d: d.id)
def test_a_dataset_that_comes_by_a_service_has_one_on_each_day_of_its_periods(dataset: Dataset) -> None:
    """services.csv of its system, without a gap and without two at once; the submission log has one where a period is owed."""
    resources = [dataset.road.at_source, *([SUBMISSION_LOG.road.at_source] if dataset.placed_by else [])]
    for resource in resources:
        mine = sorted(
            (s for s in services() if (s.system, s.resource) == (dataset.source.name, resource)), key=lambda s: s.valid_from
        )
        assert mine, f"services.csv of {dataset.source.name} has no line for {resource}"
        assert mine[-1].valid_to is None and all(
            before.valid_to == after.valid_from - dt.timedelta(days=1) for before, after in itertools.pairwise(mine)
        ), f"the lines of {dataset.source.name}/{resource} leave days out, or hold on the same days"


@pytest.mark.parametrize("service", services(), ids=lambda s: f"{s.system}-{s.resource}-{s.valid_from}")
def test_a_service_is_declared_so_that_it_can_be_asked(service: Service) -> None:
    known = {d.road.at_source for d in datasets_of(service.system)} | {SUBMISSION_LOG.road.at_source}
    assert service.resource in known, f"no dataset of {service.system} is called {service.resource}"
    assert service.path.startswith("/") and service.token_path.startswith("/")
    assert service.page_size > 0 and service.calls_per_minute > 0 and all(service.success_codes)
    assert service.rows_at and service.page_parameter and (service.paging == "number" or service.next_at)
    assert bool(service.from_parameter) == bool(service.to_parameter)
    assert LEGAL.search(service.source) and service.confidence in ("sure", "likely", "unsure", "proposal")
