"""Verbs: change a stored setting with validation and audit, or take the city's own value back."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.settings.models import StoredSetting
from egovframe.core.modules.settings.permissions import MANAGE_SETTINGS
from egovframe.core.modules.settings.queries import forget_latest, mark_of, standing
from egovframe.core.modules.settings.registry import DeclaredSetting
from egovframe.core.persistence import insert_for, now, unit_of
from egovframe.errors import Changed, Forbidden, Invalid


class SettingChanged(Changed):
    """Somebody else stored or took back a value since the caller read the setting (409)."""

    code = "setting-changed"


def put(session: Session, actor: Actor, key: str, value: Any, *, seen: str | None = None) -> Any:
    """Check and store a value, and return it as ``get`` will; the change is audited.

    Args:
        session: of a writing unit.
        actor: who changes it.
        key: a declared setting.
        value: as it came from a form or JSON.
        seen: mark of the standing that the caller saw (``Standing.mark``); None changes whatever is there.

    Raises:
        Forbidden: the actor may not change settings.
        NotFound: there is no such setting.
        Invalid: the value does not fit; ``errors`` names the key.
        SettingChanged: it is no longer what the caller saw.
    """
    setting = _allowed(session, actor, key)
    try:
        clean = setting.field.deserialize(value)
    except ValidationError as error:
        raise Invalid(errors={key: error.messages if isinstance(error.messages, list) else [error]}) from error
    stored = setting.field.serialize("value", {"value": clean})
    row = _seen_row(session, key, seen)
    before = None if row is None else {"value": row.value}
    values = {"value": stored, "changed_at": now(session), "changed_by": actor.label}
    statement = insert_for(session, StoredSetting).values(key=key, **values)
    if row is None and seen is not None:
        # Nothing was there to be locked: whoever comes second finds the row of the first.
        made = session.execute(statement.on_conflict_do_nothing(index_elements=["key"]).returning(StoredSetting.key))
        if made.scalar() is None:
            raise _changed()
    else:
        session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))
    session.expire_all()
    audit(session, actor, "settings:setting:change", f"setting:{key}", before=before, after={"value": stored})
    _forget(session)
    return clean


def reset(session: Session, actor: Actor, key: str, *, seen: str | None = None) -> None:
    """Take the city's own value back: the file's or the default holds again; the change is audited.

    Args:
        session: of a writing unit.
        actor: who does it.
        key: a declared setting.
        seen: as for ``put``.

    Raises:
        Forbidden: the actor may not change settings.
        NotFound: there is no such setting.
        SettingChanged: it is no longer what the caller saw.
    """
    _allowed(session, actor, key)
    row = _seen_row(session, key, seen)
    if row is None:
        return
    audit(session, actor, "settings:setting:reset", f"setting:{key}", before={"value": row.value})
    session.execute(delete(StoredSetting).where(StoredSetting.key == key))
    session.expire_all()
    _forget(session)


def _allowed(session: Session, actor: Actor, key: str) -> DeclaredSetting:
    if not actor.has(MANAGE_SETTINGS, now(session)):
        raise Forbidden(_("You may not change settings."))
    return standing(session, key).setting


def _seen_row(session: Session, key: str, seen: str | None) -> StoredSetting | None:
    """Lock what is stored, so that nobody changes it before this unit ends, and compare it with what was seen."""
    statement = select(StoredSetting).where(StoredSetting.key == key).with_for_update()
    row = session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if seen is not None and seen != mark_of(row):
        raise _changed()
    return row


def _changed() -> SettingChanged:
    return SettingChanged(_("Somebody else changed this setting while you had it open. Nothing of yours was stored."))


def _forget(session: Session) -> None:
    unit = unit_of(session)
    unit.after_commit(lambda: forget_latest(unit.database))


__all__ = ["SettingChanged", "put", "reset"]
