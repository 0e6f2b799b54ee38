"""What can be typed about the policy and about trust. Only argparse and the standard library here."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal, InvalidOperation
from pathlib import Path

Everywhere = Callable[[argparse.ArgumentParser], None]
PRESETS = ("observer", "prudent", "confiant")
MODES = ("shadow", "ask", "veto", "auto")
PARTS = "show|propose|approve|refuse|presets|suggest|record|regret"


def policy_parts(command: argparse.ArgumentParser, everywhere: Everywhere) -> None:
    """``policy``: its versions, and the record that speaks for another one."""
    parts = command.add_subparsers(dest="part", required=True, metavar=PARTS)

    def part(name: str, about: str, *, by: bool = True) -> argparse.ArgumentParser:
        made = parts.add_parser(name, help=about, allow_abbrev=False)
        made.set_defaults(function=name)
        if by:
            made.add_argument("--by", metavar="LOGIN", help="who you are (default: user@machine)")
        everywhere(made)
        return made

    show = part("show", "the policy in force, in sentences", by=False)
    show.add_argument("version", type=int, nargs="?", metavar="VERSION")
    show.add_argument("--all", action="store_true", help="every version, newest first")
    _proposing(part("propose", "propose another policy, or one more rule"))
    for name, about in (
        ("approve", "put a proposed version into force"),
        ("refuse", "refuse a proposed version"),
    ):
        part(name, about).add_argument("version", type=int, metavar="VERSION")
    part("presets", "three policies to begin with", by=False)
    suggest = part("suggest", "more or less trust, as the record suggests")
    suggest.add_argument("--propose", metavar="ID", help="propose this one as a version")
    record = part("record", "what people made of what agents proposed", by=False)
    record.add_argument("--since", type=_date, metavar="DATE", help="(default: 60 days ago)")
    regret = part("regret", "say that something done should not have been")
    regret.add_argument("id", metavar="ID", help="the action; the beginning is enough")
    regret.add_argument("--comment", required=True, help="what was wrong with it")


def _proposing(propose: argparse.ArgumentParser) -> None:
    propose.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="TOML with a [company.policy]"
    )
    propose.add_argument("--preset", choices=PRESETS)
    propose.add_argument("--back-to", type=int, metavar="VERSION", help="what that one said")
    propose.add_argument("--like", metavar="ID", help="one more rule, for what is like this action")
    propose.add_argument("--mode", choices=MODES, default="auto", help="of that rule")
    propose.add_argument("--up-to", type=_amount, metavar="AMOUNT", help="its ceiling")
    propose.add_argument("--anyone", action="store_true", help="whoever the other party is")
    propose.add_argument("--veto-until", type=_hour, metavar="HOUR", help="for veto: 10:00")
    propose.add_argument("--cause", help="why, in your own words")


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount; write 500 or 499.90")
    return amount


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write 2026-11-23") from None


def _hour(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no hour; write 10:00") from None
