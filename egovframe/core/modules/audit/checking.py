"""Verify the chain as a whole, and keep the outcome for those who ask later."""

from __future__ import annotations

import structlog

from egovframe.core.modules.audit.heads import HeadFile
from egovframe.core.modules.audit.models import AuditCheck
from egovframe.core.modules.audit.verifying import Verdict, verify
from egovframe.core.persistence import WORKER, Database, now

log = structlog.get_logger(__name__)


def check_chain(database: Database) -> Verdict:
    """Return the outcome of a verification, held against the exported heads where this process writes them."""
    path = database.service(HeadFile).path
    with database.reading() as session:
        return verify(session, heads=path if path is not None and path.exists() else None)


def keep_verdict(database: Database, verdict: Verdict, asked_by: str) -> None:
    """Store the outcome, and say it in the log when the chain does not hold.

    Args:
        database: the city's.
        verdict: of a verification from the first link on.
        asked_by: ``Actor.label`` of who asked.
    """
    if not verdict.ok:
        log.error("audit_chain_broken", first_bad=verdict.first_bad, why=verdict.why)
    with database.writing(WORKER) as session:
        session.add(
            AuditCheck(
                at=now(session),
                ok=verdict.ok,
                checked=verdict.checked,
                first_bad=verdict.first_bad[:100],
                why=verdict.why[:300],
                asked_by=asked_by[:60],
            )
        )
