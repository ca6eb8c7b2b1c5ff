"""``/api/v1/cases``: the inbox and the work on cases, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from egovframe.core.auth import requires
from egovframe.core.i18n import gettext
from egovframe.core.modules.cases.clock import is_overdue
from egovframe.core.modules.cases.models import Case
from egovframe.core.modules.cases.permissions import READ
from egovframe.core.modules.cases.queries import InboxFilter, inbox, queue_counts, readable_case, timeline
from egovframe.core.modules.cases.routes.desk import Row, rows_of
from egovframe.core.modules.cases.schemas import ActionIn, CaseDetailOut, CasesOut, CasesQuery
from egovframe.core.modules.cases.services.acting import act, actions_for
from egovframe.core.modules.routing import explain
from egovframe.core.persistence import moment
from egovframe.core.web import ApiBlueprint, actor, language, reading, require_version, tagged, writing

blueprint = ApiBlueprint("cases_api", __name__, url_prefix="/cases", description="Working on cases")
DETAIL = CaseDetailOut()
"""Made once: building a schema costs more than filling it."""


@blueprint.get("")
@requires(READ)
@blueprint.arguments(CasesQuery, location="query")
@blueprint.response(200, CasesOut)
def list_cases(query: dict[str, Any]) -> dict[str, Any]:
    """List a queue, most urgent first (``all``: newest first); counts above 50 read 51."""
    session = reading()
    narrow = InboxFilter(subject=query["subject"], state=query["state"], type_code=query["type"])
    page = inbox(
        session,
        actor(),
        query["queue"],
        cursor=query["cursor"] or None,
        page_size=query["page_size"],
        narrow=narrow,
    )
    return {
        "queue": query["queue"],
        "cases": cases_out(session, rows_of(session, page.items)),
        "next_cursor": page.next_cursor,
        "counts": queue_counts(session, actor()),
    }


@blueprint.get("/<string:reference>")
@requires(READ)
@blueprint.response(200, CaseDetailOut)
def get_case(reference: str) -> Response:
    """Return a case with its timeline and the actions that the caller may take; its ETag is the version."""
    session = reading()
    return _answer(session, readable_case(session, actor(), reference))


@blueprint.post("/<string:reference>/actions/<string:action>")
@requires(READ)
@blueprint.arguments(ActionIn)
@blueprint.response(200, CaseDetailOut)
def take_action(given: dict[str, Any], reference: str, action: str) -> Response:
    """Take an action on the version that If-Match names; 409 when somebody was faster."""
    with writing() as session:
        case = readable_case(session, actor(), reference)
        require_version(case.version)
        act(session, actor(), case.id, action, version=case.version, text=given["text"], fields=given["fields_"])
        return _answer(session, case)


def cases_out(session: Session, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return cases for the API."""
    at = moment(session)
    return [
        {
            "reference": row.case.reference,
            "type": row.case.type_code,
            "title": row.title,
            "subject": row.case.subject,
            "state": row.case.state,
            "state_title": row.state.title,
            "kind": row.case.kind,
            "version": row.case.version,
            "department": row.department,
            "post": row.post,
            "triage": row.case.is_triage,
            "received_at": row.case.received_at,
            "updated_at": row.case.updated_at,
            "due_at": row.case.due_at,
            "closed_at": row.case.closed_at,
            "paused": row.case.paused_at is not None,
            "overdue": is_overdue(row.case, at),
            "lat": row.case.latitude,
            "lon": row.case.longitude,
            "address": row.case.address,
            "channel": row.case.channel,
        }
        for row in rows
    ]


def _answer(session: Session, case: Case) -> Response:
    body = {
        **cases_out(session, rows_of(session, [case]))[0],
        "routing": explain(case.routing, language(), "staff"),
        "actions": [
            {
                "action": view.action,
                "title": view.title,
                "text": view.text,
                "public": view.public,
                "fields_": [
                    {"name": asked.name, "type": asked.type, "title": gettext(asked.title), "required": asked.required}
                    for asked in view.fields
                ],
            }
            for view in actions_for(session, actor(), case)
        ],
        "timeline": [
            {
                "at": item.at,
                "kind": item.kind,
                "action": item.action,
                "title": item.title,
                "text": item.text,
                "public": item.public,
                "author": item.author,
                "facts": [{"label": label, "value": str(value)} for label, value in item.facts],
            }
            for item in timeline(session, case, public_only=False)
        ],
    }
    return tagged(DETAIL.dump(body), case.version)
