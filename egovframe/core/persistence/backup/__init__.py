"""Backups: a consistent copy of the database, an archive with checksums. Not loaded by what serves."""

from egovframe.core.persistence.backup.archives import (
    BadArchive,
    Manifest,
    files_below,
    read_manifest,
    unpack,
    write_archive,
)
from egovframe.core.persistence.backup.dumping import dump_database, has_tables, restore_database

__all__ = [
    "BadArchive",
    "Manifest",
    "dump_database",
    "files_below",
    "has_tables",
    "read_manifest",
    "restore_database",
    "unpack",
    "write_archive",
]
