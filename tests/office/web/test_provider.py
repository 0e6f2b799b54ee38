"""Signing in with an OpenID provider, which is a small one of ours on this machine."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from browsing import served
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from website import ADDRESS, Site

from regisseur.office.settings import OidcSettings
from regisseur.office.web.provider import challenge


@dataclass
class Elsewhere:
    """A provider that says what a test wants it to."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    signs_with: RSAKey | None = None
    asked: dict[str, str] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.about),
                Route("/keys", self.keys),
                Route("/token", self.token, methods=["POST"]),
            ]
        )

    async def about(self, request: Request) -> JSONResponse:
        at = self.issuer
        ends = {"authorization_endpoint": f"{at}/go", "token_endpoint": f"{at}/token"}
        return JSONResponse({"issuer": at, "jwks_uri": f"{at}/keys", **ends})

    async def keys(self, request: Request) -> JSONResponse:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def token(self, request: Request) -> JSONResponse:
        form = await request.form()
        right = (
            challenge(str(form["code_verifier"])) == self.asked["code_challenge"]
            and form["code"] == "the code"
        )
        if not right or form["redirect_uri"] != self.asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        claims = {
            "iss": self.issuer,
            "aud": "regisseur",
            "sub": "42",
            "exp": int(time.time()) + 60,
            "nonce": self.asked["nonce"],
            "email": "paul@atelier.example",
            "email_verified": True,
        }
        signed = jwt.encode(
            {"alg": "RS256", "kid": "1"}, claims | self.claims, self.signs_with or self.key
        )
        return JSONResponse({"access_token": "x", "token_type": "bearer", "id_token": signed})


@pytest.fixture
def elsewhere(site: Site) -> Iterator[Elsewhere]:
    """The provider, which the settings name; Paul has an address there."""
    provider = Elsewhere()
    site.hire("paul", "viewer", email="paul@atelier.example")
    with served(provider.app()) as address:
        provider.issuer = address
        settings = site.office.opened.core.house.settings.signing
        settings.oidc = OidcSettings(issuer=address, client_id="regisseur", client_secret="s3cret")
        yield provider


def goes_there_and_back(site: Site, elsewhere: Elsewhere, **answer: str) -> tuple[int, str]:
    """Status and address of the page that the browser comes back to."""
    visitor = site.stranger()
    assert "/sign-in/provider?next=/atelier/missions" in visitor.text(
        "/sign-in?next=/atelier/missions"
    )
    left = visitor.get("/sign-in/provider?next=/atelier/missions")
    parts = urlsplit(left.headers["location"])
    elsewhere.asked = {name: value for name, (value, *_) in parse_qs(parts.query).items()}
    assert elsewhere.asked["redirect_uri"] == f"{ADDRESS}/sign-in/provider/back"
    query = {"state": elsewhere.asked["state"], "code": "the code", **answer}
    back = visitor.browser.get("/sign-in/provider/back", params=query)
    if back.status_code == 303:
        assert visitor.get("/atelier/inbox").status_code == 200
    else:
        assert visitor.get("/atelier/inbox").status_code == 303
    return back.status_code, back.headers.get("location", "")


def test_the_example_of_the_standard() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_there_and_back_again(site: Site, elsewhere: Elsewhere) -> None:
    assert goes_there_and_back(site, elsewhere) == (303, "/atelier/missions")
    elsewhere.claims = {"email": "other@elsewhere.example"}  # known by the subject from now on
    assert goes_there_and_back(site, elsewhere)[0] == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"iss": "https://another.example"},
        {"exp": 1},
        {"sub": "43", "email_verified": False},
        {"sub": "43", "email": "nobody@atelier.example"},
    ],
)
def test_what_can_not_be_believed_opens_nothing(
    site: Site, elsewhere: Elsewhere, claims: dict[str, Any]
) -> None:
    elsewhere.claims = claims
    assert goes_there_and_back(site, elsewhere) == (403, "")


def test_another_key_state_or_code_opens_nothing(site: Site, elsewhere: Elsewhere) -> None:
    assert goes_there_and_back(site, elsewhere, state="another")[0] == 403
    assert goes_there_and_back(site, elsewhere, code="another")[0] == 403
    elsewhere.signs_with = RSAKey.generate_key(2048, {"kid": "1"})
    assert goes_there_and_back(site, elsewhere)[0] == 403
    answer = site.stranger().get("/sign-in/provider/back?state=x&code=the+code")
    assert answer.status_code == 422


def test_without_a_provider_there_is_no_such_page(site: Site) -> None:
    assert "/sign-in/provider" not in site.stranger().text("/sign-in")
    assert site.stranger().get("/sign-in/provider").status_code == 404
