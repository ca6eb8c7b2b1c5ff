"""What the page of service accounts takes in."""

from __future__ import annotations

from marshmallow import fields as ma

from egovframe.core.i18n import lazy_gettext as _
from egovframe.fields import Boolean, Code, Integer, LongText, StrictSchema, Text


class ServiceAccountSchema(StrictSchema):
    """A new service account."""

    name = Text(
        required=True,
        max_length=100,
        metadata={
            "label": _("Name of the program"),
            "hint": _("For example: street light sensors"),
            "autocomplete": "off",
        },
    )
    roles = ma.List(
        Code(),
        load_default=list,
        metadata={"label": _("Roles"), "hint": _("What the program may do at most."), "widget": "checkboxes"},
    )


class ServiceTokenSchema(StrictSchema):
    """A key for a service account."""

    name = Text(required=True, max_length=100, metadata={"label": _("What is it for?"), "autocomplete": "off"})
    permissions = ma.List(
        Code(max_length=100),
        load_default=list,
        metadata={
            "label": _("What may it do?"),
            "hint": _("Choose as little as the program needs."),
            "widget": "checkboxes",
        },
    )
    days = Integer(
        required=True, minimum=1, maximum=366, metadata={"label": _("For how many days?"), "hint": _("At most 366.")}
    )


class CloseSchema(StrictSchema):
    """Closing or opening an account."""

    enabled = Boolean(required=True)
    reason = LongText(load_default="", max_length=1000, metadata={"label": _("Reason"), "rows": 2})
