"""Asking for the password once more before something that cannot be undone."""

from __future__ import annotations

from sqlalchemy import select

from egovframe.actor import Actor
from egovframe.core.auth.factors.changes import need_fresh
from egovframe.core.auth.models import Account
from egovframe.core.auth.passwords import verify_password
from egovframe.core.auth.policy import policy_of
from egovframe.core.auth.services.signing_in import Throttle
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit_refusal
from egovframe.core.persistence import Database
from egovframe.errors import Invalid, NotSignedIn


def confirm_identity(
    database: Database, actor: Actor, typed: str, *, throttle: Throttle, field: str = "password", present: int = 0
) -> None:
    """Let pass who types the own password, or who has just signed in where the account has no password.

    Args:
        database: the city's; verifying takes tens of milliseconds and runs between two short units.
        actor: who is signed in.
        typed: as typed.
        throttle: counts the attempt.
        field: the form's field, named in the error.
        present: the row of the session that asks.

    Raises:
        NotSignedIn: the actor has no account.
        ProofNeeded: the account has no password, and the person has not proved who they are within the last minutes.
        Invalid: it is not right.
        TooManyRequests: from ``throttle``.
    """
    if actor.account_id is None:
        raise NotSignedIn
    with database.reading() as session:
        stored = session.scalar(select(Account.password_hash).where(Account.id == actor.account_id))
        if stored is None:
            need_fresh(session, actor, present)
            return
    throttle("sign-in-account", f"confirm:{actor.account_id}")
    if not verify_password(stored, typed, policy_of(database)):
        audit_refusal(database, actor, "auth:identity:confirm", actor.label)
        raise Invalid(errors={field: [_("This is not right. Please try again.")]})
