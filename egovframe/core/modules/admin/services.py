"""Switching plugins on and off; it takes effect at the next start of each process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import can
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.models import WantedPlugin
from egovframe.core.modules.admin.permissions import MANAGE_PLUGINS
from egovframe.core.modules.audit import audit
from egovframe.core.persistence import now
from egovframe.errors import Conflict, Forbidden, NotFound

EXTENSION = "egovframe.plugins"
"""Where an application keeps the office of its plugins (``app.extensions``)."""


class PluginOffice(Protocol):
    """What this room asks about the plugins of the process; ``egovframe.extending`` stands above and gives it."""

    def knows(self, name: str) -> bool:
        """Whether a plugin of this name was found."""
        ...

    def needing(self, name: str) -> Sequence[str]:
        """Name the wanted plugins that need this one."""
        ...

    def facts(self, language: str = "en") -> Sequence[Mapping[str, Any]]:
        """Return what is known of every plugin: name, title, state, stage, hint, detail …"""
        ...


def want_plugin(session: Session, actor: Actor, office: PluginOffice, name: str, *, enabled: bool) -> None:
    """Store that a plugin shall run, or not, from the next start on.

    Raises:
        Forbidden: the actor may not manage plugins.
        NotFound: there is no such plugin.
        Conflict: another plugin that is wanted needs the one to be switched off.
    """
    at = now(session)
    if not can(actor, MANAGE_PLUGINS, at=at):
        raise Forbidden(_("You may not switch plugins on or off."))
    if not office.knows(name):
        raise NotFound(_("There is no plugin %(name)s.", name=name))
    needing = office.needing(name)
    if needing and not enabled:
        raise Conflict(_("Switch off %(names)s first: they need this plugin.", names=", ".join(needing)))
    row = session.get(WantedPlugin, name)
    before = row.enabled if row else True
    if row is None:
        row = WantedPlugin(name=name)
        session.add(row)
    row.enabled, row.changed_at, row.changed_by = enabled, at, actor.label
    action = "plugins:plugin:enable" if enabled else "plugins:plugin:disable"
    audit(session, actor, action, f"plugin:{name}", before={"enabled": before}, after={"enabled": enabled})
