"""The parts of the door that need no server: passes, addresses, what a document may hold, what an error tells."""

from pathlib import Path

import pytest
from graphql import GraphQLError

from pipelines.door.addresses import Addresses
from pipelines.door.documents import DEEPEST, kinds
from pipelines.door.failures import UiOriginWrong
from pipelines.door.pages import Refusal
from pipelines.door.passes import Passes
from resources.settings import Settings


def test_what_is_kept_opens_nothing_and_goes_with_the_ui(tmp_path: Path) -> None:
    passes, addresses = Passes(Settings("demo", tmp_path)), Addresses(3999)
    passes.open(3999)
    token, unused = (passes.link(addresses).partition("token=")[2] for _ in range(2))
    session = passes.enter(token, None)
    assert session and passes.session(session) and passes.port == 3999
    kept = [p for p in passes.folder.rglob("*") if p.is_file()]
    assert all(p.stat().st_mode & 0o77 == 0 for p in (*kept, *passes.folder.rglob("*"), passes.folder))
    assert {p.parent.name for p in kept} == {"links", "sessions", "door"}, "the link that nobody followed is among them"
    assert not any(secret in str(p) + p.read_text() for p in kept for secret in (token, unused, session))
    passes.open(3999)
    assert passes.session(session) is None
    passes.close()
    assert (
        passes.port is None
        and not passes.folder.exists()
        and passes.session(session) is None
        and passes.enter(token, None) is None
    )


@pytest.mark.parametrize(
    "text",
    [
        "ui.example.vn",
        "https://",
        "https://a b",
        "http://ui.example.vn",
        "https://u:p@ui.example.vn",
        "https://ui.example.vn/x",
        "ftp://a",
        "https://ui.example.vn:x",
        "https://ui.example.vn:99999",
        "https://ui.example.vn?x",
        "https://tỉnh.vn",
        "https://a\nb",
        "*",
        "https://[",
    ],
)
def test_a_malformed_origin_is_refused_without_being_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSINH_UI_ORIGIN", text)
    with pytest.raises(UiOriginWrong) as refused:
        Addresses.of(3000)
    assert text not in str(refused.value).replace("https://máy", "") or text == "https://"


def test_an_origin_is_taken_as_a_browser_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, origin in (
        ("https://UI.example.vn:443/", "https://ui.example.vn"),
        ("https://ui.example.vn:8443", "https://ui.example.vn:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
    ):
        monkeypatch.setenv("ANSINH_UI_ORIGIN", text)
        assert Addresses.of(3000).origin == origin
    monkeypatch.delenv("ANSINH_UI_ORIGIN")
    assert Addresses.of(3000).origin == "http://127.0.0.1:3000" and "127.0.0.1" in Addresses.of(80).hosts


def test_a_document_is_bounded() -> None:
    bomb = " ".join(f"fragment F{n} on T {{ x ...F{n + 1} ...F{n + 1} }}" for n in range(30))
    assert kinds("query { ...F0 } " + bomb) == {"query"}, "each fragment is looked at once"
    assert kinds("{ a " * DEEPEST + "}" * DEEPEST) == {"query"}
    nested = "{ a " * DEEPEST + "{ ...F }" + "}" * DEEPEST + " fragment F on T { b { c } }"
    for text in (
        "{ a " * (DEEPEST + 1) + "}" * (DEEPEST + 1),
        nested,
        "{ a " * 2_000 + "}" * 2_000,
        "query { ...F } fragment F on T { a { ...G } } fragment G on T { ...F }",
        "{ a(x: " + "[" * 2_000 + "]" * 2_000 + ") }",
        "{" + " a" * 6_000 + "}",
        "{ a }" + " " * 60_000,
    ):
        with pytest.raises(Refusal):
            kinds(text)


def test_an_error_of_graphql_tells_no_text_of_a_library() -> None:
    from pipelines.door.inner import _told

    hidden = _told(GraphQLError("select secret", path=["runs"], original_error=RuntimeError("select secret")))
    assert "select" not in str(hidden) and "RuntimeError" in hidden["message"] and hidden["path"] == ["runs"]
    assert _told(GraphQLError("Cannot query field 'x'"))["message"] == "Cannot query field 'x'", (
        "of the question, not of an answer"
    )
