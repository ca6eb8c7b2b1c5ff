"""Kept forms know where they were sent; letters keep what an official compares until they have left."""

import sqlalchemy as sa
from alembic import op

revision = "0012_kept_and_letters"
down_revision = "0011_audit_hours"
old_code_works = True
new_code_works = False


def upgrade() -> None:
    """Go to this revision."""
    op.add_column(
        "core_kept_form", sa.Column("sent_to", sa.String(length=500), server_default=sa.text("''"), nullable=False)
    )
    op.add_column("core_letter", sa.Column("birth_date", sa.Text(), nullable=True))
    op.add_column("core_letter", sa.Column("address_code", sa.Text(), nullable=True))
    op.add_column(
        "core_letter", sa.Column("name_digest", sa.String(length=64), server_default=sa.text("''"), nullable=False)
    )
    op.create_index(op.f("ix_core_letter_name_digest"), "core_letter", ["name_digest"], unique=False)


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_index(op.f("ix_core_letter_name_digest"), table_name="core_letter")
    op.drop_column("core_letter", "name_digest")
    op.drop_column("core_letter", "address_code")
    op.drop_column("core_letter", "birth_date")
    op.drop_column("core_kept_form", "sent_to")
