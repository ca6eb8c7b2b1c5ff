"""The language of an answer: in the path for pages, by ``?lang=`` or Accept-Language for the API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, redirect, request, url_for
from werkzeug.routing import BaseConverter
from werkzeug.routing.exceptions import BuildError

from egovframe.core.auth import public
from egovframe.core.i18n import language_name, negotiate, set_language
from egovframe.core.web.cookies import LANGUAGE, LANGUAGE_AGE, read_cookie, set_cookie
from egovframe.core.web.runtime import runtime

PREFIX = "/<lang:lang>"


def language_converter(languages: Sequence[str]) -> type[BaseConverter]:
    """Return a path converter that takes the city's languages only: any other first segment is a 404."""
    alternatives = "|".join(languages)
    return type("LanguageConverter", (BaseConverter,), {"regex": f"(?:{alternatives})", "part_isolating": True})


def mount_pages(app: Flask, blueprint: Blueprint) -> None:
    """Mount a blueprint of pages below the language: ``/complaints`` becomes ``/<lang>/complaints``."""
    app.register_blueprint(blueprint, url_prefix=PREFIX + (blueprint.url_prefix or ""))


def install(app: Flask, languages: Sequence[str]) -> None:
    """Take the language out of the path, put it into every address built, and hold it while answering."""
    app.url_map.converters["lang"] = language_converter(languages)
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_language_giver(app))
    app.before_request(_speak)
    app.after_request(_declare)
    app.add_url_rule("/", "core.root", root)


@public
def root() -> Response:
    """Lead to the home page in the reader's language."""
    response: Response = redirect(url_for("core.home", lang=chosen_language()), code=302)  # type: ignore[assignment]
    response.vary.update(["Accept-Language", "Cookie"])
    return response


def chosen_language() -> str:
    """Return the reader's language: cookie, then Accept-Language, then the city's default."""
    city = runtime().settings.city
    remembered = read_cookie(LANGUAGE)
    if remembered in city.languages:
        return remembered
    return negotiate(request.headers.get("Accept-Language", ""), city.languages, city.default_language)


def api_language() -> str:
    """Return the language of an API answer: ``?lang=``, then Accept-Language, then the city's default."""
    city = runtime().settings.city
    wanted = request.args.get("lang", "")
    if wanted in city.languages:
        return wanted
    return negotiate(request.headers.get("Accept-Language", ""), city.languages, city.default_language)


def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "lang" in values:
        g.egov_language = values.pop("lang")


def _language_giver(app: Flask) -> Callable[[str, dict[str, Any]], None]:
    """Return what puts the language into addresses; it remembers which endpoints take one."""
    takes: dict[str, bool] = {}

    def give_language(endpoint: str, values: dict[str, Any]) -> None:
        # An endpoint that is nobody's is reported by the URL map itself, as a BuildError.
        if "lang" in values or endpoint not in app.view_functions:
            return
        if endpoint not in takes:
            takes[endpoint] = app.url_map.is_endpoint_expecting(endpoint, "lang")
        if takes[endpoint] and (spoken := g.get("egov_language")) is not None:
            values["lang"] = spoken

    return give_language


def _speak() -> None:
    if "egov_language" not in g:
        g.egov_language = api_language() if request.path.startswith("/api/") else _guess()
    set_language(g.egov_language)


def _declare(response: Response) -> Response:
    if response.mimetype in {"text/html", "application/json", "application/problem+json"}:
        response.headers.setdefault("Content-Language", g.get("egov_language", ""))
        if request.path.startswith("/api/"):
            response.vary.add("Accept-Language")
    return response


def _guess() -> str:
    """Return the language of an address that is nobody's: its first segment's, else the reader's."""
    first = request.path[1:].partition("/")[0]
    return first if first in runtime().settings.city.languages else chosen_language()


def remember_language(response: Response, chosen: str) -> None:
    """Keep the reader's choice for a year."""
    set_cookie(response, LANGUAGE, chosen, age=LANGUAGE_AGE)


def language_links() -> list[dict[str, str]]:
    """Return this page in every language of the city: ``code``, ``name`` (in itself), ``url``."""
    city = runtime().settings.city
    return [{"code": code, "name": language_name(code), "url": _same_page(code)} for code in city.languages]


def _same_page(code: str) -> str:
    endpoint, values = request.endpoint, dict(request.view_args or {})
    if endpoint is None or not current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        return url_for("core.home", lang=code)
    values["lang"] = code
    try:
        address = url_for(endpoint, **values)
    except BuildError:
        return url_for("core.home", lang=code)
    query = request.query_string.decode("ascii", "ignore")
    return f"{address}?{query}" if query and request.method in {"GET", "HEAD"} else address
