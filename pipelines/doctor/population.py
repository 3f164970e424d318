"""The population check: whether there is access, and whether the next run could ask."""

from pipelines.doctor.checking import Told
from pipelines.population import NOT_GRANTED, in_words, is_granted
from resources.hub import Hub
from resources.population.agreement import agreement
from resources.population.client import client
from resources.population.failures import PopulationSecretOther, PopulationServiceUndeclared
from resources.population.persons import secret
from resources.warehouse.persons import population
from schemas.population import service


def look(hub: Hub) -> Told:
    """Nobody is asked about; a token is asked for."""
    if not is_granted(hub):
        return Told(NOT_GRANTED, is_absent=True)
    found = service(hub.today())
    if found is None:
        raise PopulationServiceUndeclared(day=f"{hub.today():%d/%m/%Y}")
    asking = client(hub.settings, found, agreement(hub.settings, found))
    is_to_be_made = hub.settings.is_demo and hub.settings.population_secret() is None
    if not is_to_be_made:  # by the first run of the demo
        with hub.warehouse.engine.connect() as connection:
            if population.kept_check(connection) not in (None, secret(hub.settings).check):
                raise PopulationSecretOther
    asking.be_let_in()
    allowed = f"mỗi ngày {asking.agreement.calls_a_day} lượt, mỗi lượt {found.persons_a_call} người, giữ {found.kept_days} ngày"
    return Told(f"đăng nhập được, {asking.road}; {allowed}; {in_words(hub)}")
