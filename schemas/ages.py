"""Ages in SQL, over the fields that all person records share (schemas/vocabulary.py: `Person`)."""

# Of whom only the month or the year is known, the latest day of birth that the record allows: nobody is made older than he is said to be.
_BORN = """case when birth_date is null or birth_precision = 'nam' then make_date(birth_year::integer, 12, 31)
        when birth_precision = 'thang' then cast(date_trunc('month', birth_date) + interval '1 month - 1 day' as date)
        else birth_date end"""


def younger_than(years: int, on: str) -> str:
    """Born by a day, and on it not yet so many whole years old. `on` is an expression, such as `:first_day`."""
    day = f"cast({on} as date)"
    is_born = f"coalesce(birth_date <= {day}, birth_year <= extract(year from {day}))"
    return f"({is_born} and {_BORN} > {day} - interval '{years} years')"
