"""The commands that keep things in hand: ``stop``, ``go``, ``audit``."""

from __future__ import annotations

import json
import sys
from argparse import Namespace

from regisseur.office.cli import codes, labels, machine, paper
from regisseur.office.cli.desk import author, opened, voice_of


def stop(given: Namespace) -> int:
    """Pull the brake."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        office.stop(by=author(given), reason=given.reason, agent=given.agent, company=given.company)
    if given.json:
        machine.put({"stopped": True, "agent": given.agent})
    else:
        paper.put(voice(labels.stopped(given.agent) if given.agent else labels.STOPPED))
    return codes.FINE


def go(given: Namespace) -> int:
    """Release the brake."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        released = office.go(by=author(given), agent=given.agent, company=given.company)
    if given.json:
        machine.put({"stopped": False, "agent": given.agent, "was_stopped": released})
    else:
        paper.put(voice(labels.RELEASED if released else labels.NOT_PULLED))
    return codes.FINE


def audit_verify(given: Namespace) -> int:
    """Check the chain; a broken one, or one without the given head, needs a person."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        chain = office.audit_verify(company=given.company)
        verdict = chain
        if chain.intact and given.head is not None:
            verdict = office.audit_verify(company=given.company, head=given.head)
    if given.json:
        machine.put({"audit": {**machine.plain(verdict), "intact": verdict.intact}})
    else:
        state = voice(labels.INTACT if chain.intact else labels.BROKEN)
        paper.put(paper.line((state, "bold"), f" · {voice(labels.chain(chain.entries))}"))
        if chain.broken_at is not None:
            paper.put(voice(labels.broken(chain.broken_at, chain.why or "")))
        elif not verdict.intact:
            paper.put(voice(labels.OTHER_CHAIN))
        paper.put(paper.pairs([(voice(labels.HEAD), chain.head)]))
    return codes.FINE if verdict.intact else codes.NEEDS_PERSON


def audit_export(given: Namespace) -> int:
    """The chain for machines: a JSON object a line, or one document with ``--json``."""
    with opened(given) as office:
        entries = office.audit_export(company=given.company)
    if given.json:
        machine.put({"entries": entries})
        return codes.FINE
    for one in entries:
        sys.stdout.write(json.dumps(one, ensure_ascii=machine.ascii_only()) + "\n")
    return codes.FINE
