"""Tables of civic participation: complaint categories, complaints, contacts of reporters, drafts being filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from egovframe.core.i18n import Translated, TranslatedText, language_name
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.cases import Case
from egovframe.core.modules.organisation import Department
from egovframe.core.modules.privacy import personal, subjects
from egovframe.core.persistence import METADATA, TYPES, BigId, EncryptedText, Keyed, Stamped
from egovframe.fields import Email, Phone
from egovframe.fields import Text as TextField


class Base(DeclarativeBase):
    """Base of this plugin's tables."""

    metadata = METADATA
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class Category(Keyed, Base):
    """What a complaint is about. Groups (``is_group``) only order the list; complaints are filed under leaves."""

    __tablename__ = "civic_participation_category"
    __table_args__ = (CheckConstraint("deadline_mode IN ('calendar','working')", name="deadline_mode"),)

    code: Mapped[str] = mapped_column(String(80), unique=True)
    """Also Open311's ``service_code``; imported catalogues keep theirs."""
    parent_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("civic_participation_category.id", ondelete="RESTRICT"), index=True
    )
    is_group: Mapped[bool] = mapped_column(default=False)
    name: Mapped[Translated] = mapped_column(TranslatedText())
    hint: Mapped[Translated | None] = mapped_column(TranslatedText())
    notice: Mapped[Translated | None] = mapped_column(TranslatedText())
    """Shown before filing, such as "Fire or injury? Call 119 now."."""
    keywords: Mapped[str] = mapped_column(String(500), default="")
    """Words people search for, separated by commas, in any language."""
    icon: Mapped[str] = mapped_column(String(40), default="")
    department_id: Mapped[int | None] = mapped_column(BigId, ForeignKey(Department.id, ondelete="RESTRICT"), index=True)
    """Who owns the matter in the whole city when no jurisdiction and no rule says otherwise."""
    deadline_hours: Mapped[int | None] = mapped_column(Integer)
    """Hours to answer; None takes the case type's."""
    deadline_mode: Mapped[str] = mapped_column(String(8), default="calendar")
    duplicate_radius_m: Mapped[int] = mapped_column(Integer, default=250)
    staff_only: Mapped[bool] = mapped_column(default=False)
    private: Mapped[bool] = mapped_column(default=False)
    """Whether complaints of this kind stay off public lists."""
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(Integer, default=0)

    parent: Mapped[Category | None] = relationship(remote_side="Category.id")


class Complaint(Base):
    """What a reporter told about a case: one row beside each case of type ``complaint``."""

    __tablename__ = "civic_participation_complaint"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey(Case.id, ondelete="CASCADE"), unique=True)
    category_id: Mapped[int] = mapped_column(BigId, ForeignKey(Category.id, ondelete="RESTRICT"), index=True)
    description: Mapped[str] = personal(
        Text(), purpose="complaint", retention="case", subject="case_id", openly=True, default=""
    )
    source_category: Mapped[str] = mapped_column(String(200), default="")
    """How an imported case named its category."""

    category: Mapped[Category] = relationship()


class Contact(Keyed, Base):
    """How to reach the reporter; a table of its own under its own permission."""

    __tablename__ = "civic_participation_contact"

    complaint_id: Mapped[int] = mapped_column(BigId, ForeignKey(Complaint.id, ondelete="CASCADE"), unique=True)
    account_id: Mapped[int | None] = mapped_column(BigId, index=True)
    language: Mapped[str] = mapped_column(String(16), default="en")
    name: Mapped[str | None] = personal(
        EncryptedText(), purpose="complaint", retention="case", subject="account_id", nullable=True
    )
    email: Mapped[str | None] = personal(
        EncryptedText(), purpose="complaint", retention="case", subject="account_id", nullable=True
    )
    phone: Mapped[str | None] = personal(
        EncryptedText(), purpose="complaint", retention="case", subject="account_id", nullable=True
    )


class Draft(Stamped, Base):
    """A complaint being filled in, found again by an unguessable address; becomes at most one case."""

    __tablename__ = "civic_participation_draft"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    account_id: Mapped[int | None] = mapped_column(BigId, index=True)
    """Who began it, when somebody was signed in."""
    values: Mapped[str] = personal(
        EncryptedText(), purpose="complaint", retention="draft", subject="account_id", document=True, nullable=False
    )
    """The answers so far as JSON, encrypted because contact data are among them."""
    updated_at: Mapped[datetime] = mapped_column(index=True)
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey(Case.id, ondelete="SET NULL"), index=True)
    """The case it became: sending twice shows the same confirmation."""


def _category_of(session: Session, row: Mapping[str, Any]) -> Category:
    return session.get_one(Category, row["category_id"])


def _category(session: Session, row: Mapping[str, Any], language: str) -> str:
    return _category_of(session, row).name.pick(language).text


ANSWERS = {
    "description": _("Description"),
    "address": _("Place"),
    "name": _("Name"),
    "email": _("E-mail address"),
    "phone": _("Phone"),
}
"""What a lay person reads of an unfinished complaint; programs get every answer."""


def _answers(_session: Session, row: Mapping[str, Any], _language: str) -> str:
    given = json.loads(row["values"])
    return "\n".join(f"{label}: {given[name]}" for name, label in ANSWERS.items() if given.get(name))


subjects(
    Complaint,
    title=_("What you told us"),
    shows={"category_id": _("Category"), "description": _("Description")},
    words={"category_id": _category},
    machine={"category_id": lambda session, row: _category_of(session, row).code},
    order=22,
    record=_("Complaints: the description"),
)
subjects(
    Contact,
    title=_("How we can reach you about a complaint"),
    also=("complaint_id",),
    shows={"name": _("Name"), "email": _("E-mail address"), "phone": _("Phone"), "language": _("Language")},
    corrects={
        "name": lambda: TextField(
            max_length=200, load_default="", metadata={"label": _("Name"), "autocomplete": "name"}
        ),
        "email": lambda: Email(
            load_default="",
            metadata={
                "label": _("E-mail address"),
                "hint": _("Empty: we write no e-mail about this case. You still find our messages in your account."),
                "autocomplete": "email",
            },
        ),
        "phone": lambda: Phone(load_default="", metadata={"label": _("Phone"), "autocomplete": "tel"}),
    },
    words={"language": lambda _session, row, _into: language_name(row["language"])},
    severing={"account_id": None},
    order=23,
    record=_("Complaints: how to reach the reporter"),
)
subjects(
    Draft,
    title=_("Complaints that you began"),
    also=("case_id",),
    shows={"values": _("Answers so far"), "created_at": _("Begun"), "updated_at": _("Changed")},
    words={"values": _answers},
    clocks={"updated": "updated_at"},
    rows="delete",
    order=24,
    record=_("Unfinished complaints"),
)
