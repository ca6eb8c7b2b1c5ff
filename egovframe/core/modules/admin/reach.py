"""Pages about what belongs to no department: they open to whoever holds their right for the whole city only."""

from __future__ import annotations

from flask import Blueprint, current_app, request

from egovframe.core.auth import guard_of, holds_everywhere
from egovframe.core.web import ApiBlueprint, actor, reading
from egovframe.errors import Forbidden, NotFound


def whole_city(pages: Blueprint | ApiBlueprint) -> None:
    """Ask, after a view's guard, whether one of its rights is held everywhere.

    Whoever holds it in a part of the city is refused the lists, and finds nothing at an address that names one thing:
    what cannot be opened does not appear.
    """

    def ask() -> None:
        guard = guard_of(current_app.view_functions[request.endpoint or ""], request.method)
        if guard is None or guard.rule != "permission":
            return
        if not any(holds_everywhere(reading(), actor(), name) for name in guard.permissions):
            raise NotFound if request.view_args else Forbidden

    pages.before_request(ask)
