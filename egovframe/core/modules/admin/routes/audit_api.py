"""``/api/v1/audit``: the record for programs of auditors, and the published heads for everybody."""

from __future__ import annotations

from typing import Any

from egovframe.core.auth import public, requires
from egovframe.core.modules.admin.audit_schemas import AuditApiQuery, AuditEntryOut, AuditPageOut, HeadsOut
from egovframe.core.modules.admin.audit_views import EntryView, filter_of, views_of
from egovframe.core.modules.admin.reach import whole_city
from egovframe.core.modules.audit import READ_AUDIT, daily_heads, entry_by_id, heads_key, search_entries
from egovframe.core.web import ApiBlueprint, reading

blueprint = ApiBlueprint("audit_api", __name__, url_prefix="/audit", description="The record of who did what")
whole_city(blueprint)


@blueprint.get("")
@requires(READ_AUDIT)
@blueprint.arguments(AuditApiQuery, location="query")
@blueprint.response(200, AuditPageOut)
def list_entries(query: dict[str, Any]) -> dict[str, Any]:
    """Search the record, newest first; days are those of the city's zone."""
    session = reading()
    page = search_entries(
        session, filter_of(session, query), cursor=query["cursor"] or None, page_size=query["page_size"]
    )
    return {"entries": [_out(view) for view in views_of(session, page.items)], "next_cursor": page.next_cursor}


@blueprint.get("/entries/<int:number>")
@requires(READ_AUDIT)
@blueprint.response(200, AuditEntryOut)
def get_entry(number: int) -> dict[str, Any]:
    """Return one entry."""
    session = reading()
    return _out(views_of(session, [entry_by_id(session, number)])[0])


@blueprint.get("/heads")
@public
@blueprint.response(200, HeadsOut)
def list_heads() -> dict[str, Any]:
    """Return the signed heads of the last days: whoever keeps a copy can prove later that the record was cut."""
    session = reading()
    return {"public_key": heads_key(session), "heads": daily_heads(session)}


def _out(view: EntryView) -> dict[str, Any]:
    entry = view.entry
    names = ("id", "at", "actor", "on_behalf_of", "action", "thing", "outcome", "before", "after", "reason")
    said = {name: getattr(entry, name) for name in (*names, "request_id")}
    return {**said, "title": str(view.title), "link": view.link}
