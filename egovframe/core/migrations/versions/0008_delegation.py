"""Grants lent to a colleague during an absence."""

import sqlalchemy as sa
from alembic import op

revision = "0008_delegation"
down_revision = "0007_audit_guard"
old_code_works = True
new_code_works = False


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "core_delegation",
        sa.Column("grant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delegate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_core_delegation_valid")),
        sa.ForeignKeyConstraint(["delegate_id"], ["core_account.id"], name=op.f("fk_core_delegation_delegate_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["core_role_grant.id"], name=op.f("fk_core_delegation_grant_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["core_account.id"], name=op.f("fk_core_delegation_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_delegation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_delegation_public_id")),
    )
    op.create_index(op.f("ix_core_delegation_delegate_id"), "core_delegation", ["delegate_id"], unique=False)
    op.create_index(op.f("ix_core_delegation_grant_id"), "core_delegation", ["grant_id"], unique=False)
    op.create_index(op.f("ix_core_delegation_made_by_id"), "core_delegation", ["made_by_id"], unique=False)


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_index(op.f("ix_core_delegation_made_by_id"), table_name="core_delegation")
    op.drop_index(op.f("ix_core_delegation_grant_id"), table_name="core_delegation")
    op.drop_index(op.f("ix_core_delegation_delegate_id"), table_name="core_delegation")
    op.drop_table("core_delegation")
