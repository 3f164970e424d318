"""Who is of an age by the first of a month, at the edges: as the hub asks PostgreSQL, and as the proof of the open data counts."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from resources.embedded import server
from schemas.ages import younger_than
from tests.fixtures.counted import under

FIRST = dt.date(2024, 11, 1)
# Born, the year of birth, what is known of it; whether that is a child of under sixteen on the first of November 2024.
BIRTHS = [
    ("2008-11-01", 2008, "ngay", False),  # sixteen on that very day
    ("2008-11-02", 2008, "ngay", True),
    ("2008-11-02", 2008, None, True),
    ("2008-11-01", 2008, None, False),
    ("2024-11-01", 2024, "ngay", True),
    ("2024-11-02", 2024, "ngay", False),  # not yet born
    ("2008-10-01", 2008, "thang", False),
    ("2008-11-01", 2008, "thang", True),  # perhaps late in the month
    (None, 2007, "nam", False),
    (None, 2008, "nam", True),  # perhaps late in the year
    (None, 2008, "thang", True),
    (None, 2024, "nam", True),
    (None, 2025, "nam", False),
    ("2008-01-01", 2008, "nam", True),  # a day that stands for the year alone
    ("2007-12-31", 2007, "nam", False),
]


def test_the_warehouse_makes_nobody_older_than_he_is_said_to_be(home: Path) -> None:
    asked = sa.text(f"""select {younger_than(16, ":first_day")} from (
        select cast(:born as date) as birth_date, cast(:year as bigint) as birth_year, cast(:told as text) as birth_precision) t""")
    engine = sa.create_engine(server(home).url("warehouse"))
    with engine.connect() as connection:
        found = [
            connection.execute(asked, {"first_day": FIRST, "born": born, "year": year, "told": told}).scalar_one()
            for born, year, told, _ in BIRTHS
        ]
    engine.dispose()
    assert found == [young for *_, young in BIRTHS]


def test_the_proof_of_the_open_data_counts_the_same() -> None:
    born, year, told, young = zip(*BIRTHS, strict=True)
    days = pa.array([b and dt.date.fromisoformat(b) for b in born], pa.date32())
    table = pa.table(
        {"birth_date": days, "birth_year": pa.array(year, pa.int64()), "birth_precision": pa.array(told, pa.string())}
    )
    assert list(under(16, table.to_pandas(types_mapper=pd.ArrowDtype), FIRST)) == list(young)
