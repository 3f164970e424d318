"""Reports: who sends them, to whom, and whether the gateway lets us in."""

from pipelines.doctor.failures import GatewayHalfConfigured, GatewayUnconfigured, OrganisationUnknown
from resources.environment import read
from resources.hub import Hub
from resources.reporting.client import client
from resources.reporting.failures import OrganisationUnknown as NoneInForce
from resources.reporting.parties import party
from schemas.reports.organisations import ROLE_TITLES

LONGEST_LOGIN = 30.0  # seconds
SETTINGS = ("NATIONAL_REPORTING_URL", "NATIONAL_REPORTING_CLIENT_ID", "NATIONAL_REPORTING_CLIENT_SECRET")
PLACE = "tệp reports/organisations.csv của thư mục ANSINH_CONFIG (dòng đầu: role,code,name,valid_from,valid_to,legal_basis,confidence,note)"


def look(hub: Hub) -> str:
    gateway = client(hub.settings)
    if gateway is None:
        missing = [name for name in SETTINGS if read(name) is None]
        if len(missing) < len(SETTINGS):
            raise GatewayHalfConfigured(missing=", ".join(missing))
        raise GatewayUnconfigured
    gateway.longest_call = LONGEST_LOGIN
    gateway.login()
    return f"đăng nhập được, {gateway.road}"


def sender(hub: Hub) -> str:
    """The codes that every packet carries, on this day."""
    today = hub.today()
    found, unknown = [], []
    for role, title in ROLE_TITLES.items():
        try:
            found.append(f"{title} {party(hub.settings, role, today).code}")
        except NoneInForce:
            unknown.append(role)
    if unknown:
        lines = [f"{role},<mã>,<tên {ROLE_TITLES[role]}>,{today:%Y-%m-%d},,<số quyết định>,sure," for role in unknown]
        roles = " và ".join(ROLE_TITLES[role] for role in unknown)
        raise OrganisationUnknown(day=f"{today:%d/%m/%Y}", roles=roles, place=PLACE, line=" và dòng: ".join(lines))
    return ", ".join(found)
