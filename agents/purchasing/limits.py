"""No more findings of a sort than a busy reader takes in; the rest is counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.words import say
from regisseur.graphs.judgement import Finding
from regisseur.tools.records import Message

RULES = ("rule_too_low", "rule_too_high")


def _more(tag: str, count: int) -> Message:
    if tag in RULES:
        return say.counted(
            "and {count} more of the ERP's minimums is wrong in the same way",
            "and {count} more of the ERP's minimums are wrong in the same way",
            count,
        )
    return say.counted("and {count} more of this sort", "and {count} more of this sort", count)


def limited(findings: Iterable[Finding], settings: PurchasingSettings) -> tuple[Finding, ...]:
    """The dearest of each sort; what is left out is counted."""
    sorts: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        sorts[finding.tag].append(finding)
    told: list[Finding] = []
    for tag, group in sorts.items():
        most = settings.most_rules if tag in RULES else settings.most_findings
        group.sort(key=lambda f: -f.stake.amount if f.stake else 0)
        told += group[:most]
        if len(group) > most:
            more = Finding(
                tag=tag,
                message=_more(tag, len(group) - most),
                subject=f"{tag}/more",
                why=group[0].why,
                unjudged=group[0].unjudged,
                count=len(group) - most,
            )
            told.append(more)
    return tuple(told)
