"""What the pages about accounts, roles and access are sent. Only an invitation takes a name and an address: afterwards
people correct them themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields as plain

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.people import KINDS, STATES
from egovframe.fields import (
    Boolean,
    Choice,
    Code,
    Date,
    Email,
    Instant,
    Language,
    PublicId,
    StrictSchema,
    Text,
    in_our_time,
)

REASON = {"label": _("Reason"), "hint": _("Kept in the audit.")}


class OptionalDate(Date):
    """A day, or nothing: an empty text is what a form sends for it."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> date | None:
        """Return the day, or None for an empty text."""
        return None if value == "" else super().deserialize(value, attr, data, **kwargs)


def _day(label: object, hint: object) -> OptionalDate:
    return OptionalDate(
        load_default=None, allow_none=True, validate=in_our_time, metadata={"label": label, "hint": hint}
    )


class ListQuery(StrictSchema):
    """What the list is narrowed to."""

    kind = Choice(KINDS, load_default="", allow_empty=True)
    state = Choice(STATES, load_default="", allow_empty=True)
    role = Code(load_default="")
    cursor = Text(load_default="", max_length=200)
    lang = Text(load_default="", max_length=20)


class InviteSchema(StrictSchema):
    """For whom an account is opened."""

    display_name = Text(
        required=True, max_length=200, metadata={"label": _("Name"), "autocomplete": "off", "personal": True}
    )
    email = Email(
        required=True,
        metadata={
            "label": _("E-mail address"),
            "hint": _("The invitation is sent there, and it is what the person signs in with."),
            "autocomplete": "off",
        },
    )
    kind = Choice(
        [("staff", _("Official")), ("citizen", _("Citizen")), ("organisation", _("Organisation"))],
        load_default="staff",
        metadata={"label": _("Kind")},
    )
    language = Language(required=True, metadata={"label": _("Language of messages"), "widget": "select"})


class FindSchema(StrictSchema):
    """An address, whole: accounts are found by its digest, never by a part of it."""

    email = Email(required=True, metadata={"label": _("E-mail address"), "autocomplete": "off"})


class GrantSchema(StrictSchema):
    """A role, where, and when."""

    role = Code(required=True, metadata={"label": _("Role"), "widget": "select"})
    department = Code(
        load_default="",
        metadata={"label": _("Only in this department"), "hint": _("With those below it."), "widget": "select"},
    )
    area = Text(
        load_default="",
        max_length=128,
        metadata={"label": _("Only in this area"), "hint": _("With those inside it."), "widget": "select"},
    )
    first_day = _day(_("First day"), _("Empty means from now on."))
    last_day = _day(_("Last day"), _("Empty means for good."))


class EndSchema(StrictSchema):
    """Why a grant ends, and when: now, or after a day."""

    last_day = _day(_("Last day"), _("Empty means now."))
    reason = Text(required=True, max_length=300, metadata=REASON)


class ReasonSchema(StrictSchema):
    """Why."""

    reason = Text(required=True, max_length=300, metadata=REASON)


class EndLoanSchema(ReasonSchema):
    """Why a loan ends, and on whose page that was asked."""

    account = PublicId(load_default="", metadata={"widget": "hidden"})


class LeaveSchema(StrictSchema):
    """How somebody leaves."""

    reason = Text(required=True, max_length=300, metadata=REASON)
    successor = Code(
        load_default="",
        metadata={
            "label": _("Who takes the open cases?"),
            "hint": _("Nobody chosen means that they go back to their departments."),
            "widget": "select",
        },
    )
    end_posts = Boolean(load_default=False, metadata={"label": _("End the posts")})
    end_grants = Boolean(load_default=False, metadata={"label": _("End the roles")})


class RoleSchema(StrictSchema):
    """What a role is called and what it may do."""

    title = Text(required=True, max_length=200, metadata={"label": _("Name of the role")})
    permissions = plain.List(Text(max_length=120), load_default=list)


class SecondFactorSchema(StrictSchema):
    """Whether a role asks for a second factor, and why that changes."""

    required = Boolean(
        load_default=False,
        metadata={
            "label": _("Holders need a second factor"),
            "hint": _("Those without one are led to set it up before anything else opens."),
        },
    )
    reason = Text(required=True, max_length=300, metadata=REASON)


class NewRoleSchema(StrictSchema):
    """A role of the city's own."""

    code = Code(
        required=True,
        max_length=64,
        metadata={"label": _("Code"), "hint": _("Letters, digits and hyphens; it cannot be changed later.")},
    )
    title = Text(required=True, max_length=200, metadata={"label": _("Name of the role")})


class WhoQuery(StrictSchema):
    """Which right, and where."""

    permission = Text(load_default="", max_length=120, metadata={"label": _("Who can do this?"), "widget": "select"})
    department = Code(load_default="", metadata={"label": _("In this department"), "widget": "select"})
    area = Text(load_default="", max_length=128, metadata={"label": _("In this area"), "widget": "select"})
    lang = Text(load_default="", max_length=20)


class WhoApiQuery(StrictSchema):
    """Which right, and where: ``department=CODE``, ``area=LAYER:CODE``."""

    permission = Text(required=True, max_length=120)
    scope = plain.List(Text(max_length=140), load_default=list)


class PlaceOut(StrictSchema):
    """One limit of a grant."""

    kind = plain.String()
    code = plain.String()
    name = plain.String()


class RightOut(StrictSchema):
    """One way in which an account comes by a right."""

    account = plain.String()
    kind = plain.String()
    posts = plain.List(plain.String())
    role = plain.String()
    role_title = plain.String()
    scope = plain.List(plain.Nested(PlaceOut))
    valid_from = Instant(allow_none=True)
    valid_until = Instant(allow_none=True)
    lent_by = plain.String(allow_none=True)


class WhoOut(StrictSchema):
    """Who can do it."""

    permission = plain.String()
    holders = plain.List(plain.Nested(RightOut))


class AllowedOut(StrictSchema):
    """A right and the grants that give it."""

    permission = plain.String()
    title = plain.String()
    through = plain.List(plain.Nested(RightOut))


class WhatOut(StrictSchema):
    """What an account can do."""

    account = plain.String()
    permissions = plain.List(plain.Nested(AllowedOut))
