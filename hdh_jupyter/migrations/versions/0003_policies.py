"""The policies of projects, the counts that left with each release, and what is shown of files that no page shows."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "project_policy",
        sa.Column("project", sa.String(length=30), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["project.id"]),
        sa.PrimaryKeyConstraint("project", "number"),
    )
    op.add_column("egress_checks", sa.Column("register", sa.JSON(), nullable=True))
    op.add_column("egress_checks", sa.Column("compared", sa.Integer(), nullable=True))
    op.add_column("egress_checked_files", sa.Column("preview_sha256", sa.String(length=64), nullable=True))
    op.add_column("egress_releases", sa.Column("register", sa.JSON(), nullable=True))
