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
        "core_account",
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_index", sa.String(length=64), nullable=True),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("addressed_as", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("assurance", sa.String(length=24), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "assurance IN ('registered', 'contact_verified', 'resident_verified')",
            name=op.f("ck_core_account_assurance"),
        ),
        sa.CheckConstraint(
            "kind IN ('citizen', 'staff', 'organisation', 'service')", name=op.f("ck_core_account_kind")
        ),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_core_account_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_account")),
        sa.UniqueConstraint("email_index", name=op.f("uq_core_account_email_index")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_account_public_id")),
    )
    op.create_index(op.f("ix_core_account_kind"), "core_account", ["kind"], unique=False)
    op.create_index("ix_core_account_listing", "core_account", ["created_at", "id"], unique=False)
    op.create_table(
        "core_area_layer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_area_layer")),
        sa.UniqueConstraint("code", name=op.f("uq_core_area_layer_code")),
    )
    op.create_table(
        "core_audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("on_behalf_of", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=120), nullable=False),
        sa.Column("thing", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.CheckConstraint("outcome IN ('done', 'refused')", name=op.f("ck_core_audit_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_audit")),
    )
    op.create_index("ix_core_audit_account_id_id", "core_audit", ["account_id", "id"], unique=False)
    op.create_index("ix_core_audit_action_id", "core_audit", ["action", "id"], unique=False)
    op.create_index(op.f("ix_core_audit_at"), "core_audit", ["at"], unique=False)
    op.create_index("ix_core_audit_thing_id", "core_audit", ["thing", "id"], unique=False)
    op.create_table(
        "core_audit_head",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_core_audit_head_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_audit_head")),
    )
    op.create_table(
        "core_case_counter",
        sa.Column("type_code", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("type_code", "year", name=op.f("pk_core_case_counter")),
    )
    op.create_table(
        "core_case_type",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_case_type")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_core_case_type_code_version")),
    )
    op.create_table(
        "core_code_table",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_code_table")),
        sa.UniqueConstraint("code", name=op.f("uq_core_code_table_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_code_table_public_id")),
    )
    op.create_table(
        "core_department",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from IS NULL OR valid_from < valid_until",
            name=op.f("ck_core_department_valid"),
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["core_department.id"], name=op.f("fk_core_department_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_department")),
        sa.UniqueConstraint("code", name=op.f("uq_core_department_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_department_public_id")),
    )
    op.create_index(op.f("ix_core_department_parent_id"), "core_department", ["parent_id"], unique=False)
    op.create_table(
        "core_event",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_event")),
    )
    op.create_index("ix_core_event_name_occurred_at", "core_event", ["name", "occurred_at"], unique=False)
    op.create_index(op.f("ix_core_event_occurred_at"), "core_event", ["occurred_at"], unique=False)
    op.create_table(
        "core_idempotency",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_idempotency")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_core_idempotency_key_hash")),
    )
    op.create_index(op.f("ix_core_idempotency_expires_at"), "core_idempotency", ["expires_at"], unique=False)
    op.create_table(
        "core_job",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("queue", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_by", sa.String(length=80), nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unique_key", sa.String(length=200), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.CheckConstraint("queue IN ('default', 'outside', 'slow')", name=op.f("ck_core_job_queue")),
        sa.CheckConstraint("state IN ('ready', 'running', 'dead')", name=op.f("ck_core_job_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_job")),
    )
    op.create_index(
        "ix_core_job_dead",
        "core_job",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "ix_core_job_ready",
        "core_job",
        ["queue", "priority", "run_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index(
        "ix_core_job_running",
        "core_job",
        ["locked_until"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "uq_core_job_unique_key",
        "core_job",
        ["unique_key"],
        unique=True,
        sqlite_where=sa.text("unique_key IS NOT NULL AND state <> 'dead'"),
        postgresql_where=sa.text("unique_key IS NOT NULL AND state <> 'dead'"),
    )
    op.create_table(
        "core_lease",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_core_lease")),
    )
    op.create_table(
        "core_notification",
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("thing", sa.String(length=120), nullable=False),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_notification")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_notification_public_id")),
        sa.UniqueConstraint("reference", "key", name=op.f("uq_core_notification_reference_key")),
    )
    op.create_index(
        "ix_core_notification_account_id_created_at",
        "core_notification",
        ["account_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "core_plugin",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_core_plugin")),
    )
    op.create_table(
        "core_rate",
        sa.Column("bucket", sa.String(length=120), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_core_rate")),
    )
    op.create_index(op.f("ix_core_rate_expires_at"), "core_rate", ["expires_at"], unique=False)
    op.create_table(
        "core_role",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("permissions", sa.Text(), nullable=False),
        sa.Column("defaults", sa.Text(), nullable=False),
        sa.Column("builtin", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_role")),
        sa.UniqueConstraint("code", name=op.f("uq_core_role_code")),
    )
    op.create_table(
        "core_schedule",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("last_run", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_run", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_core_schedule")),
    )
    op.create_index(op.f("ix_core_schedule_next_run"), "core_schedule", ["next_run"], unique=False)
    op.create_table(
        "core_scope_version",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_core_scope_version")),
    )
    op.create_table(
        "core_setting",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_core_setting")),
    )
    op.create_table(
        "core_work_calendar",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("stamp", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_work_calendar")),
        sa.UniqueConstraint("code", name=op.f("uq_core_work_calendar_code")),
    )
    op.create_index(
        "uq_core_work_calendar_default",
        "core_work_calendar",
        ["is_default"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "core_api_token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("permissions", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_api_token_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_api_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_api_token_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_core_api_token_token_hash")),
    )
    op.create_index(op.f("ix_core_api_token_account_id"), "core_api_token", ["account_id"], unique=False)
    op.create_index(op.f("ix_core_api_token_expires_at"), "core_api_token", ["expires_at"], unique=False)
    op.create_table(
        "core_area",
        sa.Column("layer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("geometry", sa.Text(), nullable=True),
        sa.Column("fine", sa.Text(), nullable=True),
        sa.Column("coarse", sa.Text(), nullable=True),
        sa.Column("west", sa.Double(), nullable=True),
        sa.Column("south", sa.Double(), nullable=True),
        sa.Column("east", sa.Double(), nullable=True),
        sa.Column("north", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("(geometry IS NULL) = (west IS NULL)", name=op.f("ck_core_area_border")),
        sa.CheckConstraint("south <= north AND west <= east", name=op.f("ck_core_area_box")),
        sa.ForeignKeyConstraint(["layer_id"], ["core_area_layer.id"], name=op.f("fk_core_area_layer_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["core_area.id"], name=op.f("fk_core_area_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_area")),
        sa.UniqueConstraint("layer_id", "code", name=op.f("uq_core_area_layer_id_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_area_public_id")),
    )
    op.create_index("ix_core_area_box", "core_area", ["west", "east", "south", "north"], unique=False)
    op.create_index(op.f("ix_core_area_code"), "core_area", ["code"], unique=False)
    op.create_index(op.f("ix_core_area_layer_id"), "core_area", ["layer_id"], unique=False)
    op.create_index(op.f("ix_core_area_parent_id"), "core_area", ["parent_id"], unique=False)
    op.create_table(
        "core_audit_pending",
        sa.Column(
            "audit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["core_audit.id"], name=op.f("fk_core_audit_pending_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_core_audit_pending")),
    )
    op.create_table(
        "core_audit_seal",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["core_audit.id"], name=op.f("fk_core_audit_seal_audit_id")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_core_audit_seal")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_core_audit_seal_audit_id")),
    )
    op.create_table(
        "core_calendar_assignment",
        sa.Column(
            "department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("calendar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["core_work_calendar.id"], name=op.f("fk_core_calendar_assignment_calendar_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["core_department.id"],
            name=op.f("fk_core_calendar_assignment_department_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("department_id", name=op.f("pk_core_calendar_assignment")),
    )
    op.create_index(
        op.f("ix_core_calendar_assignment_calendar_id"), "core_calendar_assignment", ["calendar_id"], unique=False
    )
    op.create_table(
        "core_code",
        sa.Column("table_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_core_code_parent")),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_until IS NULL OR valid_from <= valid_until", name=op.f("ck_core_code_valid")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["core_code.id"], name=op.f("fk_core_code_parent_id")),
        sa.ForeignKeyConstraint(["table_id"], ["core_code_table.id"], name=op.f("fk_core_code_table_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_code_public_id")),
        sa.UniqueConstraint("table_id", "code", name=op.f("uq_core_code_table_id_code")),
    )
    op.create_index(op.f("ix_core_code_parent_id"), "core_code", ["parent_id"], unique=False)
    op.create_index("ix_core_code_place", "core_code", ["table_id", "position"], unique=False)
    op.create_table(
        "core_delivery",
        sa.Column("notification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("channel IN ('email')", name=op.f("ck_core_delivery_channel")),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'failed', 'in_doubt', 'dead', 'skipped')", name=op.f("ck_core_delivery_state")
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["core_notification.id"],
            name=op.f("fk_core_delivery_notification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_delivery")),
        sa.UniqueConstraint("notification_id", "channel", name=op.f("uq_core_delivery_notification_id_channel")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_delivery_public_id")),
    )
    op.create_index("ix_core_delivery_state_id", "core_delivery", ["state", "id"], unique=False)
    op.create_table(
        "core_holiday",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("calendar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["core_work_calendar.id"], name=op.f("fk_core_holiday_calendar_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_holiday")),
        sa.UniqueConstraint("calendar_id", "day", name=op.f("uq_core_holiday_calendar_id_day")),
    )
    op.create_index(op.f("ix_core_holiday_calendar_id"), "core_holiday", ["calendar_id"], unique=False)
    op.create_table(
        "core_one_time_token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('confirm', 'recover', 'invite')", name=op.f("ck_core_one_time_token_purpose")),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_one_time_token_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_one_time_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_one_time_token_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_core_one_time_token_token_hash")),
    )
    op.create_index(op.f("ix_core_one_time_token_account_id"), "core_one_time_token", ["account_id"], unique=False)
    op.create_index(op.f("ix_core_one_time_token_expires_at"), "core_one_time_token", ["expires_at"], unique=False)
    op.create_table(
        "core_post",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reports_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from IS NULL OR valid_from < valid_until", name=op.f("ck_core_post_valid")
        ),
        sa.ForeignKeyConstraint(["department_id"], ["core_department.id"], name=op.f("fk_core_post_department_id")),
        sa.ForeignKeyConstraint(["reports_to_id"], ["core_post.id"], name=op.f("fk_core_post_reports_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_post")),
        sa.UniqueConstraint("code", name=op.f("uq_core_post_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_post_public_id")),
    )
    op.create_index(op.f("ix_core_post_department_id"), "core_post", ["department_id"], unique=False)
    op.create_index(op.f("ix_core_post_reports_to_id"), "core_post", ["reports_to_id"], unique=False)
    op.create_table(
        "core_role_grant",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_role_grant_account_id")),
        sa.ForeignKeyConstraint(["granted_by_id"], ["core_account.id"], name=op.f("fk_core_role_grant_granted_by_id")),
        sa.ForeignKeyConstraint(["role_id"], ["core_role.id"], name=op.f("fk_core_role_grant_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_role_grant")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_role_grant_public_id")),
    )
    op.create_index(op.f("ix_core_role_grant_account_id"), "core_role_grant", ["account_id"], unique=False)
    op.create_index(op.f("ix_core_role_grant_granted_by_id"), "core_role_grant", ["granted_by_id"], unique=False)
    op.create_index(op.f("ix_core_role_grant_role_id"), "core_role_grant", ["role_id"], unique=False)
    op.create_table(
        "core_web_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("rotate", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_web_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_web_session")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_web_session_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_core_web_session_token_hash")),
    )
    op.create_index(op.f("ix_core_web_session_account_id"), "core_web_session", ["account_id"], unique=False)
    op.create_index(op.f("ix_core_web_session_expires_at"), "core_web_session", ["expires_at"], unique=False)
    op.create_table(
        "core_absence",
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("substitute_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "substitute_id IS NULL OR substitute_id <> post_id", name=op.f("ck_core_absence_substitute")
        ),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_core_absence_valid")),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_absence_account_id")),
        sa.ForeignKeyConstraint(["post_id"], ["core_post.id"], name=op.f("fk_core_absence_post_id")),
        sa.ForeignKeyConstraint(["substitute_id"], ["core_post.id"], name=op.f("fk_core_absence_substitute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_absence")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_absence_public_id")),
    )
    op.create_index(op.f("ix_core_absence_account_id"), "core_absence", ["account_id"], unique=False)
    op.create_index(op.f("ix_core_absence_substitute_id"), "core_absence", ["substitute_id"], unique=False)
    op.create_index("ix_core_absence_time", "core_absence", ["post_id", "valid_from", "valid_until"], unique=False)
    op.create_table(
        "core_case",
        sa.Column("type_code", sa.String(length=40), nullable=False),
        sa.Column("type_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("tracking_digest", sa.String(length=64), nullable=False),
        sa.Column("tracking_code", sa.Text(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("assignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("area_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("reporter_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reporter_reference", sa.String(length=120), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("is_triage", sa.Boolean(), nullable=False),
        sa.Column("routing", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sort_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_hours", sa.Double(), nullable=True),
        sa.Column("deadline_mode", sa.String(length=8), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_seconds", sa.Integer(), nullable=False),
        sa.Column("escalation_level", sa.SmallInteger(), nullable=False),
        sa.Column("external_source", sa.String(length=40), nullable=True),
        sa.Column("external_id", sa.String(length=80), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("deadline_mode IN ('calendar','working')", name=op.f("ck_core_case_deadline_mode")),
        sa.CheckConstraint("kind IN ('open','waiting','terminal')", name=op.f("ck_core_case_kind")),
        sa.ForeignKeyConstraint(["area_id"], ["core_area.id"], name=op.f("fk_core_case_area_id")),
        sa.ForeignKeyConstraint(["assignee_id"], ["core_account.id"], name=op.f("fk_core_case_assignee_id")),
        sa.ForeignKeyConstraint(["department_id"], ["core_department.id"], name=op.f("fk_core_case_department_id")),
        sa.ForeignKeyConstraint(["post_id"], ["core_post.id"], name=op.f("fk_core_case_post_id")),
        sa.ForeignKeyConstraint(
            ["reporter_account_id"], ["core_account.id"], name=op.f("fk_core_case_reporter_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_case")),
        sa.UniqueConstraint("external_source", "external_id", name=op.f("uq_core_case_external_source_external_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_case_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_core_case_reference")),
        sa.UniqueConstraint("tracking_digest", name=op.f("uq_core_case_tracking_digest")),
    )
    op.create_index("ix_core_case_area_work", "core_case", ["area_id", "kind", "sort_at", "id"], unique=False)
    op.create_index("ix_core_case_assignee_work", "core_case", ["assignee_id", "kind", "sort_at", "id"], unique=False)
    op.create_index(op.f("ix_core_case_closed_at"), "core_case", ["closed_at"], unique=False)
    op.create_index(
        "ix_core_case_department_received", "core_case", ["department_id", "received_at", "id"], unique=False
    )
    op.create_index(
        "ix_core_case_department_work", "core_case", ["department_id", "kind", "sort_at", "id"], unique=False
    )
    op.create_index(op.f("ix_core_case_post_id"), "core_case", ["post_id"], unique=False)
    op.create_index("ix_core_case_received", "core_case", ["received_at", "id"], unique=False)
    op.create_index(op.f("ix_core_case_reporter_account_id"), "core_case", ["reporter_account_id"], unique=False)
    op.create_index("ix_core_case_rest", "core_case", ["type_code", "state", "state_since"], unique=False)
    op.create_index(op.f("ix_core_case_subject"), "core_case", ["subject"], unique=False)
    op.create_index("ix_core_case_triage", "core_case", ["is_triage", "kind", "sort_at", "id"], unique=False)
    op.create_index(op.f("ix_core_case_updated_at"), "core_case", ["updated_at"], unique=False)
    op.create_index("ix_core_case_work", "core_case", ["kind", "sort_at", "id"], unique=False)
    op.create_table(
        "core_jurisdiction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("area_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(post_id IS NULL) <> (department_id IS NULL)", name=op.f("ck_core_jurisdiction_office")),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from IS NULL OR valid_from < valid_until",
            name=op.f("ck_core_jurisdiction_valid"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["core_area.id"], name=op.f("fk_core_jurisdiction_area_id")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_core_jurisdiction_department_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["core_post.id"], name=op.f("fk_core_jurisdiction_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_jurisdiction")),
        sa.UniqueConstraint("key", name=op.f("uq_core_jurisdiction_key")),
    )
    op.create_index(op.f("ix_core_jurisdiction_area_id"), "core_jurisdiction", ["area_id"], unique=False)
    op.create_index(op.f("ix_core_jurisdiction_department_id"), "core_jurisdiction", ["department_id"], unique=False)
    op.create_index("ix_core_jurisdiction_matter", "core_jurisdiction", ["subject", "area_id"], unique=False)
    op.create_index(op.f("ix_core_jurisdiction_post_id"), "core_jurisdiction", ["post_id"], unique=False)
    op.create_table(
        "core_official",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from IS NULL OR valid_from < valid_until", name=op.f("ck_core_official_valid")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["core_account.id"], name=op.f("fk_core_official_account_id")),
        sa.ForeignKeyConstraint(["post_id"], ["core_post.id"], name=op.f("fk_core_official_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_official")),
    )
    op.create_index(op.f("ix_core_official_account_id"), "core_official", ["account_id"], unique=False)
    op.create_index("ix_core_official_holder", "core_official", ["post_id", "valid_from"], unique=False)
    op.create_table(
        "core_routing_rule",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from IS NULL OR valid_from < valid_until",
            name=op.f("ck_core_routing_rule_valid"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_core_routing_rule_department_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["core_post.id"], name=op.f("fk_core_routing_rule_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_routing_rule")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_routing_rule_public_id")),
    )
    op.create_index(op.f("ix_core_routing_rule_department_id"), "core_routing_rule", ["department_id"], unique=False)
    op.create_index("ix_core_routing_rule_order", "core_routing_rule", ["active", "position", "id"], unique=False)
    op.create_index(op.f("ix_core_routing_rule_post_id"), "core_routing_rule", ["post_id"], unique=False)
    op.create_table(
        "core_case_area",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("area_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["core_area.id"], name=op.f("fk_core_case_area_area_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["core_case.id"], name=op.f("fk_core_case_area_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "area_id", name=op.f("pk_core_case_area")),
    )
    op.create_index(op.f("ix_core_case_area_area_id"), "core_case_area", ["area_id"], unique=False)
    op.create_table(
        "core_case_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("author_kind", sa.String(length=8), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author_label", sa.String(length=200), nullable=False),
        sa.Column("author_title", sa.Text(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=False),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.CheckConstraint("author_kind IN ('reporter','staff','system')", name=op.f("ck_core_case_entry_author_kind")),
        sa.CheckConstraint(
            "kind IN ('opened','action','note','escalation','imported')", name=op.f("ck_core_case_entry_kind")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["core_account.id"], name=op.f("fk_core_case_entry_author_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["core_case.id"], name=op.f("fk_core_case_entry_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_case_entry")),
        sa.UniqueConstraint(
            "case_id", "case_version", "kind", name=op.f("uq_core_case_entry_case_id_case_version_kind")
        ),
    )
    op.create_index(op.f("ix_core_case_entry_author_id"), "core_case_entry", ["author_id"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index(op.f("ix_core_case_entry_author_id"), table_name="core_case_entry")
    op.drop_table("core_case_entry")
    op.drop_index(op.f("ix_core_case_area_area_id"), table_name="core_case_area")
    op.drop_table("core_case_area")
    op.drop_index(op.f("ix_core_routing_rule_post_id"), table_name="core_routing_rule")
    op.drop_index("ix_core_routing_rule_order", table_name="core_routing_rule")
    op.drop_index(op.f("ix_core_routing_rule_department_id"), table_name="core_routing_rule")
    op.drop_table("core_routing_rule")
    op.drop_index("ix_core_official_holder", table_name="core_official")
    op.drop_index(op.f("ix_core_official_account_id"), table_name="core_official")
    op.drop_table("core_official")
    op.drop_index(op.f("ix_core_jurisdiction_post_id"), table_name="core_jurisdiction")
    op.drop_index("ix_core_jurisdiction_matter", table_name="core_jurisdiction")
    op.drop_index(op.f("ix_core_jurisdiction_department_id"), table_name="core_jurisdiction")
    op.drop_index(op.f("ix_core_jurisdiction_area_id"), table_name="core_jurisdiction")
    op.drop_table("core_jurisdiction")
    op.drop_index("ix_core_case_work", table_name="core_case")
    op.drop_index(op.f("ix_core_case_updated_at"), table_name="core_case")
    op.drop_index("ix_core_case_triage", table_name="core_case")
    op.drop_index(op.f("ix_core_case_subject"), table_name="core_case")
    op.drop_index("ix_core_case_rest", table_name="core_case")
    op.drop_index(op.f("ix_core_case_reporter_account_id"), table_name="core_case")
    op.drop_index("ix_core_case_received", table_name="core_case")
    op.drop_index(op.f("ix_core_case_post_id"), table_name="core_case")
    op.drop_index("ix_core_case_department_work", table_name="core_case")
    op.drop_index("ix_core_case_department_received", table_name="core_case")
    op.drop_index(op.f("ix_core_case_closed_at"), table_name="core_case")
    op.drop_index("ix_core_case_assignee_work", table_name="core_case")
    op.drop_index("ix_core_case_area_work", table_name="core_case")
    op.drop_table("core_case")
    op.drop_index("ix_core_absence_time", table_name="core_absence")
    op.drop_index(op.f("ix_core_absence_substitute_id"), table_name="core_absence")
    op.drop_index(op.f("ix_core_absence_account_id"), table_name="core_absence")
    op.drop_table("core_absence")
    op.drop_index(op.f("ix_core_web_session_expires_at"), table_name="core_web_session")
    op.drop_index(op.f("ix_core_web_session_account_id"), table_name="core_web_session")
    op.drop_table("core_web_session")
    op.drop_index(op.f("ix_core_role_grant_role_id"), table_name="core_role_grant")
    op.drop_index(op.f("ix_core_role_grant_granted_by_id"), table_name="core_role_grant")
    op.drop_index(op.f("ix_core_role_grant_account_id"), table_name="core_role_grant")
    op.drop_table("core_role_grant")
    op.drop_index(op.f("ix_core_post_reports_to_id"), table_name="core_post")
    op.drop_index(op.f("ix_core_post_department_id"), table_name="core_post")
    op.drop_table("core_post")
    op.drop_index(op.f("ix_core_one_time_token_expires_at"), table_name="core_one_time_token")
    op.drop_index(op.f("ix_core_one_time_token_account_id"), table_name="core_one_time_token")
    op.drop_table("core_one_time_token")
    op.drop_index(op.f("ix_core_holiday_calendar_id"), table_name="core_holiday")
    op.drop_table("core_holiday")
    op.drop_index("ix_core_delivery_state_id", table_name="core_delivery")
    op.drop_table("core_delivery")
    op.drop_index("ix_core_code_place", table_name="core_code")
    op.drop_index(op.f("ix_core_code_parent_id"), table_name="core_code")
    op.drop_table("core_code")
    op.drop_index(op.f("ix_core_calendar_assignment_calendar_id"), table_name="core_calendar_assignment")
    op.drop_table("core_calendar_assignment")
    op.drop_table("core_audit_seal")
    op.drop_table("core_audit_pending")
    op.drop_index(op.f("ix_core_area_parent_id"), table_name="core_area")
    op.drop_index(op.f("ix_core_area_layer_id"), table_name="core_area")
    op.drop_index(op.f("ix_core_area_code"), table_name="core_area")
    op.drop_index("ix_core_area_box", table_name="core_area")
    op.drop_table("core_area")
    op.drop_index(op.f("ix_core_api_token_expires_at"), table_name="core_api_token")
    op.drop_index(op.f("ix_core_api_token_account_id"), table_name="core_api_token")
    op.drop_table("core_api_token")
    op.drop_index(
        "uq_core_work_calendar_default",
        table_name="core_work_calendar",
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.drop_table("core_work_calendar")
    op.drop_table("core_setting")
    op.drop_table("core_scope_version")
    op.drop_index(op.f("ix_core_schedule_next_run"), table_name="core_schedule")
    op.drop_table("core_schedule")
    op.drop_table("core_role")
    op.drop_index(op.f("ix_core_rate_expires_at"), table_name="core_rate")
    op.drop_table("core_rate")
    op.drop_table("core_plugin")
    op.drop_index("ix_core_notification_account_id_created_at", table_name="core_notification")
    op.drop_table("core_notification")
    op.drop_table("core_lease")
    op.drop_index(
        "uq_core_job_unique_key",
        table_name="core_job",
        sqlite_where=sa.text("unique_key IS NOT NULL AND state <> 'dead'"),
        postgresql_where=sa.text("unique_key IS NOT NULL AND state <> 'dead'"),
    )
    op.drop_index(
        "ix_core_job_running",
        table_name="core_job",
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.drop_index(
        "ix_core_job_ready",
        table_name="core_job",
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.drop_index(
        "ix_core_job_dead",
        table_name="core_job",
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.drop_table("core_job")
    op.drop_index(op.f("ix_core_idempotency_expires_at"), table_name="core_idempotency")
    op.drop_table("core_idempotency")
    op.drop_index(op.f("ix_core_event_occurred_at"), table_name="core_event")
    op.drop_index("ix_core_event_name_occurred_at", table_name="core_event")
    op.drop_table("core_event")
    op.drop_index(op.f("ix_core_department_parent_id"), table_name="core_department")
    op.drop_table("core_department")
    op.drop_table("core_code_table")
    op.drop_table("core_case_type")
    op.drop_table("core_case_counter")
    op.drop_table("core_audit_head")
    op.drop_index("ix_core_audit_thing_id", table_name="core_audit")
    op.drop_index(op.f("ix_core_audit_at"), table_name="core_audit")
    op.drop_index("ix_core_audit_action_id", table_name="core_audit")
    op.drop_index("ix_core_audit_account_id_id", table_name="core_audit")
    op.drop_table("core_audit")
    op.drop_table("core_area_layer")
    op.drop_index("ix_core_account_listing", table_name="core_account")
    op.drop_index(op.f("ix_core_account_kind"), table_name="core_account")
    op.drop_table("core_account")
