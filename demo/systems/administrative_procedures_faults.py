"""What breaks the rules of the administrative procedures."""

import datetime as dt

from demo.faults.planting import LOOSE, REPAIRED, Row
from demo.faults.rules import Break

LATE_UNTIL = "20241110"  # what is made late was due by then: it is finished before the first day of the demo
UNPAUSED, AFTER_ANOTHER = "unpaused", "after_another"


def _a_year_before(text: str) -> str | None:
    return None if text[4:8] == "0229" else f"{int(text[:4]) - 1}{text[4:]}"


def finished_before_receipt(row: Row, n: int) -> Row | None:
    before = _a_year_before(row["received_at"])
    return {"finished_at": before} if row["finished_at"] and before else None


def unknown_procedure(row: Row, n: int) -> Row | None:
    return {"procedure_code": "1.999999.000.00.00.H41"}


def of_another_office(row: Row, n: int) -> Row | None:
    return {"office_code": "H41.412" if row["office_code"] == "H41.21" else "H41.21"}


def of_an_unlisted_office(row: Row, n: int) -> Row | None:
    return {"office_code": "H41.99"}


def finished_too_late(row: Row, n: int) -> Row | None:
    """Days after the appointment, and handed over at once."""
    if not row["returned_at"] or not row["finished_at"] or row["appointed_at"] > LATE_UNTIL:
        return None
    day = dt.datetime.strptime(row["appointed_at"][:8], "%Y%m%d").date() + dt.timedelta(days=1 + n % 5)
    return {"finished_at": f"{day:%Y%m%d}090000", "returned_at": f"{day:%Y%m%d}100000"}


def returned_without_a_paper(row: Row, n: int) -> Row | None:
    """A dossier that was withdrawn, of which there is no paper."""
    return {"status_code": "10"} if row["status_code"] == "7" else None


def appointed_at_the_end_of_the_day(row: Row, n: int) -> Row | None:
    return {"appointed_at": row["appointed_at"][:8] + "240000"}


def in_hand_again(row: Row, n: int) -> Row | None:
    """After it was finished; a step that returns the refusal of a dossier cannot be one either."""
    return {"status_code": "4"}


def before_the_step_before(row: Row, n: int) -> Row | None:
    return {"processed_at": row["processed_at"][:6] + "01000001"}


def expired_before_it_was_issued(row: Row, n: int) -> Row | None:
    before = _a_year_before(row["issued_on"])
    return {"expires_on": before} if before else None


def without_hash(row: Row, n: int) -> Row | None:
    return {"sha256": None}


def unsigned(row: Row, n: int) -> Row | None:
    return {"is_signed": "0"}


def revoked_some_day(row: Row, n: int) -> Row | None:
    return {"validity_code": "3"} if row["ended_on"] is None else None


FAULTS = (
    Break("instants_are_in_order", finished_before_receipt),
    Break("procedure_is_in_the_catalogue", unknown_procedure, 10),
    Break("dossier_bears_its_office", of_another_office, 10),
    Break("office_is_listed", of_an_unlisted_office, also=("dossier_bears_its_office",)),
    Break("finished_in_time", finished_too_late, 400, facts=(LOOSE, UNPAUSED)),
    Break("returned_with_a_paper", returned_without_a_paper, 10),
    Break(
        "appointed_at_instant_rewritten",
        appointed_at_the_end_of_the_day,
        20,
        "F-33",
        outcome=REPAIRED,
        fields=("appointed_at",),
    ),
    Break("state_may_follow", in_hand_again, 10),
    Break("steps_follow_in_time", before_the_step_before, 10, facts=(LOOSE, AFTER_ANOTHER)),
    Break("paper_expires_after_it_was_issued", expired_before_it_was_issued),
    Break("paper_has_its_hash", without_hash, 20),
    Break("paper_is_signed", unsigned, 60),
    Break("paper_says_since_when_it_is_not_valid", revoked_some_day),
)
