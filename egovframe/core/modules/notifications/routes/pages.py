"""``/{lang}/account/inbox``: a person's own messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, Response, g, request

from egovframe.core.auth import signed_in
from egovframe.core.i18n import gettext as _
from egovframe.core.i18n import pick
from egovframe.core.modules.notifications import queries, services
from egovframe.core.modules.notifications.schemas import PageQuery
from egovframe.core.web import actor, go, language, load, notice, reading, render, writing

blueprint = Blueprint("notifications", __name__, url_prefix="/account/inbox", template_folder="../templates")


@blueprint.app_template_filter("instant")
def instant(text: str) -> datetime:
    """Read an instant that a message carries as text."""
    return datetime.fromisoformat(text)


@blueprint.app_template_filter("in_words")
def in_words(texts: Mapping[str, str]) -> str:
    """Choose among the texts by language that a message carries."""
    return str(pick(texts))


@blueprint.get("")
@signed_in
def inbox() -> str:
    """Show the messages, newest first."""
    query = load(PageQuery(), request.args.to_dict())
    page = queries.inbox(reading(), actor(), language(), page=query["page"])
    return render("notifications/inbox.html", page=page, unread=unread_messages())


@blueprint.post("/<string:public_id>/read")
@signed_in
def read(public_id: str) -> Response:
    """Mark one message as read."""
    with writing() as session:
        services.mark_read(session, actor(), public_id)
    return go("notifications.inbox")


@blueprint.post("/read")
@signed_in
def read_all() -> Response:
    """Mark all messages as read."""
    with writing() as session:
        services.mark_all_read(session, actor())
    notice(_("All messages are marked as read."))
    return go("notifications.inbox")


@blueprint.app_template_global("unread_messages")
def unread_messages() -> int:
    """Return how many messages wait for the reader; asked once a page."""
    if "egov_unread" not in g:
        g.egov_unread = queries.unread_count(reading(), actor())
    count: int = g.egov_unread
    return count
