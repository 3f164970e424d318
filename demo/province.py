"""Everything that is decided about the synthetic province before a row is written: one object the source modules share.

Holds no columns of any source.
"""

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from demo import assistance, deliveries, labour, merit, population, poverty_status
from demo.assistance import Rights
from demo.batches import Plan
from demo.deliveries import START, Delivery
from demo.labour import Collection, Flows
from demo.merit import Files
from demo.population import Population, number
from demo.poverty_status import Statuses
from schemas.dataset import Dataset


@dataclass
class Province:
    seed: int
    scale: float
    today_date: dt.date = START
    _lines: dict[str, Any] = field(default_factory=dict)
    _sent: dict[str, dict[tuple[str, str], Delivery]] = field(default_factory=dict)

    @property
    def today(self) -> int:
        return number(self.today_date)

    @cached_property
    def people(self) -> Population:
        return population.make(self.seed, self.scale)

    @cached_property
    def poverty(self) -> Statuses:
        return poverty_status.make(self.people)

    @cached_property
    def merit(self) -> Files:
        return merit.make(self.people)

    @cached_property
    def assistance(self) -> Rights:
        return assistance.make(self.people, self.poverty, self.merit)

    @cached_property
    def flows(self) -> Flows:
        return labour.flows(self.people)

    @cached_property
    def collection(self) -> Collection:
        return labour.collection(self.people, self.flows)

    @cached_property
    def merit_homes(self) -> np.ndarray:
        """Households in which somebody holds a merit file that is being paid."""
        homes = np.zeros(len(self.people.commune), dtype=bool)
        homes[self.people.household[self.merit.person[self.merit.paid & (self.merit.until > number(START))]]] = True
        return homes

    @cached_property
    def known_to_poverty(self) -> np.ndarray:
        """People whose right rests on their household being poor: the review has their numbers."""
        return np.unique(self.assistance.person[self.assistance.needs_poverty])

    @cached_property
    def disabled(self) -> np.ndarray:
        found = np.zeros(len(self.people.birth), dtype=bool)
        found[self.assistance.person[self.assistance.level > 0]] = True
        return found

    def lines(self, dataset: Dataset, payees: Any) -> Any:
        """The lines of a payment list, worked out once."""
        from demo import payments

        if dataset.id not in self._lines:
            self._lines[dataset.id] = payments.lines(self, dataset, payees)
        return self._lines[dataset.id]

    def mark(self, plan: Plan, **facts: Any) -> Plan:
        """Tell a plan what its faults need to know."""
        plan.facts |= {"today": self.today, "seed": self.seed, **facts}
        return plan

    @cached_property
    def homes_with_rights(self) -> np.ndarray:
        """Households on whose class somebody's assistance rests."""
        homes = np.zeros(len(self.people.commune), dtype=bool)
        homes[self.people.household[self.known_to_poverty]] = True
        return homes

    @cached_property
    def assisted(self) -> np.ndarray:
        found = np.zeros(len(self.people.birth), dtype=bool)
        found[self.assistance.person] = True
        return found

    def sent(self, dataset: Dataset) -> dict[tuple[str, str], Delivery]:
        if dataset.id not in self._sent:
            self._sent[dataset.id] = deliveries.deliveries(dataset, self.seed)
        return self._sent[dataset.id]
