"""Verbs: declare settings, read them, change them with validation and audit."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError
from sqlalchemy import delete
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.settings.models import StoredSetting
from egovframe.core.modules.settings.registry import Declared, DeclaredSetting
from egovframe.core.persistence import Database, insert_for, now, unit_of
from egovframe.errors import Invalid, NotFound


def declare(database: Database, *settings: DeclaredSetting) -> None:
    """Make settings known to an application; called by the assembly and by plugins when they start.

    Raises:
        ValueError: another setting has the key.
    """
    known = database.service(Declared).by_key
    for setting in settings:
        if known.setdefault(setting.key, setting) != setting:
            raise ValueError(f"the setting {setting.key} is declared twice")


def declared(session: Session) -> list[DeclaredSetting]:
    """Return every declared setting by key."""
    known = unit_of(session).database.service(Declared).by_key
    return [known[key] for key in sorted(known)]


def get(session: Session, key: str) -> Any:
    """Return the value in force: what is stored, else the default.

    A stored value that no longer fits its declaration (a plugin was upgraded) counts as not stored.

    Raises:
        LookupError: nobody declared the key: a programming error.
    """
    setting = _declared(session, key)
    row = session.get(StoredSetting, key)
    if row is None:
        return setting.default
    try:
        return setting.field.deserialize(row.value)
    except ValidationError:
        return setting.default


def put(session: Session, actor: Actor, key: str, value: Any) -> Any:
    """Check and store a value, and return it as ``get`` will; the change is audited.

    Args:
        session: of a writing unit.
        actor: who changes it; the right is checked at the door.
        key: a declared setting.
        value: as it came from a form or JSON.

    Raises:
        NotFound: there is no such setting.
        Invalid: the value does not fit; ``errors`` names the key.
    """
    setting = _known(session, key)
    try:
        clean = setting.field.deserialize(value)
    except ValidationError as error:
        raise Invalid(errors={key: error.messages if isinstance(error.messages, list) else [error]}) from error
    stored = setting.field.serialize("value", {"value": clean})
    _audit(session, actor, key, stored)
    values = {"value": stored, "changed_at": now(session), "changed_by": actor.label}
    statement = insert_for(session, StoredSetting).values(key=key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))
    session.expire_all()
    return clean


def reset(session: Session, actor: Actor, key: str) -> None:
    """Return a setting to its default; the change is audited.

    Raises:
        NotFound: there is no such setting.
    """
    _known(session, key)
    _audit(session, actor, key, None)
    session.execute(delete(StoredSetting).where(StoredSetting.key == key))


def _audit(session: Session, actor: Actor, key: str, stored: Any) -> None:
    row = session.get(StoredSetting, key)
    before = {"value": row.value} if row is not None else None
    after = {"value": stored} if stored is not None else None
    audit(session, actor, "settings:setting:change", f"setting:{key}", before=before, after=after)


def _declared(session: Session, key: str) -> DeclaredSetting:
    setting = unit_of(session).database.service(Declared).by_key.get(key)
    if setting is None:
        raise LookupError(f"no room or plugin declares the setting {key}")
    return setting


def _known(session: Session, key: str) -> DeclaredSetting:
    try:
        return _declared(session, key)
    except LookupError as error:
        raise NotFound(_("There is no such setting.")) from error
