"""Guards at the door: every view declares who may call it, and nobody passes before that was asked."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flask import Flask, Response, current_app, redirect, request
from werkzeug.routing.exceptions import BuildError

from egovframe.actor import Actor
from egovframe.core.auth import CHOOSE_FACTOR, PUBLIC, SECOND_FACTOR, Guard, SessionEntry, check, guard_of
from egovframe.core.persistence import now
from egovframe.core.web.context import actor, is_page, reading, url, visit
from egovframe.core.web.errors import answer, problem_of, wants_json
from egovframe.core.web.runtime import runtime
from egovframe.errors import EgovError, Forbidden, NotSignedIn, ProofNeeded

SIGN_IN = "account.sign_in"
PROVE = "account.prove"
STEPS = {SECOND_FACTOR: "account.second_factor", CHOOSE_FACTOR: "account.factors"}
"""The page of each step of a sign-in."""


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
    if not is_page() or request.method not in {"GET", "HEAD"}:
        return answer(problem_of(error))
    return _lead_to(next_step(visit()) or SIGN_IN, request.full_path.rstrip("?"), error)


def _lead_to_proof(error: ProofNeeded) -> Response:
    if not is_page() or wants_json():
        return answer(problem_of(error))
    asked = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else _page_of_the_form()
    return _lead_to(PROVE, asked, error)


def _page_of_the_form() -> str:
    """Return the page that the refused form stood on, as far as the browser says it; else the page of factors."""
    came_from = urlsplit(request.referrer or "")
    return came_from.path if came_from.netloc == request.host else url(STEPS[CHOOSE_FACTOR])


def _lead_to(endpoint: str, back: str, error: EgovError) -> Response:
    try:
        door = url(endpoint)
    except BuildError:
        return answer(problem_of(error))
    return redirect(f"{door}?next={quote(back, safe='')}", code=303)  # type: ignore[return-value]
