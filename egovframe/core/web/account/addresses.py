"""Where to go after signing in: always an address of our own."""

from __future__ import annotations

import re

from werkzeug.routing.exceptions import BuildError

from egovframe.actor import Actor
from egovframe.core.persistence import now
from egovframe.core.web.context import reading, url
from egovframe.core.web.runtime import runtime
from egovframe.hooks import NavItem

LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f-\x9f]*")
"""One slash, not followed by another or a backslash (browsers read both as a foreign host), nothing invisible."""


def local(address: str) -> str | None:
    """Return an address of our own pages as it is, or None for everything else: other hosts, schemes, tricks."""
    return address if LOCAL.fullmatch(address) else None


def landing(known: Actor, lang: str) -> str:
    """Return the first page of a person's work in a language: the desk for staff who have one, else home."""
    at = now(reading())
    entries = [item for item in runtime().hooks.collect("navigation", actor=known) if item.place == "desk"]
    for item in sorted(entries, key=_order):
        if item.permission is not None and known.has(item.permission, at):
            try:
                return url(item.endpoint, lang=lang)
            except BuildError:
                continue
    return url("core.home", lang=lang)


def _order(item: NavItem) -> int:
    return item.order
