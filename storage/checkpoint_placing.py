"""Where the checkpointer keeps a value: in its checkpoint's row, or in one of its own.

A row of its own is written once and shared by all checkpoints that hold the value: this is where
bytes are saved. A small value is quicker copied than looked up, so it goes with the checkpoint.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from langgraph.checkpoint.base import ChannelVersions, Checkpoint

Packed = tuple[str, bytes]
"""A value as the serializer gives it: type and data."""

Blob = tuple[str, str, str, bytes]
"""What is kept in a row of its own: channel, version, type and data."""

INLINE = {"sqlite": 1024, "postgresql": 0}
"""Bytes up to which a value goes with its checkpoint. To write and look up one more row takes SQLite
as long as to copy some KB; on PostgreSQL it is one more in the same round trip. Nothing that is
stored depends on it."""

_SHORT = 256
"""Strings up to here go with the checkpoint, without a look at their size when packed."""

_PLAIN = (type(None), bool, int, float)

_REMEMBERED = 1_000
"""Threads and namespaces of which a saver remembers where their values are."""


class Placing(NamedTuple):
    """Where the values of a checkpoint are: in its own row, but for those it held in others."""

    versions: Mapping[str, Any]
    """Of all channels, with a value or without."""
    channels: Collection[str]
    """Those with a value."""
    held: Collection[str]
    """Those with a value in a row of its own."""


NOWHERE = Placing({}, (), ())


class Placings:
    """Remembers where the values are that this saver stored or read last in each thread.

    Of what is forgotten, or stored by another process, values are looked at and offered anew.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], Placing] = {}

    def of(self, thread_id: str, ns: str) -> Placing:
        """Give the last placing that is known."""
        return self._seen.get((thread_id, ns), NOWHERE)

    def note(self, thread_id: str, ns: str, checkpoint: Checkpoint, held: Iterable[str]) -> None:
        """Remember a checkpoint that is in the database, and which values have rows of their own."""
        key = thread_id, ns
        if len(self._seen) >= _REMEMBERED and key not in self._seen:
            self._seen.clear()
        versions, values = checkpoint["channel_versions"], checkpoint["channel_values"]
        self._seen[key] = Placing({**versions}, {*values}, {*held})

    def forget(self) -> None:
        """Forget all of them, for values were deleted."""
        self._seen.clear()


def placed(
    checkpoint: Checkpoint,
    new: ChannelVersions,
    before: Placing,
    limit: int,
    pack: Callable[[Any], Packed],
) -> tuple[dict[str, Any], dict[str, str], Sequence[Blob]]:
    """Part the values of a checkpoint: those of its row, versions of the others, and rows to add.

    A value that is not ``new`` stays where it was ``before``. A channel without a value (never
    written, consumed, or rebuilt from history) is nowhere.
    """
    inline: dict[str, Any] = {}
    held: dict[str, str] = {}
    blobs: list[Blob] = []
    values = checkpoint["channel_values"]
    for channel, version in checkpoint["channel_versions"].items():
        if channel not in values:
            continue
        value = values[channel]
        known = before.versions.get(channel) == version and channel not in new
        if known and channel in before.held:
            held[channel] = str(version)
        elif _is_small(value) or (known and channel in before.channels):
            inline[channel] = value
        else:
            type_, data = pack(value)
            if len(data) <= limit and type_.startswith("msgpack"):
                inline[channel] = value
            else:
                held[channel] = str(version)
                blobs.append((channel, str(version), type_, data))
    return inline, held, blobs


def _is_small(value: Any) -> bool:
    kind = type(value)
    return kind in _PLAIN or (kind is str and len(value) <= _SHORT)
