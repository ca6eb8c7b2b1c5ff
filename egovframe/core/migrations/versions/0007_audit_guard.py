"""The audit chain guards itself: triggers refuse changes, entries are counted by their writer, heads are published."""

# ruff: noqa: S608 - the statements are put together from the constants below
import sqlalchemy as sa
from alembic import op

revision = "0007_audit_guard"
down_revision = "0006_privacy"
old_code_works = True
new_code_works = False

FROZEN = ("core_audit", "core_audit_seal", "core_audit_day")
"""Written once: neither changed nor deleted, by nobody."""


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("core_audit", sa.Column("lane", sa.String(length=16), server_default=sa.text("''"), nullable=False))
    op.add_column("core_audit", sa.Column("turn", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "core_audit_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_core_audit_day")),
    )
    op.create_table(
        "core_audit_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("checked", sa.BigInteger(), nullable=False),
        sa.Column("first_bad", sa.String(length=100), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_audit_check")),
    )
    op.create_index(op.f("ix_core_audit_check_at"), "core_audit_check", ["at"], unique=False)
    guard = _postgresql if op.get_bind().dialect.name == "postgresql" else _sqlite
    guard()


def downgrade() -> None:
    """Go back from this revision."""
    if op.get_bind().dialect.name == "postgresql":
        for table in (*FROZEN, "core_audit_pending", "core_audit_head"):
            op.execute(f"DROP TRIGGER IF EXISTS {table}_guard ON {table}")
        op.execute("DROP TRIGGER IF EXISTS core_audit_pending_release ON core_audit_pending")
        for name in ("refuse", "release", "onward"):
            op.execute(f"DROP FUNCTION core_audit_{name}()")
    else:
        for table in FROZEN:
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(f"DROP TRIGGER {table}_no_delete")
        for name in ("mark", "mark_once", "pending_no_update", "pending_release", "head_onward", "head_no_delete"):
            op.execute(f"DROP TRIGGER core_audit_{name}")
    op.drop_index(op.f("ix_core_audit_check_at"), table_name="core_audit_check")
    op.drop_table("core_audit_check")
    op.drop_table("core_audit_day")
    op.drop_column("core_audit", "turn")
    op.drop_column("core_audit", "lane")


def _sqlite() -> None:
    refusal = "BEGIN SELECT RAISE(ABORT, 'the audit record is insert-only'); END"
    for table in FROZEN:
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refusal}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refusal}")
    # One statement less for every change (a round trip less means nothing here, Python's part of it does); software
    # from before this revision writes the mark itself, which is then passed over.
    op.execute(
        "CREATE TRIGGER core_audit_mark AFTER INSERT ON core_audit "
        "BEGIN INSERT INTO core_audit_pending (audit_id) VALUES (NEW.id); END"
    )
    op.execute(
        "CREATE TRIGGER core_audit_mark_once BEFORE INSERT ON core_audit_pending "
        "WHEN EXISTS (SELECT 1 FROM core_audit_pending WHERE audit_id = NEW.audit_id) BEGIN SELECT RAISE(IGNORE); END"
    )
    op.execute(f"CREATE TRIGGER core_audit_pending_no_update BEFORE UPDATE ON core_audit_pending {refusal}")
    op.execute(
        "CREATE TRIGGER core_audit_pending_release BEFORE DELETE ON core_audit_pending "
        f"WHEN NOT EXISTS (SELECT 1 FROM core_audit_seal WHERE audit_id = OLD.audit_id) {refusal}"
    )
    op.execute(f"CREATE TRIGGER core_audit_head_onward BEFORE UPDATE ON core_audit_head WHEN NEW.n < OLD.n {refusal}")
    op.execute(f"CREATE TRIGGER core_audit_head_no_delete BEFORE DELETE ON core_audit_head {refusal}")


def _postgresql() -> None:
    raising = "RAISE EXCEPTION 'the audit record is insert-only' USING ERRCODE = 'restrict_violation'"
    op.execute(f"CREATE FUNCTION core_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {raising}; END $$")
    op.execute(
        "CREATE FUNCTION core_audit_release() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM gone WHERE NOT EXISTS "
        f"(SELECT 1 FROM core_audit_seal AS seal WHERE seal.audit_id = gone.audit_id)) THEN {raising}; END IF; "
        "RETURN NULL; END $$"
    )
    op.execute(
        "CREATE FUNCTION core_audit_onward() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'UPDATE' OR NEW.n < OLD.n THEN {raising}; END IF; RETURN NEW; END $$"
    )
    for table in FROZEN:
        _guard(table, "BEFORE UPDATE OR DELETE OR TRUNCATE", "STATEMENT", "refuse")
    _guard("core_audit_pending", "BEFORE UPDATE OR TRUNCATE", "STATEMENT", "refuse")
    op.execute(
        "CREATE TRIGGER core_audit_pending_release AFTER DELETE ON core_audit_pending "
        "REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION core_audit_release()"
    )
    _guard("core_audit_head", "BEFORE UPDATE OR DELETE", "ROW", "onward")


def _guard(table: str, when: str, each: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_guard {when} ON {table} FOR EACH {each} EXECUTE FUNCTION core_audit_{function}()"
    )
