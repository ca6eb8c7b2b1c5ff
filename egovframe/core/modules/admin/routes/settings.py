"""``/<lang>/admin/settings``: what the city has set, where each value comes from, and changing it.

Shows declared settings only: what stands in the file and the environment alone, secrets above all, is none of them.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from egovframe.core.auth import READ_ACCOUNTS, requires
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.reach import whole_city
from egovframe.core.modules.admin.setting_forms import SettingForm
from egovframe.core.modules.admin.setting_views import by_section, view_of
from egovframe.core.modules.audit import READ_AUDIT
from egovframe.core.modules.settings import MANAGE_SETTINGS, SettingChanged, put, reset, standing, standings
from egovframe.core.persistence import now
from egovframe.core.web import actor, form, go, load, notice, reading, render, writing
from egovframe.errors import Invalid
from egovframe.fields import StrictSchema, Text

pages = Blueprint("admin_settings", __name__, url_prefix="/admin/settings", template_folder="../templates")
whole_city(pages)


class ResetSchema(StrictSchema):
    """Which stored value the administrator saw."""

    seen = Text(load_default="", max_length=64)


@pages.get("")
@requires(MANAGE_SETTINGS)
def listing() -> str:
    """Show every declared setting by room and plugin: the value in force and where it comes from."""
    session = reading()
    return render("admin/settings.html", sections=by_section(standings(session)), may_open_accounts=_may(READ_ACCOUNTS))


@pages.get("/<setting_key>")
@requires(MANAGE_SETTINGS)
def setting(setting_key: str) -> str:
    """Show one setting with its form."""
    return _page(setting_key)


@pages.post("/<setting_key>")
@requires(MANAGE_SETTINGS)
def change(setting_key: str) -> Any:
    """Store another value, unless somebody else has changed it since the form was opened."""
    asked = _form_of(setting_key)
    try:
        data = load(asked.schema())
        with writing() as session:
            put(session, actor(), setting_key, asked.given(data), seen=data["seen"])
    except SettingChanged as error:
        return _page(setting_key, request.form, changed=error), error.status
    except Invalid as error:
        return _page(setting_key, request.form, asked.messages(error), seen=request.form.get("seen", "")), error.status
    notice(_("The setting is stored. It is in force at once."))
    return go(".listing")


@pages.post("/<setting_key>/reset")
@requires(MANAGE_SETTINGS)
def take_back(setting_key: str) -> Any:
    """Take the city's own value back, unless somebody else has changed it since the page was opened."""
    standing(reading(), setting_key)
    data = load(ResetSchema())
    try:
        with writing() as session:
            reset(session, actor(), setting_key, seen=data["seen"])
    except SettingChanged as error:
        return _page(setting_key, changed=error), error.status
    notice(_("The city's own value is gone. What holds without it is in force at once."))
    return go(".listing")


def _form_of(key: str) -> SettingForm:
    found = standing(reading(), key)
    return SettingForm(found.setting, found.value)


def _page(
    key: str, values: Any = None, errors: Any = None, *, changed: SettingChanged | None = None, seen: str | None = None
) -> str:
    """Draw a setting.

    Args:
        key: of the setting.
        values: what was typed, when it was refused; else what is in force.
        errors: messages by input.
        changed: somebody else was quicker: the page says what is in force now, and the form is about that.
        seen: mark of the value that the refused form was about; a form with a mistake stays about what was seen then.
    """
    view = view_of(standing(reading(), key))
    asked = SettingForm(view.standing.setting, view.standing.value)
    drawn = form(asked.schema(), asked.values() if values is None else values, errors, only=asked.shown)
    return render(
        "admin/setting.html",
        view=view,
        f=drawn,
        by_name=asked.by_name,
        changed=changed,
        mark=view.standing.mark if seen is None else seen,
        may_read_audit=_may(READ_AUDIT),
        may_open_accounts=_may(READ_ACCOUNTS),
    )


def _may(permission: str) -> bool:
    return actor().has(permission, now(reading()))
