"""Signing in with an OpenID provider: by authorization code, with PKCE, state and nonce (OpenID
Connect Core 1.0, section 3.1). Needs ``pip install "regisseur[oidc]"``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

import httpx

from regisseur.errors import InvalidInput, Misconfigured, NotAllowed, RetryLater
from regisseur.office.settings import OidcSettings

SCOPE = "openid email"
ALGORITHMS = ["RS256", "PS256", "ES256"]
"""Signatures of tokens that are believed; never one by a shared secret, never none."""
PATIENCE = 10.0
"""Seconds until a provider that doesn't answer is given up."""
SLACK = 60
"""Seconds by which the provider's clock may differ."""


@dataclass(frozen=True)
class Begun:
    """What the browser keeps while the person is at the provider."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    """The page to go on to."""

    @classmethod
    def new(cls, wanted: str) -> Begun:
        """With secrets of its own."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, wanted)

    @classmethod
    def parse(cls, text: str) -> Begun:
        """From the cookie; raises InvalidInput."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise InvalidInput("begin again: too much time has passed", field="state") from error

    def __str__(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Known:
    """Who the provider says it is."""

    issuer: str
    subject: str
    email: str | None
    """Only where the provider verified it."""


@dataclass(frozen=True)
class Provider:
    """An OpenID provider; ``back`` is our address to which it sends people back."""

    settings: OidcSettings
    back: str

    async def address(self, begun: Begun) -> str:
        """Where the person signs in; raises RetryLater where the provider doesn't answer."""
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            about = await self._about(client)
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.back,
            "scope": SCOPE,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge(begun.verifier),
            "code_challenge_method": "S256",
        }
        return str(httpx.URL(about["authorization_endpoint"]).copy_merge_params(asked))

    async def known(self, begun: Begun, state: str, code: str) -> Known:
        """Who came back with this code; raises NotAllowed for anything that isn't as it was begun."""
        if not code or not hmac.compare_digest(state.encode(), begun.state.encode()):
            raise NotAllowed("begin again: this isn't the answer to what was begun here")
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            about = await self._about(client)
            token = await self._exchanged(client, about["token_endpoint"], code, begun.verifier)
            keys = await _asked(client.get(about["jwks_uri"]))
        return self._checked(token, keys, begun)

    async def _exchanged(
        self, client: httpx.AsyncClient, address: str, code: str, verifier: str
    ) -> str:
        """The identity token for a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "code_verifier": verifier,
            "client_id": self.settings.client_id,
        }
        secret = self.settings.client_secret
        own = httpx.BasicAuth(quote(self.settings.client_id), quote(secret))
        question = client.post(address, data=form, auth=own if secret else httpx.USE_CLIENT_DEFAULT)
        answer = await _asked(question)
        return str(answer.get("id_token", ""))

    async def _about(self, client: httpx.AsyncClient) -> dict[str, Any]:
        """What the provider publishes about itself."""
        where = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        about = await _asked(client.get(where))
        if about.get("issuer") != self.settings.issuer:
            raise Misconfigured("[signing.oidc] issuer is not what the provider calls itself")
        return about

    def _checked(self, token: str, keys: Any, begun: Begun) -> Known:
        """Who the token names, if the provider signed it for us and for this visit."""
        try:
            from joserfc import jwt
            from joserfc.errors import JoseError
            from joserfc.jwk import KeySet
        except ImportError as error:
            needed = 'signing in with a provider needs `pip install "regisseur[oidc]"`'
            raise Misconfigured(needed) from error
        rules = jwt.JWTClaimsRegistry(
            leeway=SLACK,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": begun.nonce},
        )
        try:
            claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError, KeyError) as error:
            raise NotAllowed("the provider's token can't be believed; begin again") from error
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Known(self.settings.issuer, str(claims["sub"]), email)


def challenge(verifier: str) -> str:
    """The S256 code challenge of RFC 7636, section 4.2."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def _asked(question: Awaitable[httpx.Response]) -> dict[str, Any]:
    """The provider's answer; raises NotAllowed where it refuses, RetryLater where it is away."""
    try:
        answer = await question
        if answer.is_client_error:
            raise NotAllowed("the sign-in provider refused; begin again")
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise RetryLater("the sign-in provider does not answer as it should") from error
    return told
