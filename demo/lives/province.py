"""Everything that is decided about the synthetic province before a row is written: one object that the systems' modules share.

Holds no field of any dataset.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from demo.lives import (
    assistance,
    childhood,
    deliveries,
    job_seeking,
    labour,
    merit,
    poverty_status,
    procedures,
    rehabilitation,
    training,
)
from demo.lives.assistance import Rights
from demo.lives.childhood import Childhood
from demo.lives.deliveries import START, Delivery, Sending
from demo.lives.job_seeking import Seeking
from demo.lives.labour import Collection, Flows
from demo.lives.merit import Files
from demo.lives.poverty_status import Statuses
from demo.lives.procedures import Handled
from demo.lives.rehabilitation import Rehabilitation
from demo.lives.training import Training
from demo.people import making
from demo.people.dates import number
from demo.people.population import Population
from schemas.dataset import Dataset


@dataclass
class Province:
    seed: int
    scale: float
    today_date: dt.date = START

    @property
    def today(self) -> int:
        return number(self.today_date)

    @cached_property
    def people(self) -> Population:
        return making.make(self.seed, self.scale)

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
    def seeking(self) -> Seeking:
        return job_seeking.make(self.people, self.flows)

    @cached_property
    def training(self) -> Training:
        return training.make(self.people)

    @cached_property
    def handled(self) -> Handled:
        return procedures.make(self.people)

    @cached_property
    def childhood(self) -> Childhood:
        return childhood.make(self.people, self.homes_with_rights)

    @cached_property
    def rehabilitation(self) -> Rehabilitation:
        return rehabilitation.make(self.people)

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

    def sent(self, dataset: Dataset, sending: Mapping[str, Sending]) -> dict[tuple[str, str], Delivery]:
        """When each unit sends each cell; `sending` tells by dataset what is not left to chance."""
        return deliveries.deliveries(dataset, self.seed, sending.get(dataset.name, Sending()))
