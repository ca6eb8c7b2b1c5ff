"""What is stored of second factors, and the history of sign-ins that a person sees."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.auth.models import Account, WebSession, one_of
from egovframe.core.persistence import BigId, BoundedJSON, CoreBase, EncryptedText, Keyed, Stamped

OUTCOMES = ("entered", "begun", "refused", "factor_refused")
"""How an attempt to sign in ended: in; the first step was right and the second never came; a wrong password; a wrong
second factor."""


class TotpApp(Stamped, CoreBase):
    """The app of one account that shows a new code every 30 seconds (RFC 6238)."""

    __tablename__ = "core_totp_app"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), unique=True)
    secret: Mapped[str] = mapped_column(EncryptedText())
    """160 bits in base 32."""
    confirmed_at: Mapped[datetime | None]
    """None until a first code proved that the app has the secret: until then it is no factor."""
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """Number of the last half minute whose code was accepted: no code is accepted twice, nor one before it."""


class RecoveryCode(Stamped, CoreBase):
    """One of ten codes on paper, each good once; only a keyed digest is stored."""

    __tablename__ = "core_recovery_code"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


class Passkey(Keyed, Stamped, CoreBase):
    """A public key whose private half a device or a password manager keeps (WebAuthn)."""

    __tablename__ = "core_passkey"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    name: Mapped[str] = mapped_column(String(100))
    """What its owner calls it."""
    credential_hash: Mapped[str] = mapped_column(String(64), unique=True)
    credential_id: Mapped[str] = mapped_column(Text)
    """As the authenticator named it, base64url."""
    public_key: Mapped[str] = mapped_column(Text)
    """COSE key, base64url."""
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    """Falls back only where a key was copied: then the answer is refused. Keys that do not count stay at 0."""
    backup_eligible: Mapped[bool] = mapped_column(default=False)
    """Whether it can be on several devices."""
    backed_up: Mapped[bool] = mapped_column(default=False)
    transports: Mapped[list[str]] = mapped_column(BoundedJSON(500), default=list)
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(CoreBase):
    """A question that was put to a passkey: answered once, by the browser that asked, within minutes."""

    __tablename__ = "core_passkey_challenge"
    __table_args__ = (one_of("purpose", ("register", "enter", "prove")), Index(None, "expires_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    challenge_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(16))
    asker: Mapped[str] = mapped_column(String(64))
    """Digest of what only the asking browser holds."""
    expires_at: Mapped[datetime]


class SignInRecord(CoreBase):
    """One attempt to sign in, as its owner sees it. Rows without an account are attempts on addresses nobody has:
    they cost what others cost, so that time tells nothing, and are swept after a day."""

    __tablename__ = "core_sign_in"
    __table_args__ = (
        one_of("outcome", OUTCOMES),
        CheckConstraint("account_id IS NOT NULL OR outcome = 'refused'", name="owner"),
        Index("ix_core_sign_in_listing", "account_id", "at", "id"),
        Index(None, "at"),
        Index(None, "session_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey(Account.id))
    session_id: Mapped[int | None] = mapped_column(ForeignKey(WebSession.id, ondelete="SET NULL"))
    at: Mapped[datetime]
    method: Mapped[str] = mapped_column(String(40))
    factor: Mapped[str] = mapped_column(String(16), default="")
    """The second factor that completed it: ``app``, ``code``, ``passkey``; empty where none was asked."""
    outcome: Mapped[str] = mapped_column(String(16))
    agent: Mapped[str] = mapped_column(String(64), default="")
