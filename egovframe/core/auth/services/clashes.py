"""An official decides who somebody is when the evidence does not say it by itself; never silently."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.events import VerificationRefused
from egovframe.core.auth.evidence import EvidenceKey
from egovframe.core.auth.models import Account
from egovframe.core.auth.persons import Person, PersonClash, Verification
from egovframe.core.auth.queries import found
from egovframe.core.auth.services.accounts import thing
from egovframe.core.auth.services.persons import bind, claim, merge, need_other
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import now
from egovframe.errors import Changed, Invalid

ONE_HUMAN = frozenset({"persons", "other_person"})
"""Kinds of clash whose evidence says of all candidates that they are one human being."""


def decide_clash(
    session: Session, actor: Actor, public_id: str, decision: str, *, person: str = "", reason: str
) -> Verification | None:
    """Decide a clash: the account is the same person as one of the candidates, a different one, or nobody at all.

    Args:
        decision: ``same``, ``different`` or ``refused``.
        person: public id of the candidate, for ``same``; may be empty where there is only one.
        reason: kept in the audit; never empty.

    Returns:
        What binds the account now; None when it was refused.

    Raises:
        Forbidden: the actor may not verify residents, or it is the actor's own account.
        NotFound: no such clash.
        Conflict: somebody else has decided it.
        Invalid: no reason, an unknown decision, or no such candidate.
    """
    clash = found(session.scalar(select(PersonClash).where(PersonClash.public_id == public_id)))
    account = session.get_one(Account, clash.account_id)
    need_other(session, actor, account)
    if not reason.strip():
        raise Invalid(errors={"reason": [_("Please fill this in.")]})
    chosen = _candidate(session, clash, person) if decision == "same" else None
    if decision not in {"same", "different", "refused"}:
        raise Invalid(errors={"decision": [_("Choose one of these.")]})
    _close(session, actor, clash, decision)
    audit(
        session,
        actor,
        "auth:resident:decide",
        thing(account),
        after={"clash": clash.public_id, "kind": clash.kind, "decision": decision, "person_id": chosen},
        reason=reason,
    )
    if decision == "refused":
        record(session, VerificationRefused(account.id), actor)
        return None
    if chosen is not None and clash.kind in ONE_HUMAN:
        for other in clash.candidates:
            if other != chosen and session.get_one(Person, other).merged_into_id is None:
                merge(session, actor, chosen, other, reason)
    keys = [EvidenceKey(*each) for each in clash.keys]
    person_id = claim(session, chosen, keys, apart=True)
    if person_id is None:
        raise Changed(_("Somebody else showed the same at this moment. Please try again."))
    return bind(session, actor, account, person_id, method=clash.method, source=clash.source)


def _candidate(session: Session, clash: PersonClash, public_id: str) -> int:
    statement = select(Person).where(Person.id.in_(clash.candidates), Person.merged_into_id.is_(None))
    offered = list(session.scalars(statement))
    chosen = [each for each in offered if each.public_id == public_id] if public_id else offered
    if len(chosen) != 1:
        raise Invalid(errors={"person": [_("Choose which person it is.")]})
    return chosen[0].id


def _close(session: Session, actor: Actor, clash: PersonClash, decision: str) -> None:
    statement = update(PersonClash).where(PersonClash.id == clash.id, PersonClash.decided_at.is_(None))
    values = {"decided_at": now(session), "decided_by_id": actor.account_id, "decision": decision}
    if session.execute(statement.values(**values).returning(PersonClash.id)).first() is None:
        raise Changed(_("A colleague has decided this already."))
