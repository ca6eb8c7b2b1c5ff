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
from civic_participation.routes.borders import (
    PLUGIN,
    answers_to,
    border_metres,
    point_of,
    question_about,
    question_again,
    unanswered,
)
from civic_participation.routes.maps import city_map
from civic_participation.routes.private import private_page
from civic_participation.routes.views import office_of, preview_of
from civic_participation.schemas import BorderSchema, DetailsSchema, WhatSchema, WhereSchema
from civic_participation.services.drafts import find_draft, save_draft, start_draft
from civic_participation.services.filing import filing_of, need_confirmed, send_draft
from civic_participation.services.places import BorderQuestion
from egovframe.core.auth import public
from egovframe.core.i18n import current_language
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.areas import Area, area_by_code
from egovframe.core.modules.cases import Case
from egovframe.core.modules.routing import explain
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
    """Step 2: say where it is; before it, where the category asks who is there."""
    draft = find_draft(reading(), code)[1]
    _ask_who(code)
    return _where_again(code, draft)


@pages.post("/<code>/where")
@public
@private_page
def place(code: str) -> Any:
    """Keep the place; where it lies on a border between offices, ask on which side before going on."""
    find_draft(reading(), code)
    try:
        values = load(WhereSchema())
        if values.pop("no_place"):
            values.update(lat=None, lon=None)
        question = question_about(reading(), _category_of(code), values["lat"], values["lon"])
    except Invalid as error:
        return _where_again(code, request.form, error.errors), 422
    chosen = values["area"]
    values["area"] = question.fitting(chosen) if question else ""
    asked, open_still = values.pop("asked"), question is not None and not values["area"]
    with writing() as session:
        save_draft(session, code, {**values, "placed": not open_still})
    if open_still:
        return _where(code, values, unanswered(asked, chosen), question), 422
    return go(".details", code=code)


@pages.get("/<code>/details")
@public
@private_page
def details(code: str) -> str:
    """Step 3: say what happened and how to be reached."""
    draft = find_draft(reading(), code)[1]
    _ask_who(code)
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
    _ask_who(code)
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
                send_draft(
                    session,
                    actor(),
                    code,
                    language(),
                    border_metres=border_metres(),
                    confirmed=plugin_settings(PLUGIN)["confirmed_categories"],
                )
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


def _ask_who(code: str) -> None:
    """Explain why the category needs a confirmed address and lead there and back; the draft keeps every answer."""
    category = _category_of(code)
    if category is not None:
        need_confirmed(reading(), actor(), category, plugin_settings(PLUGIN)["confirmed_categories"])


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


def _where_again(code: str, values: Mapping[str, Any], errors: Mapping[str, Sequence[Any]] | None = None) -> str:
    return _where(code, values, errors, question_again(reading(), _category_of(code), values))


def _where(
    code: str,
    values: Mapping[str, Any],
    errors: Mapping[str, Sequence[Any]] | None = None,
    question: BorderQuestion | None = None,
) -> str:
    shown = ("area", "address", "lat", "lon") if question else ("address", "lat", "lon")
    return render(
        "civic_participation/where.html",
        steps=STEPS,
        code=code,
        category=_category_of(code),
        form=form(
            BorderSchema() if question else WhereSchema(),
            values,
            errors,
            only=shown,
            choices={"area": answers_to(question)} if question else None,
        ),
        at=point_of(values),
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
        who=preview_of(session, category, draft),
        similar=similar_nearby(session, category, lat, lon) if category and lat is not None and lon is not None else [],
        form=form(DetailsSchema(), values, errors),
    )


def _check(code: str, values: Mapping[str, Any], errors: Mapping[str, Sequence[Any]] | None = None) -> str:
    session, category = reading(), _category_of(code)
    return render(
        "civic_participation/check.html",
        code=code,
        category=category,
        values=values,
        area=_area_of(session, values),
        who=preview_of(session, category, values),
        messages=[message for messages in (errors or {}).values() for message in messages],
    )


def _area_of(session: Any, values: Mapping[str, Any]) -> Area | None:
    """Return the area that the reporter chose beside a border."""
    layer, _colon, code = values.get("area", "").partition(":")
    return area_by_code(session, layer, code) if code else None


def _category_of(code: str) -> Category | None:
    session = reading()
    return category_by_code(session, find_draft(session, code)[1].get("category", ""))


def _category(session: Any, code: str) -> Category:
    category = category_by_code(session, code)
    if category is None or not category.active or category.staff_only:
        raise Invalid(errors={"category": [_("Choose one of the categories.")]})
    return category
