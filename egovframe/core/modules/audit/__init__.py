"""Audit: an insert-only record of who did what, sealed into a hash chain that shows every later change."""

from egovframe.core.modules.audit.heads import (
    HeadFile,
    SignedHead,
    daily_heads,
    export_head,
    heads_key,
    publish_daily_head,
)
from egovframe.core.modules.audit.models import AuditEntry
from egovframe.core.modules.audit.permissions import READ_AUDIT
from egovframe.core.modules.audit.queries import chain_length, entries_of, pending_count
from egovframe.core.modules.audit.sealing import seal
from egovframe.core.modules.audit.services import audit, audit_refusal, snapshot
from egovframe.core.modules.audit.verifying import Verdict, verify

__all__ = [
    "READ_AUDIT",
    "AuditEntry",
    "HeadFile",
    "SignedHead",
    "Verdict",
    "audit",
    "audit_refusal",
    "chain_length",
    "daily_heads",
    "entries_of",
    "export_head",
    "heads_key",
    "pending_count",
    "publish_daily_head",
    "seal",
    "snapshot",
    "verify",
]
