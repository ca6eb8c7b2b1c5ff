"""Persistence: units of work, model bases, column types, paging, migrations."""

from egovframe.core.persistence.compacting import truncate_log
from egovframe.core.persistence.errands import MAINTENANCE, SYSTEM_ERRAND, Errand, lay_down, on_errand, take_up
from egovframe.core.persistence.faults import DatabaseFault
from egovframe.core.persistence.kept import derived, kept
from egovframe.core.persistence.keyring import KeyMissing, Keyring
from egovframe.core.persistence.locks import REQUEST, WORKER
from egovframe.core.persistence.migrations import Migrations, MigrationSource, SourceStatus
from egovframe.core.persistence.models import (
    METADATA,
    TYPES,
    VIEW_ON,
    BigId,
    CoreBase,
    Keyed,
    Stamped,
    new_ordered_id,
    new_public_id,
)
from egovframe.core.persistence.paging import CursorPage, NumberedPage, counted_page, keyset_page, numbered_page
from egovframe.core.persistence.quick import COMPILED, NotQuick, insert_rows, judge_quick, quick_change, quick_rows
from egovframe.core.persistence.revisions import MigrationFailed, NewerSchema
from egovframe.core.persistence.types import BoundedJSON, EncryptedText, Money, UTCDateTime
from egovframe.core.persistence.units import Database, NestedUnit, Unit, moment, now, unit_of
from egovframe.core.persistence.upsert import dialect_of, insert_for, insert_on, insert_plainly

__all__ = [
    "COMPILED",
    "MAINTENANCE",
    "METADATA",
    "REQUEST",
    "SYSTEM_ERRAND",
    "TYPES",
    "VIEW_ON",
    "WORKER",
    "BigId",
    "BoundedJSON",
    "CoreBase",
    "CursorPage",
    "Database",
    "DatabaseFault",
    "EncryptedText",
    "Errand",
    "KeyMissing",
    "Keyed",
    "Keyring",
    "MigrationFailed",
    "MigrationSource",
    "Migrations",
    "Money",
    "NestedUnit",
    "NewerSchema",
    "NotQuick",
    "NumberedPage",
    "SourceStatus",
    "Stamped",
    "UTCDateTime",
    "Unit",
    "counted_page",
    "derived",
    "dialect_of",
    "insert_for",
    "insert_on",
    "insert_plainly",
    "insert_rows",
    "judge_quick",
    "kept",
    "keyset_page",
    "lay_down",
    "moment",
    "new_ordered_id",
    "new_public_id",
    "now",
    "numbered_page",
    "on_errand",
    "quick_change",
    "quick_rows",
    "take_up",
    "truncate_log",
    "unit_of",
]
