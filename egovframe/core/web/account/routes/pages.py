"""Sign-in, sign-out, registration and the links that are sent by e-mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request, session
from marshmallow import Schema

from egovframe.core.auth import (
    confirm_contact,
    hash_password,
    policy_of,
    public,
    recover,
    register_account,
    request_recovery,
    sign_in,
    sign_out,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.addresses import landing, local
from egovframe.core.web.account.agents import family
from egovframe.core.web.account.schemas import NewPasswordSchema, NothingSchema, RecoverySchema, RegisterSchema
from egovframe.core.web.account.schemas import SignInSchema as SignIn
from egovframe.core.web.account.throttles import Attempts, address
from egovframe.core.web.context import (
    actor,
    forget_actor,
    go,
    language,
    load,
    notice,
    render,
    settings,
    url,
    writing,
)
from egovframe.core.web.cookies import SIGNED_IN, delete_cookie, read_cookie, set_cookie
from egovframe.core.web.forms import form
from egovframe.core.web.runtime import runtime
from egovframe.errors import Invalid

pages = Blueprint("account", __name__, url_prefix="/account", template_folder="../templates")


def refused(template: str, schema: Schema, error: Invalid, **context: Any) -> tuple[str, int]:
    """Show the form again with what was typed and what was refused (422)."""
    return render(template, f=form(schema, request.form, messages(error)), **context), 422


def messages(error: Invalid) -> Mapping[str, Sequence[Any]]:
    """Return an error's messages by field; one without fields belongs to the whole form."""
    return error.errors or {"_schema": [error.detail]}


@pages.get("/sign-in")
@public
def sign_in_page() -> Any:
    """Show the sign-in form, or lead on who is signed in already."""
    wanted = local(request.args.get("next", ""))
    if actor().is_signed_in:
        return redirect(wanted or landing(), code=303)
    return render("account/sign_in.html", f=form(SignIn(), {"next": wanted or ""}), demo=settings().demo)


@pages.post("/sign-in", endpoint="sign_in")
@public
def enter() -> Any:
    """Begin a session with a new id and a new CSRF secret."""
    attempts = Attempts()
    try:
        data = load(SignIn())
        entered = sign_in(
            runtime().database,
            email=data["email"],
            password=data["password"],
            address=address(),
            throttle=attempts,
            agent=family(request.user_agent.string),
            previous=read_cookie(SIGNED_IN),
        )
    except Invalid as error:
        return refused("account/sign_in.html", SignIn(), error, demo=settings().demo)
    attempts.succeeded()
    session.clear()
    response = redirect(local(data["next"]) or first_page(entered.token, entered.language), code=303)
    set_cookie(response, SIGNED_IN, entered.token)  # type: ignore[arg-type]
    return response
