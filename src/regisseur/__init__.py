"""Régisseur: agents that run a company's routine overnight and account for it in the morning.

The names below are the public face; they are imported when first used, so that importing the
package costs nothing.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Read by langgraph when it is first imported: stored rows must never name code to run.
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")

if TYPE_CHECKING:
    from regisseur.graphs.agent import Agent, Brief, Settings
    from regisseur.graphs.judgement import Finding, Judgement, Picture, Proposal, Section, Table
    from regisseur.graphs.validation import Validation, validation
    from regisseur.office.faces import AsyncOffice, Office
    from regisseur.office.views import Action, Mission, Outcome
    from regisseur.tools.actions.base import Arguments, Kind
    from regisseur.tools.erp.memory import MemoryERP
    from regisseur.tools.records import Company, Message, Money, Record, Speaker

_HOME = {
    "Action": "office.views",
    "Agent": "graphs.agent",
    "Arguments": "tools.actions.base",
    "AsyncOffice": "office.faces",
    "Brief": "graphs.agent",
    "Company": "tools.records",
    "Finding": "graphs.judgement",
    "Judgement": "graphs.judgement",
    "Kind": "tools.actions.base",
    "MemoryERP": "tools.erp.memory",
    "Message": "tools.records",
    "Mission": "office.views",
    "Money": "tools.records",
    "Office": "office.faces",
    "Outcome": "office.views",
    "Picture": "graphs.judgement",
    "Proposal": "graphs.judgement",
    "Record": "tools.records",
    "Section": "graphs.judgement",
    "Settings": "graphs.agent",
    "Speaker": "tools.records",
    "Table": "graphs.judgement",
    "Validation": "graphs.validation",
    "validation": "graphs.validation",
}

__all__ = [
    "Action",
    "Agent",
    "Arguments",
    "AsyncOffice",
    "Brief",
    "Company",
    "Finding",
    "Judgement",
    "Kind",
    "MemoryERP",
    "Message",
    "Mission",
    "Money",
    "Office",
    "Outcome",
    "Picture",
    "Proposal",
    "Record",
    "Section",
    "Settings",
    "Speaker",
    "Table",
    "Validation",
    "validation",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'regisseur' has no attribute {name!r}")
    return getattr(import_module(f"regisseur.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
