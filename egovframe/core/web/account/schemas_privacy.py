"""What the pages about one's own data take in."""

from __future__ import annotations

from marshmallow import fields as ma

from egovframe.core.i18n import lazy_gettext as _
from egovframe.fields import Email, Integer, Password, StrictSchema, Text


class EraseSchema(StrictSchema):
    """The password once more."""

    password = Password(
        required=True,
        metadata={
            "label": _("Your password"),
            "hint": _("So that nobody else can do this in your name."),
            "autocomplete": "current-password",
        },
    )


class AddressSchema(StrictSchema):
    """Another e-mail address, by who has no password and has just signed in again."""

    email = Email(required=True, metadata={"label": _("New e-mail address"), "autocomplete": "email"})


class NewAddressSchema(AddressSchema):
    """Another e-mail address, and the password once more."""

    password = Password(required=True, metadata={"label": _("Your password"), "autocomplete": "current-password"})


class AgreeSchema(StrictSchema):
    """Which versions were on the page that was agreed to, and where to go then."""

    versions = ma.List(Integer(minimum=1), required=True)
    next = Text(max_length=2000, load_default="", metadata={"widget": "hidden"})
