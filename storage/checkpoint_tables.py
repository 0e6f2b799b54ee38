"""The three tables of the LangGraph checkpointer.

A checkpoint's body (versions, and small values) is one row; large values are kept once per
channel version and shared by all checkpoints that hold them; writes are what tasks said since.
Names are singular, so that the official savers' tables can live in the same database.
"""

from sqlalchemy import JSON, Column, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from regisseur.storage.base import metadata
from regisseur.storage.types import Json

# Compared byte by byte on both databases: ids and versions are made to sort that way.
Key = Text().with_variant(Text(collation="C"), "postgresql")

_OF_A_RUN = text("run_id IS NOT NULL")

Held = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("thread_id", Key, primary_key=True),
    Column("ns", Key, primary_key=True),
    Column("id", Key, primary_key=True),
    Column("parent_id", Key),
    Column("run_id", Key),
    Column("metadata", Json, nullable=False),
    Column("held", Held),  # {channel: version} of the blobs it needs; NULL if it needs none
    Column("type", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    # LangGraph names no run by itself, and an index costs each put.
    Index(None, "run_id", sqlite_where=_OF_A_RUN, postgresql_where=_OF_A_RUN),
)

blob = Table(
    "checkpoint_blob",
    metadata,
    Column("thread_id", Key, primary_key=True),
    Column("ns", Key, primary_key=True),
    Column("channel", Key, primary_key=True),
    Column("version", Key, primary_key=True),
    Column("type", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

write = Table(
    "checkpoint_write",
    metadata,
    Column("thread_id", Key, primary_key=True),
    Column("ns", Key, primary_key=True),
    Column("id", Key, primary_key=True),
    Column("task_id", Key, primary_key=True),
    Column("idx", Integer, primary_key=True),
    Column("task_path", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

TABLES = (checkpoint, blob, write)
