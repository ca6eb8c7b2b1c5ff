"""``/<lang>/admin/access`` and ``/api/v1/access``: who can do this, and what can this account do."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session

from egovframe.core.auth import READ_ACCOUNTS, known_permissions, parse_scope, requires, scoped_models
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.people import MOST_HOLDINGS, Right, visible_account, what, who
from egovframe.core.modules.admin.rights_schemas import WhatOut, WhoApiQuery, WhoOut, WhoQuery
from egovframe.core.modules.admin.routes.accounts import area_choices, department_choices
from egovframe.core.web import ApiBlueprint, actor, form, load, reading, render, runtime
from egovframe.errors import Invalid, NotFound

pages = Blueprint("admin_access", __name__, url_prefix="/admin/access", template_folder="../templates")
api = ApiBlueprint("access_api", __name__, url_prefix="/access", description="Who can do what")


@pages.get("")
@requires(READ_ACCOUNTS)
def review() -> Any:
    """Ask who can do something, anywhere or in a department and area."""
    session, found, status = reading(), None, 200
    values: Any = {}
    messages: Any = None
    try:
        values = load(WhoQuery(), request.args)
        if values["permission"]:
            found = who(session, actor(), _known(values["permission"]), _place(session, values))
    except Invalid as error:
        messages, status = error.errors, 422
    drawn = form(
        WhoQuery(),
        request.args,
        messages,
        only=("permission", "department", "area"),
        choices={
            "permission": [(each.name, str(each.title)) for each in known_permissions(runtime().hooks).values()],
            "department": department_choices(session),
            "area": area_choices(session),
        },
    )
    return render(
        "admin/access.html",
        f=drawn,
        found=None if found is None else found[:MOST_HOLDINGS],
        total=len(found or ()),
        own=_over_own(values.get("permission", "")),
    ), status


@api.get("/who")
@requires(READ_ACCOUNTS)
@api.arguments(WhoApiQuery, location="query")
@api.response(200, WhoOut)
def who_can(query: dict[str, Any]) -> dict[str, Any]:
    """Return who can do something now, by which grant: from which role, where, until when, lent by whom."""
    session = reading()
    place = dict(parse_scope(session, text) for text in query["scope"])
    found = who(session, actor(), _known(query["permission"]), place)
    return {"permission": query["permission"], "holders": [right_out(each) for each in found]}


@api.get("/of/<account_id>")
@requires(READ_ACCOUNTS)
@api.response(200, WhatOut)
def of(account_id: str) -> dict[str, Any]:
    """Return what an account can do now, right by right, with the grants that give it."""
    session = reading()
    account = visible_account(session, actor(), account_id)
    known = known_permissions(runtime().hooks)
    return {
        "account": account.public_id,
        "permissions": [
            {
                "permission": name,
                "title": str(known[name].title) if name in known else name,
                "through": [right_out(each) for each in through],
            }
            for name, through in what(session, account).items()
        ],
    }


def right_out(right: Right) -> dict[str, Any]:
    """Return a right for programs and the command line."""
    grant = right.holding.grant
    return {
        "account": right.holding.public_id,
        "kind": right.holding.kind,
        "posts": [str(title.text) for title in right.posts],
        "role": grant.role,
        "role_title": str(right.role.text),
        "scope": [{"kind": each.kind, "code": each.code, "name": str(each.name)} for each in right.places],
        "valid_from": grant.valid_from,
        "valid_until": grant.valid_until,
        "lent_by": grant.lent_by or None,
    }


def _known(permission: str) -> str:
    if permission not in known_permissions(runtime().hooks):
        raise Invalid(errors={"permission": [_("There is no such right: %(names)s.", names=permission[:120])]})
    return permission


def _place(session: Session, values: dict[str, Any]) -> dict[str, int]:
    place = {}
    for kind in ("department", "area"):
        if values[kind]:
            try:
                place[kind] = parse_scope(session, f"{kind}={values[kind]}")[1]
            except NotFound as error:
                raise Invalid(errors={kind: [error.detail]}) from error
    return place


def _over_own(permission: str) -> bool:
    """Whether people hold the right over what is their own, without any grant."""
    return any(permission in declared.own for _model, declared in scoped_models())
