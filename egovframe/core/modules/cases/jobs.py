"""Jobs of the cases: what time does to them, in small steps so that no transaction is long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from egovframe.core.modules.cases.services.escalating import act_automatically, escalate
from egovframe.hooks import Schedule

ESCALATE = "cases.escalate"
AUTOMATIC = "cases.act_automatically"

SCHEDULES = (
    Schedule("cases.escalate", ESCALATE, timedelta(minutes=5)),
    Schedule("cases.act_automatically", AUTOMATIC, timedelta(minutes=30)),
)


def run_escalate(session: Session, _payload: Mapping[str, Any]) -> None:
    """Tell superiors about late cases."""
    escalate(session)


def run_automatic(session: Session, _payload: Mapping[str, Any]) -> None:
    """Close what was answered long ago, and whatever else the case types set."""
    act_automatically(session)
