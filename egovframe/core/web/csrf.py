"""Cross-site request forgery: every unsafe request to a page carries our token and comes from our own origin.

What is no page (the API, protocol fronts) reads no cookie, so a foreign site has nothing to ride on: it needs no list
of exemptions. Fetch metadata and Origin are checked besides the token (W3C Fetch Metadata; RFC 6454).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from egovframe.core.i18n import gettext as _
from egovframe.core.web.context import is_page
from egovframe.core.web.security import host_of_request
from egovframe.errors import BadRequest

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
EXTENSION = "egovframe.csrf"


def install(app: Flask) -> None:
    """Check every unsafe request to a page, whatever other calls this process has answered before."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,  # our own hook decides by the route, not by a list of exempted views
        WTF_CSRF_TIME_LIMIT=None,  # as long as the state cookie lives: a form may stay open over lunch
        WTF_CSRF_SSL_STRICT=False,  # needs a Referer, which pages with a tracking code do not send
        WTF_CSRF_METHODS=["POST", "PUT", "PATCH", "DELETE"],
    )
    app.extensions[EXTENSION] = CSRFProtect(app)
    app.before_request(refuse_forgery)


def refuse_forgery() -> None:
    """Refuse an unsafe request to a page that carries no token of ours; asked again, the answer is the same.

    Raises:
        BadRequest: the token is missing or wrong, or the form came from another site.
    """
    if request.method in SAFE or request.url_rule is None or not is_page():
        return
    refuse_foreign_origins()
    try:
        current_app.extensions[EXTENSION].protect()
    except CSRFError as error:
        raise BadRequest(
            _("This form is too old or came from another site. Go back, load the page again and send it once more.")
        ) from error


def came_from_us() -> bool:
    """Whether this form stood on a page of ours: its token says so, or the browser itself does.

    The token's secret goes when somebody signs out or in, in another tab too; ``Sec-Fetch-Site: same-origin`` stays
    true then, and no page of another site can make a browser send it.
    """
    try:
        refuse_foreign_origins()
        if request.headers.get("Sec-Fetch-Site") != "same-origin":
            refuse_forgery()
    except BadRequest:
        return False
    return True


def refuse_foreign_origins() -> None:
    """Refuse what a browser itself marks as coming from elsewhere.

    Raises:
        BadRequest: Sec-Fetch-Site says cross-site or same-site, or Origin names another host.
    """
    origin = request.headers.get("Origin", "")
    foreign = request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}
    if origin and origin != "null":
        foreign = foreign or (urlsplit(origin).hostname or "") != host_of_request().strip("[]")
    if foreign:
        raise BadRequest(_("This form was sent from another site. Open it here and send it once more."))
