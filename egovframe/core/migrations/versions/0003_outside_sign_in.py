"""Signing in with a provider outside."""

import sqlalchemy as sa
from alembic import op

revision = "0003_outside_sign_in"
down_revision = "0002_second_factors"
old_code_works = True
new_code_works = False

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "core_identity",
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("provider", sa.String(length=30), nullable=False),
        sa.Column("subject_index", sa.String(length=64), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resident", sa.Boolean(), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_identity_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_identity")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_identity_public_id")),
        sa.UniqueConstraint("subject_index", name=op.f("uq_core_identity_subject_index")),
    )
    op.create_index(op.f("ix_core_identity_account_id"), "core_identity", ["account_id"], unique=False)
    op.create_table(
        "core_outside_session",
        sa.Column("session_id", BIG, autoincrement=False, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("provider", sa.String(length=30), nullable=False),
        sa.Column("subject_index", sa.String(length=64), nullable=False),
        sa.Column("sid_index", sa.String(length=64), nullable=True),
        sa.Column("id_token", sa.Text(), nullable=True),
        sa.Column("leave_hash", sa.String(length=64), nullable=True),
        sa.Column("leave_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_outside_session_account_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["core_web_session.id"], name=op.f("fk_core_outside_session_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_core_outside_session")),
        sa.UniqueConstraint("leave_hash", name=op.f("uq_core_outside_session_leave_hash")),
    )
    for column in ("account_id", "subject_index", "sid_index"):
        op.create_index(op.f(f"ix_core_outside_session_{column}"), "core_outside_session", [column], unique=False)
    op.create_table(
        "core_outside_once",
        sa.Column("id", BIG, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_outside_once")),
        sa.UniqueConstraint("digest", name=op.f("uq_core_outside_once_digest")),
    )
    op.create_index(op.f("ix_core_outside_once_expires_at"), "core_outside_once", ["expires_at"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index(op.f("ix_core_outside_once_expires_at"), table_name="core_outside_once")
    op.drop_table("core_outside_once")
    for column in ("sid_index", "subject_index", "account_id"):
        op.drop_index(op.f(f"ix_core_outside_session_{column}"), table_name="core_outside_session")
    op.drop_table("core_outside_session")
    op.drop_index(op.f("ix_core_identity_account_id"), table_name="core_identity")
    op.drop_table("core_identity")
