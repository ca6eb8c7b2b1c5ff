"""What the settings room answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from egovframe.core.modules.settings.permissions import PERMISSIONS, ROLES
from egovframe.hooks import Permission, RoleTemplate, hookimpl


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the right to change settings."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Give it to the administrator."""
    return ROLES
