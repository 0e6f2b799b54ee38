"""Words of the pages on which people tell agents something."""

from regisseur.tools.records import Message, Speaker

say = Speaker("regisseur.office.web.telling")

TELL = say("Tell")
LEDE = say("What only people know. An agent reckons with it from its next night on.")
ASKED = say("The agents ask")
WAITED_FOR = say("waited for")
NOTHING_ASKED = say("No agent asks anything today.")
FORMS = say("Tell something else")
STANDING = say("Told, and still standing")
NOTHING_STANDING = say("Nothing was told.")
TAKE_BACK = say("Take back")
TAKEN_BACK = say("Taken back.")
TOLD = say("Noted.")
SEND = say("Send")
OPTIONAL = say("optional")
LIST_HINT = say("several: separate them by commas")
BY = say("by")
STATEMENT = say("Hand in a bank statement")
STATEMENT_HINT = say(
    "CAMT.053, OFX, or CSV with a layout of the settings. The same file adds nothing."
)
FILE, LAYOUT = say("File"), say("Layout")
NO_LAYOUT = say("none: CAMT.053 or OFX")
READ = say("Read it")

FORMS_NAMED = {
    "progress": say("Progress of an order"),
    "subcontracted": say("A step at a subcontractor"),
    "priority": say("Priority of an order"),
    "down": say("A work centre stands still"),
    "expected": say("A purchase comes on another day"),
    "promise": say("Promise to pay"),
    "announced": say("Payment announced"),
    "dispute": say("Dispute"),
    "pause": say("Pause"),
    "do_not_contact": say("Do not contact"),
    "insolvency": say("Insolvency"),
    "wrong_contact": say("Wrong contact"),
    "reply": say("A customer's reply"),
    "posted": say("A letter was posted"),
    "called": say("A call was made"),
    "triage": say("A customer's invoices at the start"),
}

FIELDS = {
    "amount": say("Amount"),
    "at": say("As of"),
    "begins": say("From"),
    "centre": say("Work centre"),
    "city": say("City"),
    "comment": say("Comment"),
    "contact": say("Contact"),
    "country": say("Country"),
    "customer": say("Customer"),
    "email": say("E-mail"),
    "ends": say("Until"),
    "failed": say("Address that failed"),
    "invoices": say("Invoices"),
    "key": say("Key of the action"),
    "number": say("Number"),
    "on": say("Day"),
    "opened_on": say("Opened on"),
    "order": say("Order"),
    "outcome": say("Outcome"),
    "phone": say("Phone"),
    "postcode": say("Postcode"),
    "purchase": say("Purchase order"),
    "reason": say("Reason"),
    "received": say("Received"),
    "reference": say("Reference"),
    "remaining": say("Minutes left"),
    "reminder": say("Reminder"),
    "sender": say("Sender"),
    "sent": say("Sent on"),
    "state": say("State"),
    "step": say("Step"),
    "street": say("Street"),
    "text": say("Text"),
    "title": say("Subject"),
    "until": say("Until"),
    "verdict": say("Verdict"),
    "weight": say("Weight"),
}

CHOICES = {
    "blocked": say("blocked"),
    "delivery": say("delivery"),
    "disputed": say("disputed"),
    "done": say("done"),
    "doubtful": say("doubtful"),
    "in_progress": say("in progress"),
    "left_message": say("left a message"),
    "not_reached": say("not reached"),
    "order_number": say("order number"),
    "other": say("other"),
    "paid": say("paid"),
    "price": say("price"),
    "quality": say("quality"),
    "quantity": say("quantity"),
    "reached": say("reached"),
    "start": say("start of the procedure"),
}


def form_named(name: str) -> Message | str:
    """What people call a form; its own name where it is not ours."""
    return FORMS_NAMED.get(name, name.replace("_", " ").capitalize())


def statement_read(new: int, lines: int) -> Message:
    """What became of a bank statement."""
    return say.counted(
        "{count} new movement of {lines}.",
        "{count} new movements of {lines}.",
        new,
        lines=str(lines),
    )
