"""Small tables of the shell: knocks at doors, answers of idempotent calls, forms kept while somebody signs in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy import personal, subjects
from egovframe.core.persistence import BigId, CoreBase, EncryptedText, Keyed


class RateCount(CoreBase):
    """Hits of one caller on one limit within one window; the caller is a keyed digest, never an address.

    Beside them lies for a month, as a digest too, from where an account's owner showed the right password
    (``account/places.py``): whom a stranger's wrong ones do not stand in the way of.
    """

    __tablename__ = "core_rate"

    bucket: Mapped[str] = mapped_column(String(120), primary_key=True)
    hits: Mapped[int] = mapped_column(Integer, default=1)
    expires_at: Mapped[datetime]

    __table_args__ = (Index(None, "expires_at"),)


class IdempotentReply(CoreBase):
    """The answer given to an ``Idempotency-Key``, repeated for 24 hours.

    Attributes:
        key_hash: keyed digest of caller, route and key.
        body_hash: keyed digest of the body, so that another body under the same key is noticed.
        account_id: whose call it was, None for callers without an account.
        reply: status, headers and body as JSON, encrypted.
    """

    __tablename__ = "core_idempotency"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    reply: Mapped[str] = personal(
        EncryptedText(), purpose="reply", retention="reply", subject="account_id", openly=True, nullable=False
    )
    expires_at: Mapped[datetime]

    __table_args__ = (Index(None, "expires_at"),)


class KeptForm(Keyed, CoreBase):
    """A form that was filled in before we knew well enough who its writer is: shown again once, to the same browser.

    Attributes:
        browser: keyed digest of the secret that the browser holds in a cookie.
        account_id: who was signed in, if anybody; then nobody else sees the form again.
        path: of the page with the form.
        sent_to: the path that the form was sent to, by which it is found among others on its page.
        fields: ``[[name, value], …]`` as JSON, encrypted.
    """

    __tablename__ = "core_kept_form"

    browser: Mapped[str] = mapped_column(String(64), index=True)
    account_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    path: Mapped[str] = mapped_column(String(500))
    sent_to: Mapped[str] = mapped_column(String(500), default="", server_default=text("''"))
    fields: Mapped[str] = personal(
        EncryptedText(), purpose="kept_form", retention="kept_form", subject="account_id", document=True, nullable=False
    )
    expires_at: Mapped[datetime]

    __table_args__ = (Index(None, "expires_at"),)


subjects(
    IdempotentReply,
    title=_("Answers kept for programs"),
    shows={"reply": _("Answer"), "expires_at": _("Works until")},
    clocks={"ended": "expires_at"},
    rows="delete",
    order=90,
    record=_("Answers kept for programs that ask twice"),
)

subjects(
    KeptForm,
    title=_("Forms kept until you have shown who you are"),
    shows={"fields": _("What you filled in"), "expires_at": _("Kept until")},
    clocks={"ended": "expires_at"},
    rows="delete",
    order=91,
    record=_("Forms kept during a sign-in"),
)
