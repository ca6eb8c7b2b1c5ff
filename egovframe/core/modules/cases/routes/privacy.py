"""``/{lang}/my-case/<code>``: somebody without an account takes along, or has erased, what a case holds about them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response

from egovframe.core.auth import public
from egovframe.core.modules.cases.models import Case
from egovframe.core.modules.cases.subjects import HOLDER
from egovframe.core.modules.cases.tracking import case_by_tracking_code
from egovframe.core.modules.privacy import Subject, backups_end, erase, outcome_of
from egovframe.core.web import SureSchema, actor, explained, form, go, load, reading, render, send_data, writing
from egovframe.errors import Invalid, NotFound

blueprint = Blueprint("cases_privacy", __name__, url_prefix="/my-case", template_folder="../templates")


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """The address is the key: it is kept by nobody and told to no other site."""
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/<code>")
@public
def mine(code: str) -> Any:
    """Explain what can be taken along and what an erasure would do; cases of accounts are looked after there."""
    case = _case(code)
    if case.reporter_account_id is not None:
        return go("account.my_data")
    return _page(case, code)


@blueprint.post("/<code>/download")
@public
def take_along(code: str) -> Response:
    """Give everything that belongs to the case's reporter as a file."""
    return send_data(_subject(_case(code)))


@blueprint.post("/<code>/erase")
@public
def erase_now(code: str) -> Any:
    """Erase the reporter of the case, once they said that they are sure."""
    case = _case(code)
    subject = _subject(case)
    try:
        load(SureSchema())
    except Invalid as error:
        return _page(case, code, error), 422
    with writing() as session:
        erase(session, actor(), subject)
    done = outcome_of(reading(), subject)
    return make_response(render("cases/erased.html", case=case, done=done, until=backups_end(reading())))


def _page(case: Case, code: str, error: Invalid | None = None) -> str:
    f = form(SureSchema(), {}, error.errors if error else None)
    return render("cases/my_case.html", case=case, code=code, f=f, **explained(_subject(case)))


def _subject(case: Case) -> Subject:
    if case.reporter_account_id is not None:
        raise NotFound
    return Subject(HOLDER, case.id)


def _case(code: str) -> Case:
    found = case_by_tracking_code(reading(), code)
    if found is None:
        raise NotFound
    return found
