"""The timeline of a case says for which post somebody stood in."""

import sqlalchemy as sa
from alembic import op

revision = "0010_case_stand_in"
down_revision = "0009_audit_index"
old_code_works = True
new_code_works = False


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("core_case_entry", sa.Column("author_for", sa.Text(), nullable=True))


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_column("core_case_entry", "author_for")
