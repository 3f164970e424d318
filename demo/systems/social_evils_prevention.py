"""The monthly forms of social evils: one of each commune, one of each rehabilitation centre. Numbers alone."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from demo.faults.choosing import spoiled
from demo.faults.planting import Planted
from demo.lives.deliveries import Sending, by_delivery
from demo.lives.province import Province
from demo.lives.rehabilitation import CENTRES, FIRST, MONTHS, Counted
from demo.offices.parcels import Files
from demo.people.dates import LAST_DAY
from demo.systems.social_evils_prevention_faults import FAULTS
from demo.writing import persons, text
from demo.writing.plans import Plan, planned
from demo.writing.values import Value, known
from schemas import calendar
from schemas.dataset import PROVINCE, Dataset
from schemas.registry import dataset_named
from schemas.sources.social_evils_prevention.rules import CENTRE_ITEMS, COMMUNE_ITEMS

COMMUNE_FORMS, CENTRE_FORMS = (dataset_named(f"social_evils_prevention.{name}") for name in ("commune_forms", "centre_forms"))
SENDING = {"commune_forms": Sending({("2024-09", "418"): "late"})}
FILES = {
    "commune_forms": Files(gathered="2024-08", mistakes={"420": "empty", "421": "last_month", "419": "of_another"}),
    "centre_forms": Files(gathered="2024-12"),
}
PARTS = ("opening", "added", "removed", "closing", "female")
BEGINS = (np.datetime64(FIRST, "M") + np.arange(MONTHS)).astype("datetime64[D]").astype(np.int64)


def plans(province: Province) -> Iterator[Planted]:
    yield spoiled(_communes(province), FAULTS)
    yield spoiled(_centres(province), FAULTS)


def _communes(province: Province) -> Plan:
    life, where = province.rehabilitation, province.people.places
    month, commune = np.divmod(np.arange(MONTHS * len(where.codes)), len(where.codes))

    def values(at: np.ndarray) -> dict[str, Value]:
        nothing = known(np.zeros(len(at), dtype=np.int64), np.zeros(len(at), dtype=bool))  # told in December alone
        told = {"month": BEGINS[month[at]], "staff_count": nothing, "budget_vnd": nothing}
        counted = _items(life.communes, COMMUNE_ITEMS, month[at], commune[at])
        return persons.placed(province.people, commune[at]) | told | counted

    return _plan(province, COMMUNE_FORMS, month, commune, where.unit_2023[commune], values)


def _centres(province: Province) -> Plan:
    life = province.rehabilitation
    month, centre = np.divmod(np.arange(MONTHS * CENTRES), CENTRES)

    def values(at: np.ndarray) -> dict[str, Value]:
        names = text.joined("Cơ sở cai nghiện mô phỏng số ", text.whole(centre[at] + 1))
        told = {
            "month": BEGINS[month[at]],
            "centre_id": text.joined("CN40", text.padded(centre[at] + 1, 2)),
            "centre_name": names,
        }
        counted = _items(life.centres, CENTRE_ITEMS, month[at], centre[at])
        return persons.placed(province.people, life.of_centre[centre[at]]) | told | counted

    return _plan(province, CENTRE_FORMS, month, centre, np.full(len(month), PROVINCE), values)


def _items(counted: Counted, items: tuple[str, ...], month: np.ndarray, sender: np.ndarray) -> dict[str, Value]:
    return {
        f"{item}_{part}": getattr(counted, part)[month, sender, number] for number, item in enumerate(items) for part in PARTS
    }


def _plan(
    province: Province,
    dataset: Dataset,
    month: np.ndarray,
    sender: np.ndarray,
    unit: np.ndarray,
    values: Callable[[np.ndarray], Mapping[str, Value]],
) -> Plan:
    sent, periods = province.sent(dataset, SENDING), calendar.started(dataset, LAST_DAY)
    cells, cell, day, _ = by_delivery(sent, periods, month, unit)
    # A month is held against the one before: at most one of a sender's is spoiled, and only where that one is there.
    senders = int(sender.max()) + 1
    before = np.concatenate([np.full(senders, np.iinfo(np.int32).max), day[:-senders]])
    chosen = month == 1 + sender * 5 % (MONTHS - 2)
    return planned(province, dataset, cells, cell, day, values).knowing(loose=chosen & (before <= province.today))
