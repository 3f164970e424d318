"""What is asked of a person, and the digest by which the hub knows again what was asked."""

import hashlib
import hmac
import json
import unicodedata
from dataclasses import dataclass, field

from resources.population.failures import PopulationSecretMissing
from resources.settings import Settings
from resources.warehouse.persons.population import Told

# What the guide of the service allows of each field.
LONGEST = {"MaYeuCau": 40, "MaDVC": 20, "MaTichHop": 20, "MaDonVi": 35, "MaCanBo": 20, "HoVaTen": 100}


@dataclass(frozen=True)
class Person:
    """A person as the service is asked: the name in capitals and composed, the birth as yyyy-mm-dd or yyyy."""

    identity_number: str = field(repr=False)
    full_name: str = field(repr=False)
    birth: str = field(repr=False)

    @classmethod
    def of(cls, told: Told) -> "Person":
        identity_number, full_name, birth = told
        # Some letters become two as capitals, and those may compose.
        return cls(identity_number, unicodedata.normalize("NFC", " ".join(full_name.split()).upper()), birth)

    @property
    def can_be_asked_about(self) -> bool:
        return 0 < len(self.full_name) <= LONGEST["HoVaTen"]


@dataclass(frozen=True)
class Secret:
    """The secret of the digests. Without it nobody who has the tables can look for a person in them by trying numbers."""

    key: bytes = field(repr=False)

    def digest(self, told: Told) -> bytes:
        person = Person.of(told)
        asked = json.dumps([person.identity_number, person.full_name, person.birth], ensure_ascii=False)
        return hmac.digest(self.key, asked.encode(), hashlib.sha256)

    @property
    def check(self) -> str:
        """A text by which the secret is known again. It tells nothing of the secret, and no digest of a person is made so."""
        return hmac.digest(self.key, b"ansinh population check", hashlib.sha256).hex()


def secret(settings: Settings) -> Secret:
    key = settings.population_secret()
    if key is None:
        raise PopulationSecretMissing
    return Secret(key)
