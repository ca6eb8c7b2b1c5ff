"""Pages for staff."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from egovframe.core.auth import requires
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web import actor, go, notice, reading, render, writing
from lost_and_found.permissions import MANAGE
from lost_and_found.queries import kept_items
from lost_and_found.services import return_item

desk = Blueprint("lost_and_found_desk", __name__, url_prefix="/desk/lost-and-found", template_folder="../templates")


@desk.get("")
@requires(MANAGE)
def index() -> str:
    """List what waits for its owner, with a button for each."""
    return render("lost_and_found/desk.html", page=kept_items(reading(), request.args.get("page", 1, type=int)))


@desk.post("/<public_id>/return")
@requires(MANAGE)
def give_back(public_id: str) -> Any:
    """Note that a thing went back to its owner."""
    with writing() as session:
        item = return_item(session, actor(), public_id)
    notice(_("%(what)s was given back.", what=item.what))
    return go(".index")
