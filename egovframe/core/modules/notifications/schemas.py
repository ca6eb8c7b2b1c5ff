"""What the inbox takes and gives."""

from __future__ import annotations

from marshmallow import Schema, fields

from egovframe.fields import Boolean, Integer, StrictSchema


class PageQuery(StrictSchema):
    """Which page of the inbox."""

    page = Integer(minimum=1, maximum=10_000, load_default=1)


class InboxQuery(PageQuery):
    """Which messages."""

    page_size = Integer(minimum=1, maximum=100, load_default=20)
    unread = Boolean(load_default=False)


class MessageOut(Schema):
    """A message in the asked language; ``read_at`` is null until it was read."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    thing = fields.String(required=True)
    subject = fields.String(required=True)
    text = fields.String(required=True)
    link = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    read_at = fields.AwareDateTime(required=True, allow_none=True)
