"""Children: who is one on the first of the report month, which of them are in special circumstances, whom harm or death met in the window.

A child is told by the personal number, else by the number of the record, and counts once however many groups and records tell of it.
Nobody is in a group before the day on which he entered it, or from the day on which he left it.
"""

from assets.reports.dimensions import LEAST_TOLD, Dimension
from assets.reports.populations.persons import person
from assets.reports.populations.places import OWN_CELL, placed
from schemas.ages import younger_than

LAW = "Luật Trẻ em 102/2016/QH13, Điều 10; NĐ 56/2017/NĐ-CP"
MOST, MOST_OF_UNIT = 1_500_000, 250_000
CHILD_BELOW = 16  # years: Luật Trẻ em 102/2016/QH13, Điều 1
SPECIAL_GROUP = Dimension(
    name="nhom_hcdb",
    title="Nhóm trẻ em có hoàn cảnh đặc biệt",
    code_list="special_child_group",
    always=tuple(f"{number:02d}" for number in range(1, 15)),
    protected=True,
    least=LEAST_TOLD,
)

_PERSON = f"{person('child_id')} as person"
# Who died by the day, or whose record went elsewhere, is not there; a record that was closed by age is out by the age. The day of death
# tells, whatever the record's status; where it is not given, whoever is said to be dead was by the day.
_THERE = "status_code <> 4 and coalesce(death_date > :first_of_month, status_code <> 3 and is_dead is not true)"
_IN_A_GROUP = """special_groups is not null and (entered_date is null or entered_date <= :first_of_month)
        and (left_date is null or left_date > :first_of_month)"""
_YEARS = """extract(year from cast(:first_of_month as date)) - birth_year
        - case when to_char(birth_date, 'MMDD') > to_char(cast(:first_of_month as date), 'MMDD') then 1 else 0 end"""


def _placed(columns: str) -> str:
    return placed("children_profiles", columns, OWN_CELL)


# Where only the year of birth is known, the age is that of someone born on its first day, and never beyond the last group.
_COLUMNS = f"""{_PERSON}, sex_code::text as gioi_tinh,
        case when {_YEARS} < 6 then '0-5' when {_YEARS} < 11 then '6-10' else '11-15' end as do_tuoi,
        ({_IN_A_GROUP}) as is_special, risk_groups is not null as is_at_risk, support_code is not null as is_supported,
        special_groups as groups"""
CHILDREN = f"{_placed(_COLUMNS)} where {_THERE} and {younger_than(CHILD_BELOW, ':first_of_month')}"

SPECIAL = f"select unit, person, is_supported from ({CHILDREN}) c where is_special"
AT_RISK = f"select unit, person from ({CHILDREN}) c where is_at_risk"
BY_GROUP = f"""
    select c.unit, c.person, left(btrim(g), 2) as nhom_hcdb
    from ({CHILDREN}) c cross join lateral regexp_split_to_table(c.groups, ',') g where c.is_special"""


def _happened(day: str, columns: str = _PERSON) -> str:
    """What happened in the window to who was a child on that day; a record may stay after the sixteenth birthday."""
    return f"""{_placed(columns)}
    where {day} between :window_start and :window_end and {younger_than(CHILD_BELOW, day)}"""


# Violence, exploitation, sexual abuse and trafficking are what the law calls harm done to a child; neglect is in no list.
HARMED = f"""{_happened("entered_date")} and special_groups ~ '(^|[, ])(09|10|11|12)[.]'"""

DIED = (
    f"""{_happened("death_date", f"{_PERSON}, death_cause_code::text as nguyen_nhan_tu_vong")} and death_cause_code in (1, 2)"""
)
