"""Texts of run tags that are too long for Dagster's index of tags: `ops.long_texts`, each once, by a hash of itself."""

import hashlib

import sqlalchemy as sa


def id_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def keep(connection: sa.Connection, text: str) -> str:
    """Keep a text; its id. Kept again, nothing changes."""
    identity = id_of(text)
    connection.execute(
        sa.text("insert into ops.long_texts (id, body) values (:id, :body) on conflict do nothing"),
        {"id": identity, "body": text},
    )
    return identity


def find(connection: sa.Connection, identity: str) -> str | None:
    return connection.execute(sa.text("select body from ops.long_texts where id = :id"), {"id": identity}).scalar_one_or_none()
