"""The shell's own pages: home and search."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from marshmallow import EXCLUDE
from werkzeug.datastructures import MultiDict
from werkzeug.routing.exceptions import BuildError

from egovframe.core.auth import public
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.context import actor, flatten, language, reading, render, url
from egovframe.core.web.cookies import LANGUAGE, read_cookie
from egovframe.core.web.languages import remember_language
from egovframe.core.web.runtime import runtime
from egovframe.fields import StrictSchema, Text

SEARCH_LIMIT = 20
pages = Blueprint("core", __name__, template_folder="templates")


class SearchSchema(StrictSchema):
    """What the search box sends."""

    class Meta:
        """Other parameters are ignored: links from outside carry them."""

        unknown = EXCLUDE

    q = Text(max_length=200, load_default="", metadata={"label": _("Search"), "autocomplete": "off"})


@pages.get("/")
@public
def home() -> Response:
    """Show the doors to services and what is alive in the city."""
    tiles = [tile for tile in sorted(runtime().hooks.collect("home_tiles", actor=actor()), key=_order) if _leads(tile)]
    asked = {"session": reading(), "actor": actor(), "language": language()}
    sections = sorted(runtime().hooks.collect("home_sections", **asked), key=_order)
    response = Response(
        render("core/home.html", tiles=tiles, sections=sections), content_type="text/html; charset=utf-8"
    )
    if read_cookie(LANGUAGE) != language():
        remember_language(response, language())
    return response


@pages.get("/search")
@public
def search() -> str:
    """Show what core and plugins find for a text."""
    given = MultiDict([("q", request.args.get("q", ""))])
    errors = SearchSchema().validate(flatten(SearchSchema(), given))
    text = "" if errors else str(SearchSchema().load(flatten(SearchSchema(), given))["q"])
    hits = find(text) if text else []
    return render("core/search.html", query=given["q"][:200], hits=hits, messages=errors.get("q", []), asked=bool(text))


def find(text: str) -> list[Any]:
    """Return what everybody finds, plugin by plugin, at most 20 each."""
    return list(
        runtime().hooks.collect(
            "search", session=reading(), actor=actor(), text=text, language=language(), limit=SEARCH_LIMIT
        )
    )


def _order(item: Any) -> int:
    return int(item.order)


def _leads(tile: Any) -> bool:
    try:
        url(tile.endpoint)
    except BuildError:
        return False
    return True


__all__ = ["find", "pages"]
