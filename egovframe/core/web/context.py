"""The face for routes: who asks, in which language, with which session, and how to answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from typing import Any

from flask import Flask, Response, flash, g, redirect, render_template, request, url_for
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from egovframe.actor import ANONYMOUS, Actor
from egovframe.config import Settings
from egovframe.core.auth import SessionEntry, actor_of_token, session_entry
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy import Looking, write_down
from egovframe.core.modules.settings import settings_in_force, settings_now
from egovframe.core.persistence import now as clock
from egovframe.core.web.cookies import SIGNED_IN, read_cookie
from egovframe.core.web.runtime import runtime
from egovframe.errors import Invalid, NotSignedIn
from egovframe.fields import MAX_FIELDS

CSRF_FIELD = "csrf_token"
API_PREFIX = "/api/"


class _Units:
    """The units of work of one request: at most one reading unit, opened when first needed."""

    def __init__(self) -> None:
        self.reader: Session | None = None
        self.writer: Session | None = None
        self.joined = False
        self._stack = ExitStack()

    def reading(self) -> Session:
        """Return the session to read with: inside of ``writing`` the writing one, so that it sees its own changes."""
        if self.writer is not None:
            return self.writer
        if self.reader is None:
            self.reader = self._stack.enter_context(runtime().database.reading())
        return self.reader

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open the request's writing unit, or join the one of ``writing_throughout``."""
        if self.joined and self.writer is not None:
            yield self.writer
            return
        try:
            with runtime().database.writing() as session:
                self.writer = session
                try:
                    yield session
                finally:
                    self.writer = None
        finally:
            # What was read before is stale now, also when the write was refused: the next read begins afresh.
            self.close()

    def close(self) -> None:
        """End the reading unit; the next read opens another."""
        self.reader = None
        self._stack.close()


def _units() -> _Units:
    if "egov_units" not in g:
        g.egov_units = _Units()
    units: _Units = g.egov_units
    return units


def close_units(_error: BaseException | None = None) -> None:
    """End the request's reading unit; called when the application context ends."""
    units = g.pop("egov_units", None)
    if units is not None:
        units.close()


def reading() -> Session:
    """Return the request's reading session (inside ``writing()`` the writing one)."""
    return _units().reading()


def reader_in_use() -> Session | None:
    """Return the request's reading session if something has read with it."""
    units: _Units | None = g.get("egov_units")
    return units.reader if units is not None else None


def writing() -> AbstractContextManager[Session]:
    """Give the request's writing unit: commits at the end of the block, rolls back on any exception.

    Load again what you change: objects read before through ``reading()`` belong to another session.
    """
    return _units().writing()


@contextmanager
def writing_throughout() -> Iterator[Session]:
    """Give a writing unit that every ``writing()`` inside the block joins: one transaction for a whole view."""
    units = _units()
    with units.writing() as session:
        units.joined = True
        try:
            yield session
        finally:
            units.joined = False


def settings() -> Settings:
    """Return the city's settings."""
    return runtime().settings


def plugin_settings(name: str, session: Session | None = None) -> Mapping[str, Any]:
    """Return the settings of a plugin by name.

    What an administrator stored stands over the city's ``[plugin.<name>]``, and that over the manifest's defaults.

    Args:
        name: of the plugin.
        session: of the unit that asks, for jobs. Without one, and outside of a request's ``writing()``, the values are
            read at most once a second.
    """
    found, open_unit = runtime(), session or _units().writer
    stored = settings_now(open_unit, name) if open_unit else settings_in_force(found.database, name)
    return {**found.plugin_settings[name], **stored}


def language() -> str:
    """Return the language of this answer."""
    chosen: str = g.get("egov_language") or settings().city.default_language
    return chosen


def is_api() -> bool:
    """Whether the request asks the programming interface."""
    return request.path.startswith(API_PREFIX)


def is_page() -> bool:
    """Whether the request asks a page below ``/<lang>``; only pages read cookies.

    An address that is nobody's counts as a page, so that its 404 has the portal's layout, unless it is the API's.
    """
    if request.url_rule is None:
        return not is_api()
    return "lang" in request.url_rule.arguments or request.endpoint == "core.root"


def actor() -> Actor:
    """Return who asks: from the session cookie on pages, from the bearer token elsewhere.

    Raises:
        NotSignedIn: a bearer token was sent that is unknown, revoked or expired.
    """
    if "egov_actor" not in g:
        g.egov_actor = _actor_of_cookie() if is_page() else _actor_of_token()
    found: Actor = g.egov_actor
    return found


def visit() -> SessionEntry | None:
    """Return the browser's session, whose steps may be open still; None for strangers and for the API."""
    actor()
    found: SessionEntry | None = g.get("egov_session_entry")
    return found


def person() -> Actor:
    """Return who asks, also while steps of the sign-in are open: for the pages of these steps only."""
    entry = visit()
    return entry.pending if entry is not None and entry.pending is not None else actor()


def forget_actor() -> None:
    """Load the actor anew at the next use; call it after signing in or out, outside of ``writing()``.

    What was seen until now was seen by whoever was signed in: it is written down first, in their name.
    """
    errand: Looking | None = g.get("egov_looking")
    if errand is not None:
        if errand.pending and actor().is_signed_in:
            write_down(errand, runtime().database)
        errand.change_hands(actor)
    g.pop("egov_actor", None)
    g.pop("egov_menus", None)
    g.pop("egov_session_entry", None)


def _actor_of_cookie() -> Actor:
    token = read_cookie(SIGNED_IN)
    entry = session_entry(reading(), token) if token else None
    g.egov_session_entry = entry
    return entry.actor if entry else ANONYMOUS


def _actor_of_token() -> Actor:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        return ANONYMOUS
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn(headers={"WWW-Authenticate": 'Bearer realm="api"'})
    return actor_of_token(reading(), token.strip())


def now() -> datetime:
    """Return the database's clock, read once for a page."""
    if "egov_now" not in g:
        g.egov_now = clock(reading())
    value: datetime = g.egov_now
    return value


def url(endpoint: str, **values: Any) -> str:
    """Return the address of an endpoint in the reader's language (``lang=`` chooses another)."""
    return url_for(endpoint, **values)


def go(endpoint: str, **values: Any) -> Response:
    """Redirect with 303 so that the browser follows with GET."""
    return redirect(url(endpoint, **values), code=303)  # type: ignore[return-value]


def notice(text: Any, kind: str = "success") -> None:
    """Show a message on the next page: ``success``, ``info``, ``warning`` or ``danger``."""
    flash(str(text), kind)


def render(template: str, /, **context: Any) -> str:
    """Render a template with the portal's globals."""
    return render_template(template, **context)


def load(schema: Schema, source: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Check what came in and return the clean values.

    Args:
        schema: what is expected.
        source: the form by default, the JSON body under ``/api/``; pass ``request.args`` for a query.

    Raises:
        Invalid: with messages by field name.
    """
    if source is None and len(request.form) > MAX_FIELDS:
        raise Invalid(errors={"_schema": [_("Send fewer fields.")]})
    if source is None:
        source = request.get_json() if is_api() else MultiDict([*request.form.items(multi=True), *_files()])
    data = flatten(schema, source) if isinstance(source, MultiDict) else source
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as error:
        raise Invalid(errors=messages_by_field(error)) from error
    return loaded


def _files() -> list[tuple[str, FileStorage]]:
    return [(name, file) for name, file in request.files.items(multi=True) if file.filename]


def flatten(schema: Schema, source: MultiDict[str, Any]) -> dict[str, Any]:
    """Turn form pairs into values: lists where the schema has a list, without the CSRF token.

    A name that comes twice where one value is expected is refused by the schema, not silently cut.
    """
    lists = {name for name, field in schema.load_fields.items() if isinstance(field, fields.List)}
    result: dict[str, Any] = {}
    for name in source:
        if name == CSRF_FIELD:
            continue
        values = source.getlist(name)
        result[name] = values if name in lists or len(values) > 1 else values[0]
    return result


def messages_by_field(error: ValidationError) -> dict[str, list[Any]]:
    """Return messages by field name, nested names joined with dots; ``_schema`` holds those of the whole form."""
    result: dict[str, list[Any]] = {}
    _collect("", error.messages_dict, result)
    return result


def _collect(path: str, messages: Any, into: dict[str, list[Any]]) -> None:
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            _collect(f"{path}.{key}" if path else str(key), value, into)
    elif isinstance(messages, list | tuple):
        into.setdefault(path or "_schema", []).extend(messages)
    else:
        into.setdefault(path or "_schema", []).append(messages)


def install(app: Flask) -> None:
    """Close the request's units when its context ends."""
    app.teardown_appcontext(close_units)
