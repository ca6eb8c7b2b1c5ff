"""The web room's assembly: what ``app.py`` calls, in this order, for every application."""

from __future__ import annotations

import inspect
from collections.abc import Callable, MutableMapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask.templating
from flask import Flask, Request, Response, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from egovframe.core.web import (
    api,
    assets,
    assurance,
    compression,
    context,
    cookies,
    csrf,
    errors,
    guards,
    kept,
    languages,
    looks,
    ops,
    requests,
    security,
    sessions,
    templating,
    theme,
)
from egovframe.core.web.routes import pages
from egovframe.core.web.rules import PlainRule
from egovframe.core.web.runtime import EXTENSION, Runtime

TEMPLATES = Path(__file__).parent / "templates"


class Environment(flask.templating.Environment):
    """Flask's Jinja environment with one set of globals for all templates."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals themselves where nothing is laid over them.

        Jinja would chain them for every template, and compare both chains name by name at every ``import``.
        """
        return super().make_globals(d) if d else self.globals


class StateSessions(SecureCookieSessionInterface):
    """Flask's signed cookie; the machinery that reads one is set up only where there is one to read."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie holds, or a new session."""
        if app.secret_key and self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class Portal(Flask):
    """Flask with what makes each of its many small steps cheap."""

    jinja_environment = Environment
    url_rule_class = PlainRule
    session_interface = StateSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as something to call: a plain one, as all of ours are, without a long look at it."""
        flags = getattr(getattr(func, "__code__", None), "co_flags", None)
        if flags is None or flags & inspect.CO_COROUTINE or hasattr(func, "_is_coroutine_mark"):
            return super().ensure_sync(func)
        return func


def new_flask(name: str = "egovframe") -> Flask:
    """Return a bare Flask application: no static folder, no templates of its own."""
    return Portal(name, static_folder=None, template_folder=None)


def install(app: Flask, runtime: Runtime) -> None:
    """Fit the shell: each step's order matters (what is installed first sees a request first, and its answer last)."""
    settings = runtime.settings
    app.extensions[EXTENSION] = runtime
    app.secret_key = settings.secret_key
    app.config["SECRET_KEY_FALLBACKS"] = list(settings.old_secret_keys)
    # itsdangerous signs with the last and reads all: a form that is open while the key changes can still be sent.
    app.config["WTF_CSRF_SECRET_KEY"] = [*reversed(settings.old_secret_keys), settings.secret_key]
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=1)
    app.url_map.strict_slashes = False
    cookies.configure(app, settings)
    errors.install(app)
    requests.install(app)
    looks.begin(app)
    compression.install(app)
    app.after_request(revalidate)
    security.install(app, settings)
    languages.install(app, settings.city.languages)
    context.install(app)
    ops.install(app)
    sessions.install(app)
    guards.install(app)
    assurance.install(app)
    csrf.install(app)
    kept.install(app)
    templating.install(app)
    assets.install(app, runtime.assets)
    theme.install(app, runtime.theme)
    api.install(app, settings.city.name_in(settings.city.default_language))
    _templates(app, settings.folder, strict=not settings.is_production)
    languages.mount_pages(app, pages)
    looks.finish(app)


def _templates(app: Flask, folder: Path, *, strict: bool) -> None:
    """Look in the city's folder first, then in the core's; Flask adds the blueprints' own folders."""
    own = [str(place) for place in (folder / "templates",) if place.is_dir()]
    app.jinja_loader = ChoiceLoader([FileSystemLoader(own), FileSystemLoader(str(TEMPLATES))])
    if strict:
        app.jinja_env.undefined = StrictUndefined


def revalidate(response: Response) -> Response:
    """Give anonymous pages without a form an ETag, so that a second visit costs a few bytes (304)."""
    if (
        request.method in {"GET", "HEAD"}
        and response.status_code == 200
        and response.mimetype == "text/html"
        and not response.is_streamed
        and "csrf_token" not in g
        and "Set-Cookie" not in response.headers
        and response.headers.get("Cache-Control") == "no-cache"
    ):
        response.add_etag(weak=True)
        response.make_conditional(request)
    return response
