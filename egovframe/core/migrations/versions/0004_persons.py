"""Persons: verified residents, letters with codes, doubtful cases, and forms kept while somebody proves who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0004_persons"
down_revision = "0003_outside_sign_in"
old_code_works = True
new_code_works = False


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "core_kept_form",
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_kept_form")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_kept_form_public_id")),
    )
    op.create_index(op.f("ix_core_kept_form_account_id"), "core_kept_form", ["account_id"], unique=False)
    op.create_index(op.f("ix_core_kept_form_browser"), "core_kept_form", ["browser"], unique=False)
    op.create_index(op.f("ix_core_kept_form_expires_at"), "core_kept_form", ["expires_at"], unique=False)
    op.create_table(
        "core_person",
        sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["merged_into_id"], ["core_person.id"], name=op.f("fk_core_person_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_person")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_person_public_id")),
    )
    op.create_index(op.f("ix_core_person_merged_into_id"), "core_person", ["merged_into_id"], unique=False)
    op.create_table(
        "core_letter",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'sent', 'used', 'refused', 'over')", name=op.f("ck_core_letter_state")),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_letter_account_id")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["core_account.id"], name=op.f("fk_core_letter_sent_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_letter")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_core_letter_code_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_letter_public_id")),
    )
    op.create_index(op.f("ix_core_letter_account_id"), "core_letter", ["account_id"], unique=False)
    op.create_index(op.f("ix_core_letter_address_digest"), "core_letter", ["address_digest"], unique=False)
    op.create_index(op.f("ix_core_letter_expires_at"), "core_letter", ["expires_at"], unique=False)
    op.create_index(op.f("ix_core_letter_sent_by_id"), "core_letter", ["sent_by_id"], unique=False)
    op.create_index("ix_core_letter_work", "core_letter", ["state", "id"], unique=False)
    op.create_index(
        "uq_core_letter_open",
        "core_letter",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('asked', 'sent')"),
        postgresql_where=sa.text("state IN ('asked', 'sent')"),
    )
    op.create_table(
        "core_person_clash",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decision IN ('', 'same', 'different', 'refused')", name=op.f("ck_core_person_clash_decision")
        ),
        sa.CheckConstraint(
            "kind IN ('likeness', 'persons', 'provider', 'other_person')", name=op.f("ck_core_person_clash_kind")
        ),
        sa.CheckConstraint("method IN ('official', 'letter', 'provider')", name=op.f("ck_core_person_clash_method")),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_person_clash_account_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["core_account.id"], name=op.f("fk_core_person_clash_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_person_clash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_person_clash_public_id")),
    )
    op.create_index(op.f("ix_core_person_clash_account_id"), "core_person_clash", ["account_id"], unique=False)
    op.create_index(op.f("ix_core_person_clash_decided_by_id"), "core_person_clash", ["decided_by_id"], unique=False)
    op.create_index("ix_core_person_clash_open", "core_person_clash", ["decided_at", "id"], unique=False)
    op.create_table(
        "core_person_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('identity', 'likeness', 'provider')", name=op.f("ck_core_person_key_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["core_person.id"], name=op.f("fk_core_person_key_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_person_key")),
        sa.UniqueConstraint("digest", "rank", name=op.f("uq_core_person_key_digest_rank")),
    )
    op.create_index(op.f("ix_core_person_key_person_id"), "core_person_key", ["person_id"], unique=False)
    op.create_table(
        "core_verification",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("verified_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_as", sa.String(length=16), nullable=False),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ended_as IN ('', 'withdrawn', 'expired', 'replaced')", name=op.f("ck_core_verification_ended_as")
        ),
        sa.CheckConstraint("method IN ('official', 'letter', 'provider')", name=op.f("ck_core_verification_method")),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_verification_account_id")),
        sa.ForeignKeyConstraint(["person_id"], ["core_person.id"], name=op.f("fk_core_verification_person_id")),
        sa.ForeignKeyConstraint(
            ["verified_by_id"], ["core_account.id"], name=op.f("fk_core_verification_verified_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_verification")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_verification_public_id")),
    )
    op.create_index(op.f("ix_core_verification_account_id"), "core_verification", ["account_id"], unique=False)
    op.create_index(op.f("ix_core_verification_expires_at"), "core_verification", ["expires_at"], unique=False)
    op.create_index(op.f("ix_core_verification_person_id"), "core_verification", ["person_id"], unique=False)
    op.create_index(op.f("ix_core_verification_verified_by_id"), "core_verification", ["verified_by_id"], unique=False)
    op.create_index(
        "uq_core_verification_live",
        "core_verification",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index(
        "uq_core_verification_live",
        table_name="core_verification",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_core_verification_verified_by_id"), table_name="core_verification")
    op.drop_index(op.f("ix_core_verification_person_id"), table_name="core_verification")
    op.drop_index(op.f("ix_core_verification_expires_at"), table_name="core_verification")
    op.drop_index(op.f("ix_core_verification_account_id"), table_name="core_verification")
    op.drop_table("core_verification")
    op.drop_index(op.f("ix_core_person_key_person_id"), table_name="core_person_key")
    op.drop_table("core_person_key")
    op.drop_index("ix_core_person_clash_open", table_name="core_person_clash")
    op.drop_index(op.f("ix_core_person_clash_decided_by_id"), table_name="core_person_clash")
    op.drop_index(op.f("ix_core_person_clash_account_id"), table_name="core_person_clash")
    op.drop_table("core_person_clash")
    op.drop_index(
        "uq_core_letter_open",
        table_name="core_letter",
        sqlite_where=sa.text("state IN ('asked', 'sent')"),
        postgresql_where=sa.text("state IN ('asked', 'sent')"),
    )
    op.drop_index("ix_core_letter_work", table_name="core_letter")
    op.drop_index(op.f("ix_core_letter_sent_by_id"), table_name="core_letter")
    op.drop_index(op.f("ix_core_letter_expires_at"), table_name="core_letter")
    op.drop_index(op.f("ix_core_letter_address_digest"), table_name="core_letter")
    op.drop_index(op.f("ix_core_letter_account_id"), table_name="core_letter")
    op.drop_table("core_letter")
    op.drop_index(op.f("ix_core_person_merged_into_id"), table_name="core_person")
    op.drop_table("core_person")
    op.drop_index(op.f("ix_core_kept_form_expires_at"), table_name="core_kept_form")
    op.drop_index(op.f("ix_core_kept_form_browser"), table_name="core_kept_form")
    op.drop_index(op.f("ix_core_kept_form_account_id"), table_name="core_kept_form")
    op.drop_table("core_kept_form")
