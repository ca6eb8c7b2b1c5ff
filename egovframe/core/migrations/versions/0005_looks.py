"""Who looked at personal data: one row a look, one row for each row that was looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0005_looks"
down_revision = "0004_persons"
old_code_works = True
new_code_works = False


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "core_look",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("viewer", sa.String(length=60), nullable=False),
        sa.Column("viewer_account_id", sa.BigInteger(), nullable=True),
        sa.Column("office", sa.Text(), nullable=True),
        sa.Column("on_behalf_of", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("thing", sa.String(length=120), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("hidden_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("kind IN ('read', 'search')", name=op.f("ck_core_look_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_look")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_look_public_id")),
    )
    op.create_index("ix_core_look_at", "core_look", ["at", "id"], unique=False)
    op.create_index("ix_core_look_viewer", "core_look", ["viewer_account_id", "at", "id"], unique=False)
    op.create_table(
        "core_look_subject",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("look_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("table_name", sa.String(length=80), nullable=False),
        sa.Column("row_key", sa.String(length=120), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["look_id"], ["core_look.id"], name=op.f("fk_core_look_subject_look_id_core_look"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_look_subject")),
    )
    op.create_index("ix_core_look_subject_account", "core_look_subject", ["account_id", "look_id"], unique=False)
    op.create_index("ix_core_look_subject_look_id", "core_look_subject", ["look_id"], unique=False)
    op.create_index("ix_core_look_subject_row", "core_look_subject", ["table_name", "row_key", "look_id"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("core_look_subject")
    op.drop_table("core_look")
