"""What the privacy pages of administrators take in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, pre_load

from egovframe.core.i18n import language_name
from egovframe.core.i18n import lazy_gettext as _
from egovframe.fields import Boolean, Choice, Code, Date, Integer, LongText, StrictSchema, Text, in_our_time

MAX_BODY = 20_000
KINDS = (
    ("privacy", _("Privacy notice: put before everybody with an account")),
    ("terms", _("Terms of use: put before everybody with an account")),
    ("consent", _("A free consent: offered, never demanded")),
)


class FormSchema(StrictSchema):
    """A form whose empty fields count as not filled in: dates and numbers may be left out."""

    @pre_load
    def _without_empty(self, data: Any, **_kwargs: Any) -> Any:
        return {name: value for name, value in data.items() if value != ""} if isinstance(data, Mapping) else data


class HoldSchema(FormSchema):
    """Whose data are held, why, and until when."""

    what = Text(
        required=True,
        max_length=254,
        metadata={"label": _("E-mail address of the person, or number of the case"), "autocomplete": "off"},
    )
    reason = Text(
        required=True,
        max_length=500,
        metadata={"label": _("Reason"), "hint": _("Court, file number: what another official needs to know.")},
    )
    until = Date(
        load_default=None,
        allow_none=True,
        validate=in_our_time,
        metadata={"label": _("Last day"), "hint": _("Leave it empty to hold until somebody releases it.")},
    )


class RuleSchema(FormSchema):
    """How long something stays from a day on."""

    keep_days = Integer(
        minimum=0,
        maximum=36_525,
        load_default=None,
        allow_none=True,
        metadata={"label": _("Days"), "hint": _("Counted from the instant named above. Empty: until the person asks.")},
    )
    action = Choice(
        (
            ("erase", _("Erase everything")),
            ("sever", _("Cut the link to the person; what was handed in to be read stays")),
        ),
        required=True,
        metadata={"label": _("When the time is over")},
    )
    on_request = Choice(
        (
            ("erase", _("Erase at once")),
            ("sever", _("Cut the link to the person at once, erase when the time is over")),
            ("keep", _("Keep until the time is over")),
        ),
        required=True,
        metadata={"label": _("When the person asks to be erased")},
    )
    law = Text(
        max_length=200,
        load_default="",
        metadata={"label": _("Law"), "hint": _("As it is cited; people read it as the reason.")},
    )
    valid_from = Date(
        load_default=None,
        allow_none=True,
        validate=in_our_time,
        metadata={"label": _("From"), "hint": _("Empty: from now on.")},
    )
    seen = Text(max_length=40, load_default="", metadata={"widget": "hidden"})
    """Which rule was shown with what it lets go; another one is shown first, too."""


def notice_schema(languages: tuple[str, ...], *, new: bool) -> Schema:
    """Return the form of a notice: code and kind for a new one, then title and text in every language."""
    fields: dict[str, object] = {}
    if new:
        fields["code"] = Code(required=True, max_length=60, metadata={"label": _("Code"), "hint": _("Such as privacy")})
        fields["kind"] = Choice(KINDS, required=True, metadata={"label": _("What it is")})
    for number, language in enumerate(languages):
        name = language_name(language)
        first = number == 0
        titled = {"label": _("Title, %(language)s", language=name)}
        fields[f"title_{language}"] = (
            Text(required=True, max_length=200, metadata=titled)
            if first
            else Text(load_default="", max_length=200, metadata=titled)
        )
        facts = {"label": _("Text, %(language)s", language=name), "rows": 10}
        fields[f"body_{language}"] = (
            LongText(required=True, max_length=MAX_BODY, metadata=facts)
            if first
            else LongText(load_default="", max_length=MAX_BODY, metadata=facts)
        )
    fields["asks"] = Boolean(
        load_default=False,
        metadata={
            "label": _("Ask everybody again"),
            "hint": _("Leave it out when only the spelling was corrected."),
        },
    )
    return StrictSchema.from_dict(fields)()  # type: ignore[arg-type]
