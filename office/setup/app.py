"""The set-up's application: five steps, taken in order, each a page that is posted."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from regisseur.errors import Misconfigured, NotAllowed, RegisseurError, RetryLater
from regisseur.office.faces import AsyncOffice
from regisseur.office.setup import steps, words
from regisseur.office.setup.door import Code, Door, same_origin
from regisseur.office.setup.pages import locale_of, page
from regisseur.office.setup.plan import STEPS, Plan
from regisseur.office.web import static
from regisseur.office.web.progress import progress_of
from regisseur.office.web.security import Headers
from regisseur.storage import ledger

log = logging.getLogger(__name__)

Finished = Callable[[], Awaitable[AsyncOffice]]
"""Opens the settings that were just written and serves their office in place of the set-up."""


def make_setup(file: Path, code: Code, *, finished: Finished, secure: bool = False) -> Starlette:
    """The pages that write ``file``, for whoever has the code; ``finished`` comes last of all.

    Raises Misconfigured where there are settings already: they are never overwritten.
    """
    if file.exists():
        raise Misconfigured(f"{file} is there already; edit it, or remove it to set up anew")
    setup = _Setup(file.resolve(), Door(code, secure=secure), finished)
    routes = [
        Route("/", setup.begin, methods=["GET"]),
        Route("/setup", setup.enter, methods=["GET"]),
        Route("/setup", setup.admit, methods=["POST"]),
        Route("/setup/{step}", setup.see, methods=["GET"]),
        Route("/setup/{step}", setup.take, methods=["POST"]),
        Route(static.PATH, _file, methods=["GET"]),
        Route("/{rest:path}", setup.begin, methods=["GET"]),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Headers, secure=secure)])
    app.state.plan = setup.plan
    return app


async def _file(request: Request) -> Response:
    try:
        return static.answer(request, request.path_params["name"])
    except RegisseurError:
        return Response(status_code=404)


class _Setup:
    """One set-up: its answers so far, and the pages of its steps."""

    def __init__(self, file: Path, door: Door, finished: Finished) -> None:
        self._file, self._door, self._finished = file, door, finished
        self.plan = Plan()

    async def begin(self, request: Request) -> Response:
        """Whatever was asked for: the set-up comes first."""
        here = f"/setup/{self.plan.reached()}" if self._door.lets_in(request) else "/setup"
        return RedirectResponse(here, status_code=303)

    async def enter(self, request: Request) -> Response:
        """Ask for the code; an address that holds it fills it in."""
        typed = request.query_params.get("code", "")
        return page(locale_of(request), "code.html.j2", typed=typed, fault=None)

    async def admit(self, request: Request) -> Response:
        """Let the browser in that has the code, and no other after it."""
        locale = locale_of(request)
        form = await request.form()
        answer = RedirectResponse(f"/setup/{self.plan.reached()}", status_code=303)
        try:
            if not same_origin(request):
                raise NotAllowed("this was sent from a page that isn't ours")
            self._door.open(str(form.get("code", "")), locale, answer)
        except (NotAllowed, RetryLater) as error:
            return page(locale, "code.html.j2", status=403, typed="", fault=str(error))
        return answer

    async def see(self, request: Request) -> Response:
        """The page of a step that has been reached."""
        step = request.path_params["step"]
        if not self._door.lets_in(request):
            return RedirectResponse("/setup", status_code=303)
        if step not in STEPS or not self.plan.may_see(step):
            return RedirectResponse(f"/setup/{self.plan.reached()}", status_code=303)
        return await self._page(request, step)

    async def take(self, request: Request) -> Response:
        """Take a step; what is wrong is told on its own page."""
        step = request.path_params["step"]
        form = await request.form()
        if not self._door.lets_in(request) or not self._door.sent_by_us(request, form.get("token")):
            return RedirectResponse("/setup", status_code=303)
        if step not in STEPS or not self.plan.may_see(step):
            return RedirectResponse(f"/setup/{self.plan.reached()}", status_code=303)
        try:
            return await self._taken(request, step, form)
        except steps.Wrong as wrong:
            return await self._page(request, step, wrong=wrong, form=form)
        except RegisseurError as error:
            return await self._page(request, step, wrong=steps.Wrong({}, str(error)), form=form)

    async def _taken(self, request: Request, step: str, form: FormData) -> Response:
        if step != "finish":
            await steps.TAKEN[step](self.plan, form, self._file, self._locale(request))
            following = STEPS[STEPS.index(step) + 1]
            again = "look_again" in form
            return RedirectResponse(f"/setup/{step if again else following}", status_code=303)
        return await self._finish(form)

    async def _finish(self, form: FormData) -> Response:
        """Write the settings, make the administrator, and hand over to the office."""
        administrator, company, agents = await steps.written(self.plan, self._file)
        office = await self._finished()
        if form.get("night") == "yes" and agents:
            who = ledger.Who(administrator, person=True, asserted=False)
            await progress_of(office).start(office, agents, company=company, by=who)
            return RedirectResponse(f"/{company}/missions", status_code=303)
        return RedirectResponse(f"/{company}/inbox", status_code=303)

    def _locale(self, request: Request) -> str:
        """The company's language once it is chosen, else the browser's."""
        company = self.plan.company
        return locale_of(request) if company is None else company.locale

    async def _page(
        self,
        request: Request,
        step: str,
        *,
        wrong: steps.Wrong | None = None,
        form: FormData | None = None,
    ) -> Response:
        locale = self._locale(request)
        told: dict[str, Any] = steps.SHOWN[step](self.plan, self._file, locale, form)
        return page(
            locale,
            f"{step}.html.j2",
            status=422 if wrong else 200,
            step=step,
            steps=STEPS,
            reached=self.plan.reached(),
            token=self._door.token,
            plan=self.plan,
            faults=wrong.fields if wrong else {},
            fault=wrong.message if wrong else None,
            labels=words,
            **told,
        )
