"""Audit: an insert-only record of who did what, sealed into a hash chain that shows every later change."""

from egovframe.core.modules.audit.services import audit, audit_refusal, snapshot

__all__ = ["audit", "audit_refusal", "snapshot"]
