"""What tests of one plugin need before there is a city: the plugin importable, its tables in the test's database."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

from egovframe.config import Settings
from egovframe.core.migrations import CORE
from egovframe.core.persistence import METADATA, Database, Keyring, Migrations
from egovframe.extending import migration_sources


def use_plugin(folder: Path) -> None:
    """Make the plugin in a folder importable under its own name, behind everything that is installed."""
    importlib.invalidate_caches()
    if importlib.util.find_spec(folder.name) is None:
        sys.path.append(str(folder.parent))


def migrate(settings: Settings) -> None:
    """Run the revisions of the city's plugins on the database of a test, whose core tables stand already."""
    database = Database(settings.database_url, Keyring(settings.secrets))
    try:
        sources = migration_sources(settings, database)
        standing = {status.name for status in Migrations(database, [CORE, *sources]).status() if status.current}
        for source in sources:
            if source.name not in standing:
                # A test module that imported the models first has had these tables made without a revision.
                tables = [table for name, table in METADATA.tables.items() if name.startswith(source.prefix)]
                METADATA.drop_all(database.writer, tables=tables)
        Migrations(database, [CORE, *sources]).upgrade()
    finally:
        database.dispose()


__all__ = ["migrate", "use_plugin"]
