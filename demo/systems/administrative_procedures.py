"""The administrative procedures: dossiers, the steps of their handling, the papers that came of them."""

import hashlib
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.faults.choosing import spoiled
from demo.faults.planting import Planted
from demo.lives.deliveries import Sending, in_register
from demo.lives.procedures import (
    COMMUNE,
    DAY,
    DISTRICT,
    FINISHED,
    NOT_YET,
    ONLINE,
    PROCEDURES,
    REFUSED,
    RETURNED,
    Handled,
)
from demo.lives.province import Province
from demo.people.dates import LAST_DAY, NEVER, number
from demo.systems.administrative_procedures_faults import FAULTS
from demo.writing import text
from demo.writing.happenings import listed
from demo.writing.persons import Habits, Writer
from demo.writing.plans import Plan, planned
from demo.writing.values import Change, Value, changed, known, nonzero
from schemas.dataset import PROVINCE
from schemas.registry import dataset_named

DOSSIERS, PROGRESS, PAPERS = (
    dataset_named(f"administrative_procedures.{name}") for name in ("dossiers", "progress", "result_papers")
)
SENDING = dict.fromkeys(("dossiers", "progress"), Sending(as_it_happens=True))
HABITS = Habits(
    "administrative_procedures",
    without_number=0.02,
    without_number_old=0.1,
    with_old_card=0.0,
    year_only_old=0.0,
    with_phone=0.0,
)
APPEARS = 2  # days after its receipt a dossier is given by the service
LEVELS = np.array([p.level for p in PROCEDURES])
Values = dict[str, Value]


def plans(province: Province) -> Iterator[Planted]:
    for plan in (dossiers, progress, papers):
        yield spoiled(plan(province), FAULTS)


def changes(province: Province) -> Iterator[Change]:
    """Steps of dossiers that the service has: each changes the dossier's state."""
    life = province.handled
    first = _seen(province, life.received // DAY)
    last = number(LAST_DAY)
    for day in range(province.today + 1, last + 1):
        stepped = (life.at // DAY == day).any(axis=1) & (first < day)
        of = np.flatnonzero(stepped)
        if len(of):
            days = np.full(len(of), day)
            yield from changed(DOSSIERS, days, {"dossier_id": _ids(province, of)}, _state(life, days, of))


def _seen(province: Province, received_day: np.ndarray) -> np.ndarray:
    """The day as of which a dossier is first told."""
    return np.maximum(province.today, received_day + APPEARS)


def _offices(province: Province, of: np.ndarray) -> pa.Array:
    life = province.handled
    level, district = LEVELS[life.procedure[of]], province.people.places.district_codes[life.district[of]]
    below = np.char.add(np.char.add("H41.", district.astype(str)), np.where(level == COMMUNE, _serial(of % 20 + 1), ""))
    return pa.array(np.where(level >= DISTRICT, below, "H41.21").astype(str), pa.string())


def _serial(numbers: np.ndarray) -> np.ndarray:
    return np.char.add(".", np.char.zfill(numbers.astype(str), 2))


def _ids(province: Province, of: np.ndarray) -> pa.Array:
    day = text.compact_days(province.handled.received[of] // DAY)
    return text.joined(_offices(province, of), "-", pc.utf8_slice_codeunits(day, 2), "-", text.padded(of + 1, 6))


def _instants(seconds: np.ndarray) -> pa.Array:
    return text.compact_instants(np.where(seconds < NOT_YET, seconds, 0), seconds >= NOT_YET)


def _state(life: Handled, seen: np.ndarray, of: np.ndarray) -> Values:
    """What a day knows of some dossiers."""
    status, finished, returned = life.state(seen, of)
    is_returned = returned < NOT_YET
    return {
        "status_code": status,
        "finished_at": _instants(finished),
        "returned_at": _instants(returned),
        "has_electronic_result": known(of % 20 > 0, status >= FINISHED),
        "satisfaction_code": nonzero(np.where(is_returned, life.content[of], 0)),
    }


def dossiers(province: Province) -> Plan:
    life, writer = province.handled, Writer(province.people, HABITS)
    day = life.received // DAY

    def values(at: np.ndarray) -> Values:
        person, procedure = life.person[at], life.procedure[at]
        is_person = person >= 0
        numbers = writer.numbers(np.maximum(person, 0))
        identity = text.padded(np.ma.getdata(numbers), 12, np.ma.getmaskarray(numbers))
        applicant = pc.if_else(pa.array(is_person), identity, pa.array(life.tax_code[at].astype(str), pa.string()))
        level = text.only_where(life.channel[at] == ONLINE, text.from_list(("mot_phan", "toan_trinh"), (at % 3 > 0).astype(int)))
        return {
            "dossier_id": _ids(province, at),
            "procedure_code": text.joined(text.from_list([p.code for p in PROCEDURES], procedure), ".000.00.00.H41"),
            "field_code": text.from_list([p.field for p in PROCEDURES], procedure),
            "applicant_type_code": np.where(is_person, 1, 2),
            "applicant_id": applicant,
            "received_at": _instants(life.received[at]),
            "appointed_at": _instants(life.appointed[at]),
            "office_code": _offices(province, at),
            "channel_code": life.channel[at],
            "service_level_code": level,
            **_state(life, _seen(province, day[at]), at),
        }

    over = _over(life)
    settled = (over // DAY <= province.today) & (over < NOT_YET)
    return listed(province, DOSSIERS, SENDING, day, values).knowing(loose=settled, unpaused=~life.paused & settled)


def _over(life: Handled) -> np.ndarray:
    """When the last step of each dossier is taken, played or not."""
    return np.where(life.status > 0, life.at, -1).max(axis=1)


def progress(province: Province) -> Plan:
    life, steps = province.handled, province.handled.steps
    day = steps.at // DAY

    def values(at: np.ndarray) -> Values:
        return {
            "dossier_id": _ids(province, steps.dossier[at]),
            "step_number": steps.number[at],
            "status_code": steps.status[at],
            "processed_at": _instants(steps.at[at]),
            "step_due_at": _instants(steps.due[at]),
        }

    # On all but the last step of a dossier the next one rests.
    loose = steps.status == RETURNED
    before = np.concatenate(([0], day[:-1]))
    months = day.astype("datetime64[D]").astype("datetime64[M]")
    same_month = months == before.astype("datetime64[D]").astype("datetime64[M]")
    is_not_first = before > months.astype("datetime64[D]").astype(np.int64)
    return listed(province, PROGRESS, SENDING, day, values).knowing(
        loose=loose, after_another=same_month & is_not_first & (life.status[steps.dossier, 0] != 0)
    )


def papers(province: Province) -> Plan:
    life, of, writer = province.handled, province.handled.papers, Writer(province.people, HABITS)
    kinds = [*(p.paper for p in PROCEDURES), "TC", "QD-KHAC"]
    lasts = np.array([p.lasts for p in PROCEDURES])
    refused = (life.status == REFUSED).any(axis=1)

    def values(at: np.ndarray) -> Values:
        dossier, is_second = of.dossier[at], of.is_second[at]
        person, procedure = life.person[dossier], life.procedure[dossier]
        is_refusal, numbers = refused[dossier], writer.numbers(np.maximum(person, 0))
        kind = np.where(is_second, len(kinds) - 1, np.where(is_refusal, len(kinds) - 2, procedure))
        years = np.where(is_second | is_refusal, 0, lasts[procedure])
        hashes = [hashlib.sha256(f"giay-to-mo-phong-{n}".encode()).hexdigest() for n in at.tolist()]
        return {
            "paper_id": text.joined("GTKQ-", text.padded(at + 1, 7)),
            "dossier_id": _ids(province, dossier),
            "kind_code": text.from_list(kinds, kind),
            "identity_number": known(np.ma.getdata(numbers), (person >= 0) & ~np.ma.getmaskarray(numbers)),
            "paper_number": text.joined(text.whole(at + 1), "/KQ-MP"),
            "issued_on": of.issued[at],
            "expires_on": np.where(years > 0, of.issued[at] + 365 * years, NEVER),
            "issuer": _offices(province, dossier),
            "validity_code": of.validity[at],
            "ended_on": of.ended[at],
            "sha256": pa.array(hashes, pa.string()),
            "is_signed": np.ones(len(at), dtype=bool),
        }

    cells, cell = in_register(np.full(len(of.dossier), PROVINCE))
    # A dossier that was returned rests on its first paper.
    return planned(province, PAPERS, cells, cell, of.issued, values).knowing(loose=of.is_second)
