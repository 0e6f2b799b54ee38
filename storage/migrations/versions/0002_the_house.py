"""People, policies, packs and the clock; what waits is sorted by the database."""

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
AMOUNT = sa.Numeric(24, 6).with_variant(sa.String(40), "sqlite")


def upgrade() -> None:
    """Add the tables of the house, and to actions what they are sorted by."""
    op.create_table(
        "person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("oidc_subject", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("oidc_subject", name="uq_person_oidc_subject"),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_attempt"),
    )
    op.create_index("ix_sign_in_attempt_login_at", "sign_in_attempt", ["login", "at"])

    op.create_table(
        "membership",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("limits", JSON, nullable=False),
        sa.Column("superior", sa.String(), nullable=True),
        sa.Column("substitute", sa.String(), nullable=True),
        sa.Column("absent_from", sa.Date(), nullable=True),
        sa.Column("absent_until", sa.Date(), nullable=True),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_membership_company_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_membership_person_id"),
        sa.ForeignKeyConstraint(["substitute"], ["person.id"], name="fk_membership_substitute"),
        sa.ForeignKeyConstraint(["superior"], ["person.id"], name="fk_membership_superior"),
        sa.PrimaryKeyConstraint("company_id", "person_id", name="pk_membership"),
    )
    op.create_table(
        "pack",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_pack_company_id"),
        sa.PrimaryKeyConstraint("company_id", "on_date", name="pk_pack"),
    )
    op.create_table(
        "policy",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("body", JSON, nullable=False),
        sa.Column("cause", JSON, nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_policy_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_policy"),
        sa.UniqueConstraint("company_id", "version", name="uq_policy_company_id_version"),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_session_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
    )
    op.create_index("ix_session_person_id", "session", ["person_id"])

    op.create_table(
        "slot",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_slot_company_id"),
        sa.PrimaryKeyConstraint("company_id", "what", "on_date", name="pk_slot"),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_token_company_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_token_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_token"),
        sa.UniqueConstraint("digest", name="uq_token_digest"),
    )
    op.create_index("ix_token_person_id", "token", ["person_id"])

    op.create_table(
        "hook",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("read_to", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_hook_company_id"),
        sa.PrimaryKeyConstraint("company_id", "name", name="pk_hook"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("hook", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("action_id", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("response_digest", sa.String(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_delivery_action_id"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_delivery_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("response_digest", name="uq_delivery_response_digest"),
    )
    op.create_index("ix_delivery_state_next_at", "delivery", ["state", "next_at"])

    op.create_table(
        "remark",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("action_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answers", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_remark_action_id"),
        sa.ForeignKeyConstraint(["answers"], ["remark.id"], name="fk_remark_answers"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_remark_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_remark"),
    )
    op.create_index("ix_remark_action_id", "remark", ["action_id"])

    # Columns are added in place: a table that others refer to is not copied.
    op.add_column("action", sa.Column("decide_by", sa.Date(), nullable=True))
    op.add_column(
        "action", sa.Column("cost_rank", sa.BigInteger(), nullable=False, server_default="0")
    )
    _rank_what_waits()
    op.drop_index("ix_action_company_status", "action")
    op.create_index(
        "ix_action_inbox", "action", ["company_id", "status", "decide_by", "cost_rank", "id"]
    )
    op.add_column("mission", sa.Column("asked_by", sa.String(), nullable=True))


def _rank_what_waits() -> None:
    """Copy from what is presented by when to decide and what waiting costs."""
    action = sa.table(
        "action",
        sa.column("id", sa.String()),
        sa.column("presented", JSON),
        sa.column("decide_by", sa.Date()),
        sa.column("cost_rank", sa.BigInteger()),
    )
    connection = op.get_bind()
    for name, presented in connection.execute(sa.select(action.c.id, action.c.presented)).all():
        day, cost = presented.get("decide_by"), presented.get("cost_of_waiting")
        values = {
            "decide_by": date.fromisoformat(day) if day else None,
            "cost_rank": -int(Decimal(cost["amount"]) * 100) if cost else 0,
        }
        connection.execute(sa.update(action).where(action.c.id == name).values(values))
