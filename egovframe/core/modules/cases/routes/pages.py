"""``/{lang}/desk``: the inbox, and a case on one screen."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from egovframe.core.auth import can, requires
from egovframe.core.i18n import gettext
from egovframe.core.modules.cases.models import Case
from egovframe.core.modules.cases.permissions import CONTACT, READ
from egovframe.core.modules.cases.queries import QUEUES, InboxFilter, readable_case, timeline
from egovframe.core.modules.cases.routes.desk import case_view, queue_view
from egovframe.core.modules.cases.schemas import DeskQuery, RevealSchema, VersionSchema
from egovframe.core.modules.cases.services.acting import CaseChanged, act
from egovframe.core.modules.privacy import MASK
from egovframe.core.persistence import moment
from egovframe.core.web import Form, actor, form, go, load, notice, reading, render, url, writing
from egovframe.errors import Forbidden, Invalid, NotFound

blueprint = Blueprint("cases", __name__, url_prefix="/desk", template_folder="../templates")


@blueprint.get("/")
@requires(READ)
def inbox() -> str:
    """Show a queue."""
    query = load(DeskQuery(), request.args.to_dict())
    narrow = InboxFilter(subject=query["subject"], state=query["state"])
    view = queue_view(reading(), actor(), query["queue"], query["cursor"] or None, narrow)
    return render("cases/inbox.html", desk=view, narrow=narrow)


@blueprint.get("/cases/<reference>")
@requires(READ)
def case(reference: str) -> str:
    """Show a case beside its queue."""
    return _case(readable_case(reading(), actor(), reference))


@blueprint.post("/cases/<reference>/reveal")
@requires(CONTACT)
def reveal(reference: str) -> Any:
    """Show how to reach the reporter of a case that one does not have, for a reason that the reporter will read.

    The answer is the page itself and not a redirect: loading it again asks again.
    """
    found = readable_case(reading(), actor(), reference)
    try:
        reason = load(RevealSchema())["reason"]
    except Invalid as error:
        return _case(found, refusal=error), 422
    if not can(actor(), CONTACT, found, at=moment(reading())):
        raise Forbidden
    return _case(found, reason=reason)


@blueprint.post("/cases/<reference>/actions/<action>")
@requires(READ)
def take_action(reference: str, action: str) -> Any:
    """Take an action; what was typed stays when it is refused or somebody was faster."""
    typed = {name: value for name, value in request.form.items() if name not in {"csrf_token", "version"}}
    try:
        version = load(VersionSchema(), {"version": request.form.get("version", "")})["version"]
        with writing() as session:
            found = readable_case(session, actor(), reference)
            fields = {name: value for name, value in typed.items() if name != "text"}
            act(session, actor(), found.id, action, version=version, text=typed.get("text", ""), fields=fields)
    except Invalid as error:
        return _case(readable_case(reading(), actor(), reference), tried=action, typed=typed, errors=error.errors), 422
    except CaseChanged as error:
        return _case(readable_case(reading(), actor(), reference), tried=action, typed=typed, changed=error), 409
    return _onward(reference)


def _onward(reference: str) -> Any:
    try:
        found = readable_case(reading(), actor(), reference)
    except NotFound:
        notice(gettext("Done. The case %(reference)s is no longer with you.", reference=reference))
        return go("cases.inbox")
    notice(gettext("Done: %(what)s", what=timeline(reading(), found, public_only=False)[-1].title))
    return go("cases.case", reference=found.reference, queue=_queue())


def _case(found: Case, *, changed: CaseChanged | None = None, refusal: Invalid | None = None, **refused: Any) -> str:
    session = reading()
    view = case_view(session, actor(), found, **refused)
    possible = {form.view.action for form in view.actions}
    typed = refused.get("typed") or {}
    return render(
        "cases/case.html",
        desk=queue_view(session, actor(), _queue(), None, InboxFilter()),
        view=view,
        case=found,
        changed=changed,
        left_over=[text for text in typed.values() if text] if refused.get("tried", "") not in possible else [],
        mask=MASK,
        revealing=_revealing(found, refusal),
    )


def _revealing(found: Case, refusal: Invalid | None) -> Form:
    typed, errors = (request.form, refusal.errors) if refusal else (None, None)
    return form(RevealSchema(), typed, errors, sent_to=url(".reveal", reference=found.reference))


def _queue() -> str:
    wanted = request.args.get("queue", "mine")
    return wanted if wanted in QUEUES else "mine"
