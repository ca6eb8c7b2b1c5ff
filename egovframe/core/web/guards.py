"""Guards at the door: every view declares who may call it, and nobody passes before that was asked."""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask, Response, current_app, redirect, request
from werkzeug.routing.exceptions import BuildError

from egovframe.core.auth import PUBLIC, check, guard_of
from egovframe.core.persistence import now
from egovframe.core.web.context import actor, is_page, reading, url
from egovframe.core.web.errors import answer, problem_of
from egovframe.core.web.runtime import runtime
from egovframe.errors import EgovError, Forbidden, NotSignedIn

SIGN_IN = "account.sign_in"


class UndeclaredRoute(EgovError):
    """A view declares no guard: a programming error, refused as a missing right in production."""


def install(app: Flask) -> None:
    """Ask the guard of the view before it runs."""
    app.before_request(enforce)
    app.register_error_handler(NotSignedIn, _lead_to_sign_in)


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
        check(guard, actor(), now(reading()))


def undeclared(app: Flask) -> list[str]:
    """Return the ``METHOD endpoint`` of every route without a guard; the suite demands that there is none."""
    found = set()
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            if guard_of(app.view_functions[rule.endpoint], method) is None:
                found.add(f"{method} {rule.endpoint}")
    return sorted(found)


def _lead_to_sign_in(error: NotSignedIn) -> Response:
    if not is_page() or request.method not in {"GET", "HEAD"}:
        return answer(problem_of(error))
    try:
        door = url(SIGN_IN)
    except BuildError:
        return answer(problem_of(error))
    back = request.full_path.rstrip("?")
    return redirect(f"{door}?next={quote(back, safe='')}", code=303)  # type: ignore[return-value]
