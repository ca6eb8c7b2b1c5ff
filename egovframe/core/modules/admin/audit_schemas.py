"""What the auditor's pages and API take and give."""

from __future__ import annotations

from marshmallow import fields

from egovframe import fields as strict
from egovframe.core.i18n import lazy_gettext as _


class AuditQuery(strict.StrictSchema):
    """What to look for; empty fields do not narrow."""

    actor = strict.Text(max_length=254, load_default="", metadata={"label": _("Who"), "hint": _("E-mail or account")})
    action = strict.Text(max_length=120, load_default="", metadata={"label": _("What was done")})
    thing = strict.Text(
        max_length=200, load_default="", metadata={"label": _("To what"), "hint": _("Case number or thing")}
    )
    outcome = strict.Choice(("", "done", "refused"), load_default="", metadata={"label": _("Outcome")})
    since = strict.Date(load_default=None, allow_none=True, metadata={"label": _("From day")})
    until = strict.Date(load_default=None, allow_none=True, metadata={"label": _("To day")})
    request_id = strict.Text(max_length=64, load_default="", metadata={"label": _("Request number")})


class AuditPageQuery(AuditQuery):
    """The same with the place where the list goes on."""

    cursor = strict.Text(max_length=300, load_default="")


class AuditApiQuery(AuditPageQuery):
    """The same for programs."""

    page_size = strict.Integer(minimum=1, maximum=100, load_default=50)


class AuditExportIn(AuditQuery):
    """What to export, and in which format."""

    format = strict.Choice(("csv", "jsonl"), load_default="csv")


class LooksSearch(strict.StrictSchema):
    """Whose data, by whom, when; empty fields do not narrow."""

    whose = strict.Text(
        max_length=254,
        load_default="",
        metadata={"label": _("Whose data"), "hint": _("E-mail, account or case number")},
    )
    viewer = strict.Text(
        max_length=254, load_default="", metadata={"label": _("Who looked"), "hint": _("E-mail or account")}
    )
    since = strict.Date(load_default=None, allow_none=True, metadata={"label": _("From day")})
    until = strict.Date(load_default=None, allow_none=True, metadata={"label": _("To day")})
    look = strict.Text(max_length=32, load_default="", metadata={"label": _("Number of the look")})


class LooksPageQuery(LooksSearch):
    """The same with the place where the list goes on."""

    cursor = strict.Text(max_length=300, load_default="")


class AuditEntryOut(strict.StrictSchema):
    """One entry of the record."""

    id = fields.Integer()
    at = fields.AwareDateTime()
    actor = fields.String()
    on_behalf_of = fields.String()
    action = fields.String()
    title = fields.String()
    thing = fields.String()
    outcome = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)
    reason = fields.String()
    request_id = fields.String()
    link = fields.Integer(allow_none=True)


class AuditPageOut(strict.StrictSchema):
    """A part of the record, newest first."""

    entries = fields.List(fields.Nested(AuditEntryOut))
    next_cursor = fields.String(allow_none=True)


class HeadOut(strict.StrictSchema):
    """The signed head of a day."""

    n = fields.Integer()
    hash = fields.String()
    at = fields.String()
    signature = fields.String()


class HeadsOut(strict.StrictSchema):
    """The heads that were published, newest first, and the key that checks their signatures (Ed25519, hex)."""

    public_key = fields.String()
    heads = fields.List(fields.Nested(HeadOut))
