"""What can be typed about people and their tokens. Only argparse and the standard library here."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date

Everywhere = Callable[[argparse.ArgumentParser], None]
ROLES = ("viewer", "operator", "approver", "administrator")
SCOPES = ("see", "run", "tell", "decide", "manage")


class _Parts:
    """The parts of one command; each ends with who does it and what may stand everywhere."""

    def __init__(
        self, command: argparse.ArgumentParser, names: str, prefix: str, everywhere: Everywhere
    ) -> None:
        self._parts = command.add_subparsers(dest="part", required=True, metavar=names)
        self._prefix, self._everywhere = prefix, everywhere

    def add(self, name: str, about: str, *, by: bool = True) -> argparse.ArgumentParser:
        made = self._parts.add_parser(name, help=about, allow_abbrev=False)
        made.set_defaults(function=f"{self._prefix}{name}")
        if by:
            made.add_argument("--by", metavar="LOGIN", help="who you are (default: user@machine)")
        self._everywhere(made)
        return made


def people_parts(command: argparse.ArgumentParser, everywhere: Everywhere) -> None:
    """``people``: who may sign in, and what they may do."""
    parts = _Parts(command, "list|add|change|password|remove", "people_", everywhere)
    parts.add("list", "list everybody in the company", by=False)
    add = parts.add("add", "make somebody a member of the company")
    add.add_argument("login", metavar="LOGIN", help="a short name or an e-mail address")
    add.add_argument("--name", required=True, help="what they are called")
    add.add_argument("--email", metavar="ADDRESS", help="where the morning pack is sent")
    add.add_argument("--language", metavar="LOCALE", help="for example fr_FR")
    _roles(add, required=True)
    _password(add)
    change = parts.add("change", "change what somebody may do, or who stands in for them")
    change.add_argument("login", metavar="LOGIN")
    _roles(change, required=False)
    change.add_argument("--no-limits", action="store_true", help="may decide on everything")
    change.add_argument("--superior", metavar="LOGIN|none", help="decides too once it is late")
    change.add_argument("--substitute", metavar="LOGIN|none", help="decides while they are away")
    change.add_argument(
        "--away", metavar="FROM..UNTIL|none", type=_days, help="these days included"
    )
    change.add_argument("--digest", choices=("yes", "no"), help="gets the morning pack by e-mail")
    password = parts.add("password", "give somebody another password; ends their sessions")
    password.add_argument("login", metavar="LOGIN")
    _password(password)
    remove = parts.add("remove", "take somebody out of the company")
    remove.add_argument("login", metavar="LOGIN")
    remove.add_argument("--everywhere", action="store_true", help="out of all; they can't sign in")


def token_parts(command: argparse.ArgumentParser, everywhere: Everywhere) -> None:
    """``token``: keys of programs."""
    parts = _Parts(command, "make|list|revoke", "token_", everywhere)
    make = parts.add("make", "make a token; its secret is printed once and not kept")
    make.add_argument("login", metavar="LOGIN", help="whose it is: it may never do more than they")
    make.add_argument("--for", dest="name", metavar="WHAT", required=True, help="what it is for")
    make.add_argument(
        "--scope", action="append", choices=SCOPES, required=True, help="what it may do; repeatable"
    )
    make.add_argument(
        "--days", type=int, default=365, help="until it ends by itself (default: 365)"
    )
    parts.add("list", "list all tokens of the company", by=False)
    revoke = parts.add("revoke", "end a token")
    revoke.add_argument("id", metavar="ID")


def _roles(command: argparse.ArgumentParser, *, required: bool) -> None:
    command.add_argument(
        "--role", action="append", choices=ROLES, required=required, help="repeatable"
    )
    command.add_argument(
        "--limit", action="append", default=[], metavar="LIMIT",
        help="what an approver may decide, repeatable: 'up_to=5000 kinds=place_purchase_order "
        "agents=purchasing', each of the three where it is wanted (default: everything)",
    )  # fmt: skip


def _password(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--password-stdin", action="store_true", help="read it from there instead of asking for it"
    )


def _days(text: str) -> tuple[date | None, date | None]:
    if text == "none":
        return None, None
    begins, dots, ends = text.partition("..")
    try:
        first = date.fromisoformat(begins)
        last = date.fromisoformat(ends) if dots else first
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} are no days; write 2026-12-24..2027-01-02, or none"
        ) from None
    return first, last
