"""``/api/v1/notifications``: a person's own messages."""

from __future__ import annotations

from typing import Any

from flask import Response

from egovframe.core.auth import signed_in
from egovframe.core.modules.notifications import queries, services
from egovframe.core.modules.notifications.schemas import InboxQuery, MessageOut
from egovframe.core.web import ApiBlueprint, actor, language, paged, reading, writing

blueprint = ApiBlueprint("notifications_api", __name__, url_prefix="/notifications", description="One's own messages")
LISTED = MessageOut(many=True)


@blueprint.get("")
@signed_in
@blueprint.arguments(InboxQuery, location="query")
@blueprint.response(200, MessageOut(many=True))
def list_messages(query: dict[str, Any]) -> Response:
    """List the caller's messages, newest first, in the asked language; totals are in X-Pagination."""
    page = queries.inbox(
        reading(),
        actor(),
        language(),
        page=query["page"],
        page_size=query["page_size"],
        unread_only=query["unread"],
    )
    return paged(page, LISTED.dump(page.items))


@blueprint.post("/<string:public_id>/read")
@signed_in
@blueprint.response(204)
def read_message(public_id: str) -> None:
    """Mark a message as read; a second time changes nothing."""
    with writing() as session:
        services.mark_read(session, actor(), public_id)
