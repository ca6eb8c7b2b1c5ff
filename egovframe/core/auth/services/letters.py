"""A code on paper: asked for by a person, printed and sent by an official, typed in by who opened the envelope."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.events import VerificationRefused
from egovframe.core.auth.evidence import Evidence, EvidenceKey, bare_address, bare_name
from egovframe.core.auth.identity_settings import days_of
from egovframe.core.auth.models import Account
from egovframe.core.auth.permissions import VERIFY_RESIDENTS
from egovframe.core.auth.persons import Letter
from egovframe.core.auth.queries import account_of, found
from egovframe.core.auth.services.accounts import thing
from egovframe.core.auth.services.persons import Outcome, need_other, settle
from egovframe.core.auth.services.rights import need
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import Keyring, new_public_id, now, unit_of
from egovframe.errors import Changed, Conflict, Invalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: what is easily mistaken on paper is read as what was meant."""
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})
CODE_LENGTH = 10
"""50 random bits; with five tries a guess succeeds once in 10^14."""
MAX_TRIES = 5
MAX_LETTERS = 3
PERIOD = timedelta(days=90)
GONE = {"name": None, "address": None, "birth_date": None, "address_code": None}
"""What goes when a letter has left, or will not."""


@dataclass(frozen=True, slots=True)
class LetterAnswer:
    """What a typed code did: the outcome when it was right, else how many tries are left."""

    outcome: Outcome | None
    left: int = 0


def ask_letter(session: Session, actor: Actor, evidence: Evidence, *, address: str, language: str) -> Letter:
    """Ask for a letter to the actor's own address.

    Args:
        evidence: name, birth date and address code; kept encrypted for an official to compare until the letter has
            left, then only digests of them.
        address: the lines below the name on the envelope.
        language: of the letter.

    Raises:
        NotFound: the actor has no account.
        Conflict: the account is verified already, a letter is under way, or too many were asked for.
    """
    account = account_of(session, actor)
    obstacle = letter_obstacle(session, actor)
    if obstacle:
        raise Conflict(obstacle)
    end_letters(session, account.id)
    at, ring = now(session), unit_of(session).database.keyring
    public_id = new_public_id()
    row = Letter(
        public_id=public_id,
        account_id=account.id,
        name=evidence.name,
        address=address,
        birth_date=evidence.birth_date.isoformat() if evidence.birth_date else None,
        address_code=evidence.address_code,
        language=language,
        keys=[list(key) for key in evidence.keys(ring)],
        address_digest=ring.blind_index("letter-door", bare_address(address)),
        name_digest=ring.blind_index("letter-name", bare_name(evidence.name)),
        code_hash=code_hash(ring, letter_code(ring, public_id)),
        created_at=at,
        expires_at=at + PERIOD,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(_("A letter to you is under way already.")) from error
    audit(session, actor, "auth:letter:ask", thing(account), after={"letter": row.public_id})
    return row


def letter_obstacle(session: Session, actor: Actor) -> Any:
    """Return why the actor can have no letter, whether one is under way or not, as lazy text; empty when nothing does.

    Raises:
        NotFound: the actor has no account.
    """
    account = account_of(session, actor)
    if actor.reaches("resident_verified") or account.kind == "service":
        return _("Your account is verified already.")
    recent = select(func.count()).where(Letter.account_id == account.id, Letter.created_at > now(session) - PERIOD)
    if (session.scalar(recent) or 0) >= MAX_LETTERS:
        return _("You have asked for several letters lately. Please come to a counter with your document.")
    return ""


def stop_letter(session: Session, actor: Actor) -> None:
    """Give up the actor's letter that is under way, such as one to a mistyped address; its code works no more.

    Raises:
        NotFound: the actor has no account.
        Conflict: no letter is under way.
    """
    account = account_of(session, actor)
    letter = session.scalar(select(Letter).where(Letter.account_id == account.id, Letter.state.in_(("asked", "sent"))))
    if letter is None or not _finish(session, letter, "over", letter.state):
        raise Conflict(_("No letter to you is under way."))
    audit(session, actor, "auth:letter:stop", thing(account), after={"letter": letter.public_id})


def print_letters(session: Session, actor: Actor, letters: Sequence[Letter]) -> list[tuple[Letter, str]]:
    """Return letters with their codes, for printing; who printed which is audited.

    Raises:
        Forbidden: the actor may not verify residents, or one of the letters is to the actor.
    """
    printed = []
    for letter in letters:
        account = session.get_one(Account, letter.account_id)
        need_other(session, actor, account)
        audit(session, actor, "auth:letter:print", thing(account), after={"letter": letter.public_id})
        printed.append((letter, letter_code(unit_of(session).database.keyring, letter.public_id)))
    return printed


def mark_sent(session: Session, actor: Actor, public_ids: Collection[str]) -> int:
    """Note that letters were handed to the post; their codes' time begins, what was typed goes. Return how many.

    Raises:
        Forbidden: the actor may not verify residents.
    """
    need(session, actor, VERIFY_RESIDENTS)
    at = now(session)
    statement = update(Letter).where(Letter.public_id.in_(list(public_ids)[:500]), Letter.state == "asked")
    sent = session.execute(
        statement.values(
            state="sent",
            sent_at=at,
            sent_by_id=actor.account_id,
            expires_at=at + timedelta(days=days_of(session, "letter")),
            **GONE,
        ).returning(Letter.public_id)
    ).all()
    for (public_id,) in sent:
        audit(session, actor, "auth:letter:send", f"letter:{public_id}")
    return len(sent)


def refuse_letter(session: Session, actor: Actor, public_id: str, reason: str) -> None:
    """Do not send a letter; the person is told to come to a counter.

    Raises:
        Forbidden: the actor may not verify residents.
        NotFound: no such letter.
        Invalid: no reason.
        Conflict: it was sent or refused before.
    """
    need(session, actor, VERIFY_RESIDENTS)
    if not reason.strip():
        raise Invalid(errors={"reason": [_("Please fill this in.")]})
    letter = found(session.scalar(select(Letter).where(Letter.public_id == public_id)))
    if not _finish(session, letter, "refused", "asked"):
        raise Changed(_("This letter was sent or refused already."))
    audit(session, actor, "auth:letter:refuse", f"letter:{public_id}", reason=reason)
    record(session, VerificationRefused(letter.account_id), actor)


def answer_letter(session: Session, actor: Actor, code: str) -> LetterAnswer:
    """Compare what the actor typed with the code of the letter that was sent. The caller limits how often.

    A wrong code is counted in the session's unit: commit it, then refuse.

    Raises:
        NotFound: the actor has no account.
        Conflict: no letter was sent, or its time is over.
    """
    account = account_of(session, actor)
    at, ring = now(session), unit_of(session).database.keyring
    statement = select(Letter).where(Letter.account_id == account.id, Letter.state == "sent", Letter.expires_at > at)
    letter = session.scalar(statement.with_for_update())
    if letter is None:
        raise Conflict(_("There is no letter whose code still works. Ask for a new one."))
    if hmac.compare_digest(letter.code_hash, code_hash(ring, code)):
        _finish(session, letter, "used", "sent")
        keys = [EvidenceKey(*each) for each in letter.keys]
        return LetterAnswer(settle(session, actor, account, keys, method="letter"))
    letter.attempts += 1
    if letter.attempts >= MAX_TRIES:
        _finish(session, letter, "over", "sent")
    after = {"letter": letter.public_id, "attempts": letter.attempts}
    audit(session, actor, "auth:letter:mistype", thing(account), after=after)
    return LetterAnswer(None, max(0, MAX_TRIES - letter.attempts))


def end_letters(session: Session, account_id: int | None = None) -> int:
    """Close letters whose time is over and delete what was typed for those never sent; return how many.

    Args:
        account_id: whose; everybody's by default.
    """
    overdue = Letter.state.in_(("asked", "sent")) & (Letter.expires_at <= now(session))
    if account_id is not None:
        overdue &= Letter.account_id == account_id
    ended = session.execute(update(Letter).where(overdue).values(state="over", **GONE).returning(Letter.id))
    return len(ended.all())


def letter_code(keyring: Keyring, public_id: str) -> str:
    """Return the code of a letter: derived, so that the database alone opens nothing and a reprint says the same."""
    number = int(keyring.mac("letter-code", public_id.encode()), 16)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(CODE_LENGTH))


def code_hash(keyring: Keyring, code: str) -> str:
    """Return what is stored of a code, however it was typed."""
    return keyring.blind_index("letter-code", code.upper().translate(MISREAD))


def _finish(session: Session, letter: Letter, state: str, before: str) -> bool:
    statement = update(Letter).where(Letter.id == letter.id, Letter.state == before)
    return session.execute(statement.values(state=state, **GONE).returning(Letter.id)).first() is not None
