"""Switching plugins on and off; it takes effect at the next start of each process."""

from __future__ import annotations

from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import can
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.persistence import now
from egovframe.errors import Conflict, Forbidden, NotFound
from egovframe.extending.models import WantedPlugin
from egovframe.extending.permissions import MANAGE
from egovframe.extending.states import PluginReport


def want_plugin(session: Session, actor: Actor, report: PluginReport, name: str, *, enabled: bool) -> None:
    """Store that a plugin shall run, or not, from the next start on.

    Raises:
        Forbidden: the actor may not manage plugins.
        NotFound: there is no such plugin.
        Conflict: another plugin that is wanted needs the one to be switched off.
    """
    if not can(actor, MANAGE, at=now(session)):
        raise Forbidden(_("You may not switch plugins on or off."))
    if report.entry(name) is None:
        raise NotFound(_("There is no plugin %(name)s.", name=name))
    needing = _needing(report, name)
    if needing and not enabled:
        raise Conflict(_("Switch off %(names)s first: they need this plugin.", names=", ".join(needing)))
    row = session.get(WantedPlugin, name)
    before = row.enabled if row else True
    if row is None:
        row = WantedPlugin(name=name)
        session.add(row)
    row.enabled, row.changed_at, row.changed_by = enabled, now(session), actor.label
    audit(
        session,
        actor,
        "plugins.enabled" if enabled else "plugins.disabled",
        f"plugin:{name}",
        before={"enabled": before},
        after={"enabled": enabled},
    )


def _needing(report: PluginReport, name: str) -> list[str]:
    return [
        entry.name
        for entry in report.standing
        if entry.manifest and any(requirement.name == name for requirement in entry.manifest.dependencies)
    ]
