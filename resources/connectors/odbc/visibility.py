"""By what a source may show this login a part of its rows: policies, and views and functions that ask who is reading."""

from collections.abc import Iterator
from dataclasses import dataclass

from resources.connectors.comments import without_comments
from resources.connectors.odbc.dialects.dialect import Relation
from resources.connectors.odbc.sessions import Session
from resources.servers.names import listed, shown

MOST = 200  # relations and functions that are looked at beneath one view


def hidden(session: Session, relation: Relation) -> list[str]:
    """In words, what may hide rows of a relation, or of anything that it reads as far as its text names it."""
    found: list[str] = []
    for thing in _read_by(session, relation):
        if not thing.is_routine and (query := session.dialect.policies(thing.schema, thing.name)) is not None:
            # A table that a view reads and this login may not see has policies of which it is told nothing.
            names = [policy for policy, *_ in session.rows(query)] if thing.relation is not None else [None]
            policies = [shown(policy, "chính sách") for policy in names if policy is not None]
            if None in names:
                found.append(f"không được xem {thing.told} có bảo mật theo dòng hay không ({session.dialect.shows})")
            if policies:
                found.append(f"{thing.told} có bảo mật theo dòng, chính sách ({listed(policies)})")
        if not thing.is_made_of_text:
            continue
        if thing.text is None:
            found.append(
                f"không được xem định nghĩa của {thing.told}, nên không biết nó có hỏi ai đang đọc ({session.dialect.shows})"
            )
        elif asks := session.dialect.asks.search(without_comments(thing.text)):
            found.append(f"{thing.told} hỏi ai đang đọc ({asks[0].lower().rstrip('( ')})")
    return found


def beneath(session: Session, relation: Relation) -> list[str]:
    """Why the tables that a view reads cannot be read in one snapshot, in words; of those that this login may not see, nothing."""
    found = ((thing.told, thing.relation.faults) for thing in _read_by(session, relation) if thing.relation is not None)
    return [f"khung nhìn đọc {told}: {fault}" for told, faults in found for fault in faults]


@dataclass(frozen=True)
class _Thing:
    """A table, view or function that is read. `text`: what it is made of, None where this login may not know."""

    schema: str
    name: str
    is_routine: bool
    relation: Relation | None
    text: str | None

    @property
    def is_made_of_text(self) -> bool:
        return self.is_routine or (self.relation is not None and self.relation.is_view)

    @property
    def told(self) -> str:
        kind = "hàm" if self.is_routine else "khung nhìn" if self.is_made_of_text else "bảng"
        return f"{kind} {shown(self.schema, 'lược đồ')}.{shown(self.name, 'tên')}"


def _read_by(session: Session, relation: Relation) -> Iterator[_Thing]:
    """The relation itself, and what the texts beneath it name."""
    waiting: list[tuple[str, str, bool]] = [(relation.schema, relation.table, False)]
    seen: set[tuple[str, str, bool]] = set()
    while waiting and len(seen) < MOST:
        place = schema, name, is_routine = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        rows = [] if is_routine else session.rows(session.dialect.relation(schema, name))
        found = session.dialect.as_relation(rows[0], ()) if rows else None
        text = None
        if is_routine or (found is not None and found.is_view):
            told = session.rows((session.dialect.routine if is_routine else session.dialect.view)(schema, name))
            text = "".join(str(part) for part, *_ in told) if told and told[0][0] is not None else None
        yield _Thing(schema, name, is_routine, found, text)
        waiting += [(of or schema, named, called) for of, named, called in session.dialect.named(text or "")]
        if text and (query := session.dialect.reads(schema, name)):
            waiting += [(str(of), str(read), bool(int(called or 0))) for of, read, called in session.rows(query)]
