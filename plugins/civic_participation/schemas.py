"""What comes in from forms and the API, and what the API answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields as ma
from marshmallow import validates_schema

from egovframe.core.i18n import language_name
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web import settings
from egovframe.fields import (
    Boolean,
    Choice,
    Code,
    Email,
    FieldError,
    Instant,
    Integer,
    Json,
    Language,
    Latitude,
    Longitude,
    LongText,
    Phone,
    StrictSchema,
    Text,
)

MAX_DESCRIPTION = 4000
MAX_AREA = 101
"""Characters of ``LAYER:CODE``."""
WHERE_EXACTLY = {
    "label": _("Your place lies on a border. Where is it?"),
    "hint": _("It decides which office takes care of your complaint."),
}
ASK_THEM_WHERE = {
    "label": _("The place lies on a border. Where is it?"),
    "hint": _("Ask the person: it decides which office takes care of the complaint."),
}
CALLER_CHANNELS = (("phone", _("Telephone")), ("counter", _("Counter")))


class WhatSchema(StrictSchema):
    """Step 1: what it is about."""

    category = Code(required=True, max_length=80, metadata={"label": _("What is it about?")})


class WhereSchema(StrictSchema):
    """Step 2: where it is; everything is optional, but half a point is not a point."""

    address = Text(
        max_length=300,
        load_default="",
        metadata={
            "label": _("Address or a building nearby"),
            "hint": _("For example: 12 Hangang Road, in front of the city hall"),
            "autocomplete": "street-address",
        },
    )
    lat = Latitude(
        load_default=None, allow_none=True, metadata={"label": _("Latitude (north)"), "inputmode": "decimal"}
    )
    lon = Longitude(
        load_default=None, allow_none=True, metadata={"label": _("Longitude (east)"), "inputmode": "decimal"}
    )
    no_place = Boolean(load_default=False)
    area = Text(max_length=MAX_AREA, load_default="", metadata=WHERE_EXACTLY)
    asked = Boolean(load_default=False)
    """Whether the page that is sent showed the question about the border."""

    @validates_schema
    def _whole_point(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if (data.get("lat") is None) != (data.get("lon") is None):
            missing = "lat" if data.get("lat") is None else "lon"
            raise FieldError(_("Give both numbers, or leave both empty."), missing)
        if not data.get("no_place") and data.get("lat") is None and not data.get("address"):
            raise FieldError(_("Give an address or a point, or continue without a place."), "address")


class BorderSchema(WhereSchema):
    """Step 2 where the place lies on a border, as it is drawn: one more question, with an answer."""

    area = Text(required=True, max_length=MAX_AREA, metadata={**WHERE_EXACTLY, "widget": "radios"})


class DetailsSchema(StrictSchema):
    """Step 3: what happened and how to reach the reporter."""

    description = LongText(
        required=True,
        max_length=MAX_DESCRIPTION,
        metadata={
            "label": _("What should we know?"),
            "hint": _("What is wrong, since when, and what makes it dangerous or difficult."),
            "rows": 6,
        },
    )
    name = Text(
        max_length=120,
        load_default="",
        metadata={"label": _("Your name"), "autocomplete": "name", "personal": True},
    )
    email = Email(
        load_default="",
        metadata={
            "label": _("E-mail"),
            "hint": _("We write to you when something happens. Nobody else sees it."),
            "autocomplete": "email",
        },
    )
    phone = Phone(load_default="", metadata={"label": _("Telephone"), "autocomplete": "tel"})
    private = Boolean(
        load_default=False, metadata={"label": _("Do not show this on the public list"), "widget": "checkbox"}
    )


class TrackSchema(StrictSchema):
    """The code that a reporter was given."""

    unknown_code = _("We know no complaint with this code. Please compare it with your confirmation.")

    code = Text(
        required=True,
        max_length=60,
        metadata={
            "label": _("Tracking code"),
            "hint": _("16 letters and digits, as on your confirmation. Spaces and hyphens do not matter."),
            "autocomplete": "off",
        },
    )


class ReplySchema(StrictSchema):
    """What a reporter writes on the own page."""

    text = LongText(load_default="", max_length=MAX_DESCRIPTION, metadata={"label": _("Your reply"), "rows": 5})
    version = Integer(required=True, minimum=1)


class ContactIn(StrictSchema):
    """How to reach the reporter; all optional."""

    name = Text(max_length=120, load_default="", metadata={"personal": True})
    email = Email(load_default="")
    phone = Phone(load_default="")


class OnBehalfIn(ContactIn):
    """For whom an agent files, and how they reached the city; needs the permission ``auth:account:act_for``."""

    channel = Choice(CALLER_CHANNELS, load_default="phone")


NO_CONTACT = ContactIn().load({})


class ComplaintIn(StrictSchema):
    """A complaint by API. ``category`` and ``service_code`` are the same thing; one of them is needed."""

    category = Code(max_length=80)
    service_code = Code(max_length=80)
    lat = Latitude(load_default=None, allow_none=True)
    lon = Longitude(load_default=None, allow_none=True)
    area = Text(
        max_length=MAX_AREA,
        load_default="",
        metadata={
            "description": "LAYER:CODE of the area in which the reporter puts a place beside a border: one of those "
            "that `GET /api/v1/areas/locate` names, under `areas` or, with `near`, under `beside`. "
            "Empty for what the map says"
        },
    )
    address = Text(max_length=300, load_default="")
    description = LongText(required=True, max_length=MAX_DESCRIPTION)
    answers = Json(load_default=dict)
    contact = ma.Nested(ContactIn, load_default=lambda: dict(NO_CONTACT))
    private = Boolean(load_default=False)
    language = Language(load_default="")
    on_behalf_of = ma.Nested(OnBehalfIn, load_default=None, allow_none=True)

    @validates_schema
    def _category_and_point(self, data: dict[str, Any], **_kwargs: Any) -> None:
        codes = {data[name] for name in ("category", "service_code") if data.get(name)}
        if len(codes) != 1:
            raise FieldError(_("Name one category."), "category")
        if (data.get("lat") is None) != (data.get("lon") is None):
            raise FieldError(_("Give both numbers, or leave both empty."), "lat" if data.get("lat") is None else "lon")
        if data.get("answers"):
            raise FieldError(_("This category asks no questions."), "answers")


class ListQuery(StrictSchema):
    """Filters of the public list."""

    page = Integer(load_default=1, minimum=1, maximum=10_000)
    page_size = Integer(load_default=20, minimum=1, maximum=100)
    state = Text(max_length=10, load_default="")
    category = Code(load_default="", max_length=80)
    area = Text(load_default="", max_length=100)
    lang = Language(load_default="")


class CategoryOut(StrictSchema):
    """A category as the API shows it."""

    code = ma.String()
    name = ma.String()
    hint = ma.String()
    group = ma.String(allow_none=True)
    department = ma.String(allow_none=True)
    deadline_hours = ma.Integer(allow_none=True)
    deadline_mode = ma.String()


class OfficeOut(StrictSchema):
    """A department or post: its code and its name in the language asked for."""

    code = ma.String()
    name = ma.String()


class ComplaintEntryOut(StrictSchema):
    """One public line of the timeline."""

    at = Instant()
    title = ma.String()
    by = ma.String()
    text = ma.String()
    state = ma.String()


class ComplaintOut(StrictSchema):
    """A complaint as its caller may see it; ``tracking_code`` only in the answer to filing it."""

    reference = ma.String()
    tracking_code = ma.String()
    category = ma.String()
    title = ma.String()
    state = ma.String()
    state_title = ma.String()
    is_open = ma.Boolean()
    department = ma.Nested(OfficeOut, allow_none=True)
    official_post = ma.Nested(OfficeOut, allow_none=True)
    received_at = Instant()
    due_at = Instant(allow_none=True)
    closed_at = Instant(allow_none=True)
    updated_at = Instant()
    lat = ma.Float(allow_none=True)
    lon = ma.Float(allow_none=True)
    address = ma.String()
    description = ma.String()
    routing = ma.List(ma.String())
    timeline = ma.List(ma.Nested(ComplaintEntryOut))
    version = ma.Integer()
    track_url = ma.String()


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
    area = Text(max_length=MAX_AREA, load_default="", metadata=ASK_THEM_WHERE)
    asked = Boolean(load_default=False)
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
    name = Text(
        max_length=120,
        load_default="",
        metadata={"label": _("Name of the person"), "autocomplete": "off", "personal": True},
    )
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


class CallerBorderSchema(CallerComplaintSchema):
    """The same page where the place lies on a border, as it is drawn: one more question, with an answer."""

    area = Text(required=True, max_length=MAX_AREA, metadata={**ASK_THEM_WHERE, "widget": "radios"})
