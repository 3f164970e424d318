"""By what a source may show this login a part of its rows: policies, and views and functions that ask who is reading."""

import re

from resources.connectors.odbc.dialects.dialect import Relation
from resources.connectors.odbc.sessions import Session
from resources.servers.names import listed, shown

COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
MOST = 200  # relations and functions that are looked at beneath one view


def hidden(session: Session, relation: Relation) -> list[str]:
    """By what rows may be hidden, in words: of a relation, and of all that it reads as far as its texts name it."""
    found: list[str] = []
    waiting, seen = [(relation.schema, relation.table, False)], set()
    while waiting and len(seen) < MOST:
        schema, name, is_routine = place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        told = f"{shown(schema, 'lược đồ')}.{shown(name, 'tên')}"
        if not is_routine and (query := session.dialect.policies(schema, name)) is not None:
            policies = [shown(policy, "chính sách") for policy, *_ in session.rows(query)]
            if policies:
                found.append(f"{told} có bảo mật theo dòng, chính sách ({listed(policies)})")
        text = _text(session, schema, name, is_routine)
        if text is _NONE:
            continue
        kind = "hàm" if is_routine else "khung nhìn"
        if text is None:
            found.append(f"không được xem định nghĩa của {kind} {told}, nên không biết nó có hỏi ai đang đọc")
            continue
        if asks := session.dialect.asks.search(COMMENT.sub(" ", text)):
            found.append(f"{kind} {told} hỏi ai đang đọc ({asks[0].lower().rstrip('( ')})")
        waiting += session.dialect.named(text)
    return found


_NONE = ""  # no view, and nothing to look at


def _text(session: Session, schema: str, name: str, is_routine: bool) -> str | None:
    """The text of a view or function; None where this login may not know it."""
    if is_routine:
        rows = session.rows(session.dialect.routine(schema, name))
        return str(rows[0][0]) if rows and rows[0][0] is not None else None
    rows = session.rows(session.dialect.relation(schema, name))
    if not rows or not session.dialect.as_relation(rows[0], ()).is_view:
        return _NONE
    rows = session.rows(session.dialect.view(schema, name))
    return str(rows[0][0]) if rows and rows[0][0] is not None else None
