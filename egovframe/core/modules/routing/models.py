"""Ordered rules of a city: data that its people edit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.i18n import Translated, translated_column
from egovframe.core.persistence import BoundedJSON, CoreBase, Keyed, Stamped


class RoutingRule(Keyed, Stamped, CoreBase):
    """When every condition holds, the matter goes to the department (and post)."""

    __tablename__ = "core_routing_rule"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_from IS NULL OR valid_from < valid_until", name="valid"),
        Index("ix_core_routing_rule_order", "active", "position", "id"),
    )

    position: Mapped[int]
    """Rules are tried by position, then by age."""
    title: Mapped[Translated] = translated_column(200)
    """Translated content: what the rule is called in explanations."""
    conditions: Mapped[dict[str, Any]] = mapped_column(BoundedJSON(16_384))
    department_id: Mapped[int] = mapped_column(ForeignKey("core_department.id"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("core_post.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
