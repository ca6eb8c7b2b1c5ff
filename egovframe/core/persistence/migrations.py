"""The schema's versions: one line of revisions and one version table per source, the core before its plugins.

Reading (``status``, ``problems``) needs no Alembic, so that a web process never imports it; changing does. Removing a
plugin leaves its tables and its version table alone and disturbs nobody (docs/decisions/0003).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from egovframe.core.persistence.faults import translated_faults
from egovframe.core.persistence.revisions import MigrationFailed, Revision, read_line
from egovframe.core.persistence.units import Database

Progress = Callable[[str, str], None]
_BOOKS = MetaData()
# Software that the present schema still lets work: written by an upgrade, read by older processes (/readyz).
ACCEPTS = Table(
    "core_schema_accepts",
    _BOOKS,
    Column("source", String(64), primary_key=True),
    Column("revision", String(32), primary_key=True),
)


@dataclass(frozen=True)
class MigrationSource:
    """Where the revisions of the core or of one plugin live.

    Args:
        name: ``core`` or the plugin's name.
        prefix: what every table of the source starts with, ``core_``.
        directory: the folder that holds ``versions/``.
    """

    name: str
    prefix: str
    directory: Path

    @property
    def versions(self) -> Path:
        """The folder of revision files."""
        return self.directory / "versions"

    @property
    def version_table(self) -> str:
        """The table that holds the source's present revision."""
        return f"{self.prefix}alembic_version"

    @cached_property
    def line(self) -> tuple[Revision, ...]:
        """The revisions this software knows, oldest first, read once."""
        return read_line(self.versions)

    @property
    def head(self) -> str | None:
        """The newest revision this software knows."""
        return self.line[-1].name if self.line else None


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """Where one source stands.

    Attributes:
        name: ``core`` or the plugin's name.
        head: the newest revision the software knows; None when the source has no tables.
        current: the database's revision; None before the first upgrade.
        pending: revisions that an upgrade would run, in order.
        newer: the database is at a revision that this software does not know.
        accepted: this software can work with the schema as it is.
    """

    name: str
    head: str | None
    current: str | None
    pending: tuple[str, ...]
    newer: bool
    accepted: bool

    @property
    def problem(self) -> str | None:
        """What is wrong and what to do, in one line; None when the software can work."""
        if self.accepted:
            return None
        if self.newer:
            return (
                f"the schema of {self.name} ({self.current}) is newer than this software ({self.head or 'none'}):"
                " start the version that upgraded it, or restore the backup made before"
            )
        return f"the schema of {self.name} is behind ({self.current or 'empty'}, not {self.head}): egovframe db upgrade"


class Migrations:
    """Brings the tables of the core and of plugins to the software's version.

    Args:
        database: the city's database.
        sources: the core first, then plugins in the order of their dependencies.

    Raises:
        ValueError: two sources share a name or a prefix.
    """

    def __init__(self, database: Database, sources: Sequence[MigrationSource]) -> None:
        self.database = database
        self.sources = tuple(sources)
        for kind in ("name", "prefix"):
            values = [getattr(source, kind) for source in self.sources]
            if len(set(values)) != len(values):
                raise ValueError(f"two migration sources share a {kind}: {', '.join(values)}")

    def status(self) -> list[SourceStatus]:
        """Return where every source stands, in order.

        Raises:
            MigrationFailed: a revision file cannot be read.
            DatabaseFault: the database does not answer.
        """
        with translated_faults(), self.database.engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
            accepts = _accepts(connection) if ACCEPTS.name in tables else set()
            return [_status(source, _current(connection, source, tables), accepts) for source in self.sources]

    def problems(self) -> list[str]:
        """Return what keeps this software from working with the schema, one line each; empty when ready."""
        return [status.problem for status in self.status() if status.problem]

    def upgrade(self, progress: Progress | None = None) -> list[tuple[str, str]]:
        """Run every pending revision, each in a transaction of its own, and return the (source, revision) pairs.

        Safe to repeat after a crash, and to start in several processes: one works, the others wait and find nothing
        to do.

        Args:
            progress: called with source and revision after each step.

        Raises:
            NewerSchema: the database is newer than the software.
            MigrationFailed: a revision failed (the schema stays as it was before that revision) or the lock is taken.
            DatabaseFault: the database does not answer.
        """
        done: list[tuple[str, str]] = []
        for step in _runner().upgrade(self):
            done.append(step)
            if progress:
                progress(*step)
        return done

    def downgrade(self, name: str, revision: str = "-1") -> list[tuple[str, str]]:
        """Go back to a revision of one source and return the (source, revision undone) pairs.

        Args:
            name: ``core`` or the plugin's name.
            revision: the revision to stand at afterwards, ``-1`` for one step, ``base`` for none of its tables.

        Raises:
            MigrationFailed: unknown source or revision, or a step that cannot be undone.
        """
        return list(_runner().downgrade(self, self.source(name), revision))

    def autogenerate(self, name: str, message: str) -> Path | None:
        """Write a revision with the difference between the models and the migrated database; None when equal.

        For maintainers: the database must be upgraded and every model imported.
        """
        written: Path | None = _runner().autogenerate(self, self.source(name), message)
        return written

    def differences(self, name: str) -> list[str]:
        """Return how the migrated database differs from the models of one source, one line each."""
        found: list[str] = _runner().differences(self, self.source(name))
        return found

    def source(self, name: str) -> MigrationSource:
        """Return a source by name, or raise MigrationFailed with the known names."""
        for source in self.sources:
            if source.name == name:
                return source
        known = ", ".join(source.name for source in self.sources)
        raise MigrationFailed(f"{name} has no migrations: use one of {known}")

    def owner(self, table: str) -> MigrationSource | None:
        """Return the source whose prefix fits a table best (``open_data_x`` is not of ``open_``)."""
        fitting = [source for source in self.sources if table.startswith(source.prefix)]
        return max(fitting, key=lambda source: len(source.prefix), default=None)


def _runner() -> ModuleType:
    from egovframe.core.persistence import migrating  # noqa: PLC0415 - Alembic stays out of web processes

    return migrating


def _current(connection: Connection, source: MigrationSource, tables: set[str]) -> str | None:
    if source.version_table not in tables:
        return None
    table = Table(source.version_table, MetaData(), Column("version_num", String(32)))
    value: str | None = connection.execute(select(table.c.version_num)).scalar_one_or_none()
    return value


def _accepts(connection: Connection) -> set[tuple[str, str]]:
    return {(row.source, row.revision) for row in connection.execute(select(ACCEPTS))}


def _status(source: MigrationSource, current: str | None, accepts: set[tuple[str, str]]) -> SourceStatus:
    names = [revision.name for revision in source.line]
    newer = current is not None and current not in names
    pending = () if newer else tuple(source.line[names.index(current) + 1 if current else 0 :])
    if newer:
        accepted = (source.name, source.head or "") in accepts
    else:
        accepted = all(revision.new_code_works for revision in pending)
    return SourceStatus(source.name, source.head, current, tuple(step.name for step in pending), newer, accepted)
