"""Rest for the garbage collector while a large company's books are read and judged.

It looks for circles among all objects again and again as their number grows. Two hundred thousand
invoices have none, and looking for them takes longer than reading them.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No collection inside; as it was before afterwards.

    Where two threads overlap, the first to end lets the collector work again: that costs time only.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
