"""``/<lang>/admin/service-accounts``: accounts of programs, and their keys, each shown once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, request

from egovframe.core.auth import (
    Account,
    account_by_public_id,
    create_account,
    create_token_for,
    disable_account,
    enable_account,
    grant_role,
    grants_of,
    known_permissions,
    requires,
    revoke_token_of,
    roles,
    service_accounts,
    tokens_of,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.reach import whole_city
from egovframe.core.modules.admin.service_account_schemas import CloseSchema, ServiceAccountSchema, ServiceTokenSchema
from egovframe.core.persistence import now
from egovframe.core.web import actor, form, go, load, notice, reading, render, runtime, writing
from egovframe.errors import Forbidden, Invalid, NotFound
from egovframe.fields import StrictSchema

MANAGE = "auth:account:manage"
pages = Blueprint("service_accounts", __name__, url_prefix="/admin/service-accounts", template_folder="../templates")
whole_city(pages)
Errors = Mapping[str, Sequence[Any]]


@pages.get("", endpoint="index")
@requires(MANAGE)
def index() -> Any:
    """List the accounts of programs."""
    return _index()


@pages.post("")
@requires(MANAGE)
def create() -> Any:
    """Open an account for a program."""
    try:
        data = load(ServiceAccountSchema())
        with writing() as session:
            made = create_account(session, actor(), email=None, display_name=data["name"], kind="service")
            for code in dict.fromkeys(data["roles"]):
                grant_role(session, actor(), made, code)
            public_id = made.public_id
    except Invalid as error:
        return _index(error.errors), 422
    except Forbidden as error:
        return _index({"roles": [error.detail or error.title]}), error.status
    notice(_("The account is open. Make a key for it now."))
    return go(".account", public_id=public_id)


@pages.get("/<public_id>")
@requires(MANAGE)
def account(public_id: str) -> Any:
    """Show one account with its roles and keys."""
    return _account(public_id)


@pages.post("/<public_id>/tokens", endpoint="make_token")
@requires(MANAGE)
def make_token(public_id: str) -> Any:
    """Make a key and show it, this once."""
    try:
        data = load(ServiceTokenSchema())
        with writing() as session:
            made = create_token_for(
                session,
                actor(),
                _service(public_id),
                name=data["name"],
                permissions=data["permissions"],
                life=timedelta(days=data["days"]),
            )
    except Invalid as error:
        return _account(public_id, error.errors), 422
    page = render("admin/service_accounts/made.html", made=made, account=_service(public_id))
    return page, 200, {"Cache-Control": "no-store, private"}


@pages.post("/<public_id>/tokens/<token>/revoke")
@requires(MANAGE)
def revoke(public_id: str, token: str) -> Any:
    """Stop a key."""
    load(StrictSchema())
    with writing() as session:
        revoke_token_of(session, actor(), _service(public_id), token)
    notice(_("That key no longer works."))
    return go(".account", public_id=public_id)


@pages.post("/<public_id>/state", endpoint="switch")
@requires(MANAGE)
def switch(public_id: str) -> Any:
    """Close the account, which ends its keys for good, or open it again."""
    data = load(CloseSchema())
    with writing() as session:
        change = enable_account if data["enabled"] else disable_account
        change(session, actor(), _service(public_id), data["reason"])
    notice(_("The account is open again; make new keys.") if data["enabled"] else _("The account is closed."))
    return go(".account", public_id=public_id)


def _service(public_id: str) -> Account:
    found = account_by_public_id(reading(), public_id)
    if found.kind != "service":
        raise NotFound
    return found


def _index(errors: Errors | None = None) -> str:
    session = reading()
    known, at = actor(), now(session)
    offered = [each for each in roles(session) if all(known.has(name, at) for name in each.permissions)]
    choices = [(each.code, each.title) for each in offered]
    return render(
        "admin/service_accounts/index.html",
        rows=service_accounts(session),
        f=form(ServiceAccountSchema(), request.form if errors else None, errors, choices={"roles": choices}),
    )


def _account(public_id: str, errors: Errors | None = None) -> str:
    session, found = reading(), _service(public_id)
    at = now(session)
    grants = grants_of(session, found.id, at)
    held = {name for each in grants for name in each.role.permissions}
    titles = [(name, each.title) for name, each in known_permissions(runtime().hooks).items() if name in held]
    return render(
        "admin/service_accounts/account.html",
        account=found,
        grants=grants,
        tokens=tokens_of(session, found.id, at),
        f=form(
            ServiceTokenSchema(),
            request.form if errors else {"days": 90},
            errors,
            only=("name", "permissions", "days") if titles else ("name", "days"),
            choices={"permissions": titles},
        ),
    )
