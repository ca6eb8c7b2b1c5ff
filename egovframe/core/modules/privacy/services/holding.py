"""Verbs: place and release legal holds; what is held, neither erasure nor retention touches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.privacy.keeping.models import LegalHold
from egovframe.core.modules.privacy.permissions import MANAGE_HOLDS
from egovframe.core.modules.privacy.services.people import need, public_id_of
from egovframe.core.modules.privacy.subjects import Subject
from egovframe.core.persistence import now
from egovframe.errors import Invalid, NotFound

LISTED = 200
"""Most holds that the page lists; a city has a handful."""


def place_hold(
    session: Session, actor: Actor, subject: Subject, *, reason: str, until: datetime | None = None
) -> LegalHold:
    """Hold a person's or a thing's data.

    Args:
        session: of a writing unit.
        actor: who places it.
        subject: whose data; ``Subject("case", 7)`` holds one case.
        reason: court, file number: what another official needs to know.
        until: when it ends by itself; None until it is released.

    Raises:
        Forbidden: the actor may not place holds.
        NotFound: there is no such person or thing.
        Invalid: there is no reason, or the end has passed.
    """
    need(session, actor, MANAGE_HOLDS)
    at = now(session)
    if not reason.strip():
        raise Invalid(errors={"reason": [_("Say why: the next official needs to know.")]})
    if until is not None and until <= at:
        raise Invalid(errors={"until": [_("This day has passed.")]})
    hold = LegalHold(
        kind=subject.kind,
        subject_id=subject.id,
        subject=public_id_of(session, subject),
        reason=reason.strip()[:500],
        placed_at=at,
        placed_by=actor.label,
        until=until,
    )
    session.add(hold)
    session.flush()
    audit(session, actor, "privacy:hold:place", f"{hold.kind}:{hold.subject}", after=_facts(hold))
    return hold


def release_hold(session: Session, actor: Actor, public_id: str) -> LegalHold:
    """Release a hold; what is due goes with the next daily run.

    Raises:
        Forbidden: the actor may not release holds.
        NotFound: there is no such hold, or it was released before.
    """
    need(session, actor, MANAGE_HOLDS)
    statement = select(LegalHold).where(LegalHold.public_id == public_id, LegalHold.released_at.is_(None))
    hold = session.scalar(statement.with_for_update())
    if hold is None:
        raise NotFound(_("There is no such hold any more."))
    hold.released_at, hold.released_by = now(session), actor.label
    audit(session, actor, "privacy:hold:release", f"{hold.kind}:{hold.subject}", after=_facts(hold))
    return hold


def holds(session: Session) -> Sequence[LegalHold]:
    """Return the newest holds, those in force and past ones."""
    return session.scalars(select(LegalHold).order_by(LegalHold.id.desc()).limit(LISTED)).all()


def _facts(hold: LegalHold) -> dict[str, object]:
    return {"hold": hold.public_id, "until": hold.until}
