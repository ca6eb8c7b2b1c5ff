"""Guards at the door: every view declares who may call it, and nobody passes before that was asked."""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask, Response, current_app, redirect, request, session
from werkzeug.routing.exceptions import BuildError

from egovframe.actor import Actor
from egovframe.core.auth import CHOOSE_FACTOR, PUBLIC, SECOND_FACTOR, Guard, SessionEntry, check, guard_of
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import now
from egovframe.core.web.context import actor, is_page, notice, reading, url, visit
from egovframe.core.web.csrf import SAFE, came_from_us
from egovframe.core.web.errors import answer, problem_of, wants_json
from egovframe.core.web.kept import keep_form, page_of_form, remember_browser, something_typed
from egovframe.core.web.runtime import runtime
from egovframe.errors import EgovError, Forbidden, NotSignedIn, ProofNeeded

SIGN_IN = "account.sign_in"
PROVE = "account.prove"
STEPS = {SECOND_FACTOR: "account.second_factor", CHOOSE_FACTOR: "account.factors"}
"""The page of each step of a sign-in."""
NEXT = "next"
"""Where in the state cookie stands where the person was going while steps are open."""
KEPT = _("Nothing was sent yet. What you filled in is kept: after this step you see it again and can send it.")
PRESS_AGAIN = _("Nothing was done yet. After this step, press the button again.")
LOST = _("What you filled in could not be kept. Go back with your browser and copy it first, then sign in.")


class UndeclaredRoute(EgovError):
    """A view declares no guard: a programming error, refused as a missing right in production."""


def install(app: Flask) -> None:
    """Ask the guard of the view before it runs."""
    app.before_request(enforce)
    app.register_error_handler(NotSignedIn, _lead_to_sign_in)
    app.register_error_handler(ProofNeeded, _lead_to_proof)


def enforce() -> None:
    """Let the caller pass or raise.

    Raises:
        NotSignedIn, Forbidden: as the guard says; Forbidden also for an undeclared view in production.
        UndeclaredRoute: an undeclared view, in strict mode.
    """
    if request.endpoint is None or request.method == "OPTIONS":
        return
    guard = guard_of(current_app.view_functions[request.endpoint], request.method)
    if guard is None:
        if runtime().settings.strict:
            raise UndeclaredRoute(f"{request.endpoint} declares no guard: use @public, @signed_in or @requires(...)")
        raise Forbidden
    if guard != PUBLIC:
        check(guard, _caller(guard), now(reading()))


def undeclared(app: Flask) -> list[str]:
    """Return the ``METHOD endpoint`` of every route without a guard; the suite demands that there is none."""
    found = set()
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            if guard_of(app.view_functions[rule.endpoint], method) is None:
                found.add(f"{method} {rule.endpoint}")
    return sorted(found)


def _caller(guard: Guard) -> Actor:
    """Return who asks: nobody while steps are open, unless the route is a page of the step that comes next."""
    known, entry = actor(), visit()
    if entry is not None and entry.pending is not None and entry.steps[0] in guard.steps:
        return entry.pending
    return known


def next_step(entry: SessionEntry | None) -> str:
    """Return the endpoint of the next step of a sign-in that is under way, or an empty text."""
    return STEPS[entry.steps[0]] if entry is not None and entry.steps else ""


def _lead_to_sign_in(error: NotSignedIn) -> Response:
    if not is_page() or (request.method not in SAFE and wants_json()):
        return answer(problem_of(error))
    return _lead_to(next_step(visit()) or SIGN_IN, error)


def _lead_to_proof(error: ProofNeeded) -> Response:
    if not is_page() or wants_json():
        return answer(problem_of(error))
    return _lead_to(PROVE, error)


def _lead_to(endpoint: str, error: EgovError) -> Response:
    """Lead to a step and back: to the page that was asked for, or to the form with what was typed in it."""
    try:
        door = url(endpoint)
    except BuildError:
        return answer(problem_of(error))
    if request.method in SAFE:
        return _redirect(door, request.full_path.rstrip("?"))
    if not came_from_us():
        # Nothing of it is kept, and nobody is led away: another site may have sent it.
        return answer(problem_of(error), _towards(door, ""))
    if endpoint != PROVE and _is_step():
        return _redirect(door, request.form.get(NEXT, "") or session.get(NEXT, ""))
    if not something_typed():
        notice(PRESS_AGAIN, "info")
        return _redirect(door, _page())
    kept = keep_form()
    if kept is None:
        return answer(problem_of(type(error)(LOST)), _towards(door, _page()))
    notice(KEPT, "info")
    response = _redirect(door, url("account.resume", public_id=kept))
    remember_browser(response)
    return response


def _is_step() -> bool:
    """Whether the form is one of a sign-in's steps: what stands in it is a secret, and worth nothing later."""
    guard = guard_of(current_app.view_functions[request.endpoint or ""], request.method)
    return guard is not None and bool(guard.steps)


def _page() -> str:
    """Return the page that the refused form stood on; where the browser does not say it, the page of factors."""
    return page_of_form() or url(STEPS[CHOOSE_FACTOR])


def _towards(door: str, back: str) -> str:
    return f"{door}?next={quote(back, safe='')}" if back else door


def _redirect(door: str, back: str) -> Response:
    return redirect(_towards(door, back), code=303)  # type: ignore[return-value]
