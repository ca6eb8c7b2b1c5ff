"""Filing a complaint in three steps, a check and a confirmation; every step works without script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, request

from civic_participation.models import Category
from civic_participation.queries.categories import (
    category_by_code,
    category_groups,
    open_categories,
    popular_categories,
    search_categories,
)
from civic_participation.queries.public import similar_nearby
from civic_participation.routes.maps import city_map
from civic_participation.routes.private import private_page
from civic_participation.routes.views import office_of
from civic_participation.schemas import DetailsSchema, WhatSchema, WhereSchema
from civic_participation.services.drafts import find_draft, save_draft, start_draft
from civic_participation.services.filing import filing_of, matter_of, place_in_city, send_draft
from egovframe.core.auth import public
from egovframe.core.i18n import current_language, format_duration
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.cases import Case
from egovframe.core.modules.organisation import Department, Post
from egovframe.core.modules.routing import areas_at, decide, explain
from egovframe.core.web import (
    actor,
    caller,
    form,
    go,
    language,
    limit,
    load,
    plugin_settings,
    qr_code,
    reading,
    render,
    settings,
    url,
    writing,
)
from egovframe.errors import Invalid, NotSignedIn

STEPS = 3
PLUGIN = "civic_participation"
pages = Blueprint("civic_participation_filing", __name__, url_prefix="/complaints/new", template_folder="../templates")


@pages.before_request
def ask_for_account() -> None:
    """Lead to sign-in and back where the city files for known people only."""
    if plugin_settings(PLUGIN)["require_account"] and not actor().is_signed_in:
        raise NotSignedIn


@pages.get("")
@public
def what() -> str:
    """Step 1: choose what it is about."""
    return _what()


@pages.post("")
@public
def choose() -> Any:
    """Begin a draft with the category."""
    try:
        values = load(WhatSchema())
        limit(caller(), "complaint-draft", plugin_settings(PLUGIN)["filings_per_hour"] * 5, timedelta(hours=1))
        with writing() as session:
            category = _category(session, values["category"])
            draft = start_draft(session, {"category": category.code}, actor().account_id)
    except Invalid as error:
        return _what(error.errors), 422
    return go(".where", code=draft.code)


@pages.get("/<code>/what")
@public
@private_page
def change_what(code: str) -> str:
    """Step 1 again, for a draft that has begun."""
    find_draft(reading(), code)
    return _what(code=code)


@pages.post("/<code>/what")
@public
@private_page
def choose_again(code: str) -> Any:
    """Change the category of a draft."""
    try:
        values = load(WhatSchema())
        with writing() as session:
            save_draft(session, code, {"category": _category(session, values["category"]).code})
    except Invalid as error:
        return _what(error.errors, code), 422
    return go(".where", code=code)


@pages.get("/<code>/where")
@public
@private_page
def where(code: str) -> str:
    """Step 2: say where it is."""
    return _where(code, find_draft(reading(), code)[1])


@pages.post("/<code>/where")
@public
@private_page
def place(code: str) -> Any:
    """Keep the place."""
    find_draft(reading(), code)
    try:
        values = load(WhereSchema())
        if values.pop("no_place"):
            values.update(lat=None, lon=None)
        place_in_city(reading(), values["lat"], values["lon"])
    except Invalid as error:
        return _where(code, request.form, error.errors), 422
    with writing() as session:
        save_draft(session, code, {**values, "placed": True})
    return go(".details", code=code)


@pages.get("/<code>/details")
@public
@private_page
def details(code: str) -> str:
    """Step 3: say what happened and how to be reached."""
    draft = find_draft(reading(), code)[1]
    return _details(code, draft, draft)


@pages.post("/<code>/details")
@public
@private_page
def tell(code: str) -> Any:
    """Keep the words and the contact."""
    _draft, before = find_draft(reading(), code)
    try:
        values = load(DetailsSchema())
    except Invalid as error:
        return _details(code, before, request.form, error.errors), 422
    with writing() as session:
        save_draft(session, code, values)
    return go(".check", code=code)


@pages.get("/<code>/check")
@public
@private_page
def check(code: str) -> Any:
    """Show everything once more before it is sent."""
    draft, values = find_draft(reading(), code)
    if draft.case_id is not None:
        return go(".done", code=code)
    for name, step in (("category", ".change_what"), ("placed", ".where"), ("description", ".details")):
        if not values.get(name):
            return go(step, code=code)
    return _check(code, values)


@pages.post("/<code>/check")
@public
@private_page
def send(code: str) -> Any:
    """File the complaint; sending twice leads to the same confirmation."""
    draft, values = find_draft(reading(), code)
    if draft.case_id is None:
        limit(caller(), "complaint", plugin_settings(PLUGIN)["filings_per_hour"], timedelta(hours=1))
        try:
            filing_of(values, language())
            with writing() as session:
                send_draft(session, actor(), code, language())
        except Invalid as error:
            return _check(code, values, error.errors), 422
    return go(".done", code=code)


@pages.get("/<code>/done")
@public
@private_page
def done(code: str) -> Any:
    """Say what happens next, by when, and give the number to keep."""
    session = reading()
    draft, _values = find_draft(session, code)
    if draft.case_id is None:
        return go(".check", code=code)
    case = session.get_one(Case, draft.case_id)
    link = settings().public_url + url("civic_participation_short.tracked", code=case.tracking_code)
    return render(
        "civic_participation/done.html",
        case=case,
        office=office_of(session, case),
        why=explain(case.routing, current_language()),
        link=link,
        qr=qr_code(link),
    )


def _what(errors: Mapping[str, Sequence[Any]] | None = None, code: str | None = None) -> str:
    session = reading()
    query = request.args.get("q", "")[:100]
    found = search_categories(open_categories(session), query) if query.strip() else None
    return render(
        "civic_participation/what.html",
        steps=STEPS,
        groups=category_groups(session),
        popular=popular_categories(session) if found is None else [],
        found=found,
        query=query,
        errors=errors or {},
        code=code,
    )


def _where(code: str, values: Mapping[str, Any], errors: Mapping[str, Sequence[Any]] | None = None) -> str:
    return render(
        "civic_participation/where.html",
        steps=STEPS,
        code=code,
        category=_category_of(code),
        form=form(WhereSchema(), values, errors, only=("address", "lat", "lon")),
        at=_marker(values),
        **city_map(reading()),
    )


def _details(
    code: str, draft: Mapping[str, Any], values: Mapping[str, Any], errors: Mapping[str, Sequence[Any]] | None = None
) -> str:
    session = reading()
    category = _category_of(code)
    lat, lon = draft.get("lat"), draft.get("lon")
    return render(
        "civic_participation/details.html",
        steps=STEPS,
        code=code,
        category=category,
        who=_preview(session, category, lat, lon),
        similar=similar_nearby(session, category, lat, lon) if category and lat is not None and lon is not None else [],
        form=form(DetailsSchema(), values, errors),
    )


def _check(code: str, values: Mapping[str, Any], errors: Mapping[str, Sequence[Any]] | None = None) -> str:
    category = _category_of(code)
    return render(
        "civic_participation/check.html",
        code=code,
        category=category,
        values=values,
        who=_preview(reading(), category, values.get("lat"), values.get("lon")),
        messages=[message for messages in (errors or {}).values() for message in messages],
    )


def _preview(session: Any, category: Category | None, lat: float | None, lon: float | None) -> dict[str, Any] | None:
    """Say who would get it, before it is filed."""
    if category is None:
        return None
    decision = decide(session, matter_of(session, category, areas_at(session, lat, lon)))
    office: Any = session.get(Post, decision.post_id) if decision.post_id else None
    name = office.title if office else None
    if name is None and decision.department_id:
        name = session.get_one(Department, decision.department_id).name
    hours = category.deadline_hours
    return {
        "office": name,
        "why": explain(decision.steps, current_language()),
        "time": format_duration(timedelta(hours=hours)) if hours and category.deadline_mode == "calendar" else "",
        "hours": hours or 0,
    }


def _category_of(code: str) -> Category | None:
    session = reading()
    return category_by_code(session, find_draft(session, code)[1].get("category", ""))


def _category(session: Any, code: str) -> Category:
    category = category_by_code(session, code)
    if category is None or not category.active or category.staff_only:
        raise Invalid(errors={"category": [_("Choose one of the categories.")]})
    return category


def _marker(values: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        return {"lat": float(values.get("lat") or ""), "lon": float(values.get("lon") or "")}
    except ValueError:
        return None
