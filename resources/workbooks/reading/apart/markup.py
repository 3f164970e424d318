"""XML of strangers: parsed as a stream, never as a tree; a document type, which could define entities, is refused."""

from collections.abc import Callable, Iterable
from typing import Any
from xml.parsers import expat

from resources.workbooks.reading.apart.refusing import Refused, broken

Attributes = dict[str, str]


def local(name: str) -> str:
    return name if ":" not in name else name.rpartition(":")[2]


def parse(
    pieces: Iterable[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Names come without their prefixes, attributes with them."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise Refused("FileBroken", why="XML có DOCTYPE")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(local(name), attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError):  # the latter two of encodings that there are not
        raise broken("XML sai") from None
