"""A change pays for its entry alone: the sealer keeps the hours that entries lie in, SQLite sees by itself what waits."""

# ruff: noqa: S608 - the statements are put together from the constants below
import sqlalchemy as sa
from alembic import op

revision = "0011_audit_hours"
down_revision = "0010_case_stand_in"
old_code_works = True
new_code_works = False

HOUR = {"sqlite": "substr(entry.at, 1, 13)", "postgresql": "to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"}
REFUSAL = "BEGIN SELECT RAISE(ABORT, 'the audit record is insert-only'); END"
MARKS = ("mark", "mark_once", "pending_no_update", "pending_release")
"""What kept the marks of waiting entries on SQLite (revision 0007)."""


def upgrade() -> None:
    """Go to this revision."""
    dialect = op.get_bind().dialect.name
    op.create_table(
        "core_audit_hour",
        sa.Column("hour", sa.String(length=13), nullable=False),
        sa.Column("first", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("hour", name=op.f("pk_core_audit_hour")),
    )
    op.add_column("core_audit_head", sa.Column("timed", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.execute(
        f"INSERT INTO core_audit_hour (hour, first, last) SELECT {HOUR[dialect]}, min(entry.id), max(entry.id) "
        "FROM core_audit AS entry JOIN core_audit_seal AS seal ON seal.audit_id = entry.id "
        "WHERE seal.n <= (SELECT n FROM core_audit_head) GROUP BY 1"
    )
    op.execute("UPDATE core_audit_head SET timed = n")
    op.drop_index("ix_core_audit_at", table_name="core_audit")
    if dialect == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()
        _see_what_waits()


def downgrade() -> None:
    """Go back to the one before."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_table("core_audit_hour")
        op.execute("DROP FUNCTION core_audit_widen()")
    else:
        op.drop_table("core_audit_hour")
        _mark_what_waits()
    op.create_index("ix_core_audit_at", "core_audit", ["at"], unique=False)
    op.drop_column("core_audit_head", "timed")


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION core_audit_widen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP <> 'UPDATE' OR NEW.hour <> OLD.hour OR NEW.first > OLD.first OR NEW.last < OLD.last THEN "
        "RAISE EXCEPTION 'the audit record is insert-only' USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER core_audit_hour_guard BEFORE UPDATE OR DELETE ON core_audit_hour "
        "FOR EACH ROW EXECUTE FUNCTION core_audit_widen()"
    )
    op.execute(
        "CREATE TRIGGER core_audit_hour_whole BEFORE TRUNCATE ON core_audit_hour "
        "FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse()"
    )


def _guard_sqlite() -> None:
    narrower = "NEW.hour <> OLD.hour OR NEW.first > OLD.first OR NEW.last < OLD.last"
    op.execute(f"CREATE TRIGGER core_audit_hour_widen BEFORE UPDATE ON core_audit_hour WHEN {narrower} {REFUSAL}")
    op.execute(f"CREATE TRIGGER core_audit_hour_no_delete BEFORE DELETE ON core_audit_hour {REFUSAL}")


def _see_what_waits() -> None:
    # One writer at a time commits here, so entries are numbered and sealed in one order: what waits is what comes
    # after the last sealed one. PostgreSQL's numbers become visible out of order, and need their marks.
    for name in MARKS:
        op.execute(f"DROP TRIGGER core_audit_{name}")
    op.drop_table("core_audit_pending")
    op.execute(
        "CREATE VIEW core_audit_pending AS SELECT id AS audit_id FROM core_audit "
        "WHERE id > (SELECT coalesce(max(audit_id), 0) FROM core_audit_seal)"
    )
    for change in ("INSERT", "UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER core_audit_pending_no_{change.lower()} INSTEAD OF {change} ON core_audit_pending {REFUSAL}"
        )


def _mark_what_waits() -> None:
    op.execute("CREATE TEMPORARY TABLE waiting AS SELECT audit_id FROM core_audit_pending")
    op.execute("DROP VIEW core_audit_pending")
    op.create_table(
        "core_audit_pending",
        sa.Column(
            "audit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["core_audit.id"], name=op.f("fk_core_audit_pending_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_core_audit_pending")),
    )
    op.execute("INSERT INTO core_audit_pending (audit_id) SELECT audit_id FROM waiting")
    op.execute("DROP TABLE waiting")
    op.execute(
        "CREATE TRIGGER core_audit_mark AFTER INSERT ON core_audit "
        "BEGIN INSERT INTO core_audit_pending (audit_id) VALUES (NEW.id); END"
    )
    op.execute(
        "CREATE TRIGGER core_audit_mark_once BEFORE INSERT ON core_audit_pending "
        "WHEN EXISTS (SELECT 1 FROM core_audit_pending WHERE audit_id = NEW.audit_id) BEGIN SELECT RAISE(IGNORE); END"
    )
    op.execute(f"CREATE TRIGGER core_audit_pending_no_update BEFORE UPDATE ON core_audit_pending {REFUSAL}")
    op.execute(
        "CREATE TRIGGER core_audit_pending_release BEFORE DELETE ON core_audit_pending "
        f"WHEN NOT EXISTS (SELECT 1 FROM core_audit_seal WHERE audit_id = OLD.audit_id) {REFUSAL}"
    )
