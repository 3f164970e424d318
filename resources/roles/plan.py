"""What is to stand on which server: the databases that the settings name, the logins in their addresses, and the groups of these.

Nothing connects here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from resources.environment import read
from resources.failures import WarehouseUnconfigured
from resources.roles.failures import AdminUnconfigured, DagsterElsewhere, LoginIsGroup, LoginUnnamed, PlacesMixed, SetupInDemo
from resources.servers import addresses
from resources.servers.addresses import Address
from resources.settings import Settings
from schemas import roles
from schemas.roles import Database

Part = Literal["hub", "shared"]
PARTS: tuple[Part, ...] = ("hub", "shared")

# Setting -> the group of the login that it names, and the database that it leads to.
GROUPS: dict[str, tuple[str, Database]] = {
    "WAREHOUSE_URL": (roles.LOAD, "warehouse"),
    "WAREHOUSE_READ_URL": (roles.READ, "warehouse"),
    "WAREHOUSE_REPORT_URL": (roles.REPORT, "warehouse"),
    "ANSINH_DAGSTER_URL": (roles.DAGSTER, "dagster"),
    "SHARED_WAREHOUSE_URL": (roles.PUBLISH, "shared"),
}
ADMINS: dict[Part, str] = {"hub": "ANSINH_ADMIN_URL", "shared": "ANSINH_SHARED_ADMIN_URL"}


@dataclass(frozen=True)
class Login:
    """A login that a setting names. Of several settings with the same one the first is told."""

    name: str
    setting: str
    group: str
    database: Database
    address: Address = field(repr=False)

    @property
    def owns(self) -> bool:
        """Whether what it makes has to be its group's: another login takes its place one day."""
        return roles.owner(self.database) == self.group


@dataclass(frozen=True)
class Place:
    """One database as it is to stand: what we call it, what its server does, and who logs in there."""

    kind: Database
    name: str
    logins: tuple[Login, ...]


@dataclass(frozen=True)
class Plan:
    """What is to stand on one server."""

    part: Part
    places: tuple[Place, ...]

    @property
    def logins(self) -> tuple[Login, ...]:
        return tuple(login for place in self.places for login in place.logins)


def plans(settings: Settings, only: Part | None = None) -> list[Plan]:
    """One for each server. Raises what keeps the settings from telling where all stands."""
    warehouse = _address("WAREHOUSE_URL")
    if warehouse is None:
        raise SetupInDemo if settings.is_demo else WarehouseUnconfigured
    dagster, shared = _address("ANSINH_DAGSTER_URL"), _address("SHARED_WAREHOUSE_URL")
    if dagster is not None and _server(dagster) != _server(warehouse):
        raise DagsterElsewhere
    _refuse_mixed(warehouse, dagster, shared)
    places = [_place("warehouse", warehouse)]
    places += [_place("dagster", dagster)] if dagster else []
    found: list[Plan] = []
    if shared is not None and _server(shared) == _server(warehouse):
        found = [Plan("hub", (*places, _place("shared", shared)))]
    else:
        found = [Plan("hub", tuple(places)), *([Plan("shared", (_place("shared", shared),))] if shared else [])]
    return [plan for plan in found if only in (None, plan.part)]


def has_admin(plan: Plan) -> bool:
    return read(ADMINS[plan.part]) is not None


def admin(plan: Plan) -> Address:
    """The address of the administrator of a plan's server."""
    setting = ADMINS[plan.part]
    found = _address(setting)
    if found is None:
        raise AdminUnconfigured(setting=setting, part=plan.part)
    return found


def logins() -> Iterator[Login]:
    """The logins that the settings name, in the order of GROUPS."""
    for setting, (group, database) in GROUPS.items():
        address = _address(setting)
        if address is not None:
            yield _login(setting, group, database, address)


def _refuse_mixed(warehouse: Address, dagster: Address | None, shared: Address | None) -> None:
    """One database for the hub, whoever logs in there; and none of the others is the same."""
    for setting in ("WAREHOUSE_READ_URL", "WAREHOUSE_REPORT_URL"):
        other = _address(setting)
        if other is not None and other.database != warehouse.database:
            raise PlacesMixed(setting=setting, why="nêu một cơ sở dữ liệu khác WAREHOUSE_URL")
    for setting, other in (("ANSINH_DAGSTER_URL", dagster), ("SHARED_WAREHOUSE_URL", shared)):
        if other is not None and (_server(other), other.database) == (_server(warehouse), warehouse.database):
            raise PlacesMixed(setting=setting, why="nêu chính cơ sở dữ liệu của WAREHOUSE_URL")


def _place(kind: Database, address: Address) -> Place:
    return Place(kind, address.database or "", tuple(login for login in logins() if login.database == kind))


def _login(setting: str, group: str, database: Database, address: Address) -> Login:
    if not address.user:
        raise LoginUnnamed(setting=setting)
    if address.user in {role for kind in roles.DATABASES for role in roles.groups(kind)}:
        raise LoginIsGroup(setting=setting, role=address.user)
    return Login(address.user, setting, group, database, address)


def _address(setting: str) -> Address | None:
    told = read(setting)
    return None if told is None else addresses.parsed(setting, told)


def _server(address: Address) -> tuple[str, str]:
    return address.host or "", address.port or "5432"
