"""``/<lang>/admin``: the landing page and the plugins."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app

from egovframe.core.auth import requires, signed_in
from egovframe.core.i18n import N_
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.permissions import MANAGE_PLUGINS
from egovframe.core.modules.admin.queries import wanted_states
from egovframe.core.modules.admin.schemas import SwitchSchema
from egovframe.core.modules.admin.services import EXTENSION, PluginOffice, want_plugin
from egovframe.core.persistence import now
from egovframe.core.web import actor, go, language, load, notice, reading, render, runtime, writing
from egovframe.errors import Forbidden

pages = Blueprint("admin", __name__, url_prefix="/admin", template_folder="../templates")
STATES = {
    "mounted": (N_("Running"), "done"),
    "disabled": (N_("Switched off"), "closed"),
    "failed": (N_("Broken"), "late"),
    "suspended": (N_("Suspended"), "wait"),
}
STAGES = {
    "discovery": N_("when it was looked for"),
    "validation": N_("when its description was read"),
    "import": N_("when its code was loaded"),
    "hooks": N_("when its hooks were registered"),
    "rehearsal": N_("when its pages were rehearsed"),
    "schema": N_("when its tables were looked at"),
    "mount": N_("when its pages were added"),
}


@pages.get("")
@signed_in
def index() -> str:
    """Show the doors to administration that the reader may open; somebody without any is refused."""
    at, reader = now(reading()), actor()
    items = runtime().hooks.collect("navigation", actor=reader)
    if not any(item.place == "admin" and item.permission and reader.has(item.permission, at) for item in items):
        raise Forbidden
    return render("admin/index.html")


@pages.get("/plugins")
@requires(MANAGE_PLUGINS)
def plugins() -> str:
    """Show every plugin with its state, what keeps a broken one from running, and what shall run next."""
    return render(
        "admin/plugins.html",
        plugins=office().facts(language()),
        wanted=wanted_states(reading()),
        states=STATES,
        stages=STAGES,
    )


@pages.post("/plugins/<name>/switch")
@requires(MANAGE_PLUGINS)
def switch(name: str) -> Any:
    """Store that a plugin shall run, or not, from the next start on."""
    enabled = load(SwitchSchema())["enabled"]
    with writing() as session:
        want_plugin(session, actor(), office(), name, enabled=enabled)
    if enabled:
        notice(_("%(name)s runs after the next start of the portal.", name=name))
    else:
        notice(_("%(name)s is left out after the next start of the portal. Its data stay.", name=name))
    return go(".plugins")


def office() -> PluginOffice:
    """Return what is known of this application's plugins."""
    found: PluginOffice = current_app.extensions[EXTENSION]
    return found
