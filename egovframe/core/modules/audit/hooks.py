"""What the audit room answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit.heads import daily_heads
from egovframe.core.modules.audit.permissions import PERMISSIONS, READ_AUDIT
from egovframe.core.modules.audit.queries import chain_length, pending_count
from egovframe.hooks import Permission, RoleTemplate, hookimpl


@hookimpl
def permissions() -> Sequence[Permission]:
    """The right to read the record."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Let auditors and administrators read it; nobody can change it."""
    return (
        RoleTemplate("auditor", _("Auditor"), (READ_AUDIT,)),
        RoleTemplate("administrator", _("Administrator"), (READ_AUDIT,)),
    )


@hookimpl
def status(session: Session) -> Mapping[str, Any]:
    """How long the chain is, how much waits for its seal, and the head that was published last."""
    heads = daily_heads(session, limit=1)
    return {
        "audit_sealed": chain_length(session),
        "audit_pending": pending_count(session),
        "audit_head": f"{heads[0].at[:10]} {heads[0].n} {heads[0].hash}" if heads else "",
    }
