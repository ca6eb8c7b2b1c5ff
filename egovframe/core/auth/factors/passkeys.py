"""Passkeys: made and named, asked as a second factor or as the only way in, removed.

Each question (challenge) is put once, to one browser, for minutes. The verbs that check answers take the database,
not a session: signatures are verified between short units.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from egovframe.actor import ANONYMOUS, Actor
from egovframe.core.auth.factors.changes import factor_added, factors_changed, need_fresh
from egovframe.core.auth.factors.history import note_refused
from egovframe.core.auth.factors.models import Passkey, PasskeyChallenge
from egovframe.core.auth.factors.naming import own_passkey
from egovframe.core.auth.factors.party import RelyingParty
from egovframe.core.auth.factors.proving import ACTION, let_in, note_proof, refused, throttle_factor
from egovframe.core.auth.loading import SessionEntry, digest
from egovframe.core.auth.models import Account
from egovframe.core.auth.policy import policy_of
from egovframe.core.auth.queries import account_of
from egovframe.core.auth.services.signing_in import SignedIn, Throttle, enter_account
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit_refusal
from egovframe.core.persistence import Database, now, unit_of
from egovframe.errors import Conflict, Invalid, NotSignedIn

if TYPE_CHECKING:
    from egovframe.core.auth.factors.ceremony import Used

MOST = 20
"""Keys an account may have."""
NOT_ACCEPTED = _("This passkey was not accepted. Try again, or use another way to sign in.")


def passkeys_of(session: Session, account_id: int) -> Sequence[Passkey]:
    """Return an account's passkeys, oldest first."""
    return session.scalars(select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)).all()


def ask_for_new(session: Session, actor: Actor, present: int, party: RelyingParty, asker: str) -> str:
    """Put a challenge for a new key and return the browser's options as JSON.

    Args:
        present: the session that asks.
        party: who asks.
        asker: what only this browser holds; the answer must come from it.

    Raises:
        ProofNeeded: the person has not proved who they are within the last minutes.
        Conflict: the account has as many keys as it may.
    """
    need_fresh(session, actor, present)
    account = account_of(session, actor)
    keys = passkeys_of(session, account.id)
    if len(keys) >= MOST:
        raise Conflict(_("You have %(count)d passkeys, the most there can be. Remove one first.", count=MOST))
    return str(
        _ceremony().registration_options(
            party,
            _challenge(session, "register", asker),
            _handle(session, account),
            account.email or account.public_id,
            account.display_name,
            _known(keys),
        )
    )


def ask_passkey(
    session: Session, party: RelyingParty, asker: str, *, purpose: str, account_id: int | None = None
) -> str:
    """Put a challenge to a key and return the browser's options as JSON.

    Args:
        purpose: ``enter`` (the key is the only proof) or ``prove`` (beside a password, by the account's keys).
        account_id: whose keys may answer when proving.
    """
    keys = passkeys_of(session, account_id) if account_id is not None else ()
    challenge = _challenge(session, purpose, asker)
    return str(_ceremony().authentication_options(party, challenge, _known(keys), alone=purpose == "enter"))


def add_passkey(
    database: Database, actor: Actor, present: int, party: RelyingParty, asker: str, *, name: str, answer: str
) -> list[str]:
    """Store a new key under the name its owner gives it; every other session ends.

    Returns:
        Recovery codes to be shown once, when the account has none that are good; else nothing.

    Raises:
        ProofNeeded: the person has not proved who they are within the last minutes.
        Invalid: the answer was not accepted.
    """
    ceremony = _ceremony()
    try:
        challenge = _answered(database, answer, "register", asker)
        key = ceremony.registered(answer, party, challenge)
    except ceremony.NotAccepted as error:
        audit_refusal(database, actor, "auth:factor:change", actor.label, reason="passkey")
        raise Invalid(NOT_ACCEPTED) from error
    with database.writing() as session:
        need_fresh(session, actor, present)
        account = account_of(session, actor)
        _insert(
            session,
            Passkey(
                account_id=account.id,
                name=name,
                credential_hash=ceremony.fingerprint(key.credential_id),
                credential_id=key.credential_id,
                public_key=key.public_key,
                sign_count=key.sign_count,
                backup_eligible=key.backup_eligible,
                backed_up=key.backed_up,
                transports=list(key.transports),
                created_at=now(session),
            ),
        )
        return factor_added(session, actor, account, "passkey_added", present)


def remove_passkey(session: Session, actor: Actor, public_id: str, present: int) -> None:
    """Take a key away; every other session ends.

    Raises:
        ProofNeeded: the person has not proved who they are within the last minutes.
        NotFound: it is not the actor's.
    """
    session.delete(own_passkey(session, actor, public_id, present))
    factors_changed(session, actor, account_of(session, actor), "passkey_removed", keep=present)


def enter_by_passkey(
    database: Database,
    party: RelyingParty,
    asker: str,
    answer: str,
    *,
    throttle: Throttle,
    address: str,
    agent: str = "",
    previous: str = "",
) -> SignedIn:
    """Begin a session by a key alone, which has verified its user: two factors at once.

    Raises:
        Invalid: the answer was not accepted; one message for every reason.
        TooManyRequests: from ``throttle``.
    """
    throttle("second-factor-address", address)
    ceremony, key = _ceremony(), None
    try:
        challenge = _answered(database, answer, "enter", asker)
        key = _key(database, answer)
        right = ceremony.used(answer, party, challenge, key.public_key, key.sign_count, alone=True)
    except ceremony.NotAccepted as error:
        audit_refusal(database, ANONYMOUS, "auth:session:begin", "account:unknown", reason="passkey")
        note_refused(database, key.account_id if key else None, "refused", method="passkey", agent=agent)
        raise Invalid(NOT_ACCEPTED) from error
    with database.writing() as session:
        _note_use(session, key, right)
        account = session.get_one(Account, key.account_id, with_for_update=True)
        return enter_account(session, account, method="passkey", agent=agent, previous=previous, two_factors=True)


def take_passkey(
    database: Database,
    entry: SessionEntry,
    party: RelyingParty,
    asker: str,
    answer: str,
    *,
    throttle: Throttle,
    address: str,
    agent: str = "",
) -> SignedIn:
    """Open a session that waits for its second factor, by one of the account's keys; its id is new.

    Raises:
        NotSignedIn: the session waits for nothing.
        Invalid: the answer was not accepted.
        TooManyRequests: from ``throttle``.
    """
    actor = entry.pending
    if actor is None or actor.account_id is None:
        raise NotSignedIn
    try:
        key, right = _proved(database, party, asker, answer, actor.account_id, throttle, address)
    except Invalid:
        refused(database, actor, actor.account_id, method=entry.method, agent=agent)
        raise
    with database.writing() as session:
        _note_use(session, key, right)
        return let_in(session, entry, "passkey")


def prove_by_passkey(
    database: Database,
    entry: SessionEntry,
    actor: Actor,
    party: RelyingParty,
    asker: str,
    answer: str,
    *,
    throttle: Throttle,
    address: str,
) -> None:
    """Note a fresh proof on the session, by one of the account's keys.

    Raises:
        Invalid: the answer was not accepted.
        TooManyRequests: from ``throttle``.
    """
    try:
        key, right = _proved(database, party, asker, answer, actor.account_id or 0, throttle, address)
    except Invalid:
        audit_refusal(database, actor, ACTION, actor.label)
        raise
    with database.writing() as session:
        _note_use(session, key, right)
        note_proof(session, entry)


def sweep_challenges(session: Session) -> None:
    """Delete questions that nobody answered in time."""
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= now(session)))


def _proved(
    database: Database,
    party: RelyingParty,
    asker: str,
    answer: str,
    account_id: int,
    throttle: Throttle,
    address: str,
) -> tuple[Passkey, Used]:
    throttle_factor(throttle, account_id, address)
    ceremony = _ceremony()
    try:
        challenge = _answered(database, answer, "prove", asker)
        key = _key(database, answer, account_id)
        return key, ceremony.used(answer, party, challenge, key.public_key, key.sign_count, alone=False)
    except ceremony.NotAccepted as error:
        raise Invalid(NOT_ACCEPTED) from error


def _challenge(session: Session, purpose: str, asker: str) -> bytes:
    challenge = secrets.token_bytes(32)
    life = policy_of(unit_of(session).database).challenge
    session.add(
        PasskeyChallenge(
            challenge_hash=hashlib.sha256(challenge).hexdigest(),
            purpose=purpose,
            asker=digest(asker),
            expires_at=now(session) + life,
        )
    )
    return challenge


def _answered(database: Database, answer: str, purpose: str, asker: str) -> bytes:
    """Use the answered challenge up, in a unit of its own so that it stays used whatever the answer is worth."""
    ceremony = _ceremony()
    challenge: bytes = ceremony.challenge_of(answer, new=purpose == "register")
    with database.writing() as session:
        put = delete(PasskeyChallenge).where(
            PasskeyChallenge.challenge_hash == hashlib.sha256(challenge).hexdigest(),
            PasskeyChallenge.purpose == purpose,
            PasskeyChallenge.asker == digest(asker),
            PasskeyChallenge.expires_at > now(session),
        )
        if session.execute(put.returning(PasskeyChallenge.id)).first() is None:
            raise ceremony.NotAccepted("the challenge was not put to this browser, was answered, or is too old")
    return challenge


def _key(database: Database, answer: str, account_id: int | None = None) -> Passkey:
    """Return the stored key that an answer names; its user handle, where it carries one, must be the owner's."""
    ceremony = _ceremony()
    credential_id, handle = ceremony.key_of(answer)
    with database.reading() as session:
        named = select(Passkey, Account).join(Account, Account.id == Passkey.account_id)
        row = session.execute(named.where(Passkey.credential_hash == ceremony.fingerprint(credential_id))).first()
        if row is None or account_id not in {None, row.Passkey.account_id} or row.Account.state != "active":
            raise ceremony.NotAccepted("no such key")
        if handle is not None and not secrets.compare_digest(handle, _handle(session, row.Account)):
            raise ceremony.NotAccepted("the key names another person")
        key: Passkey = row.Passkey
        return key


def _note_use(session: Session, key: Passkey, right: Used) -> None:
    # Of two answers with one count only one is taken; keys that do not count stay at zero.
    counted = Passkey.sign_count < right.sign_count if right.sign_count else Passkey.sign_count == 0
    values = {"sign_count": right.sign_count, "backed_up": right.backed_up, "last_used_at": now(session)}
    used = update(Passkey).where(Passkey.id == key.id, counted).values(**values).returning(Passkey.id)
    if session.execute(used).first() is None:
        raise Invalid(NOT_ACCEPTED)


def _insert(session: Session, key: Passkey) -> None:
    count = session.scalar(select(func.count(Passkey.id)).where(Passkey.account_id == key.account_id)) or 0
    if count >= MOST:
        raise Conflict(_("You have %(count)d passkeys, the most there can be. Remove one first.", count=MOST))
    try:
        with session.begin_nested():
            session.add(key)
    except IntegrityError as error:
        raise Invalid(NOT_ACCEPTED) from error


def _handle(session: Session, account: Account) -> bytes:
    """Return what the authenticator knows the person by: derived, so that it says nothing and needs no column."""
    return bytes.fromhex(unit_of(session).database.keyring.mac("passkey-user", account.public_id.encode()))


def _known(keys: Sequence[Passkey]) -> list[tuple[str, list[str]]]:
    return [(key.credential_id, key.transports) for key in keys]


def _ceremony() -> ModuleType:
    from egovframe.core.auth.factors import ceremony  # noqa: PLC0415 - see there: slow to load, seldom needed

    return ceremony
