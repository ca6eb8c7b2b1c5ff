"""What the administration's pages are sent."""

from __future__ import annotations

from egovframe.fields import Boolean, StrictSchema


class SwitchSchema(StrictSchema):
    """On or off."""

    enabled = Boolean(required=True)
