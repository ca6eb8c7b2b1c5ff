"""Questions that several rooms ask in the same words: who somebody is by a document, and whether it is meant."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.fields import Boolean, Date, FieldError, StrictSchema, Text


def document_name_field(autocomplete: str = "off") -> Text:
    """Return the question for the name on an identity document; ``autocomplete`` is ``off`` where an official types."""
    hint = _("Exactly as it stands on the identity document.")
    facts = {"label": _("Full name"), "hint": hint, "autocomplete": autocomplete}
    return Text(required=True, max_length=200, metadata=facts)


def birth_date_field(autocomplete: str = "off") -> Date:
    """Return the question for the date of birth."""
    return Date(required=True, metadata={"label": _("Date of birth"), "autocomplete": autocomplete})


def address_code_field(autocomplete: str = "off") -> Text:
    """Return the question for the number of an address."""
    hint = _("The number of the building or dwelling in the city's register, or the postal code.")
    facts = {"label": _("Number of the address"), "hint": hint, "autocomplete": autocomplete}
    return Text(required=True, max_length=80, metadata=facts)


def _must(value: bool) -> None:
    if not value:
        raise FieldError(_("Tick this first: an erasure cannot be undone."))


class SureSchema(StrictSchema):
    """A tick that says that an erasure is meant, where there is no password to type."""

    sure = Boolean(
        required=True,
        validate=_must,
        metadata={"label": _("I know that this cannot be undone."), "widget": "checkbox"},
        error_messages={"required": _("Tick this first: an erasure cannot be undone.")},
    )
