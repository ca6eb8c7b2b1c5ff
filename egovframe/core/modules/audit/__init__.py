"""Audit: an insert-only record of who did what, sealed into a hash chain that shows every later change."""

from egovframe.core.modules.audit.checking import check_chain, keep_verdict
from egovframe.core.modules.audit.exporting import csv_cell, csv_value, export_fits, record_export, write_export
from egovframe.core.modules.audit.heads import (
    HeadFile,
    SignedHead,
    daily_heads,
    export_head,
    heads_key,
    publish_daily_head,
)
from egovframe.core.modules.audit.models import AuditCheck, AuditEntry, AuditSeal
from egovframe.core.modules.audit.permissions import READ_AUDIT
from egovframe.core.modules.audit.queries import (
    AuditFilter,
    chain_length,
    entries_of,
    entry_by_id,
    known_actions,
    last_check,
    link_of,
    neighbours,
    oldest_pending,
    pending_count,
    search_entries,
)
from egovframe.core.modules.audit.sealing import seal
from egovframe.core.modules.audit.services import audit, audit_refusal, snapshot
from egovframe.core.modules.audit.titles import ActionTitles, action_title, declare_actions
from egovframe.core.modules.audit.verifying import Verdict, verify

__all__ = [
    "READ_AUDIT",
    "ActionTitles",
    "AuditCheck",
    "AuditEntry",
    "AuditFilter",
    "AuditSeal",
    "HeadFile",
    "SignedHead",
    "Verdict",
    "action_title",
    "audit",
    "audit_refusal",
    "chain_length",
    "check_chain",
    "csv_cell",
    "csv_value",
    "daily_heads",
    "declare_actions",
    "entries_of",
    "entry_by_id",
    "export_fits",
    "export_head",
    "heads_key",
    "keep_verdict",
    "known_actions",
    "last_check",
    "link_of",
    "neighbours",
    "oldest_pending",
    "pending_count",
    "publish_daily_head",
    "record_export",
    "seal",
    "search_entries",
    "snapshot",
    "verify",
    "write_export",
]
