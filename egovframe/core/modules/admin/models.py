"""What the city wants of its plugins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.persistence import CoreBase, UTCDateTime


class WantedPlugin(CoreBase):
    """Whether a plugin shall run after the next start; a plugin without a row shall."""

    __tablename__ = "core_plugin"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    enabled: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime())
    changed_by: Mapped[str] = mapped_column(String(80))
