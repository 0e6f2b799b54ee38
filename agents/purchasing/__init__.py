"""What to buy, from whom, how much and until when: see ``docs/agents/purchasing.md``."""

from regisseur.agents.purchasing.agent import PurchasingAgent

AGENT = PurchasingAgent()
"""Found by the office under the name ``purchasing``."""

__all__ = ["AGENT", "PurchasingAgent"]
