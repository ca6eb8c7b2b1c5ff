"""What an agent takes down for somebody who calls or comes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import validates_schema

from civic_participation.schemas import MAX_DESCRIPTION
from egovframe.core.i18n import language_name
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web import settings
from egovframe.fields import (
    Boolean,
    Choice,
    Code,
    Email,
    FieldError,
    Latitude,
    Longitude,
    LongText,
    Phone,
    StrictSchema,
    Text,
)

CALLER_CHANNELS = (("phone", _("Telephone")), ("counter", _("Counter")))


def offered_languages() -> Iterable[tuple[str, str]]:
    """Return the city's languages, each in its own words."""
    return [(code, language_name(code)) for code in settings().city.languages]


class CallerComplaintSchema(StrictSchema):
    """A whole complaint on one page."""

    channel = Choice(CALLER_CHANNELS, required=True, metadata={"label": _("How did the person reach us?")})
    category = Code(required=True, max_length=80, metadata={"label": _("What is it about?")})
    description = LongText(
        required=True, max_length=MAX_DESCRIPTION, metadata={"label": _("What does the person report?"), "rows": 5}
    )
    address = Text(
        max_length=300,
        load_default="",
        metadata={"label": _("Address or a building nearby"), "autocomplete": "off"},
    )
    lat = Latitude(
        load_default=None, allow_none=True, metadata={"label": _("Latitude (north)"), "inputmode": "decimal"}
    )
    lon = Longitude(
        load_default=None, allow_none=True, metadata={"label": _("Longitude (east)"), "inputmode": "decimal"}
    )
    name = Text(max_length=120, load_default="", metadata={"label": _("Name of the person"), "autocomplete": "off"})
    email = Email(
        load_default="",
        metadata={
            "label": _("E-mail of the person"),
            "hint": _("The city writes there. An account with this address finds the complaint among its own."),
            "autocomplete": "off",
        },
    )
    phone = Phone(load_default="", metadata={"label": _("Telephone of the person"), "autocomplete": "off"})
    language = Choice(offered_languages, required=True, metadata={"label": _("Language of the person")})
    private = Boolean(
        load_default=False, metadata={"label": _("Do not show this on the public list"), "widget": "checkbox"}
    )

    @validates_schema
    def _whole_point(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if (data.get("lat") is None) != (data.get("lon") is None):
            missing = "lat" if data.get("lat") is None else "lon"
            raise FieldError(_("Give both numbers, or leave both empty."), missing)
