"""A person's own tokens for programs: chosen rights, an end, and a secret that is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields as ma

from egovframe.core.auth import create_token, known_permissions, need_fresh, policy_of, signed_in, tell_of_token
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import now
from egovframe.core.web.account.answers import private, refused
from egovframe.core.web.account.routes.own import pages, present
from egovframe.core.web.account.throttles import Attempts
from egovframe.core.web.context import actor, load, reading, render, writing
from egovframe.core.web.forms import form
from egovframe.core.web.runtime import runtime
from egovframe.errors import Invalid
from egovframe.fields import Choice, Integer, StrictSchema, Text


def grantable() -> list[tuple[str, Any]]:
    """Return the permissions that the actor holds, with their titles: a token can do no more."""
    known, at = actor(), now(reading())
    return [(name, each.title) for name, each in known_permissions(runtime().hooks).items() if known.has(name, at)]


class TokenFormSchema(StrictSchema):
    """What a new token may do, and for how long."""

    name = Text(
        required=True,
        max_length=100,
        metadata={
            "label": _("What is it for?"),
            "hint": _("So that you know it again in the list."),
            "autocomplete": "off",
        },
    )
    permissions = ma.List(
        Choice(grantable),
        load_default=list,
        metadata={
            "label": _("What may it do?"),
            "hint": _("Your own affairs are always among it. Choose as little as the program needs."),
        },
    )
    days = Integer(
        required=True, minimum=1, maximum=366, metadata={"label": _("For how many days?"), "hint": _("At most 366.")}
    )


@pages.get("/tokens/new", endpoint="new_token")
@signed_in
def token_form() -> Any:
    """Ask what a token shall be able to do, of somebody who has just shown who they are."""
    need_fresh(reading(), actor(), present())
    days = policy_of(runtime().database).token.days
    return render("account/token_new.html", f=form(TokenFormSchema(), {"days": days}))


@pages.post("/tokens/new")
@signed_in
def make_token() -> Any:
    """Make a token and show its secret, this once."""
    try:
        data = load(TokenFormSchema())
        Attempts()("token", actor().label)
        with writing() as session:
            need_fresh(session, actor(), present())
            made = create_token(
                session,
                actor(),
                name=data["name"],
                permissions=data["permissions"],
                life=timedelta(days=data["days"]),
            )
            tell_of_token(session, actor(), made)
    except Invalid as error:
        return refused("account/token_new.html", TokenFormSchema(), error)
    return private(render("account/token_made.html", made=made))


__all__ = ["pages"]
