"""The fixture of ``tests/support/mornings.py``, for this folder only."""

from mornings import morning

__all__ = ["morning"]
