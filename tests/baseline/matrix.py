"""What each visitor is answered by each route, held against what the route declares.

Unsafe methods are asked with parameters that name nothing and without a form token, so that passing the guard changes
nothing: a page answers 400 then, the API 4xx.
"""

from __future__ import annotations

from collections.abc import Iterator

from baseline.routes import Route, routes
from baseline.samples import MAY_REFUSE_INSIDE, address
from baseline.town import Town, Visitor
from werkzeug.test import TestResponse

from egovframe.core.auth import Guard
from egovframe.core.persistence import now

SIGN_IN = "/account/sign-in?next="


def problems(town: Town, only: set[str] | None = None) -> Iterator[str]:
    """Yield one line for every answer that differs from the declared guard.

    Args:
        only: names of visitors to ask as; all by default.
    """
    for route in routes(town.app):
        for visitor in town.visitors.values():
            if only is not None and visitor.name not in only:
                continue
            answer = town.ask(visitor, route.method, address(town, route, unknown=not route.is_safe))
            wrong = judge(town, route, visitor, answer)
            if wrong:
                yield f"{route} as {visitor.name}: {wrong}"


def judge(town: Town, route: Route, visitor: Visitor, answer: TestResponse) -> str:
    """Return what is wrong with an answer, or an empty text."""
    if answer.status_code >= 500:
        return f"{answer.status_code}: {answer.text[:300]}"
    if route.guard is None:
        return "the route declares no guard"
    if visitor.dead and not route.is_page and route.guard.rule == "public":
        return ""  # whether a public route looks at the token at all is its own affair
    expected = outcome(town, route, visitor)
    seen = observed(route, answer)
    if seen == expected:
        return ""
    if expected == "passes" and seen == "refused" and route.endpoint in MAY_REFUSE_INSIDE:
        return ""
    return f"{answer.status_code} ({seen}), declared {words(route.guard)}: {expected}"


def outcome(town: Town, route: Route, visitor: Visitor) -> str:
    """Return what the declaration means for the visitor: ``passes``, ``unknown`` (who are you?) or ``refused``."""
    guard = route.guard
    assert guard is not None
    if guard.rule == "public":
        return "passes"
    signed_in = visitor.client is not None if route.is_page else bool(visitor.headers)
    if visitor.dead or not signed_in:
        return "unknown"
    return "passes" if guard.rule == "signed_in" or _holds(town, route, visitor) else "refused"


def _holds(town: Town, route: Route, visitor: Visitor) -> bool:
    """Ask the stored roles, not the actor: a broken loader must not agree with itself."""
    from egovframe.core.auth import grants_of

    assert route.guard is not None
    with town.database.reading() as session:
        at = now(session)
        held = {
            name
            for grant in grants_of(session, visitor.actor.account_id or 0, at)
            if grant.valid_from is None or grant.valid_from <= at
            for name in grant.role.permissions
        }
    if visitor.name == "narrowed token":
        held = set()
    return bool(held & route.guard.permissions)


def observed(route: Route, answer: TestResponse) -> str:
    """Return what an answer says about the visitor, in the words of ``outcome``."""
    if answer.status_code == 401 or (answer.status_code == 303 and SIGN_IN in answer.headers.get("Location", "")):
        return "unknown"
    return "refused" if answer.status_code == 403 else "passes"


def words(guard: Guard) -> str:
    """Return a declaration as the tables print it."""
    return " or ".join(sorted(guard.permissions)) or guard.rule
