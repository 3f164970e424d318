"""Characters of Vietnamese text: what is clean, what can be mended, what was written with another encoding.

Decides on one cell only and never guesses. The order matters: encodings are judged on the cell as received, because a
soft hyphen is a letter in TCVN3 and a no-break space is half a letter in UTF-8 that was read as cp1252.
"""

import contextlib
import itertools
import re
import unicodedata
from collections.abc import Collection
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.dated import read_rows
from schemas.reading.cells import nulls, rows_at, spans

# pyright: reportAttributeAccessIssue=false

COMPOSED, RESTORED, CLEANED = "unicode_composed", "encoding_restored", "characters_cleaned"

_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
VOWELS = "aăâeêioôơuưy"
_ACCENTED = frozenset(unicodedata.normalize("NFC", v + t) for v in VOWELS for t in _TONES) | {"đ"}
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz") | _ACCENTED
LETTERS = LETTERS | frozenset(c.upper() for c in LETTERS)

_SPACES = re.compile("[\t\n\r\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_WIDE = {0xFEE0 + n: n for n in range(0x21, 0x7F)}
_LOOK_ALIKE = str.maketrans(
    "АВЕКМНОРСТУХІЈЅаеорсухіјѕһԁ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοια" + "ÐðƉı",
    "ABEKMHOPCTYXIJSaeopcyxijshd" + "ABEZHIKMNOPTYXoia" + "ĐđĐi",
)


# The scan of a whole column ----------------------------------------------------------------------------------------


def _pair_table(ascii_allowed: bytes) -> np.ndarray:
    """For each pair of neighbouring bytes, whether the first (with the second) is other than clean Vietnamese text."""
    bad = np.ones((256, 256), bool)
    bad[list(ascii_allowed), :] = False
    bad[0x20, 0x20] = True  # a double space
    bad[0x80:0xC0, :] = False  # judged with the byte before
    for letter in LETTERS:
        coded = letter.encode()
        if len(coded) > 1:
            bad[coded[0], coded[1]] = False
    return bad.T.ravel()  # indexed by first + 256 x second: two bytes as they lie in memory


_PRINTABLE = bytes(range(0x20, 0x7F))


@cache
def _table(kind: str) -> np.ndarray:
    # An apostrophe is of a few names, and alone none: each name with one is looked at by itself.
    return _pair_table(_PRINTABLE if kind == "text" else b" ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def dirty_rows(array: pa.Array, kind: str, longest: int) -> np.ndarray:
    """Rows of text that are not printable ASCII and composed Vietnamese letters with single spaces between, or are too long.

    A scan of the bytes of the whole column: a few nanoseconds for each, against a regular expression for each cell.
    """
    data, offsets = spans(array)
    count = len(array)
    size = np.diff(offsets)
    dirty = (size == 0) | (size > longest)
    if len(data):
        table = _table(kind)
        even, odd = (data[start : start + (len(data) - start) // 2 * 2].view("<u2") for start in (0, 1))
        found = [np.flatnonzero(table.take(even)) * 2, np.flatnonzero(table.take(odd)) * 2 + 1]
        if table[int(data[-1]) | 0x41 << 8]:
            found.append(np.array([len(data) - 1]))
        dirty |= rows_at(offsets, np.concatenate(found), count)
        filled = np.flatnonzero(size)
        edges = (data[offsets[filled]] == 0x20) | (data[offsets[filled + 1] - 1] == 0x20)
        dirty[filled[edges]] = True
    return dirty & ~nulls(array) if array.null_count else dirty  # below a null there may be bytes


@cache
def _letter_ids() -> tuple[np.ndarray, dict[str, int]]:
    """A number for each letter, upper and lower case apart; all else is the boundary of a word."""
    ids = {letter: n for n, letter in enumerate(sorted(LETTERS), 1)}
    table = np.zeros(0x10000, np.uint16)
    for letter, n in ids.items():
        table[ord(letter)] = n
    return table, ids


@cache
def _odd_pairs() -> np.ndarray:
    """Neighbouring letters that no Vietnamese syllable holds (of which one at least carries a mark), a letter with a mark that
    ends no syllable at the end of a word, a capital with a mark behind a small letter: what text of another encoding is full
    of. Other peoples' names without marks are not looked at."""
    _, ids = _letter_ids()
    size = len(ids) + 1
    first, last = {rhyme[0] for rhyme in _rhymes()}, {rhyme[-1] for rhyme in _rhymes()}
    # Of the parts of a syllable and of where they meet: of the syllables themselves it takes a fifth of a second.
    parts = [*_ONSETS, *_rhymes(), *(onset[-1:] + letter for onset in _ONSETS for letter in first)]
    allowed = {a + b for part in parts for a, b in itertools.pairwise(part)}
    odd = np.zeros((size, size), bool)
    for a, i in ids.items():
        odd[i, 0] = not a.isascii() and a.lower() not in last
        for b, j in ids.items():
            if a.isascii() and b.isascii():
                continue
            odd[i, j] = (a.lower() + b.lower()) not in allowed or (a.islower() and b.isupper() and not b.isascii())
    return odd.ravel()


def odd_words(array: pa.Array) -> np.ndarray:
    """Rows of names in which neighbouring letters do not fit together."""
    count = len(array)
    rows = pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), pc.fill_null(array, ""))
    text = pc.binary_join(rows, "\0")[0].as_py() + "\0"
    points = np.frombuffer(text.encode("utf-16-le", "replace"), "<u2")  # half of a letter beyond 16 bits is no letter of ours
    ends = np.flatnonzero(points == 0)
    if len(ends) != count:  # a NUL inside a name: each is looked at by itself
        return ~nulls(array)
    table, _ = _letter_ids()
    letters = table.take(points)
    pairs = letters[:-1] * np.uint16(len(LETTERS) + 1)
    pairs += letters[1:]
    found = np.flatnonzero(_odd_pairs().take(pairs))
    return rows_at(np.append(0, ends + 1), found, count)


# Syllables ---------------------------------------------------------------------------------------------------------

_ONSETS = ("", *"b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x".split())  # noqa: SIM905
_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et ê êch êm ên
ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay
oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng
uât uây uc uê uêch uên uênh uêt ui um un ung uôc uôi uôm uôn uông uôt up ut uơ uy uya uych uyên uyêt uyn uynh uyp uyt uyu ư
ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y ych yêm yên yêng yêt yêu yn ynh yp yt
""".split()  # noqa: SIM905


@cache
def _syllables() -> frozenset[str]:
    """Syllables of Vietnamese as they are written, the tone mark on any vowel of the rhyme (hoà and hòa are both in use)."""
    return frozenset(onset + rhyme for onset in _ONSETS for rhyme in _rhymes())


@cache
def _rhymes() -> frozenset[str]:
    found = set()
    for rhyme in _RHYMES:
        for at, letter in enumerate(rhyme):
            if letter in VOWELS:
                found.update(rhyme[:at] + unicodedata.normalize("NFC", letter + tone) + rhyme[at + 1 :] for tone in _TONES)
    return frozenset(found)


def _fits(word: str, any_case: bool) -> bool:
    """Whether a word is a syllable; as received, a capital behind a small letter is a sign of another encoding."""
    if word.lower() not in _syllables():
        return False
    return any_case or not any(a.islower() and b.isupper() for a, b in itertools.pairwise(word))


def _score(text: str, any_case: bool = False) -> tuple[int, int]:
    """Words with marks that are syllables, and those that are not."""
    words = [w for w in re.split(r"[\s'’.,-]+", text) if w and not w.isascii()]
    good = sum(_fits(w, any_case) for w in words)
    return good, len(words) - good


# Encodings ---------------------------------------------------------------------------------------------------------


@cache
def _legacy() -> dict[str, tuple[re.Pattern[str], dict[str, str]]]:
    tables: dict[str, dict[str, str]] = {"TCVN3": {}, "VNI": {}}
    for r in read_rows("reading", "legacy_fonts.csv"):
        if r["encoding"] in tables:
            tables[r["encoding"]][r["from"]] = r["to"]
    # One pass, the longest mark first: letter after letter would read its own output again.
    patterns = {name: "|".join(sorted(map(re.escape, table), key=len, reverse=True)) for name, table in tables.items()}
    return {name: (re.compile(patterns[name]), table) for name, table in tables.items()}


def _as_legacy(text: str) -> list[str]:
    """The text read as TCVN3, as VNI and as cp1258."""
    readings = [pattern.sub(lambda m, table=table: table[m[0]], text) for pattern, table in _legacy().values()]
    with contextlib.suppress(UnicodeError):
        readings.append(unicodedata.normalize("NFC", text.encode("cp1252").decode("cp1258")))
    return readings


def is_legacy(text: str) -> bool:
    """Whether the cell proves that it was written in an encoding before Unicode: as it stands some words cannot be
    Vietnamese, read in that encoding all of them are."""
    text = unicodedata.normalize("NFC", text)
    good, wrong = _score(text)
    if not wrong:
        return False
    for reading in _as_legacy(text):
        if reading != text:
            read_good, read_wrong = _score(reading, any_case=True)
            if not read_wrong and read_good > good:
                return True
    return False


# Encodings of a column ----------------------------------------------------------------------------------------------

GARBLED = "UTF-8 đọc nhầm thành cp1252"
_BY_COLUMN = ("TCVN3", "VNI", "cp1258")
_TRUSTED = 0.8  # of the words with marks that are syllables, below which an encoding explains nothing
_MIXED = (
    0.4  # of them as they stand, from which on two people wrote the column, and reading it as one would spoil the other's cells
)


def readings_of(text: str) -> dict[str, str]:
    """The text read in each encoding in which it may have been written before it was taken for another."""
    readings = dict(zip(_BY_COLUMN, _as_legacy(text), strict=False))
    back = restored(text)
    return readings if back is None else {**readings, GARBLED: back}


def encoding_of(texts: Collection[str]) -> str | None:
    """The encoding in which a column was written, by many of its cells together; None: it is what it says, or nobody knows.

    One name may be a name in two encodings. Of twenty joined none was, in thousands of columns tried.
    """
    scores: dict[str | None, list[int]] = {name: [0, 0] for name in (None, *_BY_COLUMN, GARBLED)}
    for text in texts:
        readings = readings_of(text)
        for name, score in scores.items():
            read = readings.get(name, text) if name else unicodedata.normalize("NFC", text)
            good, wrong = _score(read, any_case=name is not None)
            score[0] += good
            score[1] += wrong
    as_it_is = scores.pop(None)
    if not as_it_is[1]:
        return None
    name, (good, wrong) = max(scores.items(), key=lambda item: item[1][0] - 2 * item[1][1])
    better = good - 2 * wrong > as_it_is[0] - 2 * as_it_is[1] and good >= _TRUSTED * (good + wrong)
    is_mixed = name in ("TCVN3", "VNI") and as_it_is[0] > _MIXED * sum(as_it_is)
    return name if better and not is_mixed else None


def recoded(text: str, encoding: str, is_name: bool = False) -> str:
    """The text of a column of this encoding. Capitals of TCVN3 are another font of the small letters: a word with two is in capitals,
    and a name begins with one."""
    read = readings_of(text).get(encoding, text)
    if encoding != "TCVN3":
        return read
    words = [word.upper() if sum(letter.isupper() for letter in word) > 1 else word for word in read.split(" ")]
    return " ".join(word[:1].upper() + word[1:] if is_name else word for word in words)


def _bytes_of_cp1252(text: str) -> bytes | None:
    out = bytearray()
    for c in text:
        if "\x80" <= c <= "\x9f":  # the five bytes that cp1252 leaves undefined come through as they are
            out.append(ord(c))
            continue
        try:
            out += c.encode("cp1252")
        except UnicodeEncodeError:
            return None
    return bytes(out)


def restored(text: str) -> str | None:
    """The text behind UTF-8 that was read as cp1252 (once or twice); None where it is not that."""
    found = None
    for _ in range(2):
        if text.isascii():
            break
        raw = _bytes_of_cp1252(text)
        if raw is None:
            break
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            break
        found = text
    return found


# Mending -----------------------------------------------------------------------------------------------------------


def _latin(text: str) -> str:
    """Letters of other alphabets that look like ours, in words that become ours by it; other words stay."""
    if text.isascii() or not any(c in LETTERS for c in text):
        return text
    words = []
    for word in text.split(" "):
        if not all(c in LETTERS for c in word):
            mapped = "".join(c if c in LETTERS else _twin(c) for c in word)
            if all(c in LETTERS or not c.isalpha() for c in mapped):
                word = mapped
        words.append(word)
    return " ".join(words)


def _twin(letter: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", letter).translate(_LOOK_ALIKE))


def _visible(text: str) -> str:
    """The text without hidden characters and full-width ones, composed again: one may have stood between a letter and its mark."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _SPACES.sub(" ", text)).translate(_WIDE))


def mend(text: str) -> tuple[str, tuple[str, ...]]:
    """Text in composed Unicode without hidden characters, single spaces between words, and which repairs that took.

    Spaces at the ends and between words are nobody's fault worth a remark. What one repair uncovers is repaired too: a hidden
    character may have stood between two letters that are one letter read as cp1252, and what reads the same is the same.
    """
    repairs: list[str] = []
    while True:
        mended, took = _mended_once(text)
        repairs += [repair for repair in took if repair not in repairs]
        if not took or mended == text:
            return mended, tuple(repairs)
        text = mended


def _mended_once(text: str) -> tuple[str, list[str]]:
    repairs = []
    back = restored(text)
    if back is not None:
        text = back
        repairs.append(RESTORED)
    composed = unicodedata.normalize("NFC", text)
    if composed != text:
        repairs.append(COMPOSED)
    cleaned = unicodedata.normalize("NFC", _latin(_visible(composed)))
    if cleaned != composed:
        repairs.append(CLEANED)
    return " ".join(cleaned.split()), repairs


_DASHES = str.maketrans("−–—", "---")


def plain(text: str) -> tuple[str, tuple[str, ...]]:
    """A number, code or day as ASCII: hidden characters gone, full-width digits narrow; and which repairs that took."""
    composed = unicodedata.normalize("NFC", text)
    cleaned = _visible(composed).translate(_DASHES)
    return " ".join(cleaned.split()), (CLEANED,) if cleaned != composed else ()
