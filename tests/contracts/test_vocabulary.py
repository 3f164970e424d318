"""What systems share is declared once: a field of a shared kind comes from schemas/terms.py or a class of schemas/vocabulary.py."""

import inspect
import re
from collections import defaultdict

import pyarrow as pa
import pytest
from pandera.typing import Series

from schemas import codes, terms, vocabulary
from schemas.column import Column, Flag, Instant, Table, Text, Whole, columns_of, field
from schemas.dataset import Dataset
from schemas.registry import DATASETS
from schemas.terms import TERMS, Term
from schemas.validation import validate
from tests.fixtures import datasets as fixtures

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.id)
TERM = {term.name: term for term in TERMS}
NAMED = {term.name: name for name, term in vars(terms).items() if isinstance(term, Term)}
CLASSES = [
    c for c in vars(vocabulary).values() if inspect.isclass(c) and c.__module__ == vocabulary.__name__ and issubclass(c, Table)
]
SHARED = {name for c in CLASSES for name in vars(c)["__annotations__"]}
LEGAL = re.compile(r"(Luật|Pháp lệnh|NĐ|TT|QĐ|NQ|QCVN)\b")
# Readers that tell nothing of the kind: letters and digits of whatever is written so.
OF_ANY_KIND = {"text", "digits"}


def declaring_class(model: type, name: str) -> type:
    return next(c for c in model.__mro__ if name in vars(c).get("__annotations__", {}))


def is_shared(dataset: Dataset, name: str) -> bool:
    return bool(dataset.term_of(name)) or declaring_class(dataset.model, name).__module__ == vocabulary.__name__


def is_of(term: Term, c: Column) -> bool:
    """Whether a field that is declared by hand is of a kind that systems share."""
    if pa.types.is_date(c.dtype) or pa.types.is_timestamp(c.dtype):
        return c.dtype == term.type.pyarrow_dtype and term.source_column is None
    if term.reader and term.reader not in OF_ANY_KIND and c.reader == term.reader:
        return True
    if (term.form and c.form == term.form) or (term.codes and c.codes == term.codes):
        return True
    if term.name == "amount" and (c.unit == term.unit or c.name.endswith("_vnd")):
        return True
    if c.dtype != term.type.pyarrow_dtype or c.codes != term.codes:
        return False
    is_named_so = c.name == term.name or c.name.endswith(f"_{term.name}")
    return is_named_so or c.source_column == term.source_column or re.match(rf"{term.title}( |$)", c.title) is not None


def by_hand(columns: list[Column]) -> list[tuple[Column, Term]]:
    return [(c, term) for c in columns for term in TERMS if is_of(term, c)]


@every_dataset
def test_a_shared_kind_is_declared_once(dataset: Dataset) -> None:
    own = [c for c in dataset.columns if not is_shared(dataset, c.name)]
    said = [
        f"{dataset.id}.{c.name} ({c.source_column}) is of a kind that systems share: declare it with {NAMED[term.name]}.field(...) of "
        f"schemas/terms.py"
        for c, term in by_hand(own)
    ]
    assert not said, "\n".join(said)


@every_dataset
def test_a_field_of_a_term_has_its_type(dataset: Dataset) -> None:
    for c in dataset.columns:
        if name := dataset.term_of(c.name):
            assert c.dtype == TERM[name].type.pyarrow_dtype, f"{dataset.id}.{c.name} is {c.dtype}, its term {name} is not"


@every_dataset
def test_every_field_says_in_english_what_it_means(dataset: Dataset) -> None:
    for told, what in ((dataset.source.english, dataset.source.name), (dataset.english, dataset.id)):
        assert told.isascii() and " " in told and not told.endswith("."), f"{what}: english={told!r} is no English phrase"
    for c in dataset.columns:
        told, place = c.description, f"{dataset.id}.{c.name}: {c.description!r}"
        assert told.isascii() and told[0].isupper() and not told.endswith("."), f"{place} is no English phrase"
        words = re.findall(r"[a-z0-9]+", told.lower())
        column = re.findall(r"[a-z0-9]+", c.source_column.lower())
        assert words not in (c.name.split("_"), column), f"{place} only spells a name, and says nothing more"


@every_dataset
def test_what_is_particular_to_a_field_is_there(dataset: Dataset) -> None:
    for c in dataset.columns:
        if legal := dataset.legal_of(c.name):
            assert LEGAL.search(legal), f"{dataset.id}.{c.name} cites {legal!r}"
        if listed := dataset.listed_in(c.name):
            assert listed in codes.names() and not c.codes, f"{dataset.id}.{c.name} is of the list {listed!r}"


@every_dataset
def test_an_old_cards_number_stays_with_whom_it_is_of(dataset: Dataset) -> None:
    """The reader of an identity number puts an old card's into the row's field for it, which is that of whom the row is."""
    names = {c.name: c.reader for c in dataset.columns}
    moved = [name for name, reader in names.items() if reader == "identity_number"]
    assert moved in ([], ["identity_number"]), f"{dataset.id}: {moved}: declare another's with IDENTITY_OR_OLD_CARD"
    assert not moved or names.get("old_identity_number") == "old_identity_number", f"{dataset.id} has no field for an old card"


@pytest.mark.parametrize(
    ("dataset", "name"),
    [pytest.param(d, c.name, id=f"{d.id}.{c.name}") for d in DATASETS for c in d.columns if c.reader == "identity_or_old_card"],
)
def test_where_no_other_field_is_for_it_an_old_cards_number_stays_where_it_was_given(dataset: Dataset, name: str) -> None:
    at = fixtures.moment_of(dataset)
    rows = fixtures.good_rows(dataset, at)
    found = validate(
        dataset, fixtures.table(dataset, [{**row, dataset.column(name).source_column: "186123456"} for row in rows]), at
    )
    before = validate(dataset, fixtures.table(dataset, rows), at)
    assert found.accepted[name].to_pylist() == ["186123456"] * len(rows)
    assert found.accepted.drop_columns([name]).equals(before.accepted.drop_columns([name])), "it went into another's field too"
    assert found.remarks["rule"].to_pylist().count(f"{name}_is_old_card") == len(rows)


def test_systems_do_not_declare_the_same_field_each_for_itself() -> None:
    systems = defaultdict(set)
    for d in DATASETS:
        for c in d.columns:
            if not is_shared(d, c.name):
                systems[c.source_column, c.title, str(c.dtype), c.codes].add(d.source.name)
    twice = {field: sorted(names) for field, names in systems.items() if len(names) > 1}
    assert not twice, f"declared by hand in two systems: make each a term of schemas/terms.py: {twice}"


def users(name: str) -> set[str]:
    return {d.source.name for d in DATASETS for c in d.columns if d.term_of(c.name) == name}


@pytest.mark.parametrize("term", TERMS, ids=lambda t: t.name)
def test_a_term_is_used_by_two_systems(term: Term) -> None:
    """But for the ways of writing a date: a date is shared by all, however one system's services write it."""
    is_date = pa.types.is_temporal(term.type.pyarrow_dtype)
    assert len(users(term.name)) >= (1 if is_date else 2), f"{NAMED[term.name]} is shared by nobody: declare it in its system"


@pytest.mark.parametrize("shared", CLASSES, ids=lambda c: c.__name__)
def test_a_class_is_taken_over_by_two_systems(shared: type[Table]) -> None:
    assert len({d.source.name for d in DATASETS if issubclass(d.model, shared)}) >= 2


def test_all_systems_speak_of_periods_dates_and_places_in_the_same_words() -> None:
    """What no system can do without: where or when. Persons, households and money are in those that have them."""
    in_time = {"month", "year", "day", "instant", "compact_day", "compact_instant"}
    assert set().union(*map(users, in_time)) == {d.source.name for d in DATASETS}
    assert users("identity_number") | users("identity_or_old_card") >= {
        d.source.name for d in DATASETS if d.person_key == "identity_number"
    }


# --- that it can fail --------------------------------------------------------------------------------------------------------


class Careless(Table):
    father_identity_number: Series[Text] = field("dinh_danh_cha", "Cha", "Number of the father")
    card: Series[Text] = field("the", "Thẻ", "Card of the citizen", reader="identity_number")
    aunt: Series[Text] = field("co", "Tên cô", "Name of the aunt", reader="person_name")
    family: Series[Text] = field("ma_ho", "Mã gia đình", "Number of the family")
    home: Series[Text] = field("noi_o", "Nơi ở", "Home", reader="commune_code")
    seen_at: Series[Instant] = field("luc", "Lúc gặp", "Moment of the visit")
    fee_vnd: Series[Whole] = field("phi", "Phí", "Fee of the visit")
    cost: Series[Whole] = field("gia", "Giá", "What it costs", unit="đồng")
    folk: Series[Text] = field("nhom", "Nhóm", "People that one is of", codes="ethnicity")
    paper: Series[Text] = field("so_quyet_dinh", "Số giấy", "Number of the paper")
    is_well: Series[Flag] = field("khoe", "Khỏe", "Whether all is well")
    count: Series[Whole] = field("so", "Số lần", "Number of visits", unit="lần")


def test_a_field_that_is_declared_by_hand_is_named() -> None:
    found = {c.name: term.name for c, term in reversed(by_hand(list(columns_of(Careless))))}
    assert found == {
        "father_identity_number": "identity_number",
        "card": "identity_number",
        "aunt": "full_name",
        "family": "household_id",
        "home": "commune_code",
        "seen_at": "instant",
        "fee_vnd": "amount",
        "cost": "amount",
        "folk": "ethnicity_code",
        "paper": "decision_number",
    }


def test_a_term_keeps_what_makes_its_kind() -> None:
    with pytest.raises(TypeError):
        terms.IDENTITY_NUMBER.field(reader="text")
    with pytest.raises(TypeError, match="amount names its source column"):
        terms.AMOUNT.field(title="Số tiền")
