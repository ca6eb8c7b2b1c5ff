"""What comes in with an import, one schema a kind of row, and what the API gives out."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema
from marshmallow import fields as plain

from egovframe.core.i18n import is_language
from egovframe.core.i18n import lazy_gettext as _
from egovframe.fields import (
    Code,
    Date,
    Email,
    FieldError,
    Instant,
    Phone,
    PublicId,
    StrictSchema,
    Text,
    TranslatedField,
    in_our_time,
)


class When(Instant):
    """An instant, or a plain date in the city's zone: its first moment, or with ``ends`` the moment after its last."""

    def __init__(self, *, ends: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ends = ends

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not (isinstance(value, str) and len(value.strip()) == 10):
            return super()._deserialize(value, attr, data, **kwargs)
        day = Date().deserialize(value)
        zone: ZoneInfo = self.root.zone if isinstance(self.root, RowSchema) else ZoneInfo("UTC")
        try:
            midnight = datetime.combine(day, time()) + timedelta(days=1 if self.ends else 0)
            return midnight.replace(tzinfo=zone).astimezone(UTC)
        except OverflowError as error:
            raise FieldError(_("This date is too far away.")) from error


class Words(TranslatedField):
    """A text in one or several languages that CLDR knows, at most 200 characters each, none empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, str]:
        own = self.root.language if isinstance(self.root, RowSchema) else "en"
        if isinstance(value, dict):
            value = {language or own: text for language, text in value.items()}
        elif isinstance(value, str):
            value = {own: value}
        texts = super()._deserialize(value, attr, data, **kwargs)
        if not all(texts.values()) or not all(is_language(language) for language in texts):
            raise FieldError(_("Send a text, or texts by language."))
        return texts


class RowSchema(StrictSchema):
    """A row of an import.

    Args:
        language: of texts that do not say theirs.
        zone: of dates without a time.
    """

    def __init__(self, language: str = "en", zone: ZoneInfo | None = None) -> None:
        super().__init__()
        self.language = language
        self.zone = zone or ZoneInfo("UTC")


class DepartmentRow(RowSchema):
    """A department; ``parent`` is the code of the one above."""

    code = Code(required=True, max_length=60)
    name = Words(required=True)
    parent = Code(max_length=60)
    phone = Phone()
    email = Email()
    valid_from = When(data_key="from")
    valid_until = When(data_key="until", ends=True)


class PostRow(RowSchema):
    """A post; ``department`` and ``reports_to`` are codes."""

    code = Code(required=True, max_length=60)
    title = Words(required=True)
    department = Code(required=True, max_length=60)
    reports_to = Code(max_length=60)
    valid_from = When(data_key="from")
    valid_until = When(data_key="until", ends=True)


class OfficialRow(RowSchema):
    """A person on a post; an account is made when the address has none."""

    post = Code(required=True, max_length=60)
    email = Email(required=True)
    name = Text(required=True, max_length=200)
    role = Code()
    valid_from = When(data_key="from")
    valid_until = When(data_key="until", ends=True)


class AbsenceRow(RowSchema):
    """A time in which the holder of a post is away; ``until`` as a plain date is the last day away."""

    post = Code(required=True, max_length=60)
    valid_from = When(required=True, data_key="from")
    valid_until = When(required=True, data_key="until", ends=True)
    substitute = Code(max_length=60)
    reason = Text(max_length=300)


class JurisdictionRow(RowSchema):
    """What a post or a department is in charge of: ``subject`` (``*`` is everything) in ``area`` (LAYER:CODE)."""

    post = Code(max_length=60)
    department = Code(max_length=60)
    subject = Text(required=True, max_length=120)
    area = Text(max_length=110)
    valid_from = When(data_key="from")
    valid_until = When(data_key="until", ends=True)


ROWS: dict[str, type[RowSchema]] = {
    "department": DepartmentRow,
    "post": PostRow,
    "official": OfficialRow,
    "absence": AbsenceRow,
    "jurisdiction": JurisdictionRow,
}
"""Kinds of rows in the order in which they are stored."""


class DepartmentOut(Schema):
    """A department as the public sees it."""

    code = plain.String(required=True)
    name = plain.String(required=True)
    parent = plain.String(allow_none=True)
    phone = plain.String(required=True)
    email = plain.String(required=True)


class DepartmentsOut(Schema):
    """Every department in force."""

    departments = plain.List(plain.Nested(DepartmentOut), required=True)


class LendSchema(StrictSchema):
    """Who stands in, with which roles, from which day to which."""

    lender_post = Code(
        load_default="",
        max_length=60,
        metadata={
            "label": _("Who will be away?"),
            "hint": _("Of somebody else, all roles limited to your departments are lent together; no others."),
        },
    )
    delegate_post = Code(required=True, max_length=60, metadata={"label": _("Who stands in?"), "widget": "select"})
    grants = plain.List(
        PublicId(),
        load_default=list,
        metadata={"label": _("Which roles?"), "hint": _("None chosen means all of them.")},
    )
    first_day = Date(required=True, validate=in_our_time, metadata={"label": _("First day")})
    last_day = Date(required=True, validate=in_our_time, metadata={"label": _("Last day")})
    reason = Text(load_default="", max_length=300, metadata={"label": _("Reason"), "hint": _("Kept in the audit.")})


class EndLoanSchema(StrictSchema):
    """Nothing but the button."""
