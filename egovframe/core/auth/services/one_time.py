"""Links that work once. The secret is derived from the row under the city's key, so the database alone opens nothing,
and the mail, written later by a job that knows ids only, can still name it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from egovframe.core.auth.loading import digest
from egovframe.core.auth.models import Account, OneTimeToken
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy import by_the_system
from egovframe.core.persistence import new_public_id, now, unit_of
from egovframe.errors import BadRequest


class LinkSpent(BadRequest):
    """A link from a mail opens nothing any more: unknown, used, replaced, too old, or made for something else (410)."""

    status = 410
    code = "link-spent"
    title = _("This link no longer works")

    def __init__(self) -> None:
        super().__init__(_("This link has been used or is too old. Ask for a new one."))


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """What a mail needs: the secret, what it opens (``confirm``, ``recover``, ``invite``), whose, and until when."""

    token: str
    purpose: str
    account_id: int
    expires_at: datetime


def new_link(session: Session, account: Account, purpose: str, life: timedelta) -> OneTimeToken:
    """Store a new link for an account; older ones of the same purpose die."""
    at = now(session)
    end_links(session, account, purpose)
    public_id = new_public_id()
    row = OneTimeToken(
        public_id=public_id,
        token_hash=digest(_secret(session, purpose, public_id)),
        account_id=account.id,
        purpose=purpose,
        created_at=at,
        expires_at=at + life,
    )
    session.add(row)
    session.flush()
    return row


def end_links(session: Session, account: Account, *purposes: str) -> None:
    """Let every link of the account for these purposes open nothing any more."""
    session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.account_id == account.id,
            OneTimeToken.purpose.in_(purposes),
            OneTimeToken.used_at.is_(None),
        )
        .values(used_at=now(session))
    )


def one_time_link(session: Session, token_id: int) -> OneTimeLink | None:
    """Return the link of a stored token, for whoever writes the mail; None once it has been used or has expired."""
    row = session.get(OneTimeToken, token_id)
    if row is None or row.used_at is not None or row.expires_at <= now(session):
        return None
    return OneTimeLink(_secret(session, row.purpose, row.public_id), row.purpose, row.account_id, row.expires_at)


def link_stands(session: Session, token: str, *purposes: str) -> bool:
    """Whether a link still opens what it was made for; asking uses nothing up."""
    open_still = OneTimeToken.used_at.is_(None), OneTimeToken.expires_at > now(session)
    found = select(OneTimeToken.id).where(OneTimeToken.token_hash == digest(token), *open_still)
    return session.scalar(found.where(OneTimeToken.purpose.in_(purposes))) is not None


def confirmed_already(session: Session, token: str) -> bool:
    """Whether a link that confirms an address is spent because the address stands confirmed.

    Only who holds such a link learns it: of the same account, sent to its address.
    """
    spent = select(Account.id).join(OneTimeToken, OneTimeToken.account_id == Account.id)
    named = OneTimeToken.token_hash == digest(token), OneTimeToken.purpose == "confirm"
    stands = OneTimeToken.used_at.is_not(None), Account.confirmed_at.is_not(None), Account.state == "active"
    return session.scalar(spent.where(*named, *stands)) is not None


def address_of_link(session: Session, token: str, *purposes: str) -> str:
    """Return the e-mail address of a link's account, for rules that need it before the link is used up.

    Raises:
        LinkSpent: the link opens nothing any more.
    """
    if not link_stands(session, token, *purposes):
        raise LinkSpent
    owner = select(OneTimeToken.account_id).where(OneTimeToken.token_hash == digest(token)).scalar_subquery()
    with by_the_system(session):  # compared with what its owner types, shown to nobody
        return session.scalars(select(Account.email).where(Account.id == owner)).one() or ""


def use_link(session: Session, token: str, *purposes: str) -> OneTimeToken:
    """Use a link up and return its row.

    Raises:
        LinkSpent: unknown, used, expired, or made for something else: all alike.
    """
    at = now(session)
    used = session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.token_hash == digest(token),
            OneTimeToken.purpose.in_(purposes),
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > at,
        )
        .values(used_at=at)
        .returning(OneTimeToken)
    ).scalar_one_or_none()
    if used is None:
        raise LinkSpent
    return used


def _secret(session: Session, purpose: str, public_id: str) -> str:
    return unit_of(session).database.keyring.mac("auth-one-time", f"{purpose}:{public_id}".encode())
