"""How long a night of 20,000 open invoices of 5,000 customers takes to judge, and how much memory.

    python benchmarks/followup.py [--date 2026-11-24] [--output FILE] [--profile]

The company is invented from one seed: two years of invoices (195,000 paid), habits of payment by
customer, reminders said so far, promises and disputes, part payments, bank lines. What is measured
is what a night does after reading: the observation from JSON, the judgement, and the judgement to
JSON. What a process does once, importing libraries, is told apart. Prints CPU seconds and the
greatest memory of the process, and writes ``benchmarks/results/followup.json``.
"""

import argparse
import cProfile
import json
import os
import platform
import pstats
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from regisseur.agents.invoice_followup.agent import InvoiceFollowupAgent
from regisseur.agents.invoice_followup.observation import Books, Observation
from regisseur.agents.invoice_followup.prediction.methods import single_thread
from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.graphs.agent import Brief
from regisseur.graphs.bank import BankLine
from regisseur.graphs.told import Told
from regisseur.tools.records import (
    Address,
    Company,
    Contact,
    Customer,
    Instalment,
    Invoice,
    Reminder,
    Settlement,
)

ON = date(2026, 3, 24)
RESULTS = Path(__file__).parent / "results" / "followup.json"
LIMIT = 20.0
"""CPU seconds that issue 4 allows."""
DAYS, ISSUED, CUSTOMERS, OPEN = 730, 215_000, 5_000, 20_000
COMPANY = Company(id="c", name="Company", locale="fr_FR")
SETTINGS = InvoiceFollowupSettings(sender_email="us@company.example", tell_sales=False)


def main() -> None:
    """Invent the company, judge it, print and write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat())
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    options = parser.parse_args()
    body = observation().model_dump_json().encode()
    profile = cProfile.Profile(time.process_time) if options.profile else None
    figures = night(body, profile)
    print(json.dumps(figures, indent=1))
    if profile is not None:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
        return
    found = {"date": options.date, "machine": machine(), **figures}
    options.output.write_text(json.dumps(found, indent=1) + "\n")


def night(body: bytes, profile: cProfile.Profile | None = None) -> dict[str, Any]:
    """One night, from what was read to what is filed."""
    agent = InvoiceFollowupAgent()
    brief = Brief(company=COMPANY, on=ON, settings=SETTINGS)
    first = time.process_time()
    agent.judge(Observation(), brief)
    with single_thread():
        began = time.process_time()
    if profile is not None:
        profile.enable()
    seen = Observation.model_validate_json(body)
    read = time.process_time()
    judgement = agent.judge(seen, brief)
    judged = time.process_time()
    size = len(judgement.model_dump_json())
    if profile is not None:
        profile.disable()
    done = time.process_time()
    return {
        "open_invoices": len(seen.books.invoices),
        "paid_invoices": len(seen.books.past),
        "customers": len(seen.books.customers),
        "messages": len(judgement.proposals),
        "cpu_seconds": round(done - began, 1),
        "limit": LIMIT,
        "imports_cpu_seconds": round(began - first, 1),
        "of_these": {
            "reading_json": round(read - began, 1),
            "judging": round(judged - read, 1),
            "writing_json": round(done - judged, 1),
        },
        "observation_megabytes": round(len(body) / 2**20),
        "judgement_megabytes": round(size / 2**20, 1),
        "peak_megabytes": peak_megabytes(),
    }


def observation() -> Observation:
    """All that a night would read."""
    chance = np.random.default_rng(1)
    invoices = sorted(_invoices(chance), key=lambda one: one.open == 0)
    still = [one for one in invoices if one.open][:OPEN]
    return Observation(
        books=Books(
            customers=tuple(_customers(chance)),
            invoices=tuple(still),
            past=tuple(one for one in invoices if not one.open),
            reminders=tuple(_reminders(still)),
            last_payment=ON - timedelta(days=1),
        ),
        told=tuple(_told(still)),
        bank=tuple(_bank(still)),
        bank_until=ON,
        first_night=ON - timedelta(days=400),
        mail=True,
    )


def _customers(chance: np.random.Generator) -> Iterator[Customer]:
    kinds = ("business",) * 17 + ("public", "consumer", "unknown")
    for n in range(CUSTOMERS):
        contact = Contact(id=f"p{n}", email=f"pay@c{n}.example", phone="+33 4", payables=True)
        yield Customer(
            id=str(n),
            name=f"Customer {n}",
            kind=kinds[int(chance.integers(len(kinds)))],
            language="fr",
            address=Address(lines=("1 rue Basse",), postcode="69001", city="Lyon", country="FR"),
            contacts=(contact,),
        )


def _invoices(chance: np.random.Generator) -> Iterator[Invoice]:
    customer = chance.integers(0, CUSTOMERS, ISSUED)
    age = chance.integers(1, DAYS, ISSUED)
    term = chance.choice([30, 45, 60], CUSTOMERS)[customer]
    habit = chance.normal(8, 12, CUSTOMERS)[customer]
    wait = np.maximum(term + np.rint(habit + chance.gamma(2, 8, ISSUED)).astype(int), 1)
    amount = np.round(np.exp(chance.normal(6, 1, ISSUED)), 2)
    for n in range(ISSUED):
        issued = ON - timedelta(days=int(age[n]))
        yield _invoice(n, str(customer[n]), issued, int(term[n]), int(wait[n]), amount[n])


def _invoice(n: int, customer: str, issued: date, term: int, wait: int, amount: float) -> Invoice:
    total, paid = Decimal(f"{amount:.2f}"), issued + timedelta(days=wait)
    settled = total if paid < ON else Decimal("10.00") if n % 10 == 0 and total > 10 else Decimal(0)
    due, left = issued + timedelta(days=term), total - settled
    return Invoice(
        id=f"i{n}",
        number=f"F-2026-{n:06}",
        customer_id=customer,
        currency="EUR",
        issued=issued,
        state="open" if left else "paid",
        total=total,
        open=left,
        instalments=(Instalment(id=f"l{n}", due=due, amount=total, open=left, means="transfer"),),
        settlements=(Settlement(on=min(paid, ON), amount=settled),) if settled else (),
        stamp="2026-03-01T10:00:00",
    )


def _reminders(still: list[Invoice]) -> Iterator[Reminder]:
    """Half of what is late by ten days or more was reminded of once."""
    for n, one in enumerate(still):
        late = (ON - one.instalments[0].due).days
        if late >= 10 and n % 2:
            yield Reminder(
                id=f"r{n}",
                key=f"k{n}",
                customer_id=one.customer_id,
                on=ON - timedelta(days=late - 6),
                step="reminder_1",
                channel="email",
                invoice_ids=(one.id,),
                text="first reminder",
            )


def _told(still: list[Invoice]) -> Iterator[Told]:
    at = datetime(2026, 3, 10, 9, tzinfo=UTC)
    for n, one in enumerate(still[::20]):
        about: dict[str, Any] = {"customer": one.customer_id, "invoices": [one.id]}
        form = "dispute" if n % 3 == 0 else "promise"
        more = {"reason": "price"} if n % 3 == 0 else {"on": f"2026-03-{11 + n % 20}"}
        yield Told(
            id=f"t{n}", form=form, subject=one.customer_id, body=about | more, by="boss", at=at
        )


def _bank(still: list[Invoice]) -> Iterator[BankLine]:
    for n, one in enumerate(still[::50]):
        yield BankLine(
            account="FR76",
            id=str(n),
            on=ON - timedelta(days=1),
            amount=one.open,
            currency="EUR",
            name=f"CUSTOMER {one.customer_id}",
            text=f"VIR {one.number}" if n % 2 else "VIR",
        )


def peak_megabytes() -> int:
    """Greatest memory of this process, what was invented included; 0 where nobody says."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return round(next((int(x.split()[1]) for x in lines if x.startswith("VmHWM:")), 0) / 2**10)


def machine() -> dict[str, Any]:
    """Say on what the figures were made."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("numpy", "scikit-learn", "pydantic")},
    }


if __name__ == "__main__":
    main()
