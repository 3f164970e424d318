"""What a piece of our code means, as text: neither a comment, a message, an annotation nor the place of the code is part of it.

A function's text is its own code; what it names (functions, classes, constants, the rows of the dated tables that it asks for)
has texts of its own, and their digests stand behind it. Nothing is run but the functions that read those tables. Of libraries
only the names count. No dataset is known here; what of one is described stands in schemas/projections/fingerprint.py.
Rule and proof: docs/method/fingerprints.md.
"""

import ast
import contextlib
import dataclasses
import datetime as dt
import decimal
import functools
import hashlib
import inspect
import os
import re
import sys
import time
import types
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa_pandas
import pyarrow as pa

from schemas.dated import read_rows

OURS = "schemas"
# Fields of our records that nobody judges by: words for people, and where a figure was read.
SILENT = frozenset(
    {"message", "title", "description", "meaning", "label_vi", "label_en", "legal", "legal_basis", "ref", "weight"}
)
# What is written to people is no part of what is judged.
WORDS = "schemas.messages"
_BEGUN = time.time()  # a file that was written since may hold other code than runs
_UNFOLLOWED = frozenset({"open", "eval", "exec", "globals", "__import__"})
_UNTOLD = frozenset({"annotation", "returns", "type_comment", "ctx"})  # of the fields of code
_DAY = re.compile(r"(\d{4})(?:-|, )(\d{1,2})(?:-|, )(\d{1,2})", re.ASCII)  # in code, in a value's text and in a string alike
_SIMPLE = frozenset({type(None), bool, int, float, str, bytes, decimal.Decimal, dt.date, dt.datetime, dt.timedelta, range})
_PLAIN = (*_SIMPLE, dt.tzinfo, np.generic, np.dtype, pa.DataType, pa.Schema, pd.ArrowDtype)
_WITH_CODE = (types.FunctionType, type, functools._lru_cache_wrapper)


class NotDescribed(TypeError):
    """Something that a rule or a reader names has no description, or is not there: a change of it would go unseen."""


@dataclasses.dataclass(frozen=True)
class Meaning:
    """`texts`: one for each function, class, constant and table; `turns`: the days on which one of them may say otherwise."""

    texts: frozenset[str]
    turns: frozenset[dt.date]

    def __or__(self, other: "Meaning") -> "Meaning":
        return Meaning(self.texts | other.texts, self.turns | other.turns)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(sorted(self.texts)).encode()).hexdigest()

    def turned(self, on: dt.date) -> int:
        """How many of the turns had come on a day: with the same number, the same rows hold."""
        return sum(day <= on for day in self.turns)


@dataclasses.dataclass
class _Part:
    """The text of one thing, and the things that it names, each under the name that it has there."""

    text: str = ""
    named: list[tuple[str, Any]] = dataclasses.field(default_factory=list)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @cached_property
    def days(self) -> frozenset[dt.date]:
        """Every day that is written in the text, be it meant as a first or as a last one."""
        found = set()
        for written in set(_DAY.findall(self.text)):
            with contextlib.suppress(ValueError, OverflowError):
                day = dt.date(*map(int, written))
                found |= {day, day + dt.timedelta(days=1)}
        return frozenset(found)


@dataclasses.dataclass(frozen=True)
class _Rows:
    """The rows of a dated table that one lookup asks for; `name` None: which ones cannot be told from the code."""

    lookup: Any
    name: str | None


def unnamed(lookup: Any) -> _Rows:
    """What a lookup may read where the code does not tell the name: to be held apart where it is known otherwise."""
    return _Rows(lookup, None)


def meaning(things: Iterable[Any], apart: Collection[Any] = ()) -> Meaning:
    """The meaning of some functions, classes, records or values, with all that they name but for what is `apart`.

    Raises NotDescribed where one names what has no description.
    """
    left, texts, days = list(things), set(), set()
    beside = {_key(thing) for thing in apart}
    seen = set(beside)
    while left:
        thing = left.pop()
        if _key(thing) in seen:
            continue
        seen.add(_key(thing))
        part = _part(thing)
        named = [(name, found) for name, found in part.named if _key(found) not in beside]
        texts.add("\n".join([part.text, *sorted(f"{name}: {_part(found).digest}" for name, found in named)]))
        days |= part.days
        left += [found for _, found in named]
    return Meaning(frozenset(texts), frozenset(days))


def _key(thing: Any) -> Any:
    return (id(thing.lookup.rows_named), thing.name) if isinstance(thing, _Rows) else id(thing)


_parts: dict[Any, tuple[Any, _Part]] = {}  # what code names is the same for all that names it


def _part(thing: Any) -> _Part:
    kept = _parts.get(_key(thing))
    if kept is None:
        part = _described(thing)
        part.named = list({(name, _key(found)): (name, found) for name, found in part.named}.values())
        kept = _parts[_key(thing)] = thing, part  # with the thing itself, so that no id is given twice
    return kept[1]


def _described(thing: Any) -> _Part:
    if isinstance(thing, _WITH_CODE) and not _is_table(thing):
        return _code(thing)
    part, value = _Part(), thing
    if isinstance(thing, _Rows):
        rows = thing.lookup.rows_named(thing.name)
        if not rows and thing.name is not None:
            raise NotDescribed(f"{thing.lookup.__qualname__}({thing.name!r}) asks for what no row of its dated table is named")
        value = [{k: v for k, v in r.items() if k not in SILENT} if isinstance(r, dict) else r for r in rows]
    elif _is_table(thing):
        value = thing()
    part.text = _text(value, part)
    return part


def _text(thing: Any, part: _Part) -> str:
    """A value as text; what it holds of functions and classes of ours, and the classes of its records, are named in it."""
    if type(thing) in _SIMPLE:
        return repr(thing)
    if _is_ours(type(thing)):
        part.named.append((type(thing).__name__, type(thing)))
    if isinstance(thing, _PLAIN):
        return repr(thing)
    if isinstance(thing, tuple | list):
        return f"[{', '.join(_text(each, part) for each in thing)}]"
    if isinstance(thing, set | frozenset):
        return f"{{{', '.join(sorted(_text(each, part) for each in thing))}}}"
    if isinstance(thing, dict | types.MappingProxyType):
        return f"{{{', '.join(f'{_text(k, part)}: {_text(v, part)}' for k, v in thing.items())}}}"
    if isinstance(thing, re.Pattern):
        return f"re({thing.pattern!r}, {thing.flags})"
    if isinstance(thing, np.ndarray):
        values = hashlib.sha256(thing.tobytes()).hexdigest() if thing.dtype.kind in "biuf" else _text(thing.tolist(), part)
        return f"array({thing.dtype}, {thing.shape}, {values})"
    if isinstance(thing, pa_pandas.Check):
        return _check(thing, part)
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        fields = (f.name for f in dataclasses.fields(thing) if f.name not in SILENT)
        return f"{type(thing).__name__}({', '.join(f'{name}={_text(getattr(thing, name), part)}' for name in fields)})"
    if isinstance(thing, functools.partial):
        return f"partial({_text(thing.func, part)}, {_text(thing.args, part)}, {_text(thing.keywords, part)})"
    bound = getattr(thing, "__self__", None)
    if isinstance(thing, types.MethodType | types.BuiltinMethodType) and not isinstance(bound, types.ModuleType | None):
        return f"{thing.__name__} of {_text(bound, part)}"
    if isinstance(thing, _WITH_CODE) and _is_ours(thing):
        part.named.append((thing.__name__, thing))
        return f"{thing.__name__} {_part(thing).digest}"
    module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
    if isinstance(name, str) and getattr(sys.modules.get(module or ""), name, None) is thing:
        return f"{module}.{name}"
    raise NotDescribed(f"{type(thing).__module__}.{type(thing).__name__} has no description in schemas/meaning.py")


def _check(check: Any, part: _Part) -> str:
    name = getattr(check._check_fn, "__name__", "")
    does = name if check.is_builtin_check(name) else _text(check._check_fn, part)
    how = (check.element_wise, check.ignore_na, check.raise_warning, check.groupby, check.groups)
    return f"check({check.name}, {does}, {_text((check.statistics, check._check_kwargs, how), part)})"


def _is_ours(thing: Any) -> bool:
    return str(getattr(thing, "__module__", None)).split(".")[0] == OURS


def _is_table(thing: Any) -> bool:
    """A function without parameters whose answer is kept is a table: what it holds counts, not its code."""
    return isinstance(thing, functools._lru_cache_wrapper) and not inspect.signature(thing).parameters


def _code(thing: Any) -> _Part:
    """The code of a function or class, and the values that a function holds beside it."""
    rows = getattr(thing, "rows_named", None)  # of a lookup the rows that it reads are told by who asks
    told = {id(rows), *(id(found) for _, found, _ in _Told(rows).named() if _is_table(found))} if rows else set()
    code = _Told(thing)
    part = _Part(code.text)
    for name, found in code.held.items():
        if not isinstance(found, _WITH_CODE):
            part.text += f"\n{name} = {_text(found, part)}"
    for name, found, call in code.named():
        if id(found) in told or getattr(found, "__module__", None) == WORDS:
            continue
        if found is read_rows:
            if not rows:
                raise NotDescribed(f"{code.title} reads a file: a function without parameters has to hold its rows, and be kept")
            continue  # what it reads is told by the rows
        if isinstance(found, _WITH_CODE) and not _is_ours(found):
            continue
        if hasattr(found, "rows_named"):
            first = call.args[0] if call and call.args else None
            asked = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
            if asked is not None or found.rows_named is not rows:
                part.named.append((f"rows of {name}", _Rows(found, asked)))
        part.named.append((name, found))
    return part


def _is_module_of_ours(found: Any) -> bool:
    return isinstance(found, types.ModuleType) and found.__name__.split(".")[0] == OURS and found.__name__ != WORDS


class _Told:
    """A function or class: its code as text, without docstrings and annotations; what it names; the values that it holds."""

    def __init__(self, thing: Any) -> None:
        if isinstance(thing, functools._lru_cache_wrapper):
            thing = thing.__wrapped__
        self.title = f"{thing.__module__}.{thing.__qualname__}"
        self.held: dict[str, Any] = {}
        if isinstance(thing, type):
            self._scope: Mapping[str, Any] = vars(sys.modules[thing.__module__])
        else:
            cells = zip(thing.__code__.co_freevars, thing.__closure__ or (), strict=True)
            self.held = {name: cell.cell_contents for name, cell in cells}
            self._scope = {**thing.__globals__, **self.held}
            self.held |= {"by default": (thing.__defaults__, thing.__kwdefaults__)}
        self._names: list[tuple[list[str], ast.Call | None]] = []
        self._variables: set[str] = set()
        self.text = "\n".join(self._tell(node) for node in _nodes(thing, self.title))

    def named(self) -> Iterator[tuple[str, Any, ast.Call | None]]:
        """What the names stand for, as far as they lead through modules of ours, and the call of each.

        A name that a variable has too is followed all the same: rather too much than too little.
        """
        for (name, *behind), call in self._names:
            if name not in self._scope:
                if name in _UNFOLLOWED:
                    raise NotDescribed(f"{self.title} calls {name}: what it comes by cannot be followed")
                continue
            is_variable, found = name in self._variables, self._scope[name]
            while _is_module_of_ours(found) and behind and hasattr(found, behind[0]):
                name, *behind = behind
                found = getattr(found, name)
            if not isinstance(found, types.ModuleType):
                yield name, found, call
            elif _is_module_of_ours(found) and not is_variable:
                raise NotDescribed(f"{self.title} names {'.'.join([name, *behind])}: what of it is used cannot be told")

    def _tell(self, node: Any, parameters: frozenset[str] = frozenset(), inside: Any = None, call: Any = None) -> str:
        if isinstance(node, list):
            return f"[{', '.join(self._tell(each, parameters, inside) for each in node)}]"
        if isinstance(node, ast.Constant) or not isinstance(node, ast.AST):
            return repr(getattr(node, "value", node))
        if isinstance(node, ast.Import | ast.ImportFrom):
            raise NotDescribed(f"{self.title} imports inside: what it names cannot be followed")
        if isinstance(node, ast.Attribute | ast.Name) and (dotted := _dotted(node)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._variables.add(node.id)
            elif dotted[0] not in parameters:
                self._names.append((dotted, call))
            return ".".join(dotted)
        if isinstance(node, ast.AnnAssign) and inside is not ast.ClassDef:  # there, it makes a field of a record
            node = ast.Assign([node.target], node.value) if node.value else ast.Pass()
        of_body = parameters
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            a = node.args
            every = (*a.posonlyargs, *a.args, *a.kwonlyargs, *(more for more in (a.vararg, a.kwarg) if more))
            of_body = parameters | {each.arg for each in every}
        told = []
        for name, value in ast.iter_fields(node):
            if value is None or value == [] or name in _UNTOLD:
                continue
            if name == "decorator_list" and inside is None and isinstance(node, ast.FunctionDef):
                continue  # what they made of it is what is described
            if name == "body":
                value = value[1:] if _is_docstring(value) else value
                told.append(self._tell(value, of_body, type(node)))
            else:
                told.append(f"{name}={self._tell(value, parameters, type(node), node if name == 'func' else None)}")
        return f"{type(node).__name__}({', '.join(told)})"


def _dotted(node: Any) -> list[str]:
    """`rates.limit` as its names; nothing where it begins with a call, such as `numbers(frame, "birth_year").sum`."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return [node.id, *names] if isinstance(node, ast.Name) else []


def _is_docstring(body: Any) -> bool:
    first = body[0] if isinstance(body, list) else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def _nodes(thing: Any, title: str) -> list[Any]:
    """The code of a function or class as it stands in its file; of a lambda, that of all which begin on its line."""
    found: list[Any] = []
    if isinstance(thing, type):
        file = sys.modules[thing.__module__].__file__ or ""
        statements = _tree(file).body
        found = [node for node in statements if isinstance(node, ast.ClassDef) and node.name == thing.__qualname__]
    elif thing.__globals__["__name__"].split(".")[0] == OURS:  # else a decorator of a library made it, and cannot be followed
        file = thing.__code__.co_filename
        found = _functions(file, thing.__code__.co_firstlineno, thing.__code__.co_name)
    if not found:
        raise NotDescribed(f"the code of {title} is not found in its file")
    if os.stat(file).st_mtime > _BEGUN and not _codes(thing, file) <= _compiled(file):
        raise NotDescribed(f"the file of {title} is no longer what runs in this process: start it anew")
    return found


def _codes(thing: Any, file: str) -> set[types.CodeType]:
    """The compiled code of a function, or of what a class defines in its file."""
    made = [thing] if isinstance(thing, types.FunctionType) else [f for f in vars(thing).values() if hasattr(f, "__code__")]
    return {f.__code__ for f in made if f.__code__.co_filename == file}


@functools.cache
def _compiled(file: str) -> set[types.CodeType]:
    left, found = [compile(Path(file).read_text(encoding="utf-8"), file, "exec")], set()
    while left:
        code = left.pop()
        found.add(code)
        left += [inner for inner in code.co_consts if isinstance(inner, types.CodeType)]
    return found


def _functions(file: str, line: int, name: str) -> list[Any]:
    """The functions of a name that begin on a line, as compiled code tells it: that of the first decorator."""
    around = [statement for statement in _tree(file).body if _begins(statement) <= line <= (statement.end_lineno or 0)]
    if not (len(around) == 1 and getattr(around[0], "name", "") == name and _begins(around[0]) == line):
        around = [node for statement in around for node in ast.walk(statement)]
    functions = [node for node in around if isinstance(node, ast.FunctionDef | ast.Lambda)]
    return [node for node in functions if _begins(node) == line and getattr(node, "name", "<lambda>") == name]


def _begins(node: Any) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])


@functools.cache
def _tree(file: str) -> ast.Module:
    try:
        return ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError) as error:
        raise NotDescribed(f"there is no code to be read in {file}") from error
