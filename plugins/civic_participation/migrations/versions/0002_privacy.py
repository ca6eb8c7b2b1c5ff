"""Privacy."""

import sqlalchemy as sa
from alembic import op

revision = "0002_privacy"
down_revision = "0001_foundation"
old_code_works = True
new_code_works = False


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("civic_participation_draft", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index(batch_op.f("ix_civic_participation_draft_account_id"), ["account_id"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("civic_participation_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_civic_participation_draft_account_id"))
        batch_op.drop_column("account_id")
