"""What an office's files look like. Each office has its own ways, and keeps them: which, the seed decides.

Every way occurs in every province, however small: the offices take them in turn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from demo.faults import spoiling
from demo.people.randomness import stream

BY_ROWS = 20_000  # a list of more rows is sent as .csv, whatever the office's way


@dataclass(frozen=True)
class Style:
    """What stands around the rows, in which words the columns are headed, how the letters are written."""

    kind: str = "xlsx"
    titles: bool = True
    merged: bool = False  # a heading of two lines, of merged cells
    ordinals: bool = True  # a column STT
    numbers: bool = False  # a line of column numbers under the heading
    sums: bool = False  # a line of the group's name before each commune, its sum after it, the grand total at the end
    wrong_sums: bool = False
    spacers: bool = False
    footer: bool = True
    hidden: bool = False  # last year's list on a hidden sheet
    by_sheet: bool = False  # a sheet a commune, or a month
    other_words: bool = False
    other_order: bool = False
    letters: str = ""  # of letters.LETTERED
    separator: str = ";"
    mark: bool = False  # a byte order mark
    habit: str = ""  # of HABITS

    @property
    def encoding(self) -> str:
        return "cp1258" if self.letters == "cp1258" else "utf-8-sig" if self.mark else "utf-8"

    @property
    def faults(self) -> tuple[tuple[str, str], ...]:
        """The faults of the catalogue that the file carries and that touch none of its rows: what is odd about it."""
        found = {
            ("F-28", "titles_above"): self.titles,
            ("F-28", "heading_of_two_lines"): self.merged,
            ("F-28", "ordinals"): self.ordinals,
            ("F-28", "column_numbers"): self.numbers,
            ("F-28", "sums_between"): self.sums,
            ("F-28", "blank_lines"): self.spacers,
            ("F-28", "signatures_below"): self.footer,
            ("F-28", "hidden_sheet"): self.hidden,
            ("F-28", "several_sheets"): self.by_sheet,
            ("F-29", "other_words"): self.other_words,
            ("F-29", "other_order"): self.other_order,
            ("F-35", "sums_typed"): self.wrong_sums,
            ("F-37", "semicolons"): self.kind == "csv" and self.separator == ";",
            ("F-37", "byte_order_mark"): self.mark,
            ("F-08", "TCVN3"): self.letters == "TCVN3",
            ("F-09", "VNI"): self.letters == "VNI",
            ("F-10", "garbled"): self.letters == "garbled",
            ("F-11", "cp1258"): self.letters == "cp1258",
        }
        return tuple(fault for fault, has in found.items() if has)


# The styles of a district's office that sends a list of people.
DISTRICTS = (
    Style(merged=True, numbers=True, sums=True),
    Style(kind="csv", titles=False, footer=False, mark=True),
    Style(by_sheet=True),
    Style(hidden=True, other_words=True, other_order=True, spacers=True),
    Style(sums=True, wrong_sums=True, merged=True),
)
# In the lowland some have letters of their own: in the mountains too many names are other peoples', by which letters are not told.
LOWLAND = (
    Style(letters="TCVN3", sums=True),
    Style(kind="csv", letters="cp1258", footer=False),
    Style(kind="csv", letters="VNI", mark=True),
    Style(kind="csv", letters="garbled", mark=True, separator=",", titles=False),
    *DISTRICTS[2:],
)
# The styles of forms: numbers, and few names.
FORMS = (
    Style(merged=True, numbers=True, by_sheet=True),
    Style(kind="csv", mark=True),
    Style(sums=True, wrong_sums=True, by_sheet=True),
    Style(merged=True, hidden=True),
    Style(kind="csv", separator=",", titles=False, ordinals=False, footer=False),
)
COMMUNES = (
    Style(),
    Style(merged=True, numbers=True),
    Style(kind="csv", mark=True, footer=False),
    Style(other_words=True, ordinals=False),
    Style(kind="csv", separator=",", titles=False, footer=False, other_order=True),
)
PLAIN = Style(kind="csv", titles=False, ordinals=False, footer=False, separator=",")


@dataclass(frozen=True)
class Habit:
    """What an office does to every cell of some columns: the readers of these, the change, and the ending of the rule that says so."""

    id: str
    readers: tuple[str, ...]
    change: Callable[[str, int], str | None]
    ending: str


HABITS = {
    "zeros_lost": Habit(
        "F-01", ("identity_number", "identity_or_old_card"), spoiling.without_leading_zero, "leading_zero_restored"
    ),
    "decomposed": Habit("F-07", ("person_name",), spoiling.decomposed, "unicode_composed"),
    "days_typed": Habit("F-14", ("birth_date", "day"), spoiling.day_otherwise, "date_rewritten"),
    "sex_in_words": Habit("F-16", ("sex",), spoiling.sex_in_words, "words_read"),
    "thousands": Habit("F-20", ("amount_vnd",), spoiling.amount_as_text, "amount_rewritten"),
}


def style_in_turn(seed: int, dataset: str, place: int, styles: Sequence[Style]) -> Style:
    """The style of the office that stands at this place among those that send the dataset."""
    first = int(stream(seed, "offices", dataset, len(styles)).integers(len(styles)))
    return styles[(first + place) % len(styles)]
