"""The app that shows a new code every 30 seconds (TOTP, RFC 6238): set up, confirmed by a code, asked, removed."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.factors.changes import factor_added, factors_changed, need_fresh
from egovframe.core.auth.factors.models import TotpApp
from egovframe.core.auth.queries import account_of, found
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import now
from egovframe.errors import Conflict, Invalid

DIGITS = 6
WINDOW = (0, -1, 1)
"""Half minutes around the present one whose codes count: clocks of phones are never exactly right."""
WRONG_CODE = _("This code is not right. Wait for the next one and check that the clock of your phone is right.")


@dataclass(frozen=True, slots=True)
class AppSecret:
    """What a new app needs: the secret as text, and the address that QR codes and links carry (``otpauth://``)."""

    secret: str
    uri: str


def app_of(session: Session, account_id: int) -> TotpApp | None:
    """Return the account's app that has been confirmed, or None."""
    return session.scalar(select(TotpApp).where(TotpApp.account_id == account_id, TotpApp.confirmed_at.is_not(None)))


def begin_app(session: Session, actor: Actor, present: int) -> None:
    """Make a secret for a new app. It is no factor before its first code was typed.

    Args:
        present: the session that asks.

    Raises:
        ProofNeeded: the person has not proved who they are within the last minutes.
        Conflict: there is an app already.
    """
    need_fresh(session, actor, present)
    account = account_of(session, actor)
    if app_of(session, account.id) is not None:
        raise Conflict(_("There is an app already. Remove it first."))
    session.execute(delete(TotpApp).where(TotpApp.account_id == account.id))
    session.add(TotpApp(account_id=account.id, secret=pyotp.random_base32(), created_at=now(session)))


def app_secret(session: Session, actor: Actor, present: int, issuer: str) -> AppSecret:
    """Return the secret of an app that is being set up, to be shown to its owner.

    Raises:
        ProofNeeded: as above.
        NotFound: nothing is being set up, or it was confirmed: a secret is never shown afterwards.
    """
    need_fresh(session, actor, present)
    account = account_of(session, actor)
    pending = found(_pending(session, account.id))
    uri = pyotp.TOTP(pending.secret).provisioning_uri(name=account.email or account.public_id, issuer_name=issuer)
    return AppSecret(pending.secret, uri)


def confirm_app(session: Session, actor: Actor, code: str, present: int) -> list[str]:
    """Make the app a factor by its first code; every other session ends.

    Returns:
        Recovery codes to be shown once, when this is the account's first factor; else nothing.

    Raises:
        ProofNeeded, NotFound: as above.
        Invalid: the code is not right.
    """
    need_fresh(session, actor, present)
    account = account_of(session, actor)
    pending = found(_pending(session, account.id))
    pending.confirmed_at = now(session)
    session.flush()
    if not accept_app_code(session, account.id, code):
        raise Invalid(errors={"code": [WRONG_CODE]})
    return factor_added(session, actor, account, "app_added", present)


def remove_app(session: Session, actor: Actor, present: int) -> None:
    """Take the app away; every other session ends.

    Raises:
        ProofNeeded: as above.
        NotFound: there is none.
    """
    need_fresh(session, actor, present)
    account = account_of(session, actor)
    session.delete(found(app_of(session, account.id)))
    factors_changed(session, actor, account, "app_removed", keep=present)


def accept_app_code(session: Session, account_id: int, code: str) -> bool:
    """Whether the code, in its plain form, is the app's of now, the half minute before or after, and not used yet."""
    app = app_of(session, account_id)
    if app is None or len(code) != DIGITS:
        return False
    clock = pyotp.TOTP(app.secret)
    step = clock.timecode(now(session))
    matching = [step + by for by in WINDOW if hmac.compare_digest(clock.generate_otp(step + by), code)]
    if not matching:
        return False
    # One statement: of two requests with one code only one is accepted.
    taken = update(TotpApp).where(TotpApp.id == app.id, TotpApp.last_step < max(matching))
    return session.execute(taken.values(last_step=max(matching)).returning(TotpApp.id)).first() is not None


def _pending(session: Session, account_id: int) -> TotpApp | None:
    return session.scalar(select(TotpApp).where(TotpApp.account_id == account_id, TotpApp.confirmed_at.is_(None)))


__all__ = [
    "WRONG_CODE",
    "AppSecret",
    "accept_app_code",
    "app_of",
    "app_secret",
    "begin_app",
    "confirm_app",
    "remove_app",
]
