"""Whom to ask for payment, how, and for which sums: see ``docs/agents/invoice_followup.md``."""

from regisseur.agents.invoice_followup.agent import InvoiceFollowupAgent

AGENT = InvoiceFollowupAgent()
"""Found by the office under the name ``invoice_followup``."""

__all__ = ["AGENT", "InvoiceFollowupAgent"]
