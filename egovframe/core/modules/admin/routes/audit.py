"""``/<lang>/admin/audit``: the record as auditors search, read, verify and export it. Nothing here can change it."""

from __future__ import annotations

import json
import tempfile
import zipfile
from typing import IO, Any

from flask import Blueprint, Response, request, send_file
from werkzeug.datastructures import MultiDict

from egovframe.core.auth import requires
from egovframe.core.i18n import N_
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.audit_schemas import AuditExportIn, AuditPageQuery, AuditQuery
from egovframe.core.modules.admin.audit_views import Titles, changes_of, filter_of, views_of
from egovframe.core.modules.admin.audit_work import ask_check
from egovframe.core.modules.admin.reach import whole_city
from egovframe.core.modules.audit import (
    READ_AUDIT,
    AuditFilter,
    chain_length,
    daily_heads,
    entry_by_id,
    heads_key,
    known_actions,
    last_check,
    link_of,
    neighbours,
    pending_count,
    record_export,
    search_entries,
    write_export,
)
from egovframe.core.modules.privacy import RECORDED
from egovframe.core.persistence import CursorPage
from egovframe.core.web import actor, go, load, notice, reading, render, writing
from egovframe.errors import Invalid

pages = Blueprint("admin_audit", __name__, url_prefix="/admin/audit", template_folder="../templates")
whole_city(pages)
TABS = (
    ("admin_audit.entries", N_("What was done")),
    ("admin_looks.index", N_("Who looked")),
    ("admin_audit.chain", N_("Is it intact?")),
)
"""Endpoint and words of the tabs; one whose pages are not installed is left out."""
MEMORY = 4 * 1024 * 1024
"""Bytes of an export that are kept in memory before a file takes them."""


@pages.app_context_processor
def _tabs() -> dict[str, Any]:
    return {"audit_tabs": TABS}


@pages.get("")
@requires(READ_AUDIT)
def entries() -> Any:
    """Search the record, newest first."""
    session, problems = reading(), {}
    try:
        given = load(AuditPageQuery(), _filled())
        narrow = filter_of(session, given)
        page = search_entries(session, narrow, cursor=given["cursor"] or None)
    except Invalid as error:
        narrow, problems, page = AuditFilter(), error.errors, CursorPage([], None)
    titles = Titles(session)
    actions = sorted(((name, str(titles.of(name))) for name in known_actions(session)), key=lambda pair: pair[1])
    asked = {name: value for name, value in _filled().items() if name in AuditQuery().load_fields}
    body = render(
        "admin/audit.html",
        views=views_of(session, page.items),
        cursor=page.next_cursor,
        asked=asked,
        shown={**dict.fromkeys(AuditQuery().load_fields, ""), **asked},
        problems=problems,
        actions=actions,
        check=last_check(session),
        narrow=narrow,
    )
    return body, 422 if problems else 200


@pages.get("/entries/<int:number>")
@requires(READ_AUDIT)
def entry(number: int) -> str:
    """Show one entry in words, its place in the chain, and the ways to what belongs to it."""
    session = reading()
    found = entry_by_id(session, number)
    link = link_of(session, found)
    around = neighbours(session, link) if link else (None, None)
    before, after = (views_of(session, [one])[0] if one else None for one in around)
    return render(
        "admin/audit_entry.html",
        view=views_of(session, [found])[0],
        link=link,
        changes=changes_of(found),
        look=found.thing.removeprefix("look:") if found.action == RECORDED else "",
        before=before,
        after=after,
    )


@pages.get("/chain")
@requires(READ_AUDIT)
def chain() -> str:
    """Show how long the chain is, what the last verification found, and the heads that were published."""
    session = reading()
    return render(
        "admin/audit_chain.html",
        length=chain_length(session),
        pending=pending_count(session),
        check=last_check(session),
        heads=daily_heads(session),
        key=heads_key(session),
    )


@pages.post("/verify")
@requires(READ_AUDIT)
def verify_now() -> Any:
    """Let the worker verify the chain; the page shows the outcome when it is there."""
    with writing() as session:
        ask_check(session, actor())
    notice(_("The chain is being verified. Open this page again in a moment to see the outcome."), "info")
    return go(".chain")


@pages.get("/heads.jsonl")
@requires(READ_AUDIT)
def heads_file() -> Response:
    """Give the published heads, oldest first, as ``egovframe audit verify --heads`` reads them."""
    lines = [
        json.dumps({"n": head.n, "hash": head.hash, "at": head.at, "signature": head.signature})
        for head in reversed(daily_heads(reading(), limit=100_000))
    ]
    response = Response("".join(f"{line}\n" for line in lines), content_type="application/jsonl")
    response.headers["Content-Disposition"] = "attachment; filename=audit-heads.jsonl"
    return response


@pages.post("/export")
@requires(READ_AUDIT)
def export() -> Response:
    """Give what the filter finds as a file with its signed manifest; the export is itself recorded."""
    given = load(AuditExportIn(), _filled(request.form))
    session = reading()
    narrow = filter_of(session, given)
    with tempfile.SpooledTemporaryFile(MEMORY) as body:
        manifest = write_export(session, body, given["format"], narrow)
        with writing() as recording:
            record_export(recording, actor(), manifest)
        archive = _archive(body, f"audit.{given['format']}", manifest)
    day = manifest["made_at"][:10]
    return send_file(archive, "application/zip", as_attachment=True, download_name=f"audit-{day}.zip", max_age=0)


def _archive(body: IO[bytes], name: str, manifest: dict[str, Any]) -> IO[bytes]:
    target = tempfile.SpooledTemporaryFile(MEMORY)  # noqa: SIM115 - the answer closes it
    body.seek(0)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(name, "w", force_zip64=True) as part:
            while chunk := body.read(64 * 1024):
                part.write(chunk)
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2))
    target.seek(0)
    return target


def _filled(source: MultiDict[str, str] | None = None) -> MultiDict[str, str]:
    """Return what was filled in: an empty field of the bar does not narrow."""
    given = request.args if source is None else source
    return MultiDict([(name, value) for name, value in given.items(multi=True) if value and name != "lang"])
