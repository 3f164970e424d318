"""The dictionary tells of every field what it must, and its claims of where a field goes agree with what is declared.

That the fields named for an indicator are those that its figures depend on, and no others, is proved on a real warehouse:
tests/integration/test_uses.py.
"""

import re

import pytest

from assets.reports.indicators import catalogue
from pipelines.printing import uses as parsed
from pipelines.printing.dictionary import NOWHERE, dictionary
from pipelines.printing.uses import Field, Uses, fields_of, read_by, uses
from schemas.dataset import Dataset
from schemas.projections.open import released_name
from schemas.registry import DATASETS, SOURCES, dataset_named, datasets_of
from schemas.release import OpenTable, Share

TABLES = [(d, t) for d in DATASETS for t in d.open_tables]
KEYWORDS = {"and", "or", "not", "is", "null", "in", "between", "true", "false"}
ROW = re.compile(r"\| `(\w+)` \| (.*) \|")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return dictionary()


def rows_of(page: str, dataset: Dataset) -> dict[str, list[str]]:
    """Field -> its cells, of the table of a dataset."""
    section = re.split(r"^## ", page, flags=re.MULTILINE)
    (own,) = (s for s in section if f"(`core.{dataset.table}`)" in s.splitlines()[0])
    fields = own.split("| quy tắc |")[0]
    return {m[1]: re.split(r" \| ", m[2].replace("\\|", "")) for m in ROW.finditer(fields)}


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.name)
def test_every_field_is_told_in_both_languages_with_all_that_holds_of_it(pages, source) -> None:
    page = pages[f"{source.name}.md"]
    for dataset in datasets_of(source):
        rows = rows_of(page, dataset)
        assert list(rows) == [c.name for c in dataset.columns]
        for c in dataset.columns:
            meaning, kind, privacy, legal, origin, to = rows[c.name]
            assert c.title in meaning and f"*{c.description}*" in meaning
            assert kind and legal and to and c.privacy in privacy and f"`{c.source_column}`" in origin
            assert re.findall(r"codes.md#(\w+)", kind) == [name for name in (c.codes or dataset.listed_in(c.name),) if name]
            goes = uses()[dataset.id, c.name]
            assert set(re.findall(r"reports.md#(\w+)", to)) == goes.indicators
            assert set(re.findall(r"(?<!\[)`(\w+)`", to)) == goes.open_tables
            assert (to == NOWHERE) == (goes == Uses() and "CSDLQG" not in to)


def test_links_lead_to_a_place_that_is_there(pages) -> None:
    places = {
        name: set(re.findall(r'<a id="(\w+)">', page)) | set(re.findall(r"^## (\w+)$", page, re.M))
        for name, page in pages.items()
    }
    links = [(name, *link) for name, page in pages.items() for link in re.findall(r"\]\((\w+\.md)#(\w+)\)", page)]
    assert len(links) > 500
    assert [link for link in links if link[2] not in places[link[1]]] == []


@pytest.mark.parametrize("line", catalogue(), ids=lambda line: f"{line.code}-{line.unit}")
def test_an_indicator_reads_the_datasets_that_it_says(line) -> None:
    read = read_by(line)
    assert {dataset for dataset, _ in read} == {*line.datasets, *line.also_reads}
    written = " ".join(f"{q.base} {q.numerator} {q.denominator}" for q, _ in parsed.counted(line))
    made = {"commune_code", *(d.placed_by for d in map(dataset_named, line.datasets))}
    assert [name for _, name in read if name not in made and not re.search(rf"\b{name}\b", written)] == []


@pytest.mark.parametrize(("dataset", "table"), TABLES, ids=[released_name(*t) for t in TABLES])
def test_an_open_table_reads_what_it_declares_and_nothing_else(dataset: Dataset, table: OpenTable) -> None:
    found = {field for field, goes in uses().items() if released_name(dataset, table) in goes.open_tables}
    assert found == declared(dataset, table)


def declared(dataset: Dataset, table: OpenTable) -> set[Field]:
    """What the declaration of a table names, what places its rows, and what tells its persons apart."""
    names = {*table.measure.fields, dataset.placed_by, dataset.commune}
    if table.by and not isinstance(table.measure, Share):
        names.add(table.by)
    if table.where:
        names |= set(re.findall(r"[a-z_]+", re.sub(r":\w+|'[^']*'", " ", table.where.sql))) - KEYWORDS
        names |= {"birth_date", "birth_year", "birth_precision"} if table.where.younger_than else set()
    persons = None if isinstance(table.measure, Share) else table.measure.persons
    found = set()
    if persons:
        names.add(persons.field)
        if persons.register is None:
            names |= set(dataset.key)  # of whom no number is known, each row is a person
        else:
            (register,) = (d for d in datasets_of(dataset.source) if d.name == persons.register)
            found = {(register.id, persons.field), (register.id, register.person_key)}
    return found | {(dataset.id, name) for name in names if name}


# --- the parser ----------------------------------------------------------------------------------------------------------------

PAYMENTS = "core.social_protection_monthly_payments"


def fields(statement: str) -> set[str]:
    return {name for _, name in fields_of(statement)}


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        (f"select sum(amount_vnd) as n from {PAYMENTS}", {"amount_vnd"}),
        # What is selected and never looked at again is read by nobody.
        (f"select sum(b.amount_vnd) as n from (select amount_vnd, payer from {PAYMENTS}) b", {"amount_vnd"}),
        (f"select count(*) as n from {PAYMENTS} where is_received", {"is_received"}),
        (f"select count(*) as n from {PAYMENTS} where period = :p and unit_code = :u", {"month", "commune_code"}),
        (f"select count(*) as n from (select p.* from {PAYMENTS} p) b where b.payer is not null", {"payer"}),
        (f"select 1 as n from (select 1) x where exists (select from {PAYMENTS} p where p.payer = '1')", {"payer"}),
        (f"with p as (select * from {PAYMENTS}) select count(distinct row_key) as n from p", {"beneficiary_id", "month"}),
        (f"select n from {PAYMENTS} p cross join lateral (values (p.amount_vnd), (p.arrears_vnd)) as t (n)", {"amount_vnd", "arrears_vnd"}),
        ("select count(*) as n from papers.uses u where u.used_at is not null", set()),
    ],
)  # fmt: skip
def test_what_a_statement_depends_on(statement: str, read: set[str]) -> None:
    assert fields(statement) == read


def test_a_column_of_nobody_knows_which_table_is_refused() -> None:
    with pytest.raises(ValueError, match="'colour'"):
        fields(f"select colour as n from {PAYMENTS} p join core.poverty_households h on true")
