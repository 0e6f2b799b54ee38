"""One night's work, put together once: what the judge, the report and the tests look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from regisseur.agents.invoice_followup.ageing import Bucket, Ledger, buckets
from regisseur.agents.invoice_followup.amending import Amender
from regisseur.agents.invoice_followup.calendar import working_days
from regisseur.agents.invoice_followup.choice import Choice, Chooser, Left, Message
from regisseur.agents.invoice_followup.claims import Lawyer
from regisseur.agents.invoice_followup.holds import Hold, Holds
from regisseur.agents.invoice_followup.matching import Probable, probable_payments
from regisseur.agents.invoice_followup.observation import Observation
from regisseur.agents.invoice_followup.outlook import Outlook, not_coming
from regisseur.agents.invoice_followup.parts import Part, parts_of
from regisseur.agents.invoice_followup.promises import Outcome, outcomes
from regisseur.agents.invoice_followup.proposals import AHEAD, Proposer
from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.agents.invoice_followup.standing import Ladder, Standing, standings
from regisseur.agents.invoice_followup.told import Notebook
from regisseur.agents.invoice_followup.wording import Writer
from regisseur.agents.invoice_followup.words import say
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Proposal
from regisseur.graphs.past import Deed
from regisseur.tools.records import Invoice


@dataclass(frozen=True)
class Night:
    """An observation and what follows from it, each part worked out when it is first asked for."""

    observation: Observation
    brief: Brief[InvoiceFollowupSettings]

    @property
    def on(self) -> date:
        """The night's date."""
        return self.brief.on

    @property
    def currency(self) -> str:
        """The company's own: everything but messages is told in it."""
        return self.brief.company.currency

    @cached_property
    def notebook(self) -> Notebook:
        """What people told."""
        return Notebook.of(self.observation.told)

    @cached_property
    def ladder(self) -> Ladder:
        """The procedure."""
        return Ladder(self.brief.settings, self.notebook, self.observation.books.reminders)

    @cached_property
    def standings(self) -> list[Standing]:
        """Every open invoice."""
        books = self.observation.books
        customers = {one.id: one for one in books.customers}
        return standings(books.invoices, customers, self.ladder, self.on)

    @cached_property
    def payments(self) -> dict[str, Probable]:
        """Invoices that are probably paid."""
        return probable_payments(self.observation)

    @cached_property
    def holds(self) -> Holds:
        """Reasons to leave somebody alone."""
        settings = self.brief.settings
        return Holds(self.observation, settings, self.notebook, self.ladder, self.payments, self.on)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Every instalment in company currency, paid ones included."""
        books = self.observation.books
        return tuple(parts_of((*books.invoices, *books.past), self.currency))

    @cached_property
    def buckets(self) -> list[Bucket]:
        """Open instalments by age, in company currency."""
        return buckets(self.observation.books.invoices, self.on, self.currency)

    @cached_property
    def at_risk(self) -> list[Standing]:
        """Invoices that will probably be paid much too late."""
        return self.outlook.at_risk(self.standings)

    @cached_property
    def ledger(self) -> Ledger:
        """Sales and debts of every day, in company currency."""
        return Ledger(self.parts)

    @cached_property
    def outlook(self) -> Outlook:
        """When the open invoices will be paid."""
        return Outlook(
            on=self.on,
            risk_days=self.brief.settings.risk_days,
            parts=self.parts,
            customers={one.id: one for one in self.observation.books.customers},
            held=not_coming(self.standings, self.holds),
        )

    @cached_property
    def promises(self) -> list[Outcome]:
        """What became of what customers promised."""
        clearing = self.brief.settings.clearing_days
        return outcomes(self.observation, self.notebook, clearing, self.on)

    @cached_property
    def broken(self) -> list[tuple[Outcome, list[Invoice]]]:
        """Promises not kept, with what of them is still open and probably not paid."""
        found = (
            (one, [each for each in one.invoices if each.open > 0 and each.id not in self.payments])
            for one in self.promises
            if one.state == "broken"
        )
        return [(one, still) for one, still in found if still]

    @cached_property
    def lawyer(self) -> Lawyer:
        """Sums beside the invoices."""
        return Lawyer(self.brief.settings, self.on)

    @cached_property
    def _chosen(self) -> Choice:
        chooser = Chooser(
            self.brief.settings,
            self.ladder,
            self.holds,
            self.notebook,
            self.on,
            mail=self.observation.mail,
        )
        return chooser.choose(self.standings)

    @cached_property
    def messages(self) -> list[Message]:
        """Messages that can go out today, by what they may bring; small sums and courtesy
        notices after these, the oldest first.
        """
        ready = (one for one in self._chosen.messages if not self._unannounced(one))
        return sorted(ready, key=self._rank)

    def _rank(self, message: Message) -> tuple[bool, Decimal, int, str, str]:
        small = message.step.courtesy or message.open < self.brief.settings.plain_below
        effect = Decimal(0) if small else self.outlook.effect(message)
        about = message.customer
        return small, -effect, -message.days_late, about.name, about.id

    @cached_property
    def announced(self) -> list[Message]:
        """Messages of which the customer's salesperson hears first."""
        return [one for one in self._chosen.messages if self._unannounced(one)]

    @cached_property
    def left(self) -> list[Left]:
        """What is left alone, and why."""
        waiting = Hold("sales_told", say("the salesperson is told first"))
        told_first = (Left(one.customer, waiting, one.invoices) for one in self.announced)
        return [*self._chosen.left, *told_first]

    @cached_property
    def amender(self) -> Amender:
        """What is changed in the ERP besides messages."""
        return Amender(self.brief, self.observation, self.notebook, self.holds, self.standings)

    @cached_property
    def proposals(self) -> list[Proposal]:
        """Messages, then notes to salespeople, then what is changed in the ERP."""
        writer = Writer(self.brief.company, self.brief.settings, self.observation.texts)
        deeds = self.observation.deeds
        broken = {one.customer.id: one.on for one, _ in self.broken}
        proposer = Proposer(self.brief, writer, self.lawyer, self.outlook, deeds, broken)
        return [
            *(proposer.proposal(one) for one in self.messages),
            *(proposer.forewarning(one) for one in self.announced),
            *self.amender.proposals(),
        ]

    def _unannounced(self, message: Message) -> bool:
        """The salesperson has not known of it for a working day; said again for every message."""
        if not self.brief.settings.tell_sales or message.customer.salesperson is None:
            return False
        last = max((one.said.on for one in message.invoices if one.said.on), default=date.min)
        calendar = working_days(None)
        return not any(
            deed.on >= last and calendar.after(deed.on) <= self.on
            for deed in self._forewarned.get(message.customer.id, ())
        )

    @cached_property
    def _forewarned(self) -> dict[str, list[Deed]]:
        found: dict[str, list[Deed]] = {}
        for deed in self.observation.deeds:
            if deed.kind == "tell_sales" and deed.arguments.get("topic") == AHEAD:
                found.setdefault(deed.arguments["about"]["id"], []).append(deed)
        return found
