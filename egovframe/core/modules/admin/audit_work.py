"""The daily work on the audit chain, as jobs: publish its signed head, verify it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM, Actor
from egovframe.core.modules.audit import check_chain, keep_verdict, publish_daily_head
from egovframe.core.modules.jobs import enqueue, outside
from egovframe.core.persistence import Database
from egovframe.hooks import Schedule

PUBLISH, VERIFY = "core.audit.publish", "core.audit.verify"
DAILY = timedelta(days=1)
SCHEDULES = (Schedule(PUBLISH, PUBLISH, DAILY), Schedule(VERIFY, VERIFY, DAILY))


def ask_check(session: Session, actor: Actor) -> None:
    """Let the worker verify the chain now; while one such job waits, it stands for this one too."""
    enqueue(session, VERIFY, {"asked_by": actor.label}, queue="slow", unique=VERIFY)


@outside
def run_check(database: Database, payload: Mapping[str, Any]) -> None:
    """Verify the chain and keep the outcome."""
    keep_verdict(database, check_chain(database), str(payload.get("asked_by", SYSTEM.label)))


@outside
def publish_head(database: Database, _payload: Mapping[str, Any]) -> None:
    """Publish today's head."""
    publish_daily_head(database)


HANDLERS = {PUBLISH: publish_head, VERIFY: run_check}
