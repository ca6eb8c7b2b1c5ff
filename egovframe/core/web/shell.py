"""The web room's assembly: what ``app.py`` calls, in this order, for every application."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask, Response, g, request
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
from egovframe.core.web.runtime import EXTENSION, Runtime

TEMPLATES = Path(__file__).parent / "templates"


def new_flask(name: str = "egovframe") -> Flask:
    """Return a bare Flask application: no static folder, no templates of its own."""
    return Flask(name, static_folder=None, template_folder=None)


def install(app: Flask, runtime: Runtime) -> None:
    """Fit the shell: each step's order matters (what is installed first sees a request first, and its answer last)."""
    settings = runtime.settings
    app.extensions[EXTENSION] = runtime
    app.secret_key = settings.secret_key
    app.config["SECRET_KEY_FALLBACKS"] = list(settings.old_secret_keys)
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
