"""What the other side says, made safe where it enters: nothing downstream has to clean it again.

A text becomes one line of printable characters that neither a terminal, a table, a page nor PostgreSQL obeys, without our
secrets, and cut. What it tells is about the packet, and a packet holds no person: an echo of it says nothing new.
"""

import base64
import json
import math
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

from resources import strict_json

LONGEST_REASON = 400
REASONS_KEPT = 20
LONGEST_CODE = 20
LONGEST_NAME = 200
LONGEST_TOKEN_LIFE = 3600.0  # seconds; one that says it lives for longer is asked for anew

# HTML, Markdown and the tables of a terminal give these a meaning: a picture of another host would be fetched by who reads of it.
_HARMLESS = str.maketrans("<>[]`", "‹›()'")
_NAME = re.compile(r"[^<>\[\]`]+")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,16384}")  # as RFC 6750 has it: nothing that ends a header
_SHORTEST_CODED = 6  # characters of a secret that is looked for as other writings of it, too


class Secrets:
    """Our secrets, and how a gateway that repeats what it was sent may write them."""

    def __init__(self, secrets: Iterable[str | None]) -> None:
        found = {form for secret in secrets if secret for form in _written(secret)}
        self._forms = sorted(found, key=len, reverse=True)

    def hidden(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, "***")
        return text


def _written(secret: str) -> set[str]:
    if len(secret) < _SHORTEST_CODED:
        return {secret}
    escaped = json.dumps(secret)[1:-1]  # so it stands in the partner's header
    forms = {secret, escaped, quote(secret, safe=""), quote_plus(secret)}
    for raw in {secret.encode(), escaped.encode()}:
        forms |= {raw.hex(), raw.hex().upper()}
        # Inside a longer text in base64 it stands in one of three ways; its first and last letters belong to its neighbours, too.
        for before in range(3):
            coded = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
            inner = coded[(0, 2, 3)[before] : len(coded) - 1]
            forms |= {inner, inner.translate(str.maketrans("+/", "-_"))}
    return forms


def at(content: Any, place: str) -> Any:
    """What stands in an envelope under a name, a dot between two levels; None where nothing does."""
    for name in place.split("."):
        content = content.get(name) if isinstance(content, dict) else None
    return content


def line(value: Any, secrets: Secrets, most: int = LONGEST_REASON) -> str:
    """A word or number of theirs as one harmless line; empty where it is neither."""
    if not isinstance(value, str | int | float):
        return ""
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return secrets.hidden(" ".join(text.split())).translate(_HARMLESS)[:most]


def name(value: Any) -> str | None:
    """A number or word of theirs that is kept as it is, since they will be asked about it by it; None: it is no such thing."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME or value != value.strip():
        return None
    return value if value.isprintable() and _NAME.fullmatch(value) else None


def code(content: Any, secrets: Secrets) -> str | None:
    """The code of an answer in the form of the contract: some gateways send a number."""
    found = content.get("error_code") if isinstance(content, dict) else None
    return line(found, secrets, LONGEST_CODE) if isinstance(found, str | int) else None


def reasons(content: Any, secrets: Secrets) -> tuple[str, ...]:
    """What the receiver says is wrong, as lines; `null` also comes as the word."""
    if not isinstance(content, dict):
        return ()
    error = content.get("error")
    lines = []
    for item in (error if isinstance(error, list) else [error])[:REASONS_KEPT]:
        parts = (
            [line(item.get(n), secrets) for n in ("duong_dan", "noi_dung")] if isinstance(item, dict) else [line(item, secrets)]
        )
        lines.append(": ".join(part for part in parts if part)[:LONGEST_REASON])
    told = [told for told in lines if told not in ("", "null")]
    return tuple(told or [told for told in [line(content.get("message"), secrets)] if told not in ("", "null")])


def token(content: Any) -> tuple[str, float] | None:
    """A token, and the seconds that it lives; None: it is none that can be sent back."""
    found = content.get("access_token") if isinstance(content, dict) else None
    if not isinstance(found, str) or not _TOKEN.fullmatch(found):
        return None
    try:
        seconds = float(content.get("expires_in") or 0)  # numbers come as strings from some gateways
    except (TypeError, ValueError, OverflowError):
        seconds = 0.0
    return found, 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_TOKEN_LIFE)


def parsed(body: bytes) -> Any:
    """The JSON of a body, a byte order mark forgiven. Raises ValueError, also of what different readers would read differently."""
    text = body.decode("utf-8-sig", "replace").strip()
    try:
        return strict_json.loads(text)
    except RecursionError:  # nested deeper than anything the contract knows
        raise ValueError from None
