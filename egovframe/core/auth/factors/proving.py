"""The second step of a sign-in, and proving again who one is before something weighty.

These verbs take the database, not a session: a refusal is recorded in a unit of its own, after the refused one.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.events import FactorsChanged
from egovframe.core.auth.factors.app import WRONG_CODE, accept_app_code
from egovframe.core.auth.factors.codes import plain, use_code
from egovframe.core.auth.factors.history import note_refused
from egovframe.core.auth.loading import SessionEntry, actor_of_account, role_needs_factor
from egovframe.core.auth.models import Account, WebSession
from egovframe.core.auth.passwords import verify_password
from egovframe.core.auth.policy import policy_of
from egovframe.core.auth.services.sessions import complete_session
from egovframe.core.auth.services.signing_in import SignedIn, Throttle, Verified, signed_in_with
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit, audit_refusal
from egovframe.core.modules.events import record
from egovframe.core.persistence import Database, now
from egovframe.errors import FactorMissing, Invalid, NotSignedIn, SecondFactorNeeded

ACTION = "auth:factor:prove"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="api"'}
_CODE_MISSING = _("This account has a second factor: send a code of the app or a recovery code as well, as “code”.")


def take_second_factor(
    database: Database, entry: SessionEntry, code: str, *, throttle: Throttle, address: str, agent: str = ""
) -> SignedIn:
    """Open a session that waits for its second factor, by a code of the app or a recovery code; its id is new.

    Args:
        entry: the session that the browser came with.
        code: as typed.
        throttle: counts the attempt for the account and the address before anything is looked up.
        address: network address of the caller, for throttling only.
        agent: family of the browser, for the history.

    Raises:
        NotSignedIn: the session waits for nothing.
        Invalid: the code is wrong or was used.
        TooManyRequests: from ``throttle``.
    """
    account_id = _waiting(entry)
    throttle_factor(throttle, account_id, address)
    with database.writing() as session:
        factor = accept_code(session, account_id, code)
        if factor:
            return let_in(session, entry, factor)
    refused(database, entry.pending, account_id, method=entry.method, agent=agent)
    raise Invalid(errors={"code": [WRONG_CODE]})


def check_second_factor(
    database: Database, verified: Verified, code: str, *, throttle: Throttle, address: str, agent: str = ""
) -> None:
    """Ask for the second factor of an account whose password was right, for callers that open no session (the API).

    Args:
        verified: by ``verify_credentials``.
        code: as typed; empty when none was sent.
        throttle: counts the attempt where there is a factor to check.
        address: network address of the caller, for throttling only.
        agent: family of the browser, for the history.

    Raises:
        SecondFactorNeeded: the account has a factor, and the code is missing or wrong.
        FactorMissing: a role asks for a factor, and the account has none.
        TooManyRequests: from ``throttle``.
    """
    with database.reading() as session:
        account = session.get_one(Account, verified.account_id)
        actor = actor_of_account(session, account)
        must = not account.second_factor and role_needs_factor(session, account.id)
    if must:
        raise FactorMissing(_("Your role asks for a second factor. Sign in on the portal and set one up."))
    if not account.second_factor:
        return
    if not code:
        raise SecondFactorNeeded(_CODE_MISSING, errors={"code": [_CODE_MISSING]}, headers=_CHALLENGE)
    throttle_factor(throttle, account.id, address)
    with database.writing() as session:
        right = accept_code(session, account.id, code)
    if not right:
        refused(database, actor, account.id, method="token", agent=agent)
        raise SecondFactorNeeded(WRONG_CODE, errors={"code": [WRONG_CODE]}, headers=_CHALLENGE)


def let_in(session: Session, entry: SessionEntry, factor: str) -> SignedIn:
    """Complete the session once its second factor was shown.

    Raises:
        NotSignedIn: it ended meanwhile.
    """
    row = session.get(WebSession, entry.session_id, with_for_update=True)
    at = now(session)
    ended = row is None or row.revoked_at is not None or row.idle_until <= at or row.expires_at <= at
    if row is None or ended or entry.pending is None or not row.steps:
        raise NotSignedIn
    account = session.get_one(Account, row.account_id)
    raw = complete_session(session, row, factor)
    after = {"session": row.public_id, "factor": factor}
    audit(session, entry.pending, "auth:session:complete", f"account:{account.public_id}", after=after)
    return signed_in_with(session, raw, row, account)


def accept_code(session: Session, account_id: int, typed: str) -> str:
    """Use a typed code up and return what it was: ``app``, ``code`` (a recovery code), or empty when it is wrong."""
    code = plain(typed)
    if accept_app_code(session, account_id, code):
        return "app"
    if use_code(session, account_id, code):
        record(session, FactorsChanged(account_id, "code_used"), Actor())
        return "code"
    return ""


def prove_again(
    database: Database,
    entry: SessionEntry,
    actor: Actor,
    *,
    password: str = "",
    code: str = "",
    throttle: Throttle,
    address: str,
) -> None:
    """Note a fresh proof on the session: the password, or a code where one was typed.

    Raises:
        Invalid: neither is right; messages at ``password`` or ``code``.
        TooManyRequests: from ``throttle``.
    """
    account_id = actor.account_id or 0
    throttle_factor(throttle, account_id, address)
    if code:
        with database.writing() as session:
            if accept_code(session, account_id, code):
                note_proof(session, entry)
                return
    elif _is_password(database, account_id, password):
        with database.writing() as session:
            note_proof(session, entry)
        return
    audit_refusal(database, actor, ACTION, actor.label)
    wrong = {"code": [WRONG_CODE]} if code else {"password": [_("This is not your present password.")]}
    raise Invalid(errors=wrong)


def note_proof(session: Session, entry: SessionEntry) -> None:
    """Write that the person has just proved who they are."""
    session.get_one(WebSession, entry.session_id).proved_at = now(session)


def throttle_factor(throttle: Throttle, account_id: int, address: str) -> None:
    """Count one attempt for the account (by the quarter of an hour and by the day) and for the address."""
    throttle("second-factor-address", address)
    throttle("second-factor-account", f"factor:{account_id}")
    throttle("second-factor-day", f"factor:{account_id}")


def refused(database: Database, actor: Actor | None, account_id: int, *, method: str, agent: str) -> None:
    """Record a wrong second factor, in the audit and in the history that its owner sees."""
    audit_refusal(database, actor or Actor(), ACTION, actor.label if actor else "account:unknown")
    note_refused(database, account_id, "factor_refused", method=method, agent=agent)


def _waiting(entry: SessionEntry) -> int:
    if entry.pending is None or entry.pending.account_id is None:
        raise NotSignedIn
    return entry.pending.account_id


def _is_password(database: Database, account_id: int, password: str) -> bool:
    with database.reading() as session:
        stored = session.scalar(select(Account.password_hash).where(Account.id == account_id))
    return verify_password(stored, password, policy_of(database))
