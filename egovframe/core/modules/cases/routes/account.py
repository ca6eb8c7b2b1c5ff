"""``/{lang}/account/cases``: what somebody has reported, seen from outside."""

from __future__ import annotations

from flask import Blueprint, request

from egovframe.core.auth import signed_in
from egovframe.core.modules.cases.queries import cases_of_reporter
from egovframe.core.modules.cases.routes.desk import reporter_address, rows_of
from egovframe.core.modules.cases.schemas import CursorQuery
from egovframe.core.modules.cases.types import definitions_of
from egovframe.core.web import actor, load, reading, render

blueprint = Blueprint("cases_account", __name__, url_prefix="/account/cases", template_folder="../templates")


@blueprint.get("")
@signed_in
def mine() -> str:
    """List the reader's own cases, the newest first, each with its public page."""
    query = load(CursorQuery(), request.args.to_dict())
    session = reading()
    page = cases_of_reporter(session, actor().account_id or 0, cursor=query["cursor"] or None)
    known = definitions_of(session, page.items) if page.items else {}
    addresses = {
        case.id: reporter_address(known[case.type_code, case.type_version].reporter_page, case.tracking_code)
        for case in page.items
    }
    return render("cases/mine.html", rows=rows_of(session, page.items), addresses=addresses, page=page)
