"""Paper: documents that are made ready for a person to print, sign and post.

Adapters are found like those of an ERP: a module of this package with a module-level ``ADAPTER``.
"""

from regisseur.tools.post.memory import MemoryPostRoom
from regisseur.tools.post.ports import PostRoom, Prepared

__all__ = ["MemoryPostRoom", "PostRoom", "Prepared"]
