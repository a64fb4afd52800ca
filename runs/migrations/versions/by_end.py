"""An index by the moment of a run's end: every replica of the edge asks each second what ended lately."""

from alembic import op

revision = "by_end"
down_revision = "first"


def upgrade() -> None:
    """Create it."""
    op.create_index("runs_by_end", "runs", ["ended"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("runs_by_end", "runs")
