"""A change of e-mail address that waits for its confirmation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.auth.models import Account
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy import personal, subjects
from egovframe.core.persistence import CoreBase, EncryptedText, Keyed, Stamped


class AddressChange(Keyed, Stamped, CoreBase):
    """Somebody wants to sign in with another address; the old one stays until the new one has answered."""

    __tablename__ = "core_address_change"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    old_email: Mapped[str | None] = personal(
        EncryptedText(), purpose="sign_in", retention="address_change", subject="account_id", nullable=True
    )
    new_email: Mapped[str | None] = personal(
        EncryptedText(), purpose="sign_in", retention="address_change", subject="account_id", nullable=True
    )
    new_index: Mapped[str] = mapped_column(String(64), default="")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


subjects(
    AddressChange,
    title=_("Changes of your e-mail address"),
    shows={
        "old_email": _("Old address"),
        "new_email": _("New address"),
        "created_at": _("Asked for"),
        "used_at": _("Confirmed"),
    },
    rows="delete",
    order=11,
    record=_("Changes of e-mail addresses: old and new"),
)
