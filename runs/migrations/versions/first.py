"""Runs, events, artefacts."""

import sqlalchemy as sa
from alembic import op

revision = "first"
down_revision = None


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("deadline", sa.Double, nullable=False),
        sa.Column("row_steps", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("idempotency_key", sa.String),
        sa.Column("parent", sa.String),
        sa.Column("is_kept", sa.Boolean, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("started", sa.Double),
        sa.Column("ended", sa.Double),
        sa.Column("worker", sa.String),
        sa.Column("leased_until", sa.Double),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_event", sa.Integer, nullable=False),
        sa.Column("is_cancelled", sa.Boolean, nullable=False),
        sa.Column("error", sa.JSON),
        sa.Column("degraded", sa.Boolean, nullable=False),
        sa.UniqueConstraint("owner", "idempotency_key", name="runs_of_one_key"),
    )
    op.create_index("runs_by_age", "runs", ["created", "id"])
    op.create_index("runs_by_owner", "runs", ["owner", "created", "id"])
    going_on = sa.text("ended IS NULL")
    op.create_index("runs_open", "runs", ["created", "id"], sqlite_where=going_on, postgresql_where=going_on)
    op.create_table(
        "events",
        _of_run(),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
    )
    op.create_table(
        "artefacts",
        _of_run(),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_artefacts_digest", "artefacts", ["digest"])


def downgrade() -> None:
    """Drop them."""
    for table in ("artefacts", "events", "runs"):
        op.drop_table(table)


def _of_run() -> sa.Column[str]:
    return sa.Column("run", sa.String, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
