"""Lines over a network that may go unencrypted: production takes none, but where its operators name the setting in another one.

Asked by the address alone, before anything is sent. Of what is allowed the doctor keeps telling.
"""

import re

from resources.environment import profile, read
from resources.servers.failures import ClearLineRefused

SETTING = "ANSINH_CLEAR_LINES"


def allowed() -> frozenset[str]:
    """The settings whose addresses may lead over a network in clear."""
    return frozenset(name for name in re.split(r"[\s,;]+", read(SETTING) or "") if name)


def refuse_clear(name: str, mode: str, best: str) -> None:
    """Raises ClearLineRefused. `name`: of the setting that holds the address; `mode`: as it says, or leaves to its driver to say."""
    if profile() == "production" and name not in allowed():
        raise ClearLineRefused(name=name, mode=mode, best=best, allowed_by=SETTING)
