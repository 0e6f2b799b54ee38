"""Why an invoice, a customer or a whole company is left alone tonight.

The reasons are tried in the order written; the first that holds is the one that people read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from regisseur.agents.invoice_followup.calendar import working_days
from regisseur.agents.invoice_followup.forms import Replied
from regisseur.agents.invoice_followup.matching import Probable
from regisseur.agents.invoice_followup.observation import Observation
from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.agents.invoice_followup.standing import NOTHING_SAID, Ladder, Standing
from regisseur.agents.invoice_followup.told import Notebook
from regisseur.agents.invoice_followup.words import day, days, money, say
from regisseur.graphs.told import Told
from regisseur.tools.actions.reminding.guards import STOPPING
from regisseur.tools.records import Customer, Message

DEFERRED = frozenset({"direct_debit", "bill_of_exchange"})
"""Means of payment that settle by themselves some days after the due date."""

SHORT_ID = 8
"""Characters of an entry's id that name it; ``regisseur withdraw`` takes them."""


@dataclass(frozen=True)
class Hold:
    """A reason, and until when it holds if that is known."""

    tag: str
    message: Message
    until: date | None = None


class Holds:
    """The reasons of one night."""

    def __init__(
        self,
        observation: Observation,
        settings: InvoiceFollowupSettings,
        notebook: Notebook,
        ladder: Ladder,
        payments: Mapping[str, Probable],
        on: date,
    ) -> None:
        self.observation = observation
        self.settings = settings
        self.notebook = notebook
        self.ladder = ladder
        self.payments = payments
        self.on = on
        self._known: dict[str, Hold | None] = {}
        self._of_invoice: tuple[Callable[[Standing], Hold | None], ...] = (
            self._not_ours,
            self._disputed,
            self._stopped_by_status,
            self._probably_paid,
            self._announced,
            self._promised,
            self._triage,
            self._paused,
            self._blocked,
            self._settles_itself,
            self._undelivered,
            self._small,
        )

    def of_company(self) -> Hold | None:
        """Nobody is chased on old knowledge of payments; where nothing is owed, nobody is anyway."""
        if not self.observation.books.invoices:
            return None
        known = self.payments_until
        if known is None:
            return Hold("stale", say("Nothing is known of payments: nobody is chased."))
        age = (self.on - known).days
        if age > self.settings.stale_after:
            message = say(
                "What is known of payments is {age} old ({day}): nobody is chased.",
                age=days(age),
                day=day(known),
            )
            return Hold("stale", message)
        return None

    @property
    def payments_until(self) -> date | None:
        """How far payments are known: the last bank line or the last payment in the ERP."""
        known = (self.observation.bank_until, self.observation.books.last_payment)
        return max((one for one in known if one is not None), default=None)

    def of_customer(self, customer: Customer) -> Hold | None:
        """Why a customer is left alone altogether."""
        insolvent = self.notebook.insolvent(customer.id)
        if insolvent is not None:
            message = say(
                "insolvency since {day}: declare the claim, don't chase it",
                day=day(insolvent.opened_on),
            )
            return Hold("insolvent", message)
        if customer.do_not_contact or self.notebook.silenced(customer.id):
            return Hold("do_not_contact", say("not to be contacted"))
        if unread := self.notebook.unread(customer.id):
            return _unread(*unread[-1])
        place = customer.address
        calendar = working_days(place.country if place else None, place.postcode if place else "")
        if not calendar.includes(self.on):
            until = calendar.next(self.on)
            return Hold("day_off", say("day off there, until {day}", day=day(until)), until)
        return self._just_contacted(customer)

    def of_invoice(self, standing: Standing) -> Hold | None:
        """Why one invoice is left out."""
        id_ = standing.invoice.id
        if id_ not in self._known:
            reasons = (found for why in self._of_invoice if (found := why(standing)))
            self._known[id_] = next(reasons, None)
        return self._known[id_]

    def _just_contacted(self, customer: Customer) -> Hold | None:
        last = self._last_contact.get(customer.id)
        until = None if last is None else last + timedelta(days=self.settings.gap_days)
        if last is None or until is None or self.on >= until:
            return None
        message = say("contacted on {day}, next on {until}", day=day(last), until=day(until))
        return Hold("just_contacted", message, until)

    @cached_property
    def _last_contact(self) -> Mapping[str, date]:
        newest: dict[str, date] = {}
        for one in self.observation.books.reminders:
            newest[one.customer_id] = max(newest.get(one.customer_id, one.on), one.on)
        return newest

    def _not_ours(self, one: Standing) -> Hold | None:
        if one.invoice.factored:
            return Hold("factored", say("sold to the factor, who is paid"))
        return None

    def _disputed(self, one: Standing) -> Hold | None:
        told = self.notebook.disputed(one.customer.id, one.invoice.id)
        triage = self.notebook.triaged(one.customer.id, one.invoice.id)
        if told is not None:
            return Hold("disputed", say("disputed: {reason}", reason=told.reason))
        if one.invoice.dispute is not None:
            return Hold("disputed", say("disputed: {reason}", reason=one.invoice.dispute))
        if triage is not None and triage.verdict == "disputed":
            return Hold("disputed", say("sorted as disputed"))
        return None

    def _stopped_by_status(self, one: Standing) -> Hold | None:
        stopped = STOPPING.get(one.invoice.status or 0)
        return None if stopped is None else Hold("electronic_status", stopped)

    def _probably_paid(self, one: Standing) -> Hold | None:
        paid = self.payments.get(one.invoice.id)
        if paid is None:
            return None
        message = say(
            "probably paid: {amount} from {name} on {day}",
            amount=money(paid.amount, paid.currency),
            name=paid.text,
            day=day(paid.on),
        )
        return Hold("probably_paid", message)

    def _announced(self, one: Standing) -> Hold | None:
        told = self.notebook.announced(one.customer.id, one.invoice.id)
        if told is None:
            return None
        message = say("payment announced for {day}", day=day(told.on))
        return self._waiting(one, told.on, Hold("announced", message))

    def _promised(self, one: Standing) -> Hold | None:
        told = self.notebook.promised(one.customer.id, one.invoice.id)
        if told is None:
            return None
        message = say("promised for {day}", day=day(told.on))
        return self._waiting(one, told.on, Hold("promised", message))

    def _waiting(self, one: Standing, on: date, hold: Hold) -> Hold | None:
        """Money that is on its way, until it must have arrived."""
        place = one.customer.address
        calendar = working_days(place.country if place else None)
        until = calendar.after(on, self.settings.clearing_days)
        return None if self.on > until else replace(hold, until=until)

    def _triage(self, one: Standing) -> Hold | None:
        """Old debts of the first night, until a person has sorted them."""
        triage = self.notebook.triaged(one.customer.id, one.invoice.id)
        if triage is not None:
            sorted_out = {"paid": say("sorted as paid"), "doubtful": say("sorted as doubtful")}
            known = sorted_out.get(triage.verdict)
            return None if known is None else Hold(f"sorted_{triage.verdict}", known)
        first = self.observation.first_night
        old = first is not None and one.due < first and one.said.reached == NOTHING_SAID
        if self.settings.triage and old and not self.ladder.known(one.invoice):
            return Hold("to_sort", say("old debt, to be sorted by a person first"))
        return None

    def _paused(self, one: Standing) -> Hold | None:
        pause = self.notebook.paused(one.customer.id, one.invoice.id)
        if pause is None or self.on >= pause.until:
            return None
        return Hold("paused", say("paused until {day}", day=day(pause.until)), pause.until)

    def _blocked(self, one: Standing) -> Hold | None:
        if any(part.blocked for part in one.due_parts):
            return Hold("blocked", say("reminders are blocked in the ERP"))
        return None

    def _settles_itself(self, one: Standing) -> Hold | None:
        until = one.due + timedelta(days=self.settings.settlement_days)
        if one.means not in DEFERRED or self.on > until:
            return None
        return Hold("settling", say("settles by itself until {day}", day=day(until)), until)

    def _undelivered(self, one: Standing) -> Hold | None:
        if one.invoice.undelivered:
            return Hold("undelivered", say("not all of it is delivered yet"))
        return None

    def _small(self, one: Standing) -> Hold | None:
        if one.open <= self.settings.tolerance:
            return Hold("small", say("too small to be chased"))
        return None


def _unread(told: Told, answer: Replied) -> Hold:
    """An answer may be a promise or a dispute: a person reads it first."""
    came = answer.received or told.at
    message = say(
        "answered on {day}: read it, tell what it says, or withdraw the entry {entry}",
        day=day(came.date()),
        entry=told.id[:SHORT_ID],
    )
    return Hold("replied", message)
