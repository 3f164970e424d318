"""The roads by which rows come, as officers know what they lead to."""

from pipelines.terminal.printed import roads_in_words
from resources.connectors.odbc.connector import DIALECTS
from schemas.roads import TITLES, Sql


def test_every_road_has_a_title() -> None:
    assert {Sql.name, *(dialect.road for dialect in DIALECTS.values())} <= TITLES.keys()


def test_systems_are_told_by_their_roads() -> None:
    """One whose address has just become another may have come by two; one that was never read by none."""
    read = {"Hộ nghèo": ["sql"], "Việc làm": ["mariadb"], "Người có công": ["mariadb", "sql"], "Mới": []}
    assert roads_in_words(read) == (
        "Lấy dữ liệu từ MariaDB hoặc MySQL: Việc làm, Người có công; từ PostgreSQL: Hộ nghèo, Người có công."
    )
    assert roads_in_words({"Mới": []}) is None
