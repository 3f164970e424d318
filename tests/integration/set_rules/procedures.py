"""Set rules of administrative procedures."""

from typing import Any

from tests.integration.set_rules.cases import case
from tests.integration.set_rules.rows import DOSSIERS, PAPERS, PROGRESS, Warehouse


def dossier(key: str, **more: Any) -> dict[str, Any]:
    return {
        "dossier_id": key,
        "field_code": "NCC",
        "channel_code": 1,
        "status_code": 4,
        "received_at": "2024-10-01 09:00+07",
    } | more


def steps(key: str, *taken: tuple[int, str]) -> list[dict[str, Any]]:
    """The steps of a dossier: the state after each, and when in 2024."""
    return [
        {"dossier_id": key, "step_number": n, "status_code": status, "processed_at": f"2024-{when}+07"}
        for n, (status, when) in enumerate(taken, start=1)
    ]


@case(DOSSIERS)
def finished_in_time(w: Warehouse) -> tuple[str, set[str]]:
    """What waited for the applicant is taken off, to the second; work between two pauses is not, nor what waited after the end."""
    late = {"appointed_at": "2024-10-10 17:00+07", "finished_at": "2024-10-15 17:00+07"}
    w.put(
        DOSSIERS,
        "2024-10",
        dossier("never-paused", **late),
        dossier("paused-enough", **late),
        dossier("a-second-short", **late),
        dossier("paused-twice", **late),
        dossier("still-paused", **late),
        dossier("asked-after-it-ended", **late),
        dossier("paused-past-its-end", **late),
        dossier("in-time", **late | {"finished_at": "2024-10-10 17:00+07"}),
        dossier("unfinished", **late | {"finished_at": None}),
        dossier("no-appointment", **late | {"appointed_at": None}),
        unit="40",
    )
    w.put(DOSSIERS, "2024-09", dossier("of-another-month", **late), unit="40")
    w.put(
        PROGRESS,
        "2024-10",
        *steps("never-paused", (2, "10-01 09:00"), (4, "10-08 09:00"), (9, "10-15 17:00")),
        *steps("paused-enough", (4, "10-02 09:00"), (5, "10-03 09:00"), (4, "10-08 09:00"), (9, "10-15 17:00")),
        *steps("a-second-short", (4, "10-02 09:00"), (6, "10-03 09:00:01"), (4, "10-08 09:00"), (9, "10-15 17:00")),
        *steps("paused-twice", (5, "10-03 09:00"), (4, "10-05 09:00"), (6, "10-06 09:00"), (4, "10-09 09:00")),
        *steps("still-paused", (4, "10-02 09:00"), (5, "10-03 09:00")),
        *steps("asked-after-it-ended", (4, "10-02 09:00"), (5, "10-15 17:00"), (4, "10-25 09:00")),
        *steps("paused-past-its-end", (4, "10-02 09:00"), (5, "10-13 09:00"), (4, "10-25 09:00")),
        unit="40",
    )
    return "2024-10", {"never-paused", "a-second-short", "still-paused", "asked-after-it-ended", "paused-past-its-end"}


@case(DOSSIERS)
def returned_with_a_paper(w: Warehouse) -> tuple[str, set[str]]:
    w.put(
        DOSSIERS, "2024-10", *(dossier(k, status_code=10) for k in ("a", "b", "c", "d")), dossier("e", status_code=9), unit="40"
    )
    paper = {"issued_on": "2024-10-05", "validity_code": 1}
    w.put(PAPERS, "now", paper | {"paper_id": "1", "dossier_id": "a", "kind_code": "QD-TCXH"}, unit="40")
    w.put(PAPERS, "now", paper | {"paper_id": "2", "dossier_id": "b", "kind_code": "TC"}, unit="40")
    w.set_aside(PAPERS, "now", {"MaHoSo": " c "})
    return "2024-10", {"d"}


@case(PROGRESS)
def state_may_follow(w: Warehouse) -> tuple[str, set[str]]:
    w.put(
        PROGRESS,
        "2024-10",
        *steps("good", (1, "10-01 08:00"), (2, "10-01 09:00"), (4, "10-02 09:00"), (5, "10-03 09:00"), (4, "10-04 09:00")),
        *steps("again", (9, "10-05 09:00"), (10, "10-06 09:00"), (4, "10-07 09:00"), (9, "10-08 09:00")),
        *steps("leapt", (2, "10-01 09:00"), (9, "10-02 09:00")),
        *(
            step
            for step in steps("one-is-lost", (2, "10-01 09:00"), (4, "10-02 09:00"), (9, "10-03 09:00"))
            if step["step_number"] != 2
        ),
        unit="40",
    )
    # Its first steps were taken the month before; what was wrong there is not found here.
    earlier = steps("over-the-month", (2, "09-28 09:00"), (10, "09-29 09:00"), (5, "10-01 09:00"))
    w.put(PROGRESS, "2024-09", *earlier[:2], unit="40")
    w.put(PROGRESS, "2024-10", earlier[2], unit="40")
    return "2024-10", {"again|3", "leapt|2", "over-the-month|3"}


@case(PROGRESS)
def steps_follow_in_time(w: Warehouse) -> tuple[str, set[str]]:
    w.put(
        PROGRESS,
        "2024-10",
        *steps("good", (2, "10-01 09:00"), (4, "10-01 09:00")),
        *steps("back", (2, "10-01 09:00"), (4, "10-01 08:59:59"), (9, "10-02 09:00")),
        unit="40",
    )
    return "2024-10", {"back|2"}
