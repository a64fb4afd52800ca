"""An index by the run that one corrects: a page asks for the versions of a picture."""

from alembic import op

revision = "by_parent"
down_revision = "by_end"


def upgrade() -> None:
    """Create it."""
    op.create_index("runs_by_parent", "runs", ["parent", "created", "id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("runs_by_parent", "runs")
