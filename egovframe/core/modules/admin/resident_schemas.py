"""What the residents' office enters."""

from __future__ import annotations

from marshmallow import fields as ma

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web import address_code_field, birth_date_field, document_name_field
from egovframe.fields import Boolean, Choice, Email, LongText, PublicId, StrictSchema

DOCUMENTS = (
    ("identity_card", _("Identity card")),
    ("passport", _("Passport")),
    ("residence_permit", _("Residence permit")),
    ("other_document", _("Another official document")),
)
DECISIONS = (
    ("same", _("The same person")),
    ("different", _("A different person")),
    ("refused", _("Not proven: do not verify this account")),
)
NOT_SEEN = _("Without having seen the original nobody can be verified.")


class FindAccountSchema(StrictSchema):
    """Whose account it is about."""

    email = Email(
        required=True,
        metadata={
            "label": _("E-mail address of the account"),
            "hint": _("The person names it; the whole address, as there is no list to look through."),
            "autocomplete": "off",
        },
    )


class DocumentSchema(StrictSchema):
    """What an identity document says, as an official reads it; no browser fills it in."""

    name = document_name_field()
    birth_date = birth_date_field()
    address_code = address_code_field()
    document = Choice(
        DOCUMENTS, required=True, metadata={"label": _("Which document did you see?"), "widget": "radios"}
    )
    seen = Boolean(
        load_default=False,
        metadata={
            "label": _("I have seen the original, and it belongs to the person in front of me."),
            "widget": "checkbox",
        },
    )


class ReasonSchema(StrictSchema):
    """Why something is taken back or refused."""

    reason = LongText(
        required=True, max_length=1000, metadata={"label": _("Reason"), "rows": 3, "hint": _("The person is told.")}
    )


class NotSendSchema(StrictSchema):
    """Why a letter is not sent."""

    reason = LongText(
        required=True, max_length=1000, metadata={"label": _("Reason"), "rows": 2, "hint": _("Kept in the record.")}
    )


class ChosenLettersSchema(StrictSchema):
    """Which letters were handed to the post."""

    letters = ma.List(PublicId(), load_default=list, metadata={"label": _("Letters")})


class DecisionSchema(StrictSchema):
    """Who somebody is."""

    decision = Choice(DECISIONS, required=True, metadata={"label": _("Who is it?"), "widget": "radios"})
    person = PublicId(load_default="", metadata={"label": _("Which person?"), "widget": "radios"})
    reason = LongText(
        required=True, max_length=1000, metadata={"label": _("Reason"), "rows": 3, "hint": _("Kept in the record.")}
    )
