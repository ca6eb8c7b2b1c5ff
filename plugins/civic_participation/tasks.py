"""Jobs of civic participation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from civic_participation.services.drafts import purge_drafts
from egovframe.core.web import plugin_settings


def purge_old_drafts(session: Session, _payload: Mapping[str, Any]) -> None:
    """Delete unfinished complaints that nobody has touched for the city's number of days."""
    purge_drafts(session, plugin_settings("civic_participation", session)["draft_days"])
