"""Privacy."""

import sqlalchemy as sa
from alembic import op

revision = "0006_privacy"
down_revision = "0005_looks"
old_code_works = True
new_code_works = False


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "core_erasure",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("noted", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_erasure")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_core_erasure_kind_subject")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_erasure_public_id")),
    )
    with op.batch_alter_table("core_erasure", schema=None) as batch_op:
        batch_op.create_index("ix_core_erasure_waits", ["waits", "id"], unique=False)

    op.create_table(
        "core_legal_hold",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.String(length=80), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(length=80), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_legal_hold")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_legal_hold_public_id")),
    )
    with op.batch_alter_table("core_legal_hold", schema=None) as batch_op:
        batch_op.create_index("ix_core_legal_hold_subject", ["kind", "subject_id"], unique=False)

    op.create_table(
        "core_notice",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("kind IN ('terms', 'privacy', 'consent')", name=op.f("ck_core_notice_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_notice")),
        sa.UniqueConstraint("code", name=op.f("uq_core_notice_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_notice_public_id")),
    )
    op.create_table(
        "core_retention_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=True),
        sa.Column("since", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("on_request", sa.String(length=10), nullable=False),
        sa.Column("law", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("action IN ('erase', 'sever')", name=op.f("ck_core_retention_rule_action")),
        sa.CheckConstraint("on_request IN ('erase', 'sever', 'keep')", name=op.f("ck_core_retention_rule_on_request")),
        sa.CheckConstraint("keep_days IS NULL OR keep_days >= 0", name=op.f("ck_core_retention_rule_keep_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_retention_rule")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_core_retention_rule_code_valid_from")),
    )
    op.create_table(
        "core_address_change",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("old_email", sa.Text(), nullable=True),
        sa.Column("new_email", sa.Text(), nullable=True),
        sa.Column("new_index", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_address_change_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_address_change")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_address_change_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_core_address_change_token_hash")),
    )
    with op.batch_alter_table("core_address_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_address_change_account_id"), ["account_id"], unique=False)

    op.create_table(
        "core_notice_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["core_notice.id"], name=op.f("fk_core_notice_version_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_notice_version")),
        sa.UniqueConstraint("notice_id", "number", name=op.f("uq_core_notice_version_notice_id_number")),
    )
    with op.batch_alter_table("core_notice_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_notice_version_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "core_consent",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["core_notice_version.id"], name=op.f("fk_core_consent_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_consent")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_consent_public_id")),
    )
    with op.batch_alter_table("core_consent", schema=None) as batch_op:
        batch_op.create_index("ix_core_consent_account_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_core_consent_version_id"), ["version_id"], unique=False)

    with op.batch_alter_table("core_idempotency", schema=None) as batch_op:
        batch_op.add_column(sa.Column("account_id", sa.BigInteger(), nullable=True))
        batch_op.create_index(batch_op.f("ix_core_idempotency_account_id"), ["account_id"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("core_idempotency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_idempotency_account_id"))
        batch_op.drop_column("account_id")

    with op.batch_alter_table("core_consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_consent_version_id"))
        batch_op.drop_index("ix_core_consent_account_id")

    op.drop_table("core_consent")
    with op.batch_alter_table("core_notice_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_notice_version_notice_id"))

    op.drop_table("core_notice_version")
    with op.batch_alter_table("core_address_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_address_change_account_id"))

    op.drop_table("core_address_change")
    op.drop_table("core_retention_rule")
    op.drop_table("core_notice")
    with op.batch_alter_table("core_legal_hold", schema=None) as batch_op:
        batch_op.drop_index("ix_core_legal_hold_subject")

    op.drop_table("core_legal_hold")
    with op.batch_alter_table("core_erasure", schema=None) as batch_op:
        batch_op.drop_index("ix_core_erasure_waits")

    op.drop_table("core_erasure")
