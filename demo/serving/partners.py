"""Who is let in by a synthetic server: a partner by its header, and whoever bears a token that was given to one."""

import base64
import binascii
import hmac
import json
import secrets
import threading
import time
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

PARTNER_HEADER = "lgspaccesstoken"
PARTNER_FIELDS = ("AccessKey", "SecretKey", "AppName", "PartnerCode", "PartnerCodeCus")


@dataclass
class _Token:
    value: str
    ends: float
    uses: int | None  # how many calls it is still good for; None: any number

    @property
    def left(self) -> float:
        return 0.0 if self.uses == 0 else max(0.0, self.ends - time.monotonic())


class Partners:
    """One partner, known by its id and secret, and the tokens that it holds. They are in memory only: a restart forgets them."""

    def __init__(self, client_id: str, client_secret: str) -> None:
        self._client = (client_id, client_secret)
        self._tokens: dict[str, _Token] = {}
        self._lock = threading.Lock()

    def know(self, told: str | None) -> bool:
        """Whether a header, base64 of JSON, names the partner."""
        try:
            partner = json.loads(base64.b64decode(told or "", validate=True))
        except (ValueError, binascii.Error):
            return False
        if not isinstance(partner, dict) or any(not isinstance(partner.get(name), str) for name in PARTNER_FIELDS):
            return False
        given = (partner["AccessKey"], partner["SecretKey"])
        return all(hmac.compare_digest(a.encode(), b.encode()) for a, b in zip(given, self._client, strict=True))

    async def give(
        self, request: Request, seconds: float, uses: int | None = None, *, is_shared: bool = False, is_old: bool = False
    ) -> Response:
        """OAuth2 client credentials, form-encoded, with the partner's header.

        `is_shared`: as long as a token is good it is given again, with the whole seconds that are left to it. `is_old`: the
        last one is given again, with none left.
        """
        body = parse_qs((await request.body()).decode("utf-8", "replace"))
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
            return JSONResponse({"error": "invalid_request"}, status_code=400)
        if body.get("grant_type") != ["client_credentials"]:
            return JSONResponse({"error": "unsupported_grant_type"}, status_code=400)
        if not self.know(request.headers.get(PARTNER_HEADER)):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        with self._lock:
            token = self._old() if is_old else self._shared() if is_shared else None
            if token is None:
                token = _Token(secrets.token_urlsafe(32), time.monotonic() + seconds, uses)
                self._tokens = {t.value: t for t in (*(t for t in self._tokens.values() if t.left), token)}
                told = seconds
            else:
                told = int(token.left)
        return JSONResponse({"access_token": token.value, "token_type": "Bearer", "expires_in": told})

    def _shared(self) -> _Token | None:
        return next((t for t in self._tokens.values() if t.left), None)

    def _old(self) -> _Token | None:
        """The last one that was given, made worthless."""
        last = next(reversed(self._tokens.values()), None)
        if last is not None:
            last.ends = time.monotonic()
        return last

    def let_in(self, token: str | None) -> bool:
        """Whether a token is good; a call is used up by it."""
        with self._lock:
            known = self._tokens.get(token or "")
            if known is None or not known.left:
                return False
            known.uses = None if known.uses is None else known.uses - 1
            return True

    def forget(self) -> None:
        """Forget all tokens: a client has to ask for a new one."""
        with self._lock:
            self._tokens.clear()


def bearer(request: Request) -> str | None:
    """The token in `Authorization: Bearer`."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind == "Bearer" else None
