"""What an administrator has set: the layer above the settings file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.persistence import BoundedJSON, CoreBase, UTCDateTime


class StoredSetting(CoreBase):
    """One value that was set; a setting without a row has its default."""

    __tablename__ = "core_setting"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[Any] = mapped_column(BoundedJSON(16_384))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime())
    changed_by: Mapped[str] = mapped_column(String(60))
