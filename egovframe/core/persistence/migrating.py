"""The hands of ``Migrations``: Alembic driven from code, imported only by who changes the schema.

Every revision runs in one transaction with its version row and can be killed at any moment. On SQLite a batch change
copies a table, drops the old one and renames: with foreign keys on, the drop would silently empty child tables that
cascade. So they are off while a revision runs, all of them are checked before its commit, and the file is copied first.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.operations import Operations
from alembic.operations.ops import (
    CreateIndexOp,
    CreateTableOp,
    DropIndexOp,
    DropTableOp,
    MigrationScript,
    ModifyTableOps,
)
from alembic.runtime.migration import MigrationContext, MigrationStep, RevisionStep
from alembic.script import Script, ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, TypeDecorator, delete, insert, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from egovframe.core.persistence.errands import MAINTENANCE
from egovframe.core.persistence.faults import translated_faults
from egovframe.core.persistence.locks import WORKER, file_lock
from egovframe.core.persistence.migrations import ACCEPTS
from egovframe.core.persistence.models import METADATA, VIEW_ON
from egovframe.core.persistence.revisions import MAX_LENGTH, MigrationFailed, NewerSchema, Revision

if TYPE_CHECKING:
    from egovframe.core.persistence.migrations import Migrations, MigrationSource

logging.getLogger("alembic").setLevel(logging.WARNING)  # what was run is told by the caller, in fewer words

LOCK_NUMBER = 0x65676F76
"""Key of the PostgreSQL advisory lock: "egov" in ASCII."""

LOCK_SECONDS = 120.0
PLUGINS = ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"]
UPKEEP = {MAINTENANCE: True}
UPKEEP = {MAINTENANCE: True}
"""Schema changes move whole tables: no person reads in them."""
Direction = Callable[[Any, Script], RevisionStep]


def upgrade(migrations: Migrations) -> Iterator[tuple[str, str]]:
    """Run what is pending, source by source, and yield what was run."""
    with _exclusive(migrations) as connection:
        standing = migrations.status()
        for status in standing:
            if status.newer and status.problem:
                raise NewerSchema(status.problem)
        if any(status.current and status.pending for status in standing):
            _copy_file(migrations)
        for source, status in zip(migrations.sources, standing, strict=True):
            for name in status.pending:
                _step(migrations, connection, source, name, MigrationStep.upgrade_from_script)
                yield source.name, name


def downgrade(migrations: Migrations, source: MigrationSource, target: str) -> Iterator[tuple[str, str]]:
    """Undo revisions of one source down to the target and yield what was undone."""
    with _exclusive(migrations) as connection:
        status = next(status for status in migrations.status() if status.name == source.name)
        if status.newer and status.problem:
            raise NewerSchema(status.problem)
        undone = _to_undo(source, status.current, target)
        if undone:
            _copy_file(migrations)
        for name in undone:
            _step(migrations, connection, source, name, MigrationStep.downgrade_from_script)
            yield source.name, name


def autogenerate(migrations: Migrations, source: MigrationSource, message: str) -> Path | None:
    """Write the difference between models and database as the source's next revision."""
    with translated_faults(), migrations.database.engine.connect().execution_options(**UPKEEP) as connection:
        context = _context(migrations, connection, source)
        script = produce_migrations(context, METADATA)
        if script.upgrade_ops is None or script.upgrade_ops.is_empty():
            return None
        return _write(migrations, source, context, script, message)


def differences(migrations: Migrations, source: MigrationSource) -> list[str]:
    """Return the operations that would make the database equal to the models."""
    with translated_faults(), migrations.database.engine.connect().execution_options(**UPKEEP) as connection:
        operations = produce_migrations(_context(migrations, connection, source), METADATA).upgrade_ops
        return [str(difference) for difference in operations.as_diffs()] if operations else []


def _to_undo(source: MigrationSource, current: str | None, target: str) -> list[str]:
    names = [revision.name for revision in source.line]
    done = names[: names.index(current) + 1] if current else []
    if target == "-1":
        return done[-1:]
    if target != "base" and target not in done:
        known = ", ".join(["base", *done])
        raise MigrationFailed(f"{source.name} cannot go back to {target}: use one of {known}")
    keep = 0 if target == "base" else done.index(target) + 1
    return done[keep:][::-1]


def _step(
    migrations: Migrations, connection: Connection, source: MigrationSource, name: str, direction: Direction
) -> None:
    """Run one revision with its version row in one transaction."""
    try:
        script = _scripts(source)
        revision = script.get_revision(name)
        with migrations.database.queue.turn(WORKER), _transaction(connection):
            context = _context(
                migrations, connection, source, fn=lambda _heads, _ctx: [direction(script.revision_map, revision)]
            )
            with Operations.context(context):
                context.run_migrations()
            _note_accepted(connection, source, name if direction == MigrationStep.upgrade_from_script else None)
            _check_foreign_keys(connection)
    except MigrationFailed:
        raise
    except DBAPIError as error:
        raise MigrationFailed(_failure(source, name, str(error.orig))) from error
    except (SQLAlchemyError, CommandError) as error:
        raise MigrationFailed(_failure(source, name, str(error))) from error
    except Exception as error:
        raise MigrationFailed(_failure(source, name, repr(error))) from error


def _failure(source: MigrationSource, name: str, why: str) -> str:
    reason = " ".join(why.split())
    return f"revision {name} of {source.name} failed and was undone: {reason}; repair it, then egovframe db upgrade"


@contextmanager
def _transaction(connection: Connection) -> Iterator[None]:
    with _foreign_keys_off(connection), connection.begin():
        yield


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        yield
        return
    raw.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = {row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
    if broken:
        raise MigrationFailed(f"rows would point nowhere in {', '.join(sorted(broken))}: nothing was changed")


def _note_accepted(connection: Connection, source: MigrationSource, name: str | None) -> None:
    """Write down which older software the new schema still serves: back while each revision says so."""
    ACCEPTS.create(connection, checkfirst=True)
    connection.execute(delete(ACCEPTS).where(ACCEPTS.c.source == source.name))
    for older in _accepted(source.line, name):
        connection.execute(insert(ACCEPTS).values(source=source.name, revision=older))


def _accepted(line: tuple[Revision, ...], name: str | None) -> Iterator[str]:
    known = {revision.name: revision for revision in line}
    while name is not None and (revision := known[name]).old_code_works and revision.previous:
        yield revision.previous
        name = revision.previous


@contextmanager
def _exclusive(migrations: Migrations) -> Iterator[Connection]:
    """Hold the one lock of all upgrades and give the connection to work on."""
    database = migrations.database
    with translated_faults():
        if database.file is not None:
            with (
                file_lock(database.file.with_name("migrate.lock"), LOCK_SECONDS, "another upgrade is running"),
                database.writer.connect().execution_options(**UPKEEP) as connection,
            ):
                yield connection
            return
        with database.writer.connect().execution_options(**UPKEEP) as connection, _advisory_lock(connection):
            yield connection


@contextmanager
def _advisory_lock(connection: Connection) -> Iterator[None]:
    # Polled outside a transaction: a session waiting inside one would hold back CREATE INDEX CONCURRENTLY and vacuum.
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        with connection.begin():
            taken = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK_NUMBER}).scalar_one()
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("SET lock_timeout = '15s'"))
        if taken:
            break
        if time.monotonic() > deadline:
            raise MigrationFailed("another upgrade is running: wait for it, then try again")
        time.sleep(0.1)
    try:
        yield
    finally:
        # Closing the connection (not returning it to the pool) gives the lock back and forgets the settings.
        connection.invalidate()


def _copy_file(migrations: Migrations) -> None:
    """Copy the SQLite file beside itself, over the copy of the upgrade before."""
    file = migrations.database.file
    if file is None:
        return
    target = file.with_name(f"{file.name}.before-upgrade")
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _scripts(source: MigrationSource) -> ScriptDirectory:
    return ScriptDirectory(str(source.directory), version_locations=[str(source.versions)])


def _context(
    migrations: Migrations, connection: Connection, source: MigrationSource, **options: Any
) -> MigrationContext:
    def ours(thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        if kind != "table":
            return True
        is_view = connection.dialect.name in thing.info.get(VIEW_ON, ())
        return not is_view and _is_model_table(name or "") and migrations.owner(name or "") is source

    return MigrationContext.configure(
        connection,
        opts={
            "version_table": source.version_table,
            "target_metadata": METADATA,
            "include_object": ours,
            "render_as_batch": True,
            "render_item": render_item,
            "compare_type": True,
            "transactional_ddl": True,
            "autogenerate_plugins": PLUGINS,
            **options,
        },
    )


def _is_model_table(name: str) -> bool:
    return not name.endswith("alembic_version") and name != ACCEPTS.name


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types as the plain ones below them: revisions outlive the classes of today."""
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    while isinstance(item, TypeDecorator):
        item = item.impl_instance
    return f"sa.{item!r}"


def _write(
    migrations: Migrations, source: MigrationSource, context: MigrationContext, script: MigrationScript, message: str
) -> Path:
    name = _next_name(source, message)
    assert script.upgrade_ops is not None and script.downgrade_ops is not None  # noqa: PT018 - produced together
    body = resources.files("egovframe.core.persistence").joinpath("revision.txt").read_text(encoding="utf-8")
    path = source.versions / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        body.format(
            message=message[:1].upper() + message[1:].strip().rstrip("."),
            revision=name,
            previous=repr(source.head).replace("'", '"'),
            upgrade=_render(script.upgrade_ops, context),
            downgrade=_render(script.downgrade_ops, context),
        ),
        encoding="utf-8",
    )
    vars(source).pop("line", None)  # the cached line is one revision short now
    return path


def _render(operations: Any, context: MigrationContext) -> str:
    code = render_python_code(
        operations, render_as_batch=_needs_batch(operations), render_item=render_item, migration_context=context
    )
    return "\n".join(line for line in code.splitlines() if "# ### " not in line)


def _needs_batch(operations: Any) -> bool:
    """Whether SQLite must copy a table for any of the operations; whole tables and indexes need no copy."""
    plain = CreateTableOp | DropTableOp | CreateIndexOp | DropIndexOp
    inner = [step for op in operations.ops for step in (op.ops if isinstance(op, ModifyTableOps) else [op])]
    return not all(isinstance(step, plain) for step in inner)


def _next_name(source: MigrationSource, message: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_") or "change"
    return f"{len(source.line) + 1:04d}_{slug}"[:MAX_LENGTH].rstrip("_")


__all__ = ["autogenerate", "differences", "downgrade", "render_item", "upgrade"]
