"""What comes in and goes out of the desk and the API."""

from __future__ import annotations

from marshmallow import fields

from egovframe import fields as strict
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.cases.queries import QUEUES


class CursorQuery(strict.StrictSchema):
    """Where a list goes on."""

    cursor = strict.Text(max_length=300, load_default="")


class DeskQuery(CursorQuery):
    """Which queue, narrowed to what."""

    queue = strict.Choice(QUEUES, load_default="mine")
    subject = strict.Text(max_length=80, load_default="")
    state = strict.Text(max_length=40, load_default="")


class CasesQuery(DeskQuery):
    """The same for the API."""

    page_size = strict.Integer(minimum=1, maximum=100, load_default=20)
    type = strict.Text(max_length=40, load_default="")


class VersionSchema(strict.StrictSchema):
    """The version that a form was made from."""

    version = strict.Integer(minimum=1, required=True)


class RevealSchema(strict.StrictSchema):
    """Why somebody wants to see what they were not shown."""

    reason = strict.Text(
        required=True,
        min_length=5,
        max_length=300,
        metadata={
            "label": _("Why do you need this?"),
            "hint": _("The person will read it, with your post and the time. Write no names."),
        },
    )


class ActionIn(strict.StrictSchema):
    """What an action is given; which fields it asks for is in the case's ``actions``."""

    text = strict.LongText(max_length=8_000, load_default="")
    fields_ = fields.Dict(
        keys=strict.Text(max_length=40), values=fields.Raw(allow_none=True), load_default=dict, data_key="fields"
    )


class FactOut(strict.StrictSchema):
    """A labelled value."""

    label = fields.String()
    value = fields.String()


class EntryOut(strict.StrictSchema):
    """One line of the timeline."""

    at = fields.AwareDateTime()
    kind = fields.String()
    action = fields.String()
    title = fields.String()
    text = fields.String()
    public = fields.Boolean()
    author = fields.String()
    facts = fields.List(fields.Nested(FactOut))


class AskedOut(strict.StrictSchema):
    """A field that an action asks for."""

    name = fields.String()
    type = fields.String()
    title = fields.String()
    required = fields.Boolean()


class ActionOut(strict.StrictSchema):
    """An action that the caller may take now."""

    action = fields.String()
    title = fields.String()
    text = fields.String(metadata={"description": "none, optional or required"})
    public = fields.Boolean(metadata={"description": "whether the reporter and the public read the text"})
    fields_ = fields.List(fields.Nested(AskedOut), data_key="fields")


class CaseOut(strict.StrictSchema):
    """A case in a list."""

    reference = fields.String()
    type = fields.String()
    title = fields.String()
    subject = fields.String()
    state = fields.String()
    state_title = fields.String()
    kind = fields.String(metadata={"description": "open, waiting or terminal"})
    version = fields.Integer()
    department = fields.String(allow_none=True)
    post = fields.String(allow_none=True)
    triage = fields.Boolean()
    received_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    paused = fields.Boolean()
    overdue = fields.Boolean()
    lat = fields.Float(allow_none=True)
    lon = fields.Float(allow_none=True)
    address = fields.String()
    channel = fields.String()


class CaseDetailOut(CaseOut):
    """A case with everything that an official works with."""

    routing = fields.List(fields.String())
    actions = fields.List(fields.Nested(ActionOut))
    timeline = fields.List(fields.Nested(EntryOut))


class CasesOut(strict.StrictSchema):
    """One page of a queue."""

    queue = fields.String()
    cases = fields.List(fields.Nested(CaseOut))
    next_cursor = fields.String(allow_none=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
