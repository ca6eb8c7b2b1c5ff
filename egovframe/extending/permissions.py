"""The right to manage plugins."""

from __future__ import annotations

MANAGE = "plugins:plugin:manage"
