"""What keeps others out: sign-in, cookies, headers, and errors that tell nothing."""

import re
from datetime import timedelta
from types import ModuleType

import pytest
from staff import PASSWORD
from starlette.responses import Response
from starlette.routing import Route
from website import ADDRESS, TOKEN, Site, Visitor

from regisseur.errors import InvalidInput
from regisseur.office.web import notices
from regisseur.office.web.addresses import ours
from regisseur.office.web.app import found_doors
from regisseur.office.web.cookies import form_token
from regisseur.office.web.pace import Pace, TooOften
from regisseur.office.web.pages import Visit, shows
from regisseur.office.web.settings import ServerSettings
from regisseur.tools.records import Speaker

say = Speaker("tests")


def sign_in(visitor: Visitor, login: str, password: str, **more: str) -> tuple[int, str, str]:
    """Through the form: status, where to, and the page."""
    page = visitor.get("/sign-in").text
    token = TOKEN.search(page)
    assert token is not None
    answer = visitor.browser.post(
        "/sign-in",
        data={"token": token[1], "login": login, "password": password, **more},
        headers={"origin": ADDRESS},
    )
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_signing_in_and_out(site: Site) -> None:
    visitor = site.stranger()
    asked = visitor.get("/atelier/inbox?view=shadow")
    assert asked.headers["location"] == "/sign-in?next=/atelier/inbox%3Fview%3Dshadow"
    status, where, _ = sign_in(
        visitor, "Approver.Atelier", PASSWORD, next="/atelier/inbox?view=shadow"
    )
    assert (status, where) == (303, "/atelier/inbox?view=shadow")
    cookie = next(one for one in visitor.browser.cookies.jar if one.name == "regisseur")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    assert visitor.get("/").headers["location"] == "/atelier/inbox"
    stolen = cookie.value or ""
    assert visitor.post("/sign-out").headers["location"] == "/sign-in"
    visitor.browser.cookies.set("regisseur", stolen)
    assert visitor.get("/atelier/inbox").status_code == 303


def test_what_was_wrong_is_not_told(site: Site) -> None:
    visitor = site.stranger()
    told = {
        re.sub(r'value="[^"]*"', "", sign_in(visitor, login, password)[2])
        for login, password in (
            ("approver.atelier", "wrong password"),
            ("nobody.at.all", PASSWORD),
            ("no login at all!", "x"),
        )
    }
    assert len(told) == 1
    assert "don&#39;t go together" in told.pop()


def test_signing_in_needs_the_form_of_this_browser(site: Site) -> None:
    form = {"login": "viewer.atelier", "password": PASSWORD}
    for token in ("", form_token("")):
        visitor = site.stranger()
        sent = form | {"token": token}
        answer = visitor.browser.post("/sign-in", data=sent, headers={"origin": ADDRESS})
        assert answer.status_code == 403


def test_who_guesses_has_to_wait(site: Site) -> None:
    visitor = site.stranger()
    answers = [sign_in(visitor, "viewer.atelier", "wrong password")[0] for _ in range(6)]
    assert answers == [403] * 5 + [429]
    assert sign_in(visitor, "viewer.atelier", PASSWORD)[0] == 429
    site.clock.moment += timedelta(minutes=16)
    assert sign_in(visitor, "viewer.atelier", PASSWORD)[0] == 303


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/a\r\nset-cookie: x",
    ],
)
def test_an_address_that_is_no_page_of_ours_is_not_gone_to(address: str) -> None:
    assert ours(address) == "/"


def test_nobody_is_sent_to_another_site(site: Site) -> None:
    evil = "//evil.example/"
    assert sign_in(site.stranger(), "viewer.atelier", PASSWORD, next=evil)[:2] == (303, "/")
    asked = site.visitor("viewer").get(f"/sign-in?next={evil}")
    assert asked.headers["location"] == "/"


def test_every_answer_says_what_browsers_may_do_with_it(site: Site) -> None:
    visitor = site.visitor("approver")
    for path in ("/atelier/inbox", "/nothing/at/all", "/static/house.css", "/api/v1/nothing"):
        headers = visitor.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
    assert visitor.get("/atelier/inbox").headers["cache-control"] == "no-store"


def test_pages_need_no_script_or_style_of_their_own(site: Site) -> None:
    visitor = site.signed_in("approver.atelier")
    action = site.office.inbox(company="atelier")[0].id
    for path in ("inbox", f"actions/{action}", f"actions/{action}/edit", "/sign-in"):
        text = visitor.text(path) if path != "/sign-in" else site.stranger().text(path)
        assert not re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", text)


def test_another_host_name_is_not_ours(site: Site) -> None:
    assert site.visitor("viewer").get("inbox", host="evil.example").status_code == 400


def test_too_much_is_not_read(site: Site) -> None:
    visitor = site.visitor("approver")
    answer = visitor.post("inbox", {"back": "x" * 12_000_001})
    assert answer.status_code == 413


def test_a_failure_of_ours_tells_nothing(site: Site) -> None:
    async def broken(visit: Visit) -> Response:
        raise LookupError("password=hunter2")

    async def wrong(visit: Visit) -> Response:
        raise InvalidInput("<b>no</b>", field="day")

    site.app.router.routes[:0] = [
        shows("/{company}/broken", broken),
        shows("/{company}/wrong", wrong),
    ]
    visitor = site.visitor("viewer")
    answer = visitor.get("broken")
    assert (answer.status_code, "hunter2" in answer.text) == (500, False)
    answer = visitor.get("wrong")
    assert answer.status_code == 422
    assert "day: &lt;b&gt;no&lt;/b&gt;" in answer.text


def test_only_doors_are_served() -> None:
    async def anything(visit: Visit) -> Response:
        return Response()

    module = ModuleType("pages")
    module.ROUTES = [Route("/x", lambda request: Response())]  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="whom it lets in"):
        found_doors([module])
    with pytest.raises(ValueError, match="doesn't name"):
        shows("/x", anything)


def test_a_notice_is_shown_once_and_only_ours(site: Site) -> None:
    visitor = site.visitor("approver")
    answer = visitor.post("inbox", {"verdict": "approve"})
    assert answer.headers["location"] == "/atelier/inbox"
    assert "Nothing was selected" in visitor.text("inbox")
    assert "Nothing was selected" not in visitor.text("inbox")
    forged = answer.cookies[notices.COOKIE].partition(".")[0] + "." + "0" * 64
    visitor.browser.cookies.set(notices.COOKIE, forged)
    assert "Nothing was selected" not in visitor.text("inbox")


def test_a_company_is_not_drowned_in_requests() -> None:
    now = [0.0]
    pace = Pace(2, clock=lambda: now[0])
    pace.count("anne")
    pace.count("anne")
    pace.count("paul")
    with pytest.raises(TooOften) as refused:
        pace.count("anne")
    assert refused.value.after == 60
    now[0] = 60
    pace.count("anne")


@pytest.mark.parametrize(
    "address", ["ftp://x", "regisseur.example", "https://x/path", "https://x?y=1"]
)
def test_the_address_is_one(address: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        ServerSettings(base_url=address)


def test_https_makes_cookies_secure() -> None:
    settings = ServerSettings(base_url="https://regisseur.example/")
    assert (settings.address, settings.secure) == ("https://regisseur.example", True)
    assert "regisseur.example" in settings.names
    assert ServerSettings(host="::1").address == "http://[::1]:8765"
    assert "0.0.0.0" not in ServerSettings(host="0.0.0.0").names
