"""What the routing room tells the framework."""

from __future__ import annotations

from collections.abc import Sequence

from egovframe.core.modules.routing.permissions import PERMISSIONS, ROLES
from egovframe.hooks import Permission, RoleTemplate, hookimpl


@hookimpl
def permissions() -> Sequence[Permission]:
    """Rights over rules."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Administrators keep the rules."""
    return ROLES
