"""Headings: where in a sheet the line of headings stands, and which declared column each of them is.

The line, or the two to four lines, with most declared headings is the heading, whatever stands around it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_

from resources.workbooks.reading.wanted import Wanted
from resources.workbooks.reading.words import asides, folded, without_asides
from schemas.reading.characters import readings_of

LOOKED_AT = 80  # rows from the top of a sheet
DEEPEST = 4  # lines of one heading
ORDINALS = frozenset({"stt", "tt", "so tt", "so thu tu", "thu tu"})
SEXES = ("Nam", "Nữ")
_OTHERS = "cha|bo|me|vo|chong|chu ho|than nhan|nguoi giam ho|nguoi nhan thay|nguoi cham soc|nguoi nuoi duong"
OTHERS = tuple(f"{word} " for word in _OTHERS.split("|"))
LESS_SURE = 10
LONGEST = 600  # characters of a heading of several lines; the longest declared one has 86
_BRACKETS = frozenset("()[]")

Row = Sequence[str | None]
Merged = Sequence[tuple[int, int, int, int]]


def of_sex(name: str, sex: str) -> str:
    """What the column of one sex is called here: «Năm sinh» over «Nam» and «Nữ» are two of one column."""
    return f"{name}|{sex}"


@dataclass(frozen=True)
class Known:
    """The words by which columns are known: folded -> the column, and how surely (0 is surest)."""

    words: Mapping[str, tuple[str, int]]
    asked: dict[str, tuple[str, int] | None] = field(default_factory=dict, repr=False)
    spoken: dict[str, bool] = field(default_factory=dict, repr=False)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The single words of all of them."""
        return frozenset(" ".join(self.words).split())

    @classmethod
    def of(cls, columns: Sequence[Wanted], mapping: Mapping[str, str]) -> "Known":
        names = {c.name for c in columns}
        meant: list[dict[str, set[str]]] = [{h: {name} for h, name in mapping.items() if name in names}, {}, {}, {}]
        for column in columns:
            for text in (column.title, f"{column.title} {column.name}", column.name):
                meant[1].setdefault(folded(text), set()).add(column.name)
            for text in column.headings:
                meant[2].setdefault(folded(text), set()).add(column.name)
            for text, sex in _by_sex(column):
                meant[3].setdefault(folded(text), set()).add(of_sex(column.name, sex))
        words: dict[str, tuple[str, int]] = {}
        for level, found in enumerate(meant):
            for word, claimed in found.items():
                # A word for two columns tells neither; a number of the line is what almost every list begins with.
                if len(claimed) == 1 and word and (level == 0 or word not in ORDINALS):
                    words.setdefault(word, (next(iter(claimed)), level))
        return cls(words)

    def column(self, text: str) -> tuple[str, int] | None:
        if len(text) > LONGEST:
            return None
        if text not in self.asked:
            bare = None if any(map(_is_other, asides(text))) else self.words.get(folded(without_asides(text)))
            self.asked[text] = self.words.get(folded(text)) or bare
        return self.asked[text]

    def may_speak(self, text: str) -> bool:
        """Whether a cell can be a heading or a line of one: false is sure. What a bracket opens may end in another line."""
        if len(text) > LONGEST:
            return False
        if text not in self.spoken:
            words = folded(text).split()
            of_all = any if _BRACKETS.intersection(text) else all
            self.spoken[text] = bool(words) and of_all(word in self.vocabulary for word in words)
        return self.spoken[text]


def _by_sex(column: Wanted) -> Iterator[tuple[str, str]]:
    """Headings of a column that is told apart by sex; a bare «Nam» beside «Nữ» has a mark, or whatever tells that there is one."""
    if column.kind in ("birth", "birth_year", "sex"):
        for sex in SEXES:
            yield from ((f"{text} {sex}", sex) for text in (column.title, *column.headings))
            if column.kind == "sex":
                yield sex, sex


@dataclass(frozen=True)
class Headings:
    """The places of the columns: `first` to `last` are the lines of the heading (from 0), `columns` maps a name to the number of its column.

    A column that is told apart by sex stands there under two names (`of_sex`).
    """

    first: int
    last: int
    columns: Mapping[str, int]
    twice: tuple[str, ...]  # columns that two headings claim equally
    unknown: tuple[tuple[int, str], ...]  # headings of no declared column: number of the column, text
    lines: tuple[tuple[str | None, ...], ...]  # as they stand
    encoding: str | None
    above: tuple[Row, ...] = ()  # the lines before the heading, in that encoding

    @property
    def names(self) -> frozenset[str]:
        """The columns that are there, however they are told."""
        return frozenset(name.partition("|")[0] for name in self.columns)


@dataclass(frozen=True)
class Top:
    """The first rows of a sheet, among which its heading is: as they are (None), and in each encoding in which they may be written."""

    readings: Mapping[str | None, Sequence[Row]]
    merged: Mapping[int, Merged]  # by their first row

    @classmethod
    def of(cls, rows: Sequence[Row], merged: Merged) -> "Top":
        odd = {text: readings_of(text) for row in rows for text in row if text and len(text) <= LONGEST and not text.isascii()}
        read = {
            name: [[odd[text].get(name, text) if text in odd else text for text in row] for row in rows]
            for name in sorted({name for readings in odd.values() for name in readings})
        }
        by_row = defaultdict(list)
        for cells in merged:
            by_row[cells[0]].append(cells)
        return cls({None: rows, **read}, by_row)


def find(top: Top, known: Known) -> Headings | None:
    """The heading among the first rows of a sheet; None where no line holds two declared headings."""
    best: tuple[int, Headings] | None = None
    for encoding, rows in top.readings.items():
        filled = [any(row) for row in rows]
        places = _may_speak(rows, top.merged, known)
        for depth in range(1, DEEPEST + 1):
            for first in range(len(rows) - depth + 1):
                # A line above the heading, or a line of data under it, adds nothing: the fewest lines with most headings are it.
                most = reduce(or_, places[first : first + depth]).bit_count()
                if most <= (best[0] if best else 0) or not filled[first] or not filled[first + depth - 1]:
                    continue
                found = _at(top, encoding, first, depth, known)
                if found and (best is None or len(found.columns) > best[0]):
                    best = len(found.columns), found
        if best and best[0] > 1 and not _says_more_otherwise(best[1], known):
            break
    return best[1] if best and best[0] >= min(2, len({name for name, _ in known.words.values()})) else None


def _may_speak(rows: Sequence[Row], merged: Mapping[int, Merged], known: Known) -> list[int]:
    """For each row the columns (a bit for each) where a heading may stand: the cells that can be one, and those that such a cell is
    read for as well. Most rows have none or few, and no heading of so few columns is looked for in them."""
    found = []
    for row in rows:
        bits, speaks = 0, False
        for place, text in enumerate(row):
            speaks = known.may_speak(text) if text and not text.isspace() else speaks
            bits |= speaks << place
        found.append(bits)
    for top, left, bottom, right in (cells for row in sorted(merged) for cells in merged[row]):
        if top < len(rows) and found[top] >> left & 1:
            under = (1 << min(right + 1, len(rows[top]))) - (1 << left)
            for row in range(top, min(bottom + 1, len(rows))):
                found[row] |= under
    return found


def _says_more_otherwise(found: Headings, known: Known) -> bool:
    """Whether a heading that means nothing as it was read is a declared one in another encoding."""
    odd = [text for _, text in found.unknown if len(text) <= LONGEST and not text.isascii()]
    return any(known.column(read) for text in odd for read in readings_of(text).values())


def _at(top: Top, encoding: str | None, first: int, depth: int, known: Known) -> Headings | None:
    rows = top.readings[encoding]
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    unknown = []
    for place, parts in enumerate(zip(*_filled(rows, first, depth, top.merged), strict=True)):
        texts = [text for text in dict.fromkeys(parts) if text]
        if not texts:
            continue
        meant = known.column(" ".join(texts)) or known.column(" ".join(reversed(texts))) or _alone(texts, bool(parts[-1]), known)
        if meant:
            found[meant[0]].append((meant[1], place))
        elif folded(texts[-1][:LONGEST]) not in ORDINALS:
            unknown.append((place, " ".join(texts)))
    for name in [name for name in found if "|" in name]:
        of, _, sex = name.partition("|")
        if of in found or not all(of_sex(of, other) in found for other in SEXES):  # one alone is no pair
            unknown += [(place, sex) for _, place in found.pop(name)]
    if not found:
        return None
    surest = {name: sorted(places) for name, places in found.items()}
    return Headings(
        first,
        first + depth - 1,
        {name: places[0][1] for name, places in surest.items()},
        tuple(name for name, places in surest.items() if len(places) > 1 and places[0][0] == places[1][0]),
        tuple(unknown),
        tuple(tuple(top.readings[None][at]) for at in range(first, first + depth)),
        encoding,
        tuple(rows[:first]),
    )


def _alone(texts: Sequence[str], is_deep: bool, known: Known) -> tuple[str, int] | None:
    """What one of several lines says without the others, less surely; the year of birth under «Cha» is that of another person."""
    if len(texts) == 1 or any(map(_is_other, texts[:-1])):
        return None
    met = (known.column(text) for text in (texts[-1:] if is_deep else reversed(texts)))
    return next(((name, level + LESS_SURE) for name, level in filter(None, met)), None)


def _is_other(text: str) -> bool:
    """Whether it speaks of somebody beside the person whose row it is."""
    return f"{folded(text[:LONGEST])} ".startswith(OTHERS)


def _filled(rows: Sequence[Row], first: int, depth: int, merged: Mapping[int, Merged]) -> list[list[str]]:
    """The lines of a heading, each cell with the text of the merged cell that it is a part of."""
    lines = [[" ".join((text or "").split()) for text in rows[first + at]] for at in range(depth)]
    for top, left, bottom, right in (cells for at in range(depth) for cells in merged.get(first + at, ())):
        if bottom < first + depth and left < len(lines[0]):
            text = lines[top - first][left]
            for line in lines[top - first : bottom - first + 1]:
                line[left : right + 1] = [text] * len(line[left : right + 1])
    if (
        not merged
    ):  # a CSV file and .ods tell none: what stands above two headings belongs to both, up to the next beside or over it
        has = [[bool(text) for text in line] for line in lines]
        for number, line in enumerate(lines):
            under = [any(column) for column in zip(*has[number + 1 :], strict=True)] or [False] * len(line)
            over = [any(column) for column in zip(*has[:number], strict=True)] or [False] * len(line)
            for at in range(1, len(line)):
                if not line[at] and line[at - 1] and under[at] and under[at - 1] and not over[at]:
                    line[at] = line[at - 1]
    return lines
