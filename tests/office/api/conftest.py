"""The fixtures of ``tests/support/api_programs.py``, for this folder only."""

from api_programs import approver, client, clock, night, office, settings

__all__ = ["approver", "client", "clock", "night", "office", "settings"]
