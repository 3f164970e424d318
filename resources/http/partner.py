"""How we are known to a platform: the header in which a partner shows its keys, as all of its kind want it."""

import base64
import json

from schemas.services import Auth

APPLICATION = "ansinh"
HEADER = "lgspaccesstoken"


def shown(client_id: str, client_secret: str, code: str, application: str = APPLICATION) -> str:
    """The keys of a partner as one text. It is a secret."""
    partner = {
        "AccessKey": client_id,
        "SecretKey": client_secret,
        "AppName": application,
        "PartnerCode": code,
        "PartnerCodeCus": code,
    }
    return base64.b64encode(json.dumps(partner).encode()).decode("ascii")


# The answer is not asked for packed: a small one could unpack to any size. One that comes packed is not read.
PLAIN = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": APPLICATION, "Connection": "close"}


def let_in(shape: Auth, shown: str, token: str | None) -> dict[str, str]:
    """The headers by which a service lets us in, in its own shape."""
    if shape == "authorization":
        return {"Authorization": shown}
    carried = {"X-Authentication-Token": token} if shape == "token_header" else {"Authorization": f"Bearer {token}"}
    return {HEADER: shown} | {name: value for name, value in carried.items() if value}
