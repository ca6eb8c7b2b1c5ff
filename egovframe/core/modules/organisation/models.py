"""Who is there in the city: departments, posts, the officials who hold them, and what each is in charge of.

A post is a chair, an official is the person who sits on it for a time. Cases, jurisdictions and the reporting line
belong to chairs, so that nothing is lost when people change.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from egovframe.core.i18n import Translated, translated_column
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy import personal, subjects
from egovframe.core.persistence import BigId, CoreBase, Keyed

EVERYTHING = "*"
"""The subject of a jurisdiction over every matter."""
ORDERED = "valid_until IS NULL OR valid_from IS NULL OR valid_from < valid_until"


class Department(Keyed, CoreBase):
    """An office of the city; its e-mail and telephone are public contacts, nobody's personal ones."""

    __tablename__ = "core_department"
    __table_args__ = (CheckConstraint(ORDERED, name="valid"),)

    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Translated] = translated_column(200)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("core_department.id"), index=True)
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]

    parent: Mapped[Department | None] = relationship(remote_side="Department.id", lazy="raise")


class Post(Keyed, CoreBase):
    """A chair in a department, such as "Street lighting, Jung-gu"."""

    __tablename__ = "core_post"
    __table_args__ = (CheckConstraint(ORDERED, name="valid"),)

    code: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[Translated] = translated_column(200)
    department_id: Mapped[int] = mapped_column(ForeignKey(Department.id), index=True)
    reports_to_id: Mapped[int | None] = mapped_column(ForeignKey("core_post.id"), index=True)
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]

    department: Mapped[Department] = relationship(lazy="raise")
    reports_to: Mapped[Post | None] = relationship(remote_side="Post.id", lazy="raise")


class Official(CoreBase):
    """An account on a post for a time, half-open."""

    __tablename__ = "core_official"
    __table_args__ = (
        CheckConstraint(ORDERED, name="valid"),
        Index("ix_core_official_holder", "post_id", "valid_from"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey(Post.id))
    account_id: Mapped[int] = mapped_column(ForeignKey("core_account.id"), index=True)
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]

    post: Mapped[Post] = relationship(lazy="raise")


class Absence(Keyed, CoreBase):
    """A time in which the holder of a post is away; the substitute post stands in."""

    __tablename__ = "core_absence"
    __table_args__ = (
        CheckConstraint("valid_from < valid_until", name="valid"),
        CheckConstraint("substitute_id IS NULL OR substitute_id <> post_id", name="substitute"),
        Index("ix_core_absence_time", "post_id", "valid_from", "valid_until"),
    )

    post_id: Mapped[int] = mapped_column(ForeignKey(Post.id))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id"), index=True)
    """Who is away: the holder when the absence was written; the person that the reason is about."""
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey(Post.id), index=True)
    reason: Mapped[str] = personal(
        String(300), purpose="absence", retention="absence", subject="account_id", default=""
    )
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]

    post: Mapped[Post] = relationship(foreign_keys=[post_id], lazy="raise")
    substitute: Mapped[Post | None] = relationship(foreign_keys=[substitute_id], lazy="raise")


subjects(
    Absence,
    title=_("Absences from your post"),
    shows={"reason": _("Reason"), "valid_from": _("From"), "valid_until": _("Until")},
    clocks={"ended": "valid_until", "created": "valid_from"},
    order=70,
    record=_("Absences of officials: the reason"),
)


class Jurisdiction(CoreBase):
    """An office (a post, or a whole department) × a subject × an area: who is in charge of what, where."""

    __tablename__ = "core_jurisdiction"
    __table_args__ = (
        CheckConstraint("(post_id IS NULL) <> (department_id IS NULL)", name="office"),
        CheckConstraint(ORDERED, name="valid"),
        Index("ix_core_jurisdiction_matter", "subject", "area_id"),
        UniqueConstraint("key"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    """Digest of office, subject and area: the same line twice is one jurisdiction (a unique key ignores NULLs)."""
    post_id: Mapped[int | None] = mapped_column(ForeignKey(Post.id), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id), index=True)
    subject: Mapped[str] = mapped_column(String(120))
    """What it is about, named by whoever files matters: a category's code; ``*`` is everything."""
    area_id: Mapped[int | None] = mapped_column(ForeignKey("core_area.id"), index=True)
    """Where; None is the whole city."""
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]

    post: Mapped[Post | None] = relationship(lazy="raise")
    department: Mapped[Department | None] = relationship(lazy="raise")


__all__ = ["EVERYTHING", "Absence", "Department", "Jurisdiction", "Official", "Post"]
