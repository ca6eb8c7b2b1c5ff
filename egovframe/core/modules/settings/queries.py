"""Reads: the value in force, and where it comes from."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.settings.models import StoredSetting
from egovframe.core.modules.settings.registry import Declared, DeclaredSetting
from egovframe.core.persistence import Database, unit_of
from egovframe.errors import NotFound

Source = Literal["default", "file", "stored"]
GOOD_FOR = 1.0
"""Seconds for which ``settings_in_force`` does not read again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A setting as it stands.

    Attributes:
        setting: its declaration.
        value: what is in force.
        source: where that comes from.
        fallback: what holds without a stored value.
        fallback_source: where that comes from: ``default`` or ``file``.
        unfit: something is stored that the declaration no longer takes; it does not count.
        changed_at: when the stored value was stored.
        changed_by: by whom, as ``Actor.label``; empty when nothing is stored.
        mark: names the stored value as it was read; whoever changes it says which one they saw.
    """

    setting: DeclaredSetting
    value: Any
    source: Source
    fallback: Any
    fallback_source: Source
    unfit: bool = False
    changed_at: datetime | None = None
    changed_by: str = ""
    mark: str = ""


def declared(session: Session) -> list[DeclaredSetting]:
    """Return every declared setting by key."""
    known = _declared(session).by_key
    return [known[key] for key in sorted(known)]


def get(session: Session, key: str) -> Any:
    """Return the value in force: what is stored, else what the file says, else the default.

    A stored value that no longer fits its declaration (a plugin was upgraded) counts as not stored.

    Raises:
        LookupError: nobody declared the key: a programming error.
    """
    known = _declared(session)
    if key not in known.by_key:
        raise LookupError(f"no room or plugin declares the setting {key}")
    return _standing(known, key, session.get(StoredSetting, key)).value


def standing(session: Session, key: str) -> Standing:
    """Return a setting with its value and where that comes from.

    Raises:
        NotFound: there is no such setting.
    """
    known = _declared(session)
    if key not in known.by_key:
        raise NotFound(_("There is no such setting."))
    return _standing(known, key, session.get(StoredSetting, key))


def standings(session: Session) -> list[Standing]:
    """Return every declared setting with its value, by key."""
    known, rows = _declared(session), _rows(session)
    return [_standing(known, key, rows.get(key)) for key in sorted(known.by_key)]


def settings_now(session: Session, room: str) -> dict[str, Any]:
    """Return the values in force of a room's or plugin's settings by name (``draft_days``)."""
    known, prefix = _declared(session), f"{room}."
    keys = [key for key in known.by_key if key.startswith(prefix)]
    rows = _rows(session) if keys else {}
    return {key.removeprefix(prefix): _standing(known, key, rows.get(key)).value for key in keys}


def settings_in_force(database: Database, room: str) -> Mapping[str, Any]:
    """Return the same without a session of one's own, read at most once a second.

    What this process stores counts at once, what another one stores within a second.
    """
    latest = database.service(Latest)
    if time.monotonic() - latest.read_at >= latest.good_for:
        latest.by_room, latest.read_at = {}, time.monotonic()
    # Held, so that what was read before a change does not end up among what was read after it.
    rooms = latest.by_room
    if room not in rooms:
        with database.reading() as session:
            rooms[room] = settings_now(session, room)
    return rooms[room]


def forget_latest(database: Database) -> None:
    """Let the next ``settings_in_force`` read anew; called when this process has stored something."""
    database.service(Latest).read_at = -math.inf


def mark_of(row: StoredSetting | None) -> str:
    """Return what names a stored value: another value, writer or instant gives another mark; empty for none."""
    if row is None:
        return ""
    facts = json.dumps([row.value, row.changed_at.isoformat(), row.changed_by], sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()[:24]


@dataclass(slots=True)
class Latest:
    """The values of one application as this process last read them.

    Attributes:
        good_for: seconds for which they are not read again; a test that counts statements makes it endless.
    """

    by_room: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    read_at: float = -math.inf
    good_for: float = GOOD_FOR


def _declared(session: Session) -> Declared:
    return unit_of(session).database.service(Declared)


def _rows(session: Session) -> dict[str, StoredSetting]:
    return {row.key: row for row in session.scalars(select(StoredSetting))}


def _standing(known: Declared, key: str, row: StoredSetting | None) -> Standing:
    setting = known.by_key[key]
    fallback, source = _fallback(known, setting)
    if row is None:
        return Standing(setting, fallback, source, fallback, source)
    found = Standing(
        setting,
        fallback,
        source,
        fallback,
        source,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        mark=mark_of(row),
    )
    try:
        return replace(found, value=setting.field.deserialize(row.value), source="stored")
    except ValidationError:
        return replace(found, unfit=True)


def _fallback(known: Declared, setting: DeclaredSetting) -> tuple[Any, Source]:
    if setting.key in known.presets:
        try:
            return setting.field.deserialize(known.presets[setting.key]), "file"
        except ValidationError:
            # A web process refuses such a file when it starts; a command without the application goes on.
            return setting.default, "default"
    return setting.default, "default"


__all__ = [
    "Standing",
    "declared",
    "forget_latest",
    "get",
    "mark_of",
    "settings_in_force",
    "settings_now",
    "standing",
    "standings",
]
