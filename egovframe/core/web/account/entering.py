"""What follows a right answer at the door: the cookie, and the next step or the page one was going to.

Every way of signing in ends here: the password, a passkey, a provider.
"""

from __future__ import annotations

from flask import Response, redirect, session

from egovframe.core.auth import SignedIn, session_entry
from egovframe.core.web.account.addresses import landing, local
from egovframe.core.web.context import close_units, forget_actor, go, language, person, reading, settings
from egovframe.core.web.cookies import SIGNED_IN, set_cookie
from egovframe.core.web.guards import NEXT, STEPS


def welcome(entered: SignedIn, wanted: str) -> Response:
    """Answer a begun or completed session: new cookie, new CSRF secret, on to the open step or to the page wanted.

    Args:
        entered: what a verb of signing in returned.
        wanted: an address as it came with the request; ignored unless it is our own.
    """
    session.clear()
    forget_actor()
    if entered.factors:
        remember(wanted)
        response = go(STEPS[entered.factors[0]])
    else:
        response = redirect(local(wanted) or _first_page(entered), code=303)  # type: ignore[assignment]
    set_cookie(response, SIGNED_IN, entered.token)
    return response


def remember(wanted: str) -> None:
    """Keep where the person was going until every step is taken."""
    if local(wanted):
        session[NEXT] = wanted


def onward() -> str:
    """Return the address that the person was going to before the steps, or their first page."""
    return local(session.pop(NEXT, "")) or landing(person(), language())


def _first_page(entered: SignedIn) -> str:
    """Return where to go: in the language the person chose for themselves, if the city offers it."""
    close_units()  # what was read before the session began does not show it
    entry = session_entry(reading(), entered.token)
    own = entered.language
    speaks = own if own in settings().city.languages else language()
    return landing(entry.actor, speaks) if entry else "/"
