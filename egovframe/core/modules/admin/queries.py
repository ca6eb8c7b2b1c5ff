"""What is wanted of the plugins."""

from __future__ import annotations

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from egovframe.core.modules.admin.models import WantedPlugin


def wanted_states(session: Session) -> dict[str, bool]:
    """Return the wanted state by plugin name; empty before the first migration."""
    if not inspect(session.connection()).has_table(WantedPlugin.__tablename__):
        return {}
    return {row.name: row.enabled for row in session.scalars(select(WantedPlugin))}
