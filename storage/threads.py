"""Run blocking database work in a thread, to its end, whatever happens to the one who waits.

A task that is cancelled in the middle of a commit must not go on before the commit is decided:
else its next step, or the next test, meets a database that changes under it.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Executor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def settled(
    executor: Executor | None, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Return ``function(*args, **kwargs)``, run in a thread of ``executor`` (or of the loop).

    Cancellation is delivered once the thread is done; it then replaces the result or the error.
    """
    context = contextvars.copy_context()
    work = asyncio.get_running_loop().run_in_executor(
        executor, lambda: context.run(function, *args, **kwargs)
    )
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait({work})  # unlike a plain await, it leaves the work uncancelled
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled from work.exception()
    return work.result()
