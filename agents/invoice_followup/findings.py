"""What is worth telling besides the messages themselves, and what was left alone and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from regisseur.agents.invoice_followup.choice import Left
from regisseur.agents.invoice_followup.forms import Replied, WrongContact
from regisseur.agents.invoice_followup.holds import SHORT_ID
from regisseur.agents.invoice_followup.night import Night
from regisseur.agents.invoice_followup.terms import lapses
from regisseur.agents.invoice_followup.words import day, hold_title, money, named, say
from regisseur.graphs.judgement import Finding
from regisseur.tools.records import Value

LAPSE_WARNING = 120
"""Days before a claim lapses from which that is told."""
MOST_TOLD = 20
"""Customers that are told of one reason, the largest sums; the rest is counted."""
QUIET = frozenset({"just_contacted", "small"})
"""Reasons that are counted and not told one by one: nobody has anything to do about them."""


def findings(night: Night) -> Iterator[Finding]:
    """What came by mail, promises broken, claims about to lapse, rates that are missing, entries
    nobody can read.
    """
    yield from _mailbox(night)
    yield from _answers(night)
    yield from _addresses(night)
    yield from _broken(night)
    yield from _lapsing(night)
    yield from _rates_missing(night)
    yield from _public_ends(night)
    yield from night.amender.findings()
    for one in night.notebook.unreadable:
        message = say(
            "An entry can't be read any more: {form} by {who}.", form=one.form, who=one.by
        )
        yield Finding(tag="unreadable_entry", message=message, subject=one.id)


def held(night: Night) -> Iterator[Finding]:
    """One line for each customer and reason, the largest sums of each; a hold of the whole company
    is one line.
    """
    company = night.holds.of_company()
    if company is not None:
        yield Finding(tag=company.tag, message=company.message, why=hold_title(company.tag))
    told_one_by_one: dict[str, list[Left]] = defaultdict(list)
    for left in sorted(night.left, key=lambda one: (-one.open, one.customer.name)):
        if left.hold.tag not in QUIET and (company is None or left.hold.tag != company.tag):
            told_one_by_one[left.hold.tag].append(left)
    for tag, found in sorted(told_one_by_one.items()):
        yield from (_left(left) for left in found[:MOST_TOLD])
        if len(found) > MOST_TOLD:
            yield _others(tag, found[MOST_TOLD:])
    for tag, told in (
        ("just_contacted", say("Invoices of customers contacted within the last days")),
        ("small", say("Balances too small to be chased")),
    ):
        count = sum(len(left.invoices) for left in night.left if left.hold.tag == tag)
        if count:
            yield Finding(
                tag=tag,
                message=say("{what}: {count}", what=told, count=count),
                why=hold_title(tag),
                count=count,
            )


def _others(tag: str, found: list[Left]) -> Finding:
    """The smaller ones of a reason, counted; all are in the figures by reason."""
    invoices = sum(len(left.invoices) for left in found)
    message = say(
        "{why}: {count} more, with {invoices} invoices",
        why=hold_title(tag),
        count=len(found),
        invoices=invoices,
    )
    return Finding(tag=tag, message=message, why=hold_title(tag), count=len(found))


def _left(left: Left) -> Finding:
    total = money(left.open, left.currency)
    return Finding(
        tag=left.hold.tag,
        message=say(
            "{customer}, {total} on {invoices}: {why}",
            customer=left.customer.name,
            total=total,
            invoices=named(one.invoice.number for one in left.invoices),
            why=left.hold.message,
        ),
        evidence=tuple(one.invoice.ref() for one in left.invoices),
        stake=total,
        subject=left.customer.id,
        why=hold_title(left.hold.tag),
    )


def _broken(night: Night) -> Iterator[Finding]:
    """Promises not kept, as far as the money hasn't come since."""
    for one, still in night.broken:
        total = money(sum((each.open for each in still), Decimal(0)), one.currency)
        yield Finding(
            tag="broken_promise",
            message=say(
                "{customer} promised {number} ({open}) for {day} and did not pay.",
                customer=one.customer.name,
                number=named(each.number for each in still),
                open=total,
                day=day(one.on),
            ),
            evidence=tuple(each.ref() for each in still),
            stake=total,
            subject=one.customer.id,
        )


def _mailbox(night: Night) -> Iterator[Finding]:
    """What keeps the mailbox from being known, and what came that stops nothing."""
    mails = night.observation.correspondence
    if mails.problem:
        message = say(
            "The mailbox can't be read, so that answers and failed mails are not known: {why}",
            why=mails.problem,
        )
        yield Finding(tag="mailbox_unread", message=message)
    if mails.left:
        message = say.counted(
            "{count} mail of the mailbox is left for the next night.",
            "{count} mails of the mailbox are left for the next night.",
            mails.left,
        )
        yield Finding(tag="mailbox_unread", message=message)
    for one in mails.remarks:
        values: dict[str, Value] = {
            "customer": one.customer_name,
            "step": one.step,
            "day": day(one.on),
            "address": one.address,
            "words": one.words or "–",
        }
        if one.tag == "delivery_delayed":
            message = say(
                "{customer}: {step} of {day} may not have reached {address}: {words}", **values
            )
        else:
            message = say("{customer}: a program answered {step} of {day}: {words}", **values)
        yield Finding(tag=one.tag, message=message, subject=one.customer_id)


def _answers(night: Night) -> Iterator[Finding]:
    """Answers that nobody has dealt with: a promise or a dispute may stand in them."""
    for customer in night.observation.books.customers:
        for told, one in night.notebook.unread(customer.id):
            words = " – ".join(filter(None, (one.sender, one.title, one.text, one.comment)))
            yield Finding(
                tag="customer_replied",
                message=say(
                    "{customer} answered on {day} ({reminder}), read it: {words} (Tell what it "
                    "says, or withdraw the entry {entry}.)",
                    customer=customer.name,
                    day=day((one.received or told.at).date()),
                    reminder=_answered(one),
                    words=words or "–",
                    entry=told.id[:SHORT_ID],
                ),
                evidence=(customer.ref(),),
                subject=customer.id,
            )


def _answered(one: Replied) -> Value:
    if one.sent is None:
        return one.reminder or say("a message of ours")
    return say("{step} of {day}", step=one.reminder, day=day(one.sent))


def _addresses(night: Night) -> Iterator[Finding]:
    """Addresses of master data that take no mail, until somebody enters another."""
    for customer in night.observation.books.customers:
        failing = {
            form.failed.casefold(): form
            for _, form in night.notebook.of_form(WrongContact, customer.id)
            if form.failed
        }
        for contact in customer.contacts:
            known = failing.get((contact.email or "").casefold())
            if known is not None and known.contact == contact.id:
                yield Finding(
                    tag="find_address",
                    message=say(
                        "{customer}: mails to {address} don't arrive ({words}); find another "
                        "address.",
                        customer=customer.name,
                        address=known.failed,
                        words=known.comment or "–",
                    ),
                    evidence=(customer.ref(),),
                    subject=customer.id,
                )


def _lapsing(night: Night) -> Iterator[Finding]:
    """A reminder doesn't stop the time: a person has to act."""
    for one in night.standings:
        last = lapses(one.invoice.issued, one.customer.kind)
        if one.late and (last - night.on).days <= LAPSE_WARNING:
            yield Finding(
                tag="lapsing",
                message=say(
                    "The claim on {number} of {customer} may lapse on {day}: a reminder doesn't "
                    "stop that.",
                    number=one.invoice.number,
                    customer=one.customer.name,
                    day=day(last),
                ),
                evidence=(one.invoice.ref(),),
                stake=money(one.open, one.invoice.currency),
                subject=one.invoice.id,
            )


def _rates_missing(night: Night) -> Iterator[Finding]:
    asking = [one for one in night.messages if one.step.claim == "ask"]
    refusals = [
        refusal for message in asking for _, refusal in night.lawyer.sums(message.invoices).refusals
    ]
    missing = sorted({str(one) for refusal in refusals for one in refusal.missing})
    if missing:
        yield Finding(
            tag="missing_rate",
            message=say(
                "No interest is claimed until somebody enters the official rate: {rates}.",
                rates=", ".join(missing),
            ),
        )


def _public_ends(night: Night) -> Iterator[Finding]:
    """A public body that was given formal notice: its way is a court of its own, never collectors."""
    for one in night.standings:
        if one.customer.kind == "public" and one.late and one.next is None and one.said.on:
            yield Finding(
                tag="public_end",
                message=say(
                    "{customer}, {open} on {number}: a public body at the end of the procedure; a "
                    "person may apply for référé-provision (CJA R541-1).",
                    customer=one.customer.name,
                    open=money(one.open, one.invoice.currency),
                    number=one.invoice.number,
                ),
                evidence=(one.invoice.ref(),),
                stake=money(one.open, one.invoice.currency),
                subject=one.invoice.id,
            )
