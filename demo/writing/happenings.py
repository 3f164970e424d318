"""Lists of the whole province, a row for what happened on a day: when each row is there, and where the person behind it lived."""

from collections.abc import Callable, Mapping

import numpy as np

from demo.lives.deliveries import Sending, by_delivery
from demo.lives.province import Province
from demo.people.dates import LAST_DAY, month_of
from demo.people.population import Population
from demo.writing import text
from demo.writing.plans import Plan, planned
from demo.writing.values import Value
from schemas import calendar
from schemas.dataset import PROVINCE, Dataset


def listed(
    province: Province,
    dataset: Dataset,
    sending: Mapping[str, Sending],
    day: np.ndarray,
    values: Callable[[np.ndarray], Mapping[str, Value]],
) -> Plan:
    """Each row appears two days after its own day, at the latest when its period is closed; those of a held-up period when it comes."""
    first = calendar.span(dataset.first_period)[0]
    period = (month_of(day, first.year) - first.month + 1) // calendar.MONTHS[dataset.kind]
    sent = province.sent(dataset, sending)
    unit = np.full(len(day), PROVINCE)
    cells, cell, sent_on, _ = by_delivery(sent, calendar.started(dataset, LAST_DAY), period, unit)
    whole = np.isin([sent[c].state for c in cells], ("late", "coming", "missing"))
    return planned(province, dataset, cells, cell, np.where(whole[cell], sent_on, np.minimum(day + 2, sent_on)), values)


def maybe_placed(people: Population, person: np.ndarray, day: np.ndarray, without: np.ndarray) -> dict[str, Value]:
    """MaybePlaced: where each lived on the day, but for those `without`."""
    commune = people.commune_of(people.household[person], day)
    return {"commune_code": text.from_list(people.places.codes, commune, without), "sex_code": people.sex[person]}
