"""A source as others change it: a statement and what takes it back, views and policies, and who reads it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from resources.servers.connecting import libpq_uri
from schemas.dataset import Dataset
from schemas.registry import dataset_named
from tests.integration.province import Province


def told(card: dict) -> list[str]:
    """The failures of a night, each once."""
    return list(dict.fromkeys(card["failures"]))


@contextmanager
def changed(made: Province, *there_and_back: tuple[str, str]) -> Iterator[None]:
    """The source with these changes, each given with what takes it back."""
    with ExitStack() as stack:
        for there, back in there_and_back:
            made.change("poverty", there)
            stack.callback(made.change, "poverty", back)
        yield


FILTERED = (
    ("create policy theo_xa on hn_thanh_vien for select using (ma_xa_goc < '17000')", "drop policy theo_xa on hn_thanh_vien"),
    ("alter table hn_thanh_vien enable row level security", "alter table hn_thanh_vien disable row level security"),
)


def view_of(table: str, *, where: str = "true") -> tuple[tuple[str, str], ...]:
    return (
        (f"create view khung_nhin as select * from {table} where {where}", "drop view khung_nhin"),
        ("grant select on khung_nhin to poverty_reader", "select 1"),
    )


def body(language: str, text: str) -> str:
    return f"returns text language {language} stable as $$ {text} $$"


def reader_url(made: Province) -> str:
    return libpq_uri(made.server.url("source_poverty", "poverty_reader"))


def households() -> Dataset:
    return dataset_named("poverty.households")
