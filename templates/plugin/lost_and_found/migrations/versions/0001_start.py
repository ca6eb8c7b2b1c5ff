"""Start. Write the next one with: egovframe db revision lost_and_found "what changes"."""

import sqlalchemy as sa
from alembic import op

revision = "0001_start"
down_revision = None
old_code_works = False
new_code_works = False


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "lost_and_found_item",
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('kept','returned')", name=op.f("ck_lost_and_found_item_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lost_and_found_item")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lost_and_found_item_public_id")),
    )
    op.create_index("ix_lost_and_found_item_state_created", "lost_and_found_item", ["state", "created_at"])


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("lost_and_found_item")
