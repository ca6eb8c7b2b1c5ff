"""What the pages of assurance take in: a letter is asked for, its code typed, an identity document entered."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.fields import Date, LongText, StrictSchema, Text


class NextSchema(StrictSchema):
    """Where to go on afterwards."""

    next = Text(max_length=2000, load_default="", metadata={"widget": "hidden"})


def name_field(autocomplete: str) -> Text:
    """Return the question for the name on an identity document; ``autocomplete`` is ``off`` where an official types."""
    hint = _("Exactly as it stands on the identity document.")
    facts = {"label": _("Full name"), "hint": hint, "autocomplete": autocomplete}
    return Text(required=True, max_length=200, metadata=facts)


def birth_date_field(autocomplete: str) -> Date:
    """Return the question for the date of birth."""
    return Date(required=True, metadata={"label": _("Date of birth"), "autocomplete": autocomplete})


def address_code_field(autocomplete: str) -> Text:
    """Return the question for the number of an address."""
    hint = _("The number of the building or dwelling in the city's register, or the postal code.")
    facts = {"label": _("Number of the address"), "hint": hint, "autocomplete": autocomplete}
    return Text(required=True, max_length=80, metadata=facts)


class EvidenceSchema(StrictSchema):
    """Who somebody is, as an identity document says it."""

    name = name_field("name")
    birth_date = birth_date_field("bday")
    address_code = address_code_field("postal-code")


class LetterSchema(EvidenceSchema, NextSchema):
    """Ask for a letter."""

    address = LongText(
        required=True,
        max_length=400,
        metadata={
            "label": _("Postal address"),
            "hint": _("The lines below your name on an envelope."),
            "rows": 4,
            "autocomplete": "street-address",
        },
    )


class LetterCodeSchema(NextSchema):
    """Type the code of the letter."""

    code = Text(
        required=True,
        max_length=40,
        metadata={
            "label": _("Code from the letter"),
            "hint": _("Ten letters and digits. Spaces, hyphens and small letters do not matter."),
            "autocomplete": "one-time-code",
        },
    )
