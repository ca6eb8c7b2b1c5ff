"""Who a subject is, by the public id that pages, the ledger and the audit use."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.modules.privacy.subjects import ACCOUNT, Subject, Unresolvable, key_of, standing_for
from egovframe.core.persistence import now
from egovframe.errors import Forbidden, NotFound, NotSignedIn


def subject_of(actor: Actor) -> Subject:
    """Return the actor as a subject; raise NotSignedIn for actors without an account."""
    if actor.account_id is None:
        raise NotSignedIn
    return Subject(ACCOUNT, actor.account_id)


def public_id_of(session: Session, subject: Subject) -> str:
    """Return the public id of a subject's own row; raise NotFound."""
    table = standing_for(subject.kind)
    found = session.scalar(select(table.c.public_id).where(key_of(table) == subject.id))
    if found is None:
        raise NotFound
    return str(found)


def subject_named(session: Session, kind: str, public_id: str) -> Subject:
    """Return the subject with a public id; raise NotFound, also for a kind that nobody stands for."""
    try:
        table = standing_for(kind)
    except Unresolvable as error:
        raise NotFound from error
    found = session.scalar(select(key_of(table)).where(table.c.public_id == public_id))
    if found is None:
        raise NotFound
    return Subject(kind, int(found))


def need(session: Session, actor: Actor, permission: str) -> None:
    """Let pass who holds the permission; raise Forbidden."""
    if not actor.has(permission, now(session)):
        raise Forbidden
