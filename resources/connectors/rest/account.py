"""Who we are to the platform, and whom we take for it: read from the settings at the moment of use."""

import re
from dataclasses import dataclass, field

from resources.connectors.rest.failures import AuthoritiesUnreadable, PartnerCodeWrong, PlatformUnconfigured
from resources.http import partner
from resources.http.exchange import why_no_authorities
from resources.settings import Settings
from schemas.dataset import Source

_CODE = re.compile(r"[\x21-\x7e]{1,100}")  # it is sent as a header of its own: nothing that ends one


@dataclass(frozen=True)
class Account:
    """The keys of a partner. `authorities`: the file of those that vouch for the platform; None: the machine's own."""

    client_id: str
    client_secret: str = field(repr=False)
    partner_code: str
    authorities: str | None

    @classmethod
    def of(cls, source: Source, settings: Settings) -> "Account":
        """Raises PlatformUnconfigured, which names what is missing, PartnerCodeWrong and AuthoritiesUnreadable."""
        found = settings.platform_account(f"SOURCE_{source.name.upper()}")
        for setting, told in found.items():
            if told is None:
                raise PlatformUnconfigured(source=source.name, title=source.title, setting=setting)
        authorities = settings.platform_authorities
        if authorities is not None and (why := why_no_authorities(authorities)):
            raise AuthoritiesUnreadable(source=source.name, title=source.title, why=why)
        client_id, client_secret, code = (told or "" for told in found.values())
        if not _CODE.fullmatch(code):
            raise PartnerCodeWrong(source=source.name, title=source.title)
        return cls(client_id, client_secret, code, authorities)

    @property
    def shown(self) -> str:
        """What the platform's header holds. It is a secret."""
        return partner.shown(self.client_id, self.client_secret, self.partner_code)
