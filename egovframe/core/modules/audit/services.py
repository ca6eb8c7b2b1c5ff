"""Verbs: write an entry with the business transaction; record a refusal in a short unit of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session
from structlog.contextvars import get_contextvars

from egovframe.actor import Actor
from egovframe.core.modules.audit.models import AuditEntry, AuditPending
from egovframe.core.modules.privacy import personal_of
from egovframe.core.persistence import Database, Keyring, moment, unit_of

DONE, REFUSED = "done", "refused"
Facts = Mapping[str, Any]


def audit(
    session: Session,
    actor: Actor,
    action: str,
    thing: str,
    *,
    before: Facts | None = None,
    after: Facts | None = None,
    reason: str = "",
) -> None:
    """Write who did what to which thing into the session's transaction; it is sealed within a second.

    Args:
        session: of a writing unit.
        actor: who acts; its label and account number are kept, never its name.
        action: ``room:thing:verb``, such as ``cases:case:close``.
        thing: kind and id, such as ``case:7f3k…``.
        before: what was, and
        after: what is: ids, codes, numbers. Take them with ``snapshot``, which names personal values without copying.
        reason: what the actor gave as the reason.
    """
    _write(session, actor, action, thing, DONE, before, after, reason)


def audit_refusal(database: Database, actor: Actor, action: str, thing: str, *, reason: str = "") -> None:
    """Record a refused action or failed sign-in in a unit of its own, after the refused one has been rolled back.

    Raises:
        NestedUnit: the refused writing unit is still open in this thread.
    """
    with database.writing() as session:
        _write(session, actor, action, thing, REFUSED, None, None, reason)


def snapshot(row: Any, *columns: str) -> dict[str, Any]:
    """Return the named columns of a model as audit facts; a personal one is named, its value is not read.

    Values that JSON does not know become text.
    """
    state = inspect(row)
    facts: dict[str, Any] = {}
    for name in columns:
        column = state.mapper.columns[name]
        if personal_of(column) is not None:
            facts[name] = {"personal": f"{column.table.name}.{column.name}"}
        else:
            facts[name] = _plain(getattr(row, name))
    return facts


def mac_of(keyring: Keyring, entry: AuditEntry) -> str:
    """Return the authentication code over everything an entry says."""
    said = [
        entry.at.isoformat(),
        entry.actor,
        entry.account_id,
        entry.on_behalf_of,
        entry.action,
        entry.thing,
        entry.outcome,
        entry.before,
        entry.after,
        entry.reason,
        entry.request_id,
    ]
    return keyring.mac("audit-entry", canonical(said))


def canonical(value: Any) -> bytes:
    """Return one spelling of a JSON value, so that what is read back has the code of what was written."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _write(
    session: Session,
    actor: Actor,
    action: str,
    thing: str,
    outcome: str,
    before: Facts | None,
    after: Facts | None,
    reason: str,
) -> None:
    entry = AuditEntry(
        at=moment(session),
        actor=actor.label,
        account_id=actor.account_id,
        on_behalf_of=actor.acts_for,
        action=action,
        thing=thing,
        outcome=outcome,
        before=_facts(before),
        after=_facts(after),
        reason=reason[:1000],
        request_id=str(get_contextvars().get("request_id", ""))[:64],
    )
    entry.mac = mac_of(unit_of(session).database.keyring, entry)
    session.add(AuditPending(entry=entry))


def _facts(facts: Facts | None) -> Any:
    return None if facts is None else _plain(facts)


def _plain(value: Any) -> Any:
    # Keys become text here, so that they sort now as they will when read back.
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
