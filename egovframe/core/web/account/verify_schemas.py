"""What the pages of assurance take in: a letter is asked for, its code typed, an identity document entered."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.questions import address_code_field, birth_date_field, document_name_field
from egovframe.fields import LongText, StrictSchema, Text


class NextSchema(StrictSchema):
    """Where to go on afterwards."""

    next = Text(max_length=2000, load_default="", metadata={"widget": "hidden"})


class EvidenceSchema(StrictSchema):
    """Who somebody is, as an identity document says it."""

    name = document_name_field("name")
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
