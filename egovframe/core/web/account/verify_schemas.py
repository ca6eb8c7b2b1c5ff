"""What the pages of assurance take in: a letter is asked for, its code typed, an identity document entered."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.fields import Date, LongText, StrictSchema, Text


class NextSchema(StrictSchema):
    """Where to go on afterwards."""

    next = Text(max_length=2000, load_default="", metadata={"widget": "hidden"})


class EvidenceSchema(StrictSchema):
    """Who somebody is, as an identity document says it."""

    name = Text(
        required=True,
        max_length=200,
        metadata={
            "label": _("Full name"),
            "hint": _("Exactly as it stands on the identity document."),
            "autocomplete": "name",
        },
    )
    birth_date = Date(required=True, metadata={"label": _("Date of birth"), "autocomplete": "bday"})
    address_code = Text(
        required=True,
        max_length=80,
        metadata={
            "label": _("Number of the address"),
            "hint": _("The number of the building or dwelling in the city's register, or the postal code."),
            "autocomplete": "postal-code",
        },
    )


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
