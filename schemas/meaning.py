"""What a piece of our code means, as text: neither a comment, a message, an annotation nor the place of the code is part of it.

A function's text is its own code and that of all that it names: functions, classes, constants, and the rows of the dated
tables that it asks for. Nothing is run but the functions that read those tables. No dataset is known here; what of one is
described stands in schemas/to_fingerprint.py.
"""

import ast
import dataclasses
import datetime as dt
import decimal
import functools
import hashlib
import re
import sys
import types
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa_pandas
import pyarrow as pa

OURS = "schemas"
# Fields of our records that nobody judges by: words for people, and where a figure was read.
SILENT = frozenset({"message", "title", "description", "meaning", "label_vi", "label_en", "legal", "legal_basis", "ref"})
# What is written to people is no part of what is judged.
WORDS = "schemas.messages"
_ONE_DAY = dt.timedelta(days=1)
_PLAIN = (type(None), bool, int, float, str, bytes, decimal.Decimal, dt.timedelta, np.generic, np.dtype, pa.DataType, pa.Schema)


class NotDescribed(TypeError):
    """Something that a rule or a reader names has no description: a change of it would go unseen."""


@dataclasses.dataclass(frozen=True)
class Meaning:
    """`texts`: one for each function, class, constant and table; `turns`: the days on which one of these tables changes."""

    texts: frozenset[str]
    turns: frozenset[dt.date]

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(sorted(self.texts)).encode()).hexdigest()

    def turned(self, on: dt.date) -> int:
        """How many of the turns had come on a day: with the same number, the same rows hold."""
        return sum(day <= on for day in self.turns)


@dataclasses.dataclass
class _Part:
    """The text of one thing, and the things that it names."""

    text: str = ""
    named: list[Any] = dataclasses.field(default_factory=list)
    days: set[dt.date] = dataclasses.field(default_factory=set)


@dataclasses.dataclass(frozen=True)
class _Rows:
    """The rows of a dated table that one lookup asks for; `name` None: which ones cannot be told from the code."""

    lookup: Any
    name: str | None


@dataclasses.dataclass(frozen=True)
class _Constant:
    name: str
    value: Any


def meaning(things: Iterable[Any], apart: Collection[Any] = ()) -> Meaning:
    """The meaning of some functions, classes, records or values, with all that they name but for what is `apart`.

    Raises NotDescribed where one names what has no description.
    """
    left, seen, found = list(things), {_key(thing) for thing in apart}, []
    while left:
        thing = left.pop()
        if _key(thing) in seen:
            continue
        seen.add(_key(thing))
        part = _part(thing)
        found.append(part)
        left += part.named
    return Meaning(
        frozenset(part.text for part in found), frozenset(day for part in found for day in part.days if day > dt.date.min)
    )


def _key(thing: Any) -> Any:
    if isinstance(thing, _Rows):
        return id(thing.lookup.rows_named), thing.name
    return id(thing.value) if isinstance(thing, _Constant) else id(thing)


_parts: dict[Any, tuple[Any, _Part]] = {}  # what code names is the same for all that names it


def _part(thing: Any) -> _Part:
    kept = _parts.get(_key(thing))
    if kept is None:
        kept = _parts[_key(thing)] = thing, _described(thing)  # with the thing itself, so that no id is given twice
    return kept[1]


def _described(thing: Any) -> _Part:
    if isinstance(thing, _Rows):
        return _value((thing.name, [*thing.lookup.rows_named(thing.name)]))
    if isinstance(thing, _Constant):
        return _value((thing.name, thing.value))
    if isinstance(thing, types.FunctionType | type | functools._lru_cache_wrapper):
        return _code(thing)
    return _value(thing)


def _value(thing: Any) -> _Part:
    part = _Part()
    part.text = _text(thing, part)
    return part


def _text(thing: Any, part: _Part) -> str:
    """A value as text; what it holds of functions and classes of ours is named in it and described apart."""
    if isinstance(thing, dt.date):
        day = thing.date() if isinstance(thing, dt.datetime) else thing
        part.days |= {day} if day >= dt.date.max else {day, day + _ONE_DAY}
        return repr(thing)
    if isinstance(thing, _PLAIN):
        return repr(thing) if isinstance(thing, str | bytes) else str(thing)
    if isinstance(thing, tuple | list):
        return f"[{', '.join(_text(each, part) for each in thing)}]"
    if isinstance(thing, set | frozenset):
        return f"{{{', '.join(sorted(_text(each, part) for each in thing))}}}"
    if isinstance(thing, Mapping):
        spoken = ((k, v) for k, v in thing.items() if k not in SILENT)
        return f"{{{', '.join(sorted(f'{_text(k, part)}: {_text(v, part)}' for k, v in spoken))}}}"
    if isinstance(thing, re.Pattern):
        return f"re({thing.pattern!r}, {thing.flags})"
    if isinstance(thing, np.ndarray):
        return f"array({thing.dtype}, {thing.shape}, {hashlib.sha256(thing.tobytes()).hexdigest()})"
    if isinstance(thing, pa.Array | pa.ChunkedArray):
        return _text(thing.to_pylist(), part)
    if isinstance(thing, pa.Scalar):
        return _text(thing.as_py(), part)
    if isinstance(thing, pd.ArrowDtype):
        return str(thing)
    if isinstance(thing, pa_pandas.Check):
        own = "" if thing.statistics else _text(thing._check_fn, part)
        return f"check({thing.name}, {_text(thing.statistics or {}, part)}, {own})"
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        fields = (f.name for f in dataclasses.fields(thing) if f.name not in SILENT)
        return f"{type(thing).__name__}({', '.join(f'{name}={_text(getattr(thing, name), part)}' for name in fields)})"
    if isinstance(thing, functools.partial):
        return f"partial({_text(thing.func, part)}, {_text(thing.args, part)}, {_text(thing.keywords, part)})"
    name, module = getattr(thing, "__name__", None), getattr(thing, "__module__", None)
    if isinstance(name, str) and _is_ours(thing):
        part.named.append(thing)
        return name
    if isinstance(name, str) or module == "typing":
        return f"{module}.{name or thing}"
    raise NotDescribed(f"{type(thing).__module__}.{type(thing).__name__} has no description in schemas/meaning.py")


def _is_ours(thing: Any) -> bool:
    return (getattr(thing, "__module__", None) or "").split(".")[0] == OURS


def _code(thing: Any) -> _Part:
    """The code of a function or class.

    A function without parameters whose answer is kept is a table: what it holds counts.
    """
    whole = thing
    if isinstance(thing, functools._lru_cache_wrapper):
        if _is_table(thing):
            return _value((thing.__name__, thing()))
        thing = thing.__wrapped__
    node = _node(thing)
    scope = _scope(thing)
    part = _Part()
    lookup = hasattr(whole, "rows_named")  # the rows that it reads are told by who asks
    calls = {id(call.func): call for call in ast.walk(node) if isinstance(call, ast.Call)}
    inside: set[int] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Import | ast.ImportFrom):
            raise NotDescribed(f"{thing.__module__}.{thing.__qualname__} imports inside: what it names cannot be followed")
        if isinstance(each, ast.Attribute | ast.Name) and id(each) not in inside:
            inside |= {id(inner) for inner in ast.walk(each)}
            for name, found in _resolved(each, scope):
                _note(part, name, found, calls.get(id(each)), lookup)
    part.text = ast.unparse(node)
    return part


def _note(part: _Part, name: str, found: Any, call: ast.Call | None, in_lookup: bool) -> None:
    """What a name stands for is described apart, and once."""
    if hasattr(found, "rows_named"):
        asked = call.args[0] if call and call.args else None
        constant = asked.value if isinstance(asked, ast.Constant) and isinstance(asked.value, str) else None
        if not in_lookup:
            part.named.append(_Rows(found, constant))
        part.named.append(found)
    elif isinstance(found, types.FunctionType | type | functools._lru_cache_wrapper):
        if _is_ours(found) and found.__module__ != WORDS and not (in_lookup and _is_table(found)):
            part.named.append(found)
    elif not isinstance(found, types.ModuleType | types.BuiltinFunctionType) and _is_constant(found):
        part.named.append(_Constant(name, found))


def _is_table(found: Any) -> bool:
    return isinstance(found, functools._lru_cache_wrapper) and not found.__wrapped__.__code__.co_argcount


def _is_constant(found: Any) -> bool:
    """Of other people's libraries only what holds a value of ours is described; their code is not."""
    return not callable(found) or isinstance(found, functools.partial)


def _resolved(node: ast.Attribute | ast.Name, scope: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a dotted name stands for, as far as it leads through modules of ours."""
    names: list[str] = []
    root: ast.AST = node
    while isinstance(root, ast.Attribute):
        names.append(root.attr)
        root = root.value
    if not isinstance(root, ast.Name) or root.id not in scope:
        return
    name, found = root.id, scope[root.id]
    while isinstance(found, types.ModuleType):
        if found.__name__.split(".")[0] != OURS or found.__name__ == WORDS or not names:
            return
        name = names.pop()
        if not hasattr(found, name):  # the name of a module, given to something else inside
            return
        found = getattr(found, name)
    yield name, found


def _scope(thing: Any) -> dict[str, Any]:
    if isinstance(thing, type):
        return dict(vars(sys.modules[thing.__module__]))
    closed = {}
    for name, cell in zip(thing.__code__.co_freevars, thing.__closure__ or (), strict=True):
        closed[name] = cell.cell_contents
    return {**thing.__globals__, **closed}


@functools.cache
def _tree(file: str) -> ast.Module:
    return ast.parse(Path(file).read_text(encoding="utf-8"))


@functools.cache
def _by_line(file: str) -> dict[tuple[type, int], ast.AST]:
    """A function by the line that it begins on, as its compiled code tells it: that of its first decorator."""
    found: dict[tuple[type, int], ast.AST] = {}
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.FunctionDef):
            found[ast.FunctionDef, min([node.lineno, *(d.lineno for d in node.decorator_list)])] = node
        elif isinstance(node, ast.Lambda):
            found.setdefault((ast.Lambda, node.lineno), node)
    return found


def _node(thing: Any) -> ast.AST:
    """The code of a function or class, bare: without docstrings, decorators, annotations."""
    if isinstance(thing, type):
        file, names = sys.modules[thing.__module__].__file__ or "", thing.__qualname__.split(".")
        body: Any = _tree(file)
        for name in names:
            body = next((n for n in body.body if isinstance(n, ast.ClassDef) and n.name == name), None)
            if body is None:
                raise NotDescribed(f"{thing.__module__}.{thing.__qualname__} is not found in its file")
        found: ast.AST = body
    else:
        kind = ast.Lambda if thing.__name__ == "<lambda>" else ast.FunctionDef
        at = _by_line(thing.__code__.co_filename).get((kind, thing.__code__.co_firstlineno))
        if at is None:
            raise NotDescribed(f"{thing.__module__}.{thing.__qualname__} is not found in its file")
        found = at
    return _Bare().visit(ast.parse(ast.unparse(found)).body[0])


class _Bare(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg):
            if arg is not None:
                arg.annotation = None
        node.returns = None
        return self._without_words(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._without_words(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def _without_words(self, node: Any) -> ast.AST:
        node.decorator_list = []
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            node.body = node.body[1:] or [ast.Pass()]
        return self.generic_visit(node)
