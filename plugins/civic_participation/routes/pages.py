"""What everybody sees of complaints, and what a reporter sees of the own one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request
from marshmallow import EXCLUDE

from civic_participation.queries.categories import category_names, offered_categories
from civic_participation.queries.looks import looks_at_reporter
from civic_participation.queries.public import PublicFilter, newest_public, points, public_case
from civic_participation.routes.maps import city_map
from civic_participation.routes.private import private_page
from civic_participation.routes.views import view_of
from civic_participation.schemas import ListQuery, ReplySchema, TrackSchema
from egovframe.core.auth import public
from egovframe.core.i18n import format_relative
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.areas import offered_areas
from egovframe.core.modules.cases import Case, act, actions_for, case_by_tracking_code, state_views
from egovframe.core.persistence import now
from egovframe.core.web import actor, form, go, language, load, notice, reading, render, url, writing
from egovframe.errors import Conflict, Invalid, NotFound

pages = Blueprint("civic_participation", __name__, url_prefix="/complaints", template_folder="../templates")
short = Blueprint("civic_participation_short", __name__)
MAP_LIMIT = 250
REPLIED = _("Thank you, this is with the department now.")


@pages.get("")
@public
def listing() -> str:
    """List public complaints, the newest first."""
    narrow = _filter()
    session = reading()
    page = newest_public(session, narrow, cursor=request.args.get("cursor") or None)
    categories = offered_categories(session)
    return render(
        "civic_participation/list.html",
        page=page,
        rows=_rows(session, page.items, categories),
        narrow=narrow,
        categories=categories,
        areas=offered_areas(session),
    )


@pages.get("/map")
@public
def overview() -> str:
    """Show public complaints on a map, and the same as a list."""
    narrow = _filter()
    session = reading()
    categories = offered_categories(session)
    rows = _rows(session, points(session, narrow, MAP_LIMIT), categories)
    return render(
        "civic_participation/map.html",
        markers=[_marker(row) for row in rows],
        limit=MAP_LIMIT,
        narrow=narrow,
        categories=categories,
        areas=offered_areas(session),
        **city_map(session, "geometry"),
    )


@pages.get("/cases/<reference>")
@public
def case(reference: str) -> str:
    """Show one public complaint."""
    found = public_case(reading(), reference)
    if found is None:
        raise NotFound
    return render("civic_participation/case.html", view=view_of(reading(), found))


@pages.route("/track", methods=["GET"])
@public
def track() -> str:
    """Ask for a tracking code."""
    return render("civic_participation/track.html", form=form(TrackSchema(), request.args))


@pages.post("/track")
@public
def find() -> Any:
    """Lead to the complaint of a tracking code."""
    try:
        code = load(TrackSchema())["code"]
        found = case_by_tracking_code(reading(), code)
        if found is None:
            raise Invalid(errors={"code": [TrackSchema.unknown_code]})
    except Invalid as error:
        return render("civic_participation/track.html", form=form(TrackSchema(), request.form, error.errors)), 422
    return go(".own", code=found.tracking_code)


@pages.get("/track/<code>")
@public
@private_page
def own(code: str) -> str:
    """Show a reporter the own complaint."""
    return _own(_tracked(code), code)


@pages.post("/track/<code>/<action>")
@public
@private_page
def reply(code: str, action: str) -> Any:
    """Let the reporter act: reply, withdraw, ask to reopen."""
    case = _tracked(code)
    try:
        values = load(ReplySchema())
        with writing() as session:
            act(
                session,
                actor(),
                case.id,
                action,
                version=values["version"],
                text=values["text"],
                tracking_code=code,
            )
    except (Invalid, Conflict) as error:
        return _own(_tracked(code), code, error, action), error.status
    notice(REPLIED)
    return go(".own", code=code)


@short.get("/c/<code>")
@public
def tracked(code: str) -> Any:
    """Lead a short link from paper or a QR code to the complaint, in the reader's language."""
    response = go("civic_participation.own", code=code, lang=language())
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _marker(row: dict[str, Any]) -> dict[str, Any]:
    case = row["case"]
    return {
        "lat": case.latitude,
        "lon": case.longitude,
        "title": case.title,
        "url": url(".case", reference=case.reference),
        "kind": {"open": "work", "waiting": "wait", "terminal": "done"}[case.kind],
        "text": f"{row['state'].title} · {format_relative(case.received_at, now(reading()))}",
    }


def _own(case: Case, code: str, error: Any = None, action: str = "") -> str:
    session = reading()
    return render(
        "civic_participation/own.html",
        view=view_of(session, case, own=True),
        looks=looks_at_reporter(session, case, request.args.get("looks", "")[:300] or None),
        code=code,
        actions=actions_for(session, actor(), case, tracking_code=code),
        error=error,
        tried=action,
        typed=request.form.get("text", "") if error else "",
    )


def _tracked(code: str) -> Case:
    found = case_by_tracking_code(reading(), code)
    if found is None:
        raise NotFound
    return found


def _filter() -> PublicFilter:
    if not request.args:
        return PublicFilter()
    try:
        values = load(ListQuery(unknown=EXCLUDE), request.args)
    except Invalid:
        return PublicFilter()
    return PublicFilter(state=values["state"], category=values["category"], area=values["area"])


def _rows(session: Any, cases: Any, offered: Sequence[Any]) -> list[dict[str, Any]]:
    states = state_views(session, cases)
    names = {one.code: one.name for one in offered}
    names |= category_names(session, {one.subject for one in cases} - names.keys())
    return [
        {
            "case": one,
            "state": states[one.type_code, one.type_version, one.state],
            "category": names.get(one.subject),
        }
        for one in cases
    ]
