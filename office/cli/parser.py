"""What can be typed. Only argparse and the standard library are imported here."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from regisseur.office.cli import codes
from regisseur.office.cli.parser_people import people_parts, token_parts
from regisseur.office.cli.parser_policies import PRESETS, policy_parts

VERDICTS = ("approve", "edit", "reject", "snooze", "reassign", "veto")
CODES = """\
exit codes: 0 fine, 1 unexpected, 2 wrong use, 3 misconfigured, 4 try again later,
5 needs a person, 6 refused or no longer to be decided; see docs/COMMANDS.md
"""


class Parser(argparse.ArgumentParser):
    """Tells wrong use as a JSON document where JSON was asked for."""

    as_json = False

    def error(self, message: str) -> NoReturn:
        """End with the code for wrong use."""
        if not Parser.as_json:
            super().error(message)
        problem = {"type": "Usage", "code": codes.USAGE, "message": message}
        json.dump({"error": problem}, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
        self.exit(codes.USAGE)


def parse(words: list[str]) -> argparse.Namespace:
    """Read a command line; ends the process where it can't be read, or for ``--help``."""
    Parser.as_json = "--json" in words
    return _parser().parse_args(words)


def _parser() -> Parser:
    parser = Parser(
        prog="regisseur",
        description="Agents that run a company's routine and account for it to a person.",
        epilog=CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"regisseur {version('regisseur')}")
    _everywhere(parser, first=True)
    _Commands(parser).add()
    return parser


def _everywhere(parser: argparse.ArgumentParser, *, first: bool = False) -> None:
    """Options that may stand before or after the command."""
    group = parser.add_argument_group("everywhere")
    absent = None if first else argparse.SUPPRESS
    off = False if first else argparse.SUPPRESS
    group.add_argument(
        "--config", type=Path, metavar="FILE", default=absent, help="settings (regisseur.toml)"
    )
    group.add_argument(
        "--company", metavar="ID", default=absent, help="which company, where there are several"
    )
    group.add_argument(
        "--json", action="store_true", default=off, help="one JSON document on standard output"
    )
    group.add_argument(
        "--verbose", action="store_true", default=off, help="logs and tracebacks on standard error"
    )


class _HelpWithForms(argparse.Action):
    """Goes on with the forms of the installed agents, which are imported for that only."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        """Print and end."""
        from regisseur.office.cli.telling import all_forms

        sys.stdout.write(f"{parser.format_help()}\n{all_forms()}")
        parser.exit()


class _Commands:
    def __init__(self, parser: Parser) -> None:
        self._commands = parser.add_subparsers(
            title="commands", dest="command", required=True, metavar="COMMAND"
        )

    def add(self) -> None:
        self._setting_up()
        self._nights()
        self._packs()
        self._deciding()
        self._telling()
        self._keeping()
        self._trusting()
        self._people()

    def _command(
        self, name: str, module: str, about: str, *, own_help: bool = False
    ) -> argparse.ArgumentParser:
        command = self._commands.add_parser(
            name,
            help=about,
            description=f"{about[0].upper()}{about[1:]}.",
            allow_abbrev=False,
            add_help=not own_help,
        )
        command.set_defaults(module=module, function=name)
        _everywhere(command)
        return command

    def _setting_up(self) -> None:
        init = self._command("init", "setup", "write regisseur.toml and make the database")
        init.add_argument("--id", help="short name of the company: a-z, 0-9, - and _")
        init.add_argument("--name", help="name of the company")
        init.add_argument("--locale", help="for example fr_FR or en_GB")
        init.add_argument("--currency", help="for example EUR")
        init.add_argument("--timezone", help="for example Europe/Paris")
        init.add_argument("--database", metavar="URL", help="sqlite:///… or postgresql://…")
        init.add_argument("--vendor", help="which ERP, for example tryton")
        init.add_argument(
            "--erp", action="append", default=[], type=_pair, metavar="KEY=VALUE",
            help="a setting of the ERP connection; passwords are asked for or left to the "
            "environment",
        )  # fmt: skip
        init.add_argument(
            "--preset", choices=PRESETS, help="the policy to begin with (default: prudent)"
        )
        init.add_argument("--force", action="store_true", help="overwrite a regisseur.toml")
        self._command("doctor", "setup", "is everything connected, and is the data fit for use")

    def _nights(self) -> None:
        run = self._command("run", "nights", "run one agent for a night")
        run.add_argument("agent", metavar="AGENT")
        _night(run)
        run.add_argument("--again", action="store_true", help="even if this night has run already")
        _told_by_code(run)
        serve = self._command("serve", "serving", "serve the pages and run nights by themselves")
        serve.add_argument("--host", help="address to listen on (default: as set, 127.0.0.1)")
        serve.add_argument("--port", type=int, help="(default: as set, 8765; 0: any that is free)")
        nightly = self._command("nightly", "nights", "run every enabled agent once for a night")
        _night(nightly)
        _told_by_code(nightly)
        self._command("sweep", "nights", "go on with what was interrupted, ended or left lying")
        report = self._command("report", "nights", "show what the agents told about a night")
        report.add_argument("agent", metavar="AGENT", nargs="?")
        report.add_argument("--on", type=_date, metavar="DATE", help="the night (default: latest)")
        report.add_argument("--format", choices=("text", "html", "json"), help="(default: text)")
        report.add_argument("--output", type=Path, metavar="FILE", help="write it there")
        report.add_argument("--locale", help="in this language (default: the company's)")
        plan = self._command("plan", "nights", "plan the workshop as it is now, writing nothing")
        _night(plan)
        plan.add_argument(
            "--what-if", action="append", default=[], metavar="SCENARIO", dest="what_if",
            help="compare: 'rush item=CODE quantity=10 due=DATE', 'down centre=NAME begins=… "
            "ends=…', 'overtime centre=NAME day=DATE hours=17:00-19:00', 'late order=NUMBER on=DATE'",
        )  # fmt: skip
        plan.add_argument("--format", choices=("text", "html", "json"), help="(default: text)")
        plan.add_argument("--output", type=Path, metavar="FILE", help="write it there")
        plan.add_argument("--locale", help="in this language (default: the company's)")
        sheet = self._command("print", "nights", "write what an agent has to print, as a PDF")
        sheet.set_defaults(function="sheet")
        sheet.add_argument("agent", metavar="AGENT")
        sheet.add_argument("sheet", metavar="SHEET", help="for example work_lists, progress")
        sheet.add_argument("--on", type=_date, metavar="DATE", help="the night (default: latest)")
        sheet.add_argument("--output", type=Path, metavar="FILE", required=True)

    def _packs(self) -> None:
        pack = self._command("pack", "packs", "show a night's pack over all agents, and keep it")
        pack.add_argument("--on", type=_date, metavar="DATE", help="the night (default: newest)")
        pack.add_argument(
            "--format", choices=("text", "html", "pdf", "json"), help="(default: text)"
        )
        pack.add_argument("--output", type=Path, metavar="FILE", help="write it there")
        pack.add_argument("--locale", help="in this language (default: the company's)")
        pack.add_argument("--list", action="store_true", help="list the packs that are kept")

    def _deciding(self) -> None:
        inbox = self._command("inbox", "deciding", "list what waits for a person")
        _told_by_code(inbox)
        show = self._command("show", "deciding", "show an action in full")
        show.add_argument("id", metavar="ID", help="as in the inbox; the beginning is enough")
        decide = self._command(
            "decide", "deciding", "decide on actions and carry out approved ones"
        )
        decide.add_argument(
            "ids", metavar="ID", nargs="+", help="as in the inbox; @N binds it to revision N"
        )
        decide.add_argument(
            "verdict", choices=VERDICTS, metavar="VERDICT", help=", ".join(VERDICTS)
        )
        decide.add_argument("--reason", help="why it is rejected, by name: not_needed, …")
        decide.add_argument("--comment", help="in your own words")
        decide.add_argument(
            "--set", action="append", default=[], type=_pair, metavar="PATH=VALUE", dest="changes",
            help="change an argument, for example lines.0.quantity=120",
        )  # fmt: skip
        decide.add_argument("--until", type=_moment, metavar="DATE", help="snooze until then")
        decide.add_argument("--assignee", metavar="WHO", help="reassign to")
        _by(decide)
        resolve = self._command("resolve", "deciding", "settle an unknown outcome after a look")
        resolve.add_argument("id", metavar="ID")
        resolve.add_argument("outcome", choices=("done", "not_done"))
        resolve.add_argument("--reference", metavar="NUMBER", help="its number in the ERP")
        resolve.add_argument("--comment", help="what you saw")
        _by(resolve)

    def _telling(self) -> None:
        tell = self._command(
            "tell",
            "telling",
            "tell an agent what a customer promised, disputes, and so on",
            own_help=True,
        )
        tell.add_argument(
            "-h", "--help", action=_HelpWithForms, nargs=0, help="show this and all forms"
        )
        tell.add_argument("form", metavar="FORM", help="what it is, by name; see below")
        tell.add_argument(
            "values", metavar="KEY=VALUE", nargs="+", type=_pair, help="its fields; lists by commas"
        )
        tell.add_argument("--agent", help="whom, where several agents have such a form")
        _by(tell)
        told = self._command("told", "telling", "list what was told and still holds")
        told.add_argument("agent", metavar="AGENT", nargs="?", help="(default: every agent)")
        withdraw = self._command("withdraw", "telling", "take back what was told")
        withdraw.add_argument("id", metavar="ID", help="as in told; the beginning is enough")
        _by(withdraw)
        bank = self._command("bank", "telling", "read a bank's file: CAMT.053, OFX or CSV")
        bank.add_argument("file", type=Path, metavar="FILE")
        bank.add_argument(
            "--layout", metavar="NAME", help="how a CSV is written: [company.banks.NAME]"
        )
        _by(bank)

    def _keeping(self) -> None:
        stop = self._command("stop", "keeping", "pull the brake: nothing more is written")
        stop.add_argument("--agent", help="for this agent only")
        stop.add_argument("--reason", required=True, help="why; it is shown to everybody")
        _by(stop)
        go = self._command("go", "keeping", "release the brake")
        go.add_argument("--agent", help="of this agent")
        _by(go)
        audit = self._command("audit", "keeping", "check or export the account of what happened")
        parts = audit.add_subparsers(dest="part", required=True, metavar="verify|export")
        verify = parts.add_parser("verify", help="check the whole chain", allow_abbrev=False)
        verify.add_argument(
            "--head", metavar="DIGEST", help="it must contain this head of a report"
        )
        verify.set_defaults(function="audit_verify")
        _everywhere(verify)
        export = parts.add_parser(
            "export", help="print it, a JSON object a line", allow_abbrev=False
        )
        export.set_defaults(function="audit_export")
        _everywhere(export)

    def _trusting(self) -> None:
        about = "who is asked before what, and what agents have earned"
        policy_parts(self._command("policy", "policies", about), _everywhere)

    def _people(self) -> None:
        people = self._command("people", "people", "who may sign in here, and what they may do")
        people_parts(people, _everywhere)
        token = self._command("token", "people", "keys of programs that act for somebody")
        token_parts(token, _everywhere)


def _night(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--on", type=_date, metavar="DATE", help="date of the night, 2026-11-23 (default: today)"
    )


def _told_by_code(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--exit-code", action="store_true", help="end with 5 if something waits for a person"
    )


def _by(command: argparse.ArgumentParser) -> None:
    command.add_argument("--by", metavar="WHO", help="who you are (default: user@machine)")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write 2026-11-23") from None


def _moment(text: str) -> datetime:
    """A day begins at midnight; without an offset the company's clocks are meant."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no date; write 2026-11-23 or 2026-11-23T10:00"
        ) from None


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form name=value")
    return name.strip(), value
