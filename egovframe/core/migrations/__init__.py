"""Schema versions of the core's own tables (``core_…``)."""

from __future__ import annotations

from pathlib import Path

from egovframe.core.persistence import MigrationSource

CORE = MigrationSource("core", "core_", Path(__file__).parent)
"""The core's source: it is upgraded before every plugin."""

__all__ = ["CORE"]
