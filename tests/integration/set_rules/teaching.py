"""Set rules of vocational education."""

from typing import Any

from schemas.registry import dataset_named
from tests.integration.set_rules.cases import CASES, Case, case
from tests.integration.set_rules.rows import ENROLMENTS, GRADUATES, INSTITUTIONS, PERIODS, Warehouse


def enrolled(key: str, month: str, cumulative: int, **more: Any) -> dict[str, Any]:
    """A line of the list of a month; `key` is told apart by its occupation."""
    taught = {"institution_id": "TT-01", "occupation_code": key, "level_code": 3, "school_year": "2023-2024", "row_key": key}
    return taught | {"month": f"{month}-01", "cumulative_count": cumulative} | more


@case(ENROLMENTS)
def enrolment_never_falls(w: Warehouse) -> tuple[str, set[str]]:
    """The greatest of the months before counts, whatever came between; another school year, level or establishment does not."""
    months = {"2023-12": 20, "2024-01": 30, "2024-02": 25}
    for month, reached in months.items():
        w.put(
            ENROLMENTS, month, *(enrolled(key, month, reached) for key in ("falls", "stands", "elsewhere", "higher")), unit="40"
        )
    w.put(ENROLMENTS, "2023-08", enrolled("anew", "2023-08", 90, school_year="2022-2023"), unit="40")
    w.put(ENROLMENTS, "2024-04", enrolled("later", "2024-04", 90), unit="40")
    now = {"falls": 29, "stands": 30, "anew": 5, "later": 3, "first": 0}
    rows = [enrolled(key, "2024-03", reached) for key, reached in now.items()]
    rows += [enrolled("elsewhere", "2024-03", 1, institution_id="TT-02"), enrolled("higher", "2024-03", 1, level_code=4)]
    w.put(ENROLMENTS, "2024-03", *rows, unit="40")
    return "2024-03", {"falls"}


def _taught(w: Warehouse, dataset: str, *rows: tuple[str, str, int]) -> str:
    """Rows of an establishment and a level, in a period of the dataset."""
    period = PERIODS[dataset_named(dataset).kind][0]
    more = {ENROLMENTS: {"month": "2024-10-01"}, GRADUATES: {"graduated_date": "2024-07-01"}}[dataset]
    told = [{"row_key": key, "institution_id": of, "occupation_code": key, "level_code": level} for key, of, level in rows]
    w.put(dataset, period, *(row | more for row in told), unit="40")
    return period


def _level_fits(dataset: str) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        types = {"CD": 1, "TC": 2, "TT": 3, "DN": 4}
        w.put(
            INSTITUTIONS, "now", *({"institution_id": i, "institution_type_code": code} for i, code in types.items()), unit="40"
        )
        every = [(f"{i}{level}", i, level) for i in (*types, "nobody") for level in (1, 2, 3, 4)]
        return _taught(w, dataset, *every), {"TC1", "TT1", "TT2", "DN2"}

    return filled


def _is_registered(dataset: str) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        w.put(INSTITUTIONS, "now", {"institution_id": "CD-01", "institution_type_code": 1}, unit="40")
        w.set_aside(INSTITUTIONS, "now", {"ma_co_so": " CD-02 "})
        return _taught(w, dataset, ("A", "CD-01", 1), ("B", "CD-02", 1), ("C", "CD-03", 1)), {"C"}

    return filled


for _of in (ENROLMENTS, GRADUATES):
    CASES[_of, "level_fits_the_institution"] = _level_fits(_of)
    CASES[_of, "institution_is_registered"] = _is_registered(_of)
