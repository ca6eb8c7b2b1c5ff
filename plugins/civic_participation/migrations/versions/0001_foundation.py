"""Foundation."""

import sqlalchemy as sa
from alembic import op

revision = "0001_foundation"
down_revision = None
old_code_works = False
new_code_works = False


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "civic_participation_category",
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=True),
        sa.Column("notice", sa.Text(), nullable=True),
        sa.Column("keywords", sa.String(length=500), nullable=False),
        sa.Column("icon", sa.String(length=40), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("deadline_hours", sa.Integer(), nullable=True),
        sa.Column("deadline_mode", sa.String(length=8), nullable=False),
        sa.Column("duplicate_radius_m", sa.Integer(), nullable=False),
        sa.Column("staff_only", sa.Boolean(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "deadline_mode IN ('calendar','working')", name=op.f("ck_civic_participation_category_deadline_mode")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["core_department.id"],
            name=op.f("fk_civic_participation_category_department_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["civic_participation_category.id"],
            name=op.f("fk_civic_participation_category_parent_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_civic_participation_category")),
        sa.UniqueConstraint("code", name=op.f("uq_civic_participation_category_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_civic_participation_category_public_id")),
    )
    op.create_index(
        op.f("ix_civic_participation_category_department_id"),
        "civic_participation_category",
        ["department_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_civic_participation_category_parent_id"), "civic_participation_category", ["parent_id"], unique=False
    )
    op.create_table(
        "civic_participation_complaint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("source_category", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["core_case.id"], name=op.f("fk_civic_participation_complaint_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["civic_participation_category.id"],
            name=op.f("fk_civic_participation_complaint_category_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_civic_participation_complaint")),
        sa.UniqueConstraint("case_id", name=op.f("uq_civic_participation_complaint_case_id")),
    )
    op.create_index(
        op.f("ix_civic_participation_complaint_category_id"),
        "civic_participation_complaint",
        ["category_id"],
        unique=False,
    )
    op.create_table(
        "civic_participation_draft",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["core_case.id"], name=op.f("fk_civic_participation_draft_case_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_civic_participation_draft")),
        sa.UniqueConstraint("code", name=op.f("uq_civic_participation_draft_code")),
    )
    op.create_index(
        op.f("ix_civic_participation_draft_case_id"), "civic_participation_draft", ["case_id"], unique=False
    )
    op.create_index(
        op.f("ix_civic_participation_draft_updated_at"), "civic_participation_draft", ["updated_at"], unique=False
    )
    op.create_table(
        "civic_participation_contact",
        sa.Column("complaint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"],
            ["civic_participation_complaint.id"],
            name=op.f("fk_civic_participation_contact_complaint_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_civic_participation_contact")),
        sa.UniqueConstraint("complaint_id", name=op.f("uq_civic_participation_contact_complaint_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_civic_participation_contact_public_id")),
    )
    op.create_index(
        op.f("ix_civic_participation_contact_account_id"), "civic_participation_contact", ["account_id"], unique=False
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index(op.f("ix_civic_participation_contact_account_id"), table_name="civic_participation_contact")
    op.drop_table("civic_participation_contact")
    op.drop_index(op.f("ix_civic_participation_draft_updated_at"), table_name="civic_participation_draft")
    op.drop_index(op.f("ix_civic_participation_draft_case_id"), table_name="civic_participation_draft")
    op.drop_table("civic_participation_draft")
    op.drop_index(op.f("ix_civic_participation_complaint_category_id"), table_name="civic_participation_complaint")
    op.drop_table("civic_participation_complaint")
    op.drop_index(op.f("ix_civic_participation_category_parent_id"), table_name="civic_participation_category")
    op.drop_index(op.f("ix_civic_participation_category_department_id"), table_name="civic_participation_category")
    op.drop_table("civic_participation_category")
