"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
AMOUNT = sa.Numeric(24, 6).with_variant(sa.String(40), "sqlite")


def upgrade() -> None:
    """Create everything."""
    open_only = sa.text("status IN ('proposed', 'approved', 'performing', 'unknown')")

    op.create_table(
        "checkpoint",
        sa.Column("thread_id", KEY, nullable=False),
        sa.Column("ns", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("parent_id", KEY, nullable=True),
        sa.Column("run_id", KEY, nullable=True),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("held", JSON, nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id", "ns", "id", name="pk_checkpoint"),
    )
    of_a_run = sa.text("run_id IS NOT NULL")
    op.create_index(
        "ix_checkpoint_run_id",
        "checkpoint",
        ["run_id"],
        sqlite_where=of_a_run,
        postgresql_where=of_a_run,
    )

    op.create_table(
        "checkpoint_blob",
        sa.Column("thread_id", KEY, nullable=False),
        sa.Column("ns", KEY, nullable=False),
        sa.Column("channel", KEY, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id", "ns", "channel", "version", name="pk_checkpoint_blob"),
    )

    op.create_table(
        "checkpoint_write",
        sa.Column("thread_id", KEY, nullable=False),
        sa.Column("ns", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("task_id", KEY, nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("task_path", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "thread_id", "ns", "id", "task_id", "idx", name="pk_checkpoint_write"
        ),
    )

    op.create_table(
        "company",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("restored", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_company"),
    )

    op.create_table(
        "audit",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_audit_company_id"),
        sa.PrimaryKeyConstraint("company_id", "sequence", name="pk_audit"),
    )

    op.create_table(
        "audit_head",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_audit_head_company_id"),
        sa.PrimaryKeyConstraint("company_id", name="pk_audit_head"),
    )

    op.create_table(
        "audit_person",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_audit_person_company_id"),
        sa.PrimaryKeyConstraint("company_id", "digest", name="pk_audit_person"),
        sa.UniqueConstraint("company_id", "value", name="uq_audit_person_company_id_value"),
    )

    op.create_table(
        "brake",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_brake_company_id"),
        sa.PrimaryKeyConstraint("company_id", "agent", name="pk_brake"),
    )

    op.create_table(
        "mission",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("graph_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("filed", JSON, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_mission_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mission"),
        sa.UniqueConstraint(
            "company_id", "agent", "on_date", "run", name="uq_mission_company_id_agent_on_date_run"
        ),
    )

    op.create_table(
        "action",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("mission_id", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("arguments", JSON, nullable=False),
        sa.Column("arguments_hash", sa.String(), nullable=False),
        sa.Column("presented", JSON, nullable=False),
        sa.Column("seen_hash", sa.String(), nullable=False),
        sa.Column("amount", AMOUNT, nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("counterparty", sa.String(), nullable=True),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("drift", JSON, nullable=True),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("veto_until", INSTANT, nullable=True),
        sa.Column("snoozed_until", INSTANT, nullable=True),
        sa.Column("deadline", INSTANT, nullable=True),
        sa.Column("performer", sa.String(), nullable=True),
        sa.Column("not_before", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_action_company_id"),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name="fk_action_mission_id"),
        sa.PrimaryKeyConstraint("id", name="pk_action"),
        sa.UniqueConstraint(
            "company_id",
            "kind",
            "subject",
            "occurrence",
            name="uq_action_company_id_kind_subject_occurrence",
        ),
        sa.UniqueConstraint("key", name="uq_action_key"),
    )
    op.create_index("ix_action_company_status", "action", ["company_id", "status"])
    op.create_index("ix_action_mission_id", "action", ["mission_id"])
    op.create_index(
        "uq_action_open",
        "action",
        ["company_id", "kind", "subject"],
        unique=True,
        sqlite_where=open_only,
        postgresql_where=open_only,
    )

    op.create_table(
        "observation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("mission_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("judgement", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_observation_company_id"),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name="fk_observation_mission_id"),
        sa.PrimaryKeyConstraint("id", name="pk_observation"),
        sa.UniqueConstraint("mission_id", name="uq_observation_mission_id"),
    )

    op.create_table(
        "report",
        sa.Column("mission_id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_report_company_id"),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name="fk_report_mission_id"),
        sa.PrimaryKeyConstraint("mission_id", name="pk_report"),
    )

    op.create_table(
        "action_revision",
        sa.Column("action_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("mission_id", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("arguments", JSON, nullable=False),
        sa.Column("arguments_hash", sa.String(), nullable=False),
        sa.Column("presented", JSON, nullable=False),
        sa.Column("seen_hash", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_action_revision_action_id"),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name="fk_action_revision_company_id"
        ),
        sa.PrimaryKeyConstraint("action_id", "revision", name="pk_action_revision"),
    )

    op.create_table(
        "effect",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("action_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("executed_hash", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("answer", JSON, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_effect_action_id"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_effect_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_effect"),
        sa.UniqueConstraint("action_id", name="uq_effect_action_id"),
        sa.UniqueConstraint("key", name="uq_effect_key"),
    )

    op.create_table(
        "decision",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("action_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("seen_hash", sa.String(), nullable=False),
        sa.Column("decided_hash", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("asserted", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id", "revision"],
            ["action_revision.action_id", "action_revision.revision"],
            name="fk_decision_action_id_revision",
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_decision_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_index("ix_decision_action_id_revision", "decision", ["action_id", "revision"])

    op.create_table(
        "entry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_entry_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
    )
    op.create_index("ix_entry_company_id_agent", "entry", ["company_id", "agent"])

    op.create_table(
        "bank_line",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("counterparty", sa.String(), nullable=False),
        sa.Column("counterparty_account", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_bank_line_company_id"),
        sa.PrimaryKeyConstraint("company_id", "account", "id", name="pk_bank_line"),
    )

    op.create_table(
        "bank_file",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("known_until", sa.Date(), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("read_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name="fk_bank_file_company_id"),
        sa.PrimaryKeyConstraint("company_id", "digest", name="pk_bank_file"),
    )
