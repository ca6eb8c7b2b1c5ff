"""Second factors, the steps of a sign-in and its history."""

import sqlalchemy as sa
from alembic import op

revision = "0002_second_factors"
down_revision = "0001_foundation"
old_code_works = True
new_code_works = False

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("core_account") as account:
        account.add_column(sa.Column("second_factor", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("core_role") as role:
        role.add_column(sa.Column("needs_second_factor", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("core_web_session") as session:
        session.add_column(sa.Column("method", sa.String(length=40), server_default="password", nullable=False))
        session.add_column(sa.Column("steps", sa.Text(), server_default="[]", nullable=False))
        session.add_column(sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
    _factors()
    _passkeys()
    _history()


def downgrade() -> None:
    """Go back to the revision before."""
    for table in ("core_sign_in", "core_passkey_challenge", "core_passkey", "core_recovery_code", "core_totp_app"):
        op.drop_table(table)
    with op.batch_alter_table("core_web_session") as session:
        for column in ("proved_at", "steps", "method"):
            session.drop_column(column)
    with op.batch_alter_table("core_role") as role:
        role.drop_column("needs_second_factor")
    with op.batch_alter_table("core_account") as account:
        account.drop_column("second_factor")


def _factors() -> None:
    op.create_table(
        "core_totp_app",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_totp_app_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_totp_app")),
        sa.UniqueConstraint("account_id", name=op.f("uq_core_totp_app_account_id")),
    )
    op.create_table(
        "core_recovery_code",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_core_recovery_code_code_hash")),
    )
    op.create_index(op.f("ix_core_recovery_code_account_id"), "core_recovery_code", ["account_id"], unique=False)


def _passkeys() -> None:
    op.create_table(
        "core_passkey",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("credential_hash", sa.String(length=64), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("backup_eligible", sa.Boolean(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("transports", sa.Text(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_passkey_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_passkey")),
        sa.UniqueConstraint("credential_hash", name=op.f("uq_core_passkey_credential_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_passkey_public_id")),
    )
    op.create_index(op.f("ix_core_passkey_account_id"), "core_passkey", ["account_id"], unique=False)
    op.create_table(
        "core_passkey_challenge",
        sa.Column("id", KEY, nullable=False),
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("asker", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('register', 'enter', 'prove')", name=op.f("ck_core_passkey_challenge_purpose")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_passkey_challenge")),
        sa.UniqueConstraint("challenge_hash", name=op.f("uq_core_passkey_challenge_challenge_hash")),
    )
    op.create_index(
        op.f("ix_core_passkey_challenge_expires_at"), "core_passkey_challenge", ["expires_at"], unique=False
    )


def _history() -> None:
    op.create_table(
        "core_sign_in",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("session_id", KEY, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("factor", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('entered', 'begun', 'refused', 'factor_refused')", name=op.f("ck_core_sign_in_outcome")
        ),
        sa.CheckConstraint("account_id IS NOT NULL OR outcome = 'refused'", name=op.f("ck_core_sign_in_owner")),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_sign_in_account_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["core_web_session.id"], name=op.f("fk_core_sign_in_session_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_sign_in")),
    )
    op.create_index("ix_core_sign_in_listing", "core_sign_in", ["account_id", "at", "id"], unique=False)
    op.create_index(op.f("ix_core_sign_in_at"), "core_sign_in", ["at"], unique=False)
    op.create_index(op.f("ix_core_sign_in_session_id"), "core_sign_in", ["session_id"], unique=False)
