"""Looks are written down in a short unit of their own, before what was seen goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from structlog.contextvars import get_contextvars

from egovframe.actor import ANONYMOUS, SYSTEM, Actor
from egovframe.core.modules.privacy.looking import UNSTATED, Looking, Seen, Unknown
from egovframe.core.modules.privacy.models import Look, LookSubject
from egovframe.core.modules.privacy.register import REGISTER
from egovframe.core.modules.privacy.signing import mac_of
from egovframe.core.persistence import (
    METADATA,
    SYSTEM_ERRAND,
    Database,
    new_public_id,
    now,
    on_errand,
    unit_of,
)

Office = Mapping[str, Any] | None
OfficeOf = Callable[[Session, Actor, datetime], Office]
LOOKS, SUBJECTS = METADATA.tables[Look.__tablename__], METADATA.tables[LookSubject.__tablename__]
INSERT_LOOK = insert(LOOKS).returning(LOOKS.c.id)
INSERT_SUBJECT = insert(SUBJECTS)
RECORDED = "privacy:look:record"
"""Name of the audit entry that binds a look into the chain."""


class Offices:
    """How an application names the office of a viewer; the rooms that know offices stand above this one."""

    def __init__(self) -> None:
        self.of: OfficeOf = lambda _session, _actor, _at: None


def name_offices(database: Database, of: OfficeOf) -> None:
    """Let looks carry the viewer's post and department as they are called at that time."""
    database.service(Offices).of = of


def write_down(errand: Looking, database: Database) -> None:
    """Write what the errand has seen of others, and forget it; what a person reads of themself is no look.

    Raises:
        DatabaseFault: it cannot be written; what was seen must not go out. It stays pending.
        NestedUnit: a writing unit is still open in this thread.
    """
    viewer = errand.viewer or SYSTEM
    if _concerns_others(errand, viewer):
        with on_errand(SYSTEM_ERRAND), database.writing() as session:
            _write(session, errand, viewer)
    errand.forget()


def write_into(session: Session, errand: Looking) -> None:
    """Write what the errand has seen of others into a writing unit that is open, with the change that it makes."""
    viewer = errand.viewer or SYSTEM
    if _concerns_others(errand, viewer):
        _write(session, errand, viewer)
    errand.forget()


def _concerns_others(errand: Looking, viewer: Actor) -> bool:
    own = viewer.account_id
    others = any(own is None or seen.account_id != own for seen in errand.rows.values())
    return others or bool(errand.searches)


def _write(session: Session, errand: Looking, viewer: Actor) -> None:
    at = now(session)
    persons = _others(session, errand, viewer)
    if persons:
        names = {f"{table}.{column}" for (table, _row), seen in persons.items() for column in seen.columns}
        _store(session, errand, viewer, at, "read", names, persons)
    if errand.searches:
        _store(session, errand, viewer, at, "search", errand.searches, {})


def _others(session: Session, errand: Looking, viewer: Actor) -> dict[tuple[str, str], Seen]:
    own = viewer.account_id
    found = {}
    for (table, row), seen in errand.rows.items():
        if isinstance(seen.account_id, Unknown):
            seen.account_id = _person_of(session, table, row)
        if own is None or seen.account_id != own:
            found[table, row] = seen
    return found


def _person_of(session: Session, table: str, row: str) -> int | None:
    """Return the account of a row whose subject was not read along; None when the row is gone."""
    gated = REGISTER.tables[table]
    columns = gated.source.c
    keys = [
        columns[name] == (int(part) if columns[name].type.python_type is int else part)
        for name, part in zip(gated.keys, row.split("/"), strict=False)
    ]
    found: int | None = session.execute(select(columns[gated.subject]).where(*keys)).scalar()
    return found


def _store(
    session: Session,
    errand: Looking,
    viewer: Actor,
    at: datetime,
    kind: str,
    names: set[str],
    persons: Mapping[tuple[str, str], Seen],
) -> None:
    # Audit and settings read the declarations of this room: they can be imported once those stand.
    from egovframe.core.modules.audit import audit  # noqa: PLC0415
    from egovframe.core.modules.privacy.delays import delay_of  # noqa: PLC0415

    purpose = errand.purpose or errand.occasion or UNSTATED
    delay = delay_of(session, purpose)
    values: dict[str, Any] = {
        "public_id": new_public_id(),
        "at": at,
        "kind": kind,
        "viewer": label_of(viewer),
        "viewer_account_id": viewer.account_id,
        "office": unit_of(session).database.service(Offices).of(session, viewer, at),
        "on_behalf_of": viewer.on_behalf_of,
        "purpose": purpose,
        "reason": errand.reason[:300],
        "thing": (errand.thing or errand.noted)[:120],
        "route": errand.route[:200],
        "columns": sorted(names),
        "request_id": str(get_contextvars().get("request_id", ""))[:64],
        "hidden_until": at + delay if delay > timedelta() else None,
    }
    subjects = [
        {"account_id": seen.account_id, "table_name": table, "row_key": row, "columns": sorted(seen.columns)}
        for (table, row), seen in sorted(persons.items())
    ]
    values["mac"] = mac_of(unit_of(session).database.keyring, values, subjects)
    # Past the ORM, with statements made once: this runs for every look.
    connection = session.connection()
    look_id = connection.execute(INSERT_LOOK, values).scalar_one()
    if subjects:
        connection.execute(INSERT_SUBJECT, [{"look_id": look_id, **subject} for subject in subjects])
    after = {"mac": values["mac"], "persons": len(subjects), "purpose": values["purpose"]}
    audit(session, viewer, RECORDED, f"look:{values['public_id']}", after=after)


def label_of(viewer: Actor) -> str:
    """Return the stable name of a viewer; an operator is told from the system."""
    if viewer.kind == "system" and viewer.name:
        return f"system:{viewer.name}"[:60]
    return ANONYMOUS.label if viewer.kind == "anonymous" else viewer.label


__all__ = ["RECORDED", "label_of", "name_offices", "write_down", "write_into"]
