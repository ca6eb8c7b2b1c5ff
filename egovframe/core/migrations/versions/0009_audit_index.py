"""What entries of the audit are found by is written by the sealer, no longer by every business transaction."""

# ruff: noqa: S608 - the statements are put together from the constants below
import sqlalchemy as sa
from alembic import op

revision = "0009_audit_index"
down_revision = "0008_delegation"
old_code_works = True
new_code_works = False

KINDS = ("actor", "action", "thing")
WERE = {
    "ix_core_audit_thing_id": ["thing", "id"],
    "ix_core_audit_account_id_id": ["account_id", "id"],
    "ix_core_audit_action_id": ["action", "id"],
}


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "core_audit_index",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column(
            "audit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("kind", "value", "audit_id", name=op.f("pk_core_audit_index")),
        sqlite_with_rowid=False,
    )
    op.add_column("core_audit_head", sa.Column("indexed", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    for kind in KINDS:
        op.execute(
            f"INSERT INTO core_audit_index (kind, value, audit_id) SELECT '{kind}', entry.{kind}, entry.id "
            "FROM core_audit AS entry JOIN core_audit_seal AS seal ON seal.audit_id = entry.id "
            "WHERE seal.n <= (SELECT n FROM core_audit_head)"
        )
    op.execute("UPDATE core_audit_head SET indexed = n")
    for name in WERE:
        op.drop_index(name, table_name="core_audit")
    guard = _postgresql if op.get_bind().dialect.name == "postgresql" else _sqlite
    guard()


def downgrade() -> None:
    """Go back to the one before."""
    for name, columns in WERE.items():
        op.create_index(name, "core_audit", columns, unique=False)
    op.drop_column("core_audit_head", "indexed")
    op.drop_table("core_audit_index")


def _sqlite() -> None:
    refusal = "BEGIN SELECT RAISE(ABORT, 'the audit record is insert-only'); END"
    op.execute(f"CREATE TRIGGER core_audit_index_no_update BEFORE UPDATE ON core_audit_index {refusal}")
    op.execute(f"CREATE TRIGGER core_audit_index_no_delete BEFORE DELETE ON core_audit_index {refusal}")


def _postgresql() -> None:
    op.execute(
        "CREATE TRIGGER core_audit_index_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON core_audit_index "
        "FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse()"
    )
