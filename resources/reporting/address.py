"""Where the reporting gateway is, as its setting says."""

from resources.http import address
from resources.http.address import Address, AddressWrong
from resources.reporting.failures import GatewayAddressWrong

SETTING = "NATIONAL_REPORTING_URL"


def read_address(url: str, setting: str = SETTING) -> Address:
    """The address that a setting holds. Raises GatewayAddressWrong, which names the setting and what is wrong."""
    try:
        return address.read_address(url, setting)
    except AddressWrong as wrong:
        found = GatewayAddressWrong(setting=wrong.setting, wrong=wrong.wrong)
    raise found
