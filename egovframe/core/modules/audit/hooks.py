"""What the audit room answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from egovframe.core.modules.audit.permissions import PERMISSIONS
from egovframe.core.modules.audit.queries import chain_length, pending_count
from egovframe.hooks import Permission, hookimpl


@hookimpl
def permissions() -> Sequence[Permission]:
    """The right to read the record."""
    return PERMISSIONS


@hookimpl
def status(session: Session) -> Mapping[str, Any]:
    """How long the chain is and how much waits for its seal."""
    return {"audit_sealed": chain_length(session), "audit_pending": pending_count(session)}
