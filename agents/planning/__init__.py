"""Who does what, where and when, and what would save what is late: see ``docs/agents/planning.md``."""

from regisseur.agents.planning.agent import PlanningAgent

AGENT = PlanningAgent()
"""Found by the office under the name ``planning``."""

__all__ = ["AGENT", "PlanningAgent"]
