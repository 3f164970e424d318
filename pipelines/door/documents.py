"""What a GraphQL document asks for, as its parser says, and what it may on each road.

Reading goes by GET, all but subscriptions by POST, subscriptions alone by a WebSocket. A document is judged by all of its
operations, whichever of them is named: a document of two kinds has no use but to slip through.
"""

from functools import lru_cache

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    parse,
)

from pipelines.door.pages import Refusal

# Twice to seven times the largest that the UI asks for in 1.13.27: 7,900 characters, 760 tokens, 20 deep.
MOST_CHARACTERS = 50_000
MOST_TOKENS = 5_000
DEEPEST = 40

BY_GET = frozenset({"query"})
BY_POST = frozenset({"query", "mutation"})
BY_WEBSOCKET = frozenset({"subscription"})


def refuse_document(text: object, allowed: frozenset[str]) -> None:
    if not isinstance(text, str):
        raise Refusal(400, "Thiếu câu truy vấn", "Yêu cầu phải có đúng một <code>query</code>, là văn bản GraphQL.")
    if kinds(text) - allowed:
        if "mutation" in kinds(text) and allowed is BY_GET:
            words = "Thay đổi chỉ được gửi bằng POST, với Content-Type: application/json."
            raise Refusal(405, "Không nhận thay đổi bằng GET", words, {"Allow": "POST"})
        raise Refusal(400, "Loại truy vấn không đi đường này", f"Đường này chỉ nhận: {', '.join(sorted(allowed))}.")


@lru_cache(maxsize=128)  # the UI asks the same few dozen, again and again
def kinds(text: str) -> frozenset[str]:
    """The kinds of operation in a document, which is refused where it is none, or more than any page of the UI asks for."""
    try:
        document = parse(
            text, max_source_length=MOST_CHARACTERS, max_lexical_tokens=MOST_TOKENS, max_comments=1_000, no_location=True
        )
        is_deep = _depth(document) > DEEPEST
    except GraphQLError:
        raise Refusal(400, "Câu truy vấn không đọc được hoặc quá lớn", "Kiểm tra văn bản GraphQL.") from None
    except RecursionError:
        is_deep = True
    if is_deep:
        raise Refusal(400, "Câu truy vấn lồng quá sâu", f"Nhận nhiều nhất {DEEPEST} tầng.")
    return frozenset(d.operation.value for d in document.definitions if isinstance(d, OperationDefinitionNode))


def _depth(document: DocumentNode) -> int:
    """How deep the answer would nest, fragments laid out."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    known: dict[str, int] = {}

    def of(selections: SelectionSetNode | None) -> int:
        return 1 + max(map(below, selections.selections), default=0) if selections else 0

    def below(node: SelectionNode) -> int:
        if not isinstance(node, FragmentSpreadNode):
            return of(node.selection_set)  # ty: ignore[missing-attribute]
        name = node.name.value
        if name not in known:
            known[name] = DEEPEST + 1  # what a fragment within itself comes to
            known[name] = of(fragments[name].selection_set) if name in fragments else 0
        return known[name]

    return max((of(d.selection_set) for d in document.definitions if isinstance(d, OperationDefinitionNode)), default=0)
