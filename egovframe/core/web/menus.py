"""The menus of a page: which entries a reader sees, how they are grouped, and which one is here."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, request
from werkzeug.routing.exceptions import BuildError

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.context import actor, now, url
from egovframe.core.web.runtime import runtime
from egovframe.hooks import NavItem

Entry = dict[str, Any]
ACCOUNT_GROUPS = (
    ("matters", _("My matters")),
    ("person", _("About me")),
    ("sign_in", _("Sign-in and security")),
    ("work", _("Work")),
)
"""Groups of the account menu, in order, with their titles; an entry that names none is one of the matters."""
PAGE, BELOW = "page", "true"
"""Values of ``aria-current``: the entry is this page, or this page stands below it."""


def door(endpoint: str) -> str:
    """Return the address of an endpoint, or an empty text where this installation has none."""
    try:
        return url(endpoint)
    except BuildError:
        return ""


def menu(place: str) -> list[Entry]:
    """Return the entries of a menu that the reader may use.

    Each has ``label``, ``url``, ``icon``, ``text``, ``group``, and ``current``: what ``aria-current`` says of it, empty
    for all but the entry that is this page or leads nearest to it.
    """
    reader = actor()
    if "egov_menus" not in g:
        g.egov_menus = sorted(runtime().hooks.collect("navigation", actor=reader), key=lambda item: item.order)
    placed = (item for item in g.egov_menus if item.place == place)
    entries = [entry for item in placed if (entry := _entry(item, reader)) is not None]
    nearest = max(entries, key=lambda entry: entry["near"], default=None)
    for entry in entries:
        is_here = entry is nearest and entry["near"] > AWAY
        entry["current"] = (PAGE if entry["url"] == request.path else BELOW) if is_here else ""
    return entries


def account_menu() -> list[Entry]:
    """Return the groups of the account menu that have entries: ``code``, ``title``, ``entries``; work with the desk."""
    own = menu("account")
    found = []
    for code, title in ACCOUNT_GROUPS:
        entries = [entry for entry in own if (entry["group"] or ACCOUNT_GROUPS[0][0]) == code]
        if code == "work":
            entries = [*menu("desk"), *entries]
        found.append({"code": code, "title": title, "entries": entries})
    return [group for group in found if group["entries"]]


def _entry(item: NavItem, reader: Actor) -> Entry | None:
    if item.permission is not None and not (reader.is_signed_in and reader.has(item.permission, now())):
        return None
    address = door(item.endpoint)
    if not address:
        return None
    words = {"label": item.label, "icon": item.icon, "text": item.text, "group": item.group}
    return {**words, "url": address, "near": _nearness(address, item)}


AWAY = (0, 0)


def _nearness(address: str, item: NavItem) -> tuple[int, int]:
    """Return how near an entry leads to this page: the page itself, a page it says is its own, or one below it."""
    if request.path == address:
        return (3, 0)
    if _is_among(item.covers):
        return (2, 0)
    return (1, len(address)) if request.path.startswith(address.rstrip("/") + "/") else AWAY


def _is_among(endpoints: tuple[str, ...]) -> bool:
    """Whether this page is one of some, also when their form came back with something refused."""
    here = request.url_rule.rule if request.url_rule is not None else ""
    known = current_app.view_functions
    pages = (endpoint for endpoint in endpoints if endpoint in known)
    return any(rule.rule == here for endpoint in pages for rule in current_app.url_map.iter_rules(endpoint))


__all__ = ["account_menu", "door", "menu"]
