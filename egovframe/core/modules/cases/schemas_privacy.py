"""What the pages about the data of a case take in."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.fields import Boolean, FieldError, StrictSchema


def _must(value: bool) -> None:
    if not value:
        raise FieldError(_("Tick this first: an erasure cannot be undone."))


class SureSchema(StrictSchema):
    """A tick that says that it is meant."""

    sure = Boolean(
        required=True,
        validate=_must,
        metadata={"label": _("I know that this cannot be undone."), "widget": "checkbox"},
        error_messages={"required": _("Tick this first: an erasure cannot be undone.")},
    )
