"""Pages for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, request

from egovframe.core.auth import public
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web import actor, caller, form, go, limit, load, notice, plugin_settings, reading, render, writing
from egovframe.errors import Invalid
from lost_and_found.queries import kept_items
from lost_and_found.schemas import ItemIn
from lost_and_found.services import record_item

PLUGIN = "lost_and_found"
pages = Blueprint("lost_and_found", __name__, url_prefix="/lost-and-found", template_folder="../templates")


@pages.get("")
@public
def listing() -> str:
    """List what waits for its owner."""
    page = kept_items(reading(), request.args.get("page", 1, type=int))
    return render("lost_and_found/list.html", page=page)


@pages.get("/new")
@public
def new() -> str:
    """Ask what was found."""
    return _form()


@pages.post("/new")
@public
def create() -> Any:
    """Record what was found."""
    limit(caller(), PLUGIN, plugin_settings(PLUGIN)["records_per_hour"], timedelta(hours=1))
    try:
        found = load(ItemIn())
    except Invalid as error:
        return _form(error.errors), 422
    with writing() as session:
        record_item(session, actor(), **found)
    notice(_("Thank you. Please hand it in at the nearest city office."))
    return go(".listing")


def _form(errors: Mapping[str, Sequence[Any]] | None = None) -> str:
    return render("lost_and_found/new.html", form=form(ItemIn(), request.form, errors))
