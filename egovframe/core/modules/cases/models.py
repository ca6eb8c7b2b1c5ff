"""Cases, their timeline, their types by version, and the counter of reference numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from egovframe.core.modules.cases.definition import Definition, definition_from_json
from egovframe.core.modules.privacy import personal
from egovframe.core.persistence import BigId, BoundedJSON, CoreBase, EncryptedText, Keyed


class CaseType(CoreBase):
    """One version of a case type. Rows are never changed: a running case finishes on the version it began with."""

    __tablename__ = "core_case_type"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    """The definition as canonical JSON."""
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]

    @property
    def definition(self) -> Definition:
        """The parsed definition (parsed once per process)."""
        return definition_from_json(self.body)


class CaseCounter(CoreBase):
    """The last number given out for a type in a year of the city's zone."""

    __tablename__ = "core_case_counter"

    type_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int]


class Case(Keyed, CoreBase):
    """One matter that the city takes care of, from its opening to its end."""

    __tablename__ = "core_case"
    __table_args__ = (
        CheckConstraint("kind IN ('open','waiting','terminal')", name="kind"),
        CheckConstraint("deadline_mode IN ('calendar','working')", name="deadline_mode"),
        UniqueConstraint("external_source", "external_id"),
        Index("ix_core_case_department_work", "department_id", "kind", "sort_at", "id"),
        Index("ix_core_case_assignee_work", "assignee_id", "kind", "sort_at", "id"),
        Index("ix_core_case_area_work", "area_id", "kind", "sort_at", "id"),
        Index("ix_core_case_work", "kind", "sort_at", "id"),
        Index("ix_core_case_department_received", "department_id", "received_at", "id"),
        Index("ix_core_case_received", "received_at", "id"),
        Index("ix_core_case_rest", "type_code", "state", "state_since"),
        Index("ix_core_case_triage", "is_triage", "kind", "sort_at", "id"),
    )

    type_code: Mapped[str] = mapped_column(String(40))
    type_version: Mapped[int]
    state: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(8))
    """Kind of the present state, repeated here so that queues are one index range."""
    version: Mapped[int] = mapped_column(default=1)
    """Rises by one with every change; forms and If-Match carry it."""

    reference: Mapped[str] = mapped_column(String(40), unique=True)
    tracking_digest: Mapped[str] = mapped_column(String(64), unique=True)
    tracking_code: Mapped[str] = mapped_column(EncryptedText(), deferred=True)
    title: Mapped[str] = personal(
        String(200), purpose="case", retention="case", subject="reporter_account_id", openly=True
    )
    subject: Mapped[str] = mapped_column(String(80), index=True)

    department_id: Mapped[int | None] = mapped_column(ForeignKey("core_department.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("core_post.id"), index=True)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id"))
    """Account of the official who has it."""
    area_id: Mapped[int | None] = mapped_column(ForeignKey("core_area.id"))
    """The most specific area; every area that contains the place is in ``core_case_area``."""

    latitude: Mapped[float | None] = personal(
        Double(), purpose="case", retention="case", subject="reporter_account_id", openly=True
    )
    longitude: Mapped[float | None] = personal(
        Double(), purpose="case", retention="case", subject="reporter_account_id", openly=True
    )
    address: Mapped[str] = personal(
        String(300), purpose="case", retention="case", subject="reporter_account_id", openly=True, default=""
    )
    channel: Mapped[str] = mapped_column(String(20), default="web")
    language: Mapped[str] = mapped_column(String(16), default="en")
    reporter_account_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id"), index=True)
    reporter_reference: Mapped[str] = mapped_column(String(120), default="")
    """Whom ``notify`` addresses: ``civic_participation.contact:12`` or ``auth.account:7``; empty for nobody."""
    is_private: Mapped[bool] = mapped_column(default=False)
    hidden: Mapped[bool] = mapped_column(default=False)
    is_triage: Mapped[bool] = mapped_column(default=False)
    routing: Mapped[list[Any]] = mapped_column(BoundedJSON(32_768), default=list)
    """The explanation of the last routing decision (``routing.explain``)."""

    received_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    state_since: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    due_at: Mapped[datetime | None]
    """Deadline of the whole case: what the reporter is told."""
    state_due_at: Mapped[datetime | None]
    """Deadline of the present state, where the case type sets one."""
    sort_at: Mapped[datetime]
    """The earlier of the two, or the end of time where there is none: what queues and escalation go by."""
    deadline_hours: Mapped[float | None]
    deadline_mode: Mapped[str] = mapped_column(String(8), default="calendar")
    paused_at: Mapped[datetime | None]
    """Since when the clock stands still, or None while it runs."""
    paused_seconds: Mapped[int] = mapped_column(default=0)
    """Real seconds that the clock has stood still in all pauses that are over."""
    escalation_level: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How many thresholds past the present deadline have been dealt with."""

    external_source: Mapped[str | None] = mapped_column(String(40))
    external_id: Mapped[str | None] = mapped_column(String(80))

    entries: Mapped[list[CaseEntry]] = relationship(back_populates="case", order_by="CaseEntry.id", viewonly=True)


class CaseArea(CoreBase):
    """An area that contains the case's place: one row for each layer and ancestor."""

    __tablename__ = "core_case_area"

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey(Case.id, ondelete="CASCADE"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("core_area.id"), primary_key=True, index=True)


class CaseEntry(CoreBase):
    """One line of a case's timeline; written with the change it tells about and never altered."""

    __tablename__ = "core_case_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('opened','action','note','escalation','imported')", name="kind"),
        CheckConstraint("author_kind IN ('reporter','staff','system')", name="author_kind"),
        UniqueConstraint("case_id", "case_version", "kind"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey(Case.id, ondelete="CASCADE"))
    case_version: Mapped[int]
    """The version of the case that this entry made."""
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(12))
    public: Mapped[bool]
    author_kind: Mapped[str] = mapped_column(String(8))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id"), index=True)
    author_label: Mapped[str] = personal(
        String(200), purpose="office", retention="office", subject="author_id", openly=True, default=""
    )
    """Name of the official, for colleagues only."""
    author_title: Mapped[dict[str, Any] | None] = mapped_column(BoundedJSON(8_192))
    """Translated title of the post or department that acted: what the public sees."""
    author_for: Mapped[dict[str, Any] | None] = mapped_column(BoundedJSON(8_192))
    """Translated title of the post whose right was lent for it, where the actor used a colleague's."""
    action: Mapped[str] = mapped_column(String(40), default="")
    from_state: Mapped[str] = mapped_column(String(40), default="")
    to_state: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = personal(Text(), purpose="case", retention="case", subject="case_id", openly=True, default="")
    data: Mapped[dict[str, Any]] = personal(
        BoundedJSON(32_768), purpose="case", retention="case", subject="case_id", openly=True, default=dict
    )
    """Fields of the action as ``{"public": {name: value}, "internal": {name: value}}`` and what moved."""

    case: Mapped[Case] = relationship(back_populates="entries", viewonly=True)
