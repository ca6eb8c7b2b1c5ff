"""Who somebody is at a provider, which sessions a provider began, and what works only once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.auth.models import Account, WebSession
from egovframe.core.modules.privacy import personal
from egovframe.core.persistence import BigId, CoreBase, EncryptedText, Keyed, Stamped


class Identity(Keyed, Stamped, CoreBase):
    """One person at one provider, and the account that this opens here.

    The provider's name for the person (``sub``) is kept as a keyed digest together with the issuer: nobody can read
    it, and the same name at another provider is somebody else.
    """

    __tablename__ = "core_identity"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    provider: Mapped[str] = mapped_column(String(30))
    subject_index: Mapped[str] = mapped_column(String(64), unique=True)
    last_used_at: Mapped[datetime]
    resident: Mapped[bool] = mapped_column(default=False)
    """Whether the provider said at the last sign-in that the person is a verified resident."""


class OutsideSession(CoreBase):
    """What belongs to a browser session that a provider began: needed to end it on both sides."""

    __tablename__ = "core_outside_session"

    session_id: Mapped[int] = mapped_column(ForeignKey(WebSession.id, ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    provider: Mapped[str] = mapped_column(String(30))
    subject_index: Mapped[str] = mapped_column(String(64), index=True)
    sid_index: Mapped[str | None] = mapped_column(String(64), index=True)
    """Keyed digest of the provider's session id, where it gives one."""
    id_token: Mapped[str | None] = personal(
        EncryptedText(), purpose="sign_in", retention="session", subject="account_id"
    )
    """Shown to the provider at sign-out, so that it knows whose session ends; gone once that is done."""
    leave_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Digest of the ticket with which the browser that has just signed out here may sign out there."""
    leave_until: Mapped[datetime | None]


class OutsideOnce(CoreBase):
    """States and sign-out messages that have been used: a second use of the same one is a replay."""

    __tablename__ = "core_outside_once"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
