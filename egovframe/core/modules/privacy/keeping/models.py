"""Tables of privacy: dated retention rules, legal holds, the ledger of erasures, notices and what people said to them.

People are named by their account's number without a foreign key: this room stands below the accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from egovframe.core.i18n import Translated, TranslatedText, translated_column
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy.subjects import subjects
from egovframe.core.persistence import BigId, BoundedJSON, CoreBase, Keyed, UTCDateTime

ERASE, SEVER, KEEP = "erase", "sever", "keep"
NOTICE_KINDS = ("terms", "privacy", "consent")
MAX_BODY = 20_000
"""Most characters of a notice in each language."""


class RetentionRule(CoreBase):
    """How long values of one retention code stay, as of a day. The newest rule whose day has come is in force."""

    __tablename__ = "core_retention_rule"
    __table_args__ = (
        CheckConstraint("action IN ('erase', 'sever')", name="action"),
        CheckConstraint("on_request IN ('erase', 'sever', 'keep')", name="on_request"),
        CheckConstraint("keep_days IS NULL OR keep_days >= 0", name="keep_days"),
        UniqueConstraint("code", "valid_from"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(60))
    keep_days: Mapped[int | None] = mapped_column(Integer)
    """Days after the instant; None keeps until the person asks."""
    since: Mapped[str] = mapped_column(String(40))
    """Name of the instant to count from: ``created``, ``closed``, ``ended`` …"""
    action: Mapped[str] = mapped_column(String(10), default=ERASE)
    """``erase``: every declared value goes; ``sever``: the link to the person and what is masked go, the rest stays."""
    on_request: Mapped[str] = mapped_column(String(10), default=ERASE)
    """What a person's own request does before the time is over."""
    law: Mapped[str] = mapped_column(String(200), default="")
    """The law or ordinance that demands it, as it is cited."""
    valid_from: Mapped[datetime] = mapped_column(UTCDateTime())
    created_by: Mapped[str] = mapped_column(String(80), default="system")


class LegalHold(Keyed, CoreBase):
    """A person or a thing whose data nobody may erase for now, with the reason."""

    __tablename__ = "core_legal_hold"
    __table_args__ = (Index("ix_core_legal_hold_subject", "kind", "subject_id"),)

    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[str] = mapped_column(String(60))
    """Public id of the account or the row: how pages and the audit name it."""
    reason: Mapped[str] = mapped_column(String(500))
    placed_at: Mapped[datetime] = mapped_column(UTCDateTime())
    placed_by: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    released_by: Mapped[str] = mapped_column(String(80), default="")


class Erasure(Keyed, CoreBase):
    """A request to be erased, by public ids only; kept, so that it can be repeated after a backup was restored."""

    __tablename__ = "core_erasure"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        Index("ix_core_erasure_waits", "waits", "id"),
    )

    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(60))
    requested_at: Mapped[datetime] = mapped_column(UTCDateTime())
    done_at: Mapped[datetime] = mapped_column(UTCDateTime())
    """When it was carried out last."""
    waits: Mapped[bool] = mapped_column(default=False)
    """Something stayed: the daily job tries again."""
    counts: Mapped[dict[str, Any]] = mapped_column(BoundedJSON(16_000), default=dict)
    noted: Mapped[bool] = mapped_column(default=False)
    """Whether the line is in the ledger file, outside of the database."""


class Notice(Keyed, CoreBase):
    """Terms, a privacy notice, or something that people may consent to."""

    __tablename__ = "core_notice"
    __table_args__ = (CheckConstraint("kind IN ('terms', 'privacy', 'consent')", name="kind"),)

    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    """``terms`` and ``privacy`` are put before everybody who signs in; ``consent`` is free and only offered."""


class NoticeVersion(CoreBase):
    """One published wording; never changed afterwards."""

    __tablename__ = "core_notice_version"
    __table_args__ = (UniqueConstraint("notice_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey(Notice.id), index=True)
    number: Mapped[int]
    title: Mapped[Translated] = translated_column(200)
    body: Mapped[Translated] = mapped_column(TranslatedText(MAX_BODY, 1_000_000))
    asks: Mapped[bool] = mapped_column(default=True)
    """Whether people who know an earlier version are asked again; corrected spelling need not interrupt anybody."""
    published_at: Mapped[datetime] = mapped_column(UTCDateTime())
    published_by: Mapped[str] = mapped_column(String(80))

    notice: Mapped[Notice] = relationship(lazy="joined", innerjoin=True)


class Consent(Keyed, CoreBase):
    """What somebody said to one version of a notice, and when they took it back; rows stay as proof."""

    __tablename__ = "core_consent"
    __table_args__ = (Index("ix_core_consent_account_id", "account_id", "id"),)

    account_id: Mapped[int] = mapped_column(BigInteger)
    version_id: Mapped[int] = mapped_column(ForeignKey(NoticeVersion.id), index=True)
    given_at: Mapped[datetime] = mapped_column(UTCDateTime())
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    version: Mapped[NoticeVersion] = relationship(lazy="raise")


def _version_in_words(session: Session, row: Mapping[str, Any], language: str) -> str:
    version = session.get_one(NoticeVersion, row["version_id"])
    return f"{version.title.pick(language).text} ({version.number})"


subjects(
    Consent,
    title=_("What you agreed to"),
    also=("account_id",),
    shows={"version_id": _("Notice"), "given_at": _("Agreed"), "withdrawn_at": _("Taken back")},
    words={"version_id": _version_in_words},
    order=75,
    record=_("Agreements to notices"),
)

__all__ = [
    "ERASE",
    "KEEP",
    "MAX_BODY",
    "NOTICE_KINDS",
    "SEVER",
    "Consent",
    "Erasure",
    "LegalHold",
    "Notice",
    "NoticeVersion",
    "RetentionRule",
]
