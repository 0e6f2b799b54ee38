"""Policy and trust: the versions of a company's policy, what agents have earned, and forewarnings.

Each operation is an ``async def f(core, …)`` for ``Office.do``.
"""

from regisseur.office.policies.forewarning import Forewarned, forewarn_due
from regisseur.office.policies.record import AgentRecord, regret, track_record
from regisseur.office.policies.trust import Suggestion, suggestions, take_up
from regisseur.office.policies.versions import (
    PolicyVersion,
    current,
    go_back,
    notices,
    propose,
    propose_preset,
    propose_rule,
    settle,
    version,
    versions,
)

__all__ = [
    "AgentRecord",
    "Forewarned",
    "PolicyVersion",
    "Suggestion",
    "current",
    "forewarn_due",
    "go_back",
    "notices",
    "propose",
    "propose_preset",
    "propose_rule",
    "regret",
    "settle",
    "suggestions",
    "take_up",
    "track_record",
    "version",
    "versions",
]
