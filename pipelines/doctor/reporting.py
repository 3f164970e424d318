"""The reporting gateway: whether it lets us in."""

from pipelines.doctor.failures import GatewayUnconfigured
from resources.hub import Hub
from resources.reporting.client import client

LONGEST_LOGIN = 30.0  # seconds


def look(hub: Hub) -> str:
    gateway = client(hub.settings)
    if gateway is None:
        raise GatewayUnconfigured
    gateway.longest_call = LONGEST_LOGIN
    gateway.login()
    return f"đăng nhập được, {gateway.road}"
