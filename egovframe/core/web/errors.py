"""One shape for every refusal: problem+json (RFC 9457) for programs, a page in the reader's language for people.

Protocol fronts (Open311, CKAN) answer in their own format: they register a renderer for their prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, json, render_template, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from egovframe import errors as tree
from egovframe.actor import ANONYMOUS
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import KeyMissing
from egovframe.core.web.context import actor, is_api, language
from egovframe.core.web.requests import request_id
from egovframe.errors import EgovError, NotSignedIn, Unavailable

PROBLEM_TYPE = "application/problem+json"
FRONTS = "egovframe.fronts"
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")
_log = structlog.get_logger("egovframe.error")
_KINDS = [kind for kind in vars(tree).values() if isinstance(kind, type) and issubclass(kind, EgovError)]
_BY_STATUS: dict[int, type[EgovError]] = {kind.status: kind for kind in reversed(_KINDS)}
"""The general error of each status: it is defined before those that say more."""
_TITLES: dict[int, Any] = {
    405: _("This does not work that way"),
    408: _("That took too long"),
    410: _("This is no longer here"),
    414: _("This address is too long"),
    431: _("This request is too large"),
    500: EgovError.title,
}
_ADVICE: dict[int, Any] = {
    400: _("Go back, load the page again, and try once more."),
    401: _("Sign in, then try again."),
    403: _("Your account does not have this right. If you think it should, ask the office that looks after accounts."),
    404: _("The address may be mistyped, or the page has moved. The search and the menu lead to everything."),
    405: _("Open the page again and use its own buttons."),
    413: _("Send less at once: fewer or smaller files."),
    429: _("Please wait a little and try again."),
    500: _("It is our fault, not yours. We have noted it. Please try again in a few minutes."),
    503: _("Please try again in a few minutes. Nothing you sent before was lost."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal ready to be written: texts are in the reader's language.

    Attributes:
        status: the HTTP status.
        code: a stable word for programs, such as ``not-found``.
        title: what happened, in a few words.
        detail: what happened and what to do.
        errors: messages by field.
        headers: such as Allow and Retry-After.
        members: further members of the document, such as ``required_assurance``.
    """

    status: int
    code: str
    title: str
    detail: str
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the members of RFC 9457; ``instance`` is the request's id."""
        found: dict[str, Any] = {
            "type": f"urn:egovframe:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:egovframe:request:{request_id()}",
        }
        if self.errors:
            found["errors"] = self.errors
        return {**self.members, **found}


Renderer = Callable[[Problem], Response]


def install(app: Flask) -> None:
    """Answer every error of the tree, of Werkzeug, of the database, and the unforeseen."""
    app.extensions.setdefault(FRONTS, {})
    app.register_error_handler(EgovError, _refused)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(OperationalError, _database_gone)
    app.register_error_handler(InterfaceError, _database_gone)
    app.register_error_handler(PendingRollbackError, _database_gone)
    app.register_error_handler(PoolTimeout, _database_gone)
    app.register_error_handler(DBAPIError, _database_fault)
    app.register_error_handler(KeyMissing, _key_missing)
    app.register_error_handler(Exception, _unforeseen)


def register_front(app: Flask, prefix: str, renderer: Renderer) -> None:
    """Let a protocol front below ``prefix`` (such as ``/open311/``) write refusals in its own format."""
    app.extensions.setdefault(FRONTS, {})[prefix] = renderer


def problem_of(error: EgovError | HTTPException) -> Problem:
    """Turn an error into what is written."""
    if isinstance(error, EgovError):
        return Problem(
            status=error.status,
            code=error.code,
            title=str(error.title),
            detail=str(error.detail or _ADVICE.get(error.status, "")),
            errors={name: [str(text) for text in texts] for name, texts in error.errors.items()},
            headers=error.headers,
            members=error.members,
        )
    status = error.code or 500
    kind = _BY_STATUS.get(status, EgovError)
    known = kind.status == status
    return Problem(
        status=status,
        code=kind.code if known else error.name.lower().replace(" ", "-"),
        title=str(_TITLES.get(status) or (kind.title if known else error.name)),
        detail=str(_ADVICE.get(status, "")),
        errors=_messages(getattr(error, "data", None)),
        headers={name: value for name, value in error.get_headers() if name in KEPT_HEADERS},
    )


def answer(problem: Problem, way_on: str = "") -> Response:
    """Write a problem in the caller's form.

    Args:
        problem: what is written.
        way_on: address of the page where one signs in or shows who one is, for the page's first button.
    """
    response = _rendered(problem, way_on)
    response.headers.extend(dict(problem.headers))
    return response


def _rendered(problem: Problem, way_on: str) -> Response:
    for prefix, renderer in current_app.extensions[FRONTS].items():
        if request.path.startswith(prefix):
            front: Response = renderer(problem)
            return front
    if is_api() or wants_json():
        body = json.dumps(problem.document(), ensure_ascii=False)
        return Response(body, problem.status, content_type=PROBLEM_TYPE)
    return Response(_page(problem, way_on), problem.status, content_type="text/html; charset=utf-8")


def wants_json() -> bool:
    """Whether the caller reads problem documents and no pages."""
    accepted = request.accept_mimetypes
    return PROBLEM_TYPE in accepted.values() and "text/html" not in accepted.values()


def _page(problem: Problem, way_on: str) -> str:
    """Render the page with the portal's layout; where the layout itself needs what is broken, a bare page."""
    context = {"problem": problem, "request_id": request_id(), "lang": language(), "way_on": way_on}
    if problem.status >= 500:
        g.egov_actor = g.get("egov_actor", ANONYMOUS)
        return render_template("core/error_bare.html", **context)
    g.setdefault("egov_language", language())  # what was refused before the address was read has links all the same
    try:
        actor()
    except NotSignedIn:
        g.egov_actor = ANONYMOUS  # a dead token: the layout asks who reads, and the answer is nobody
    try:
        return render_template("core/error.html", **context)
    except Exception:  # noqa: BLE001 - the top error handler: an error page must not fail
        _log.exception("the error page failed")
        return render_template("core/error_bare.html", **context)


def _refused(error: EgovError | HTTPException) -> Response:
    if isinstance(error, HTTPException) and error.response is not None:
        return error.response  # type: ignore[return-value]
    if isinstance(error, HTTPException) and error.code is not None and 300 <= error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    problem = problem_of(error)
    if problem.status >= 500:
        _log.error("refused", status=problem.status, code=problem.code, exc_info=error)
    return answer(problem)


def _database_gone(error: Exception) -> Response:
    _log.error("the database does not answer", exc_info=error)
    return answer(problem_of(Unavailable(_("The database does not answer. Please try again in a few minutes."))))


def _database_fault(error: DBAPIError) -> Response:
    return _database_gone(error) if error.connection_invalidated else _unforeseen(error)


def _key_missing(error: KeyMissing) -> Response:
    """Say that what is stored cannot be read for now; the operator's log names the key and what to do."""
    _log.error("secret_key_missing", key=error.name, remedy="add it to old_secret_keys; see egovframe doctor")
    told = _("What is stored here cannot be read at the moment. The people who run this portal know. Nothing is lost.")
    return answer(problem_of(Unavailable(told, retry_after=600)))


def _unforeseen(error: Exception) -> Response:
    _log.error("unforeseen", exc_info=error)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return answer(problem_of(EgovError()))


def _messages(data: Any) -> dict[str, list[str]]:
    """Return webargs' ``{location: {field: [message]}}`` as messages by field."""
    if not isinstance(data, Mapping):
        return {}
    found: dict[str, list[str]] = {}
    for location, messages in (data.get("errors") or data.get("messages") or {}).items():
        if isinstance(messages, Mapping):
            _collect("", messages, found)
        else:
            found.setdefault(str(location), []).extend(str(text) for text in messages)
    return found


def _collect(path: str, messages: Any, into: dict[str, list[str]]) -> None:
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            _collect(f"{path}.{key}" if path else str(key), value, into)
    elif isinstance(messages, list | tuple):
        into.setdefault(path or "_schema", []).extend(str(text) for text in messages)
    else:
        into.setdefault(path or "_schema", []).append(str(messages))
