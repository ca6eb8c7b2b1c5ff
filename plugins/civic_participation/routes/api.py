"""``/api/v1/complaints``: file, read, list; the categories one may file under."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request

from civic_participation.queries.categories import category_groups
from civic_participation.queries.public import ListedCase, PublicFilter, numbered_public, public_case
from civic_participation.routes.views import ComplaintView, view_of
from civic_participation.schemas import CategoryOut, ComplaintIn, ComplaintOut, ListQuery
from civic_participation.services.callers import file_for_caller
from civic_participation.services.filing import CASE_TYPE, Filing, file_complaint
from egovframe.core.auth import can, public
from egovframe.core.modules.cases import (
    READ,
    Case,
    StateViews,
    TimelineItem,
    case_by_reference,
    is_reporter,
    note_case_read,
    state_views,
)
from egovframe.core.modules.organisation import Department
from egovframe.core.persistence import moment
from egovframe.core.web import (
    ApiBlueprint,
    actor,
    caller,
    idempotent,
    language,
    limit,
    paged,
    plugin_settings,
    reading,
    settings,
    url,
    writing,
)
from egovframe.errors import NotFound, NotSignedIn

PLUGIN = "civic_participation"
TRACKING_HEADER = "X-Tracking-Code"
LISTED = ComplaintOut(many=True)
"""Made once: building a schema costs more than filling it."""
api = ApiBlueprint("civic_participation_api", __name__, url_prefix="/complaints", description="Complaints")


@api.get("/categories")
@public
@api.response(200, CategoryOut(many=True))
def categories() -> list[dict[str, Any]]:
    """List the categories that complaints can be filed under."""
    session = reading()
    groups = category_groups(session)
    ids = {one.department_id for group in groups for one in group.categories if one.department_id}
    departments = {row.id: row for row in (session.get_one(Department, i) for i in sorted(ids))}
    return [
        {
            "code": one.code,
            "name": str(one.name),
            "hint": str(one.hint or ""),
            "group": str(group.group.name) if group.group else None,
            "department": departments[one.department_id].code if one.department_id else None,
            "deadline_hours": one.deadline_hours,
            "deadline_mode": one.deadline_mode,
        }
        for group in groups
        for one in group.categories
    ]


@api.post("")
@public
@idempotent
@api.arguments(ComplaintIn)
@api.response(201, ComplaintOut)
def file(data: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """File a complaint; the answer holds the tracking code, who has it, by when, and why."""
    if plugin_settings(PLUGIN)["require_account"] and not actor().is_signed_in:
        raise NotSignedIn
    with writing() as session:
        filing, chosen = _filing(data), plugin_settings(PLUGIN)
        metres, confirmed = chosen["border_metres"], chosen["confirmed_categories"]
        if data["on_behalf_of"] is None:
            opened = file_complaint(session, actor(), filing, border_metres=metres, confirmed=confirmed)
        else:
            opened = file_for_caller(session, actor(), filing, border_metres=metres)
        # Here, because everything that the answer shows is loaded already.
        body = _body(view_of(session, opened.case, own=True))
    code = opened.tracking_code
    body["tracking_code"] = code
    body["track_url"] = settings().public_url + url("civic_participation_short.tracked", code=code)
    return body, 201, {"Location": url("civic_participation_api.read", reference=body["reference"])}


@api.get("")
@public
@api.arguments(ListQuery, location="query")
@api.response(200, ComplaintOut(many=True))
def listing(query: dict[str, Any]) -> Any:
    """List public complaints, the newest first."""
    session = reading()
    narrow = PublicFilter(query["state"], query["category"], query["area"])
    page = numbered_public(session, narrow, query["page"], query["page_size"])
    states = state_views(session, page.items)
    return paged(page, LISTED.dump([_short(case, states) for case in page.items]))


@api.get("/<reference>")
@public
@api.response(200, ComplaintOut)
def read(reference: str) -> Any:
    """Read one complaint: the public one, the own one (``X-Tracking-Code`` or token), or one of the caller's cases."""
    session = reading()
    case = case_by_reference(session, reference[:60])
    if case is None or case.type_code != CASE_TYPE:
        raise NotFound
    own = is_reporter(session, actor(), case, request.headers.get(TRACKING_HEADER, "")[:60])
    staff = can(actor(), READ, case, at=moment(session))
    if not (own or staff or public_case(session, reference) is not None):
        raise NotFound
    if not own:
        note_case_read(session, case)
    return _body(view_of(session, case, own=own or staff)), 200, {"ETag": f'"{case.version}"'}


@api.before_request
def count_filings() -> None:
    """Limit how many complaints one caller files in an hour, before any writing unit begins."""
    if request.method == "POST":
        limit(caller(), "complaint", plugin_settings(PLUGIN)["filings_per_hour"], timedelta(hours=1))


def _filing(data: dict[str, Any]) -> Filing:
    contact = data["on_behalf_of"] or data["contact"]
    offered = settings().city.languages
    return Filing(
        category=data.get("category") or data["service_code"],
        description=data["description"],
        latitude=data["lat"],
        longitude=data["lon"],
        address=data["address"],
        area=data["area"],
        name=contact["name"],
        email=contact["email"],
        phone=contact["phone"],
        private=data["private"],
        language=data["language"] if data["language"] in offered else language(),
        channel=contact.get("channel", "api"),
    )


def _short(case: Case | ListedCase, states: StateViews) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "category": case.subject,
        "title": case.title,
        "state": case.state,
        "state_title": states[case.type_code, case.type_version, case.state].title,
        "is_open": case.kind != "terminal",
        "received_at": case.received_at,
        "due_at": case.due_at,
        "closed_at": case.closed_at,
        "updated_at": case.updated_at,
        "lat": case.latitude,
        "lon": case.longitude,
        "address": case.address,
        "version": case.version,
    }


def _body(view: ComplaintView) -> dict[str, Any]:
    case, office = view.case, view.office
    return {
        **_short(case, state_views(reading(), [case])),
        "department": _named(office.department, "name"),
        "official_post": _named(office.post, "title"),
        "description": view.description,
        "routing": list(view.why),
        "timeline": [_entry(item) for item in view.timeline],
    }


def _named(row: Any, attribute: str) -> dict[str, str] | None:
    return {"code": row.code, "name": str(getattr(row, attribute))} if row is not None else None


def _entry(item: TimelineItem) -> dict[str, Any]:
    by = item.author or item.author_kind
    return {"at": item.at, "title": item.title, "by": by, "text": item.text, "state": item.to_state}
