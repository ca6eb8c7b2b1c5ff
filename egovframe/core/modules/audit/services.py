"""Verbs: write an entry with the business transaction; record a refusal in a short unit of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session
from structlog.contextvars import get_contextvars

from egovframe.actor import Actor
from egovframe.core.modules.audit.codes import canonical
from egovframe.core.modules.audit.models import FACTS_BYTES
from egovframe.core.modules.audit.writing import Entry, notebook
from egovframe.core.modules.privacy import personal_of
from egovframe.core.persistence import Database, moment

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
    """Write who did what to which thing when the session's unit commits; it is sealed within a second.

    What is written in a savepoint that is rolled back goes with it.

    Args:
        session: of a writing unit.
        actor: who acts; its label and account number are kept, never its name.
        action: ``room:thing:verb``, such as ``cases:case:close``; its title is declared (hook ``audit_actions``).
        thing: kind and id, such as ``case:7f3k…``.
        before: what was, and
        after: what is: ids, codes, numbers. Take them with ``snapshot``, which names personal values without copying.
        reason: what the actor gave as the reason.

    Raises:
        ValueError: the facts are no JSON, or more than 16 KB of it.
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
    label, acts_for = actor.label, actor.acts_for
    if len(label) > 60 or len(acts_for) > 32 or len(action) > 120 or len(thing) > 200:
        raise ValueError(f"an audit entry cannot hold so long a text: {label=}, {acts_for=}, {action=}, {thing=}")
    entry = Entry(
        moment(session),
        label,
        actor.account_id,
        acts_for,
        action,
        thing,
        outcome,
        None if before is None else _facts(before),
        None if after is None else _facts(after),
        reason.replace("\0", "")[:1000],
        str(get_contextvars().get("request_id", ""))[:64],
    )
    notebook(session).add(entry)


def _facts(facts: Facts) -> str:
    text = canonical(facts)
    if len(text) > FACTS_BYTES // 4 and len(text.encode()) > FACTS_BYTES:
        raise ValueError(f"the facts of an audit entry may take {FACTS_BYTES} bytes, not {len(text.encode())}")
    return text


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return str(value)
