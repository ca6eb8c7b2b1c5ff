"""Verb: erase a person wherever declarations lead, keep what a law or a hold keeps, remember it for a restore."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM, Actor
from egovframe.core.modules.audit import audit
from egovframe.core.modules.jobs import enqueue
from egovframe.core.modules.privacy.emptying import erase_rows, sever_rows
from egovframe.core.modules.privacy.keeping.models import Erasure
from egovframe.core.modules.privacy.looking import by_the_system
from egovframe.core.modules.privacy.office import office_of
from egovframe.core.modules.privacy.plan import HOLD, Part, planned, summary, told
from egovframe.core.modules.privacy.services.ledger import note_later
from egovframe.core.modules.privacy.services.people import public_id_of, subject_named
from egovframe.core.modules.privacy.subjects import ACCOUNT, Subject
from egovframe.core.persistence import insert_for, new_public_id, now
from egovframe.errors import Conflict, NotFound

COMPACT = "privacy.compact"
"""Job: shorten SQLite's write-ahead log, in which erased pages would stay readable."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What erasing a person would do now.

    Attributes:
        parts: what goes and what stays, in the order of the download.
        obstacles: in words, what forbids it altogether (an office still held).
    """

    parts: Sequence[Part]
    obstacles: Sequence[Any]

    @property
    def is_held(self) -> bool:
        """Whether a legal hold keeps something."""
        return any(stay.why == HOLD for part in self.parts for stay in part.stays)

    @property
    def goes(self) -> bool:
        """Whether anything goes now."""
        return any(part.erase or part.sever for part in self.parts)

    @property
    def stays(self) -> bool:
        """Whether anything stays for now."""
        return any(part.stays for part in self.parts)


def outlook(session: Session, subject: Subject) -> Outlook:
    """Return what erasing a person would do now: for the page that explains it, before anything is decided."""
    obstacles = office_of(session).obstacles(session, subject.id) if subject.kind == ACCOUNT else ()
    with by_the_system(session):  # works out which rows there are, and shows none of their values
        return Outlook(planned(session, subject), obstacles)


def erase(session: Session, actor: Actor, subject: Subject, *, reason: str = "") -> Outlook:
    """Erase a person. A second time changes nothing; what stays now goes when its reason is over, by the daily job.

    Args:
        session: of a writing unit.
        actor: the person, whose right was checked at the door, or an official.
        subject: who is erased.
        reason: what an official gave as the reason.

    Raises:
        Conflict: something forbids it altogether, such as an office still held.
        NotFound: there is no such subject.
    """
    name = public_id_of(session, subject)
    found = outlook(session, subject)
    if found.obstacles:
        raise Conflict(found.obstacles[0])
    with by_the_system(session):  # finds the rows by their values, and shows none: nobody looks at them
        _carry_out(session, found)
    _remember(session, subject, name, waits=found.stays, counts=told(found.parts))
    facts = {"parts": summary(list(found.parts))}
    audit(session, actor, "privacy:person:erase", f"{subject.kind}:{name}", after=facts, reason=reason)
    enqueue(session, COMPACT, {}, queue="outside", unique=COMPACT)
    return found


def resume_erasures(session: Session) -> int:
    """Go on with erasures in which something had to stay; return how many are done now. Safe to repeat."""
    done = 0
    for row in session.scalars(select(Erasure).where(Erasure.waits.is_(True)).order_by(Erasure.id)).all():
        done += _resume(session, row)
    return done


def _resume(session: Session, row: Erasure) -> int:
    subject = _subject(session, row)
    if subject is None:
        row.waits = False
        return 1
    found = Outlook(planned(session, subject), ())
    if any(part.erase or part.sever for part in found.parts):
        _carry_out(session, found)
        counts = summary(list(found.parts))
        thing = f"{row.kind}:{row.subject}"
        audit(session, SYSTEM, "privacy:person:erase", thing, after={"parts": counts}, reason="resumed")
        enqueue(session, COMPACT, {}, queue="outside", unique=COMPACT)
        row.done_at, row.counts = now(session), told(found.parts)
    row.waits = found.stays
    return int(not found.stays)


def _subject(session: Session, row: Erasure) -> Subject | None:
    try:
        return subject_named(session, row.kind, row.subject)
    except NotFound:
        return None


def _carry_out(session: Session, found: Outlook) -> None:
    # Everything was looked up before the first row changes: once a link is cut, nothing leads to the person any more.
    for part in found.parts:
        if part.erase:
            erase_rows(session, part.facet, part.erase)
        if part.sever:
            sever_rows(session, part.facet, part.sever)
    session.expire_all()


def _remember(session: Session, subject: Subject, name: str, *, waits: bool, counts: Any) -> None:
    at = now(session)
    values = {"done_at": at, "waits": waits, "counts": counts, "noted": False}
    statement = insert_for(session, Erasure).values(
        public_id=new_public_id(), kind=subject.kind, subject=name, requested_at=at, **values
    )
    session.execute(statement.on_conflict_do_update(index_elements=["kind", "subject"], set_=values))
    note_later(session)
