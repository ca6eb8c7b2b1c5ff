"""Who stands behind an account: evidence leads to one person, or to a queue that an official decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.events import PersonsMerged, ResidentVerified
from egovframe.core.auth.evidence import Evidence, EvidenceKey
from egovframe.core.auth.identity_settings import days_of
from egovframe.core.auth.models import Account
from egovframe.core.auth.permissions import VERIFY_RESIDENTS
from egovframe.core.auth.persons import Person, PersonClash, PersonKey, Verification
from egovframe.core.auth.services.accounts import thing
from egovframe.core.auth.services.rights import need
from egovframe.core.auth.services.sessions import rotate_sessions
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import insert_for, now, unit_of
from egovframe.errors import Changed, Conflict, Forbidden

TRIES = 3
Keys = Sequence[EvidenceKey]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of evidence: the account is bound to a person, or a clash waits for an official."""

    verification: Verification | None = None
    clash: PersonClash | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whom evidence leads to: one known person, nobody known yet, or several that an official tells apart."""

    person_id: int | None = None
    clash: str = ""
    candidates: tuple[int, ...] = ()


class _Taken(Exception):
    """Somebody else showed the same evidence first."""


def verify_resident(
    session: Session, actor: Actor, account: Account, evidence: Evidence, *, source: str, quiet: bool = False
) -> Outcome:
    """Bind an account to the person whose document an official has seen.

    Args:
        source: code of the document that was seen, such as ``passport``.
        quiet: tell nobody (imports, demo).

    Raises:
        Forbidden: the actor may not verify residents, or it is the actor's own account.
        Conflict: the account is closed, or no person at all.
    """
    need_other(session, actor, account)
    if account.state != "active" or account.kind == "service":
        raise Conflict(_("This account is closed, or belongs to a program."))
    keys = evidence.keys(unit_of(session).database.keyring)
    return settle(session, actor, account, keys, method="official", source=source, quiet=quiet)


def need_other(session: Session, actor: Actor, account: Account) -> None:
    """Let pass who may verify residents, but nobody for the own account.

    Raises:
        Forbidden: otherwise.
    """
    need(session, actor, VERIFY_RESIDENTS)
    if actor.account_id is not None and actor.account_id == account.id:
        raise Forbidden(_("Nobody verifies their own account. Ask a colleague."))


def settle(
    session: Session,
    actor: Actor,
    account: Account,
    keys: Keys,
    *,
    method: str,
    source: str = "",
    quiet: bool = False,
) -> Outcome:
    """Bind an account to the person that the evidence leads to, or put a clash into the queue.

    The caller has checked the right. Many at once with the same evidence end with one person: the digest is unique.

    Raises:
        Conflict: others keep showing parts of the same evidence at this very moment.
    """
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update(key_share=True))
    for _attempt in range(TRIES):
        found = judge(session, account.id, keys)
        if found.clash:
            return Outcome(clash=_queue(session, actor, account, keys, found, method, source))
        person_id = claim(session, found.person_id, keys)
        if person_id is not None:
            return Outcome(bind(session, actor, account, person_id, method=method, source=source, quiet=quiet))
    raise Changed(_("Somebody else showed the same at this moment. Please try again."))


def judge(session: Session, account_id: int, keys: Keys) -> Judgement:
    """Say whom the evidence leads to, without changing anything."""
    owned = _owned(session, keys)
    strong = {row.person_id for row in owned if row.kind != "likeness"}
    alike = {row.person_id for row in owned if row.kind == "likeness"}
    before = _before(session, account_id)
    earlier = {before} if before is not None else set()
    if len(strong) > 1:
        return Judgement(clash="persons", candidates=tuple(sorted(strong)))
    if strong and earlier and strong != earlier:
        return Judgement(clash="other_person", candidates=tuple(sorted(strong | earlier)))
    if strong:
        person_id = next(iter(strong))
        if _other_subject(session, person_id, keys, owned):
            return Judgement(clash="provider", candidates=(person_id,))
        return Judgement(person_id)
    if earlier and earlier <= alike:
        return Judgement(before)  # the same account, name and birth date: the person has moved
    if alike:
        return Judgement(clash="likeness", candidates=tuple(sorted(alike | earlier)))
    return Judgement(clash="other_person", candidates=tuple(earlier)) if earlier else Judgement()


def claim(session: Session, person_id: int | None, keys: Keys, *, apart: bool = False) -> int | None:
    """Give the evidence's digests to a person, or to a new one; None when somebody took one of them in between.

    Args:
        apart: an official has told the person apart from those who show the same digests.
    """
    try:
        with session.begin_nested():
            owner = person_id if person_id is not None else new_person(session)
            owned = _owned(session, keys)
            known = {row.digest for row in owned if row.person_id == owner}
            taken = {row.digest for row in owned}
            for key in sorted(keys, key=lambda each: each.digest):  # one order for all: nobody waits in a circle
                if key.digest in known:
                    continue
                if key.digest in taken and not (apart or (key.kind == "likeness" and person_id is not None)):
                    raise _Taken
                _store(session, owner, key, owner if key.digest in taken else 0)
    except _Taken:
        return None
    return owner


def new_person(session: Session) -> int:
    """Make a person of whom nothing is known yet and return the number."""
    person = Person(created_at=now(session))
    session.add(person)
    session.flush()
    return person.id


def bind(
    session: Session,
    actor: Actor,
    account: Account,
    person_id: int,
    *,
    method: str,
    source: str = "",
    quiet: bool = False,
) -> Verification:
    """Bind an account to a person from now on; what bound it before becomes history.

    A provider says the same at every sign-in: where the account is the person's already, only its time begins anew.
    """
    at, days = now(session), days_of(session, "verification")
    until = at + timedelta(days=days) if days else None
    live = (Verification.account_id == account.id, Verification.ended_at.is_(None))
    present = session.scalar(select(Verification).where(*live))
    if present is not None and present.person_id == person_id and method == "provider":
        present.expires_at = until
        return present
    session.execute(update(Verification).where(*live).values(ended_at=at, ended_as="replaced"))
    row = Verification(
        account_id=account.id,
        person_id=person_id,
        method=method,
        source=source[:80],
        verified_by_id=actor.account_id if method == "official" else None,
        created_at=at,
        expires_at=until,
    )
    session.add(row)
    account.assurance = "resident_verified"
    session.flush()
    rotate_sessions(session, account.id)
    after = {"method": method, "source": source, "person_id": person_id, "verification": row.public_id}
    audit(session, actor, "auth:resident:verify", thing(account), after=after)
    if not quiet:
        record(session, ResidentVerified(account.id, person_id, row.id), actor)
    return row


def merge(session: Session, actor: Actor, kept_id: int, gone_id: int, reason: str) -> None:
    """Make two persons one: accounts and digests move to the one that is kept."""
    session.execute(update(Verification).where(Verification.person_id == gone_id).values(person_id=kept_id))
    session.execute(update(PersonKey).where(PersonKey.person_id == gone_id).values(person_id=kept_id))
    session.execute(update(Person).where(Person.id == gone_id).values(merged_into_id=kept_id))
    after = {"kept_id": kept_id, "gone_id": gone_id}
    audit(session, actor, "auth:person:merge", f"person:{kept_id}", after=after, reason=reason)
    record(session, PersonsMerged(kept_id, gone_id), actor)


def _owned(session: Session, keys: Keys) -> Sequence[PersonKey]:
    statement = select(PersonKey).where(PersonKey.digest.in_([key.digest for key in keys]))
    return session.scalars(statement.execution_options(populate_existing=True)).all()


def _store(session: Session, person_id: int, key: EvidenceKey, rank: int) -> None:
    values = {"kind": key.kind, "source": key.source, "digest": key.digest, "rank": rank}
    statement = insert_for(session, PersonKey).values(person_id=person_id, created_at=now(session), **values)
    made = session.execute(statement.on_conflict_do_nothing().returning(PersonKey.id)).scalar_one_or_none()
    if made is None:
        raise _Taken


def _before(session: Session, account_id: int) -> int | None:
    """Return whom the account was bound to last, in force or not."""
    statement = select(Verification.person_id).where(Verification.account_id == account_id)
    return session.scalar(statement.order_by(Verification.id.desc()).limit(1))


def _other_subject(session: Session, person_id: int, keys: Keys, owned: Sequence[PersonKey]) -> bool:
    """Whether a provider now names the person by another subject than before."""
    shown = {key.source for key in keys if key.kind == "provider"} - {row.source for row in owned if row.source}
    known = select(PersonKey.source).where(PersonKey.person_id == person_id, PersonKey.kind == "provider")
    return bool(shown & set(session.scalars(known)))


def _queue(
    session: Session, actor: Actor, account: Account, keys: Keys, found: Judgement, method: str, source: str
) -> PersonClash:
    stored, candidates = [list(key) for key in keys], list(found.candidates)
    waiting = select(PersonClash).where(PersonClash.account_id == account.id, PersonClash.decided_at.is_(None))
    for clash in session.scalars(waiting):
        if clash.keys == stored and clash.candidates == candidates:
            return clash
    clash = PersonClash(
        account_id=account.id,
        kind=found.clash,
        method=method,
        source=source[:80],
        keys=stored,
        candidates=candidates,
        created_at=now(session),
    )
    session.add(clash)
    session.flush()
    after = {"clash": clash.public_id, "kind": clash.kind, "method": method}
    audit(session, actor, "auth:resident:clash", thing(account), after=after)
    return clash


__all__ = ["Judgement", "Outcome", "bind", "claim", "judge", "merge", "need_other", "settle", "verify_resident"]
