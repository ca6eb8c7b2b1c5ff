"""Guards: what every route declares about who may call it; a route without one is refused and fails the suite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeVar

from egovframe.actor import LEVELS, Actor
from egovframe.errors import AssuranceNeeded, Forbidden, NotSignedIn

View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "__guard__"
NEED = "__assurance__"


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may call a route: everybody, whoever is signed in, or holders of one of the permissions (anywhere).

    Whether the caller may touch *this* thing is asked with ``can`` once the thing is loaded.
    """

    rule: Literal["public", "signed_in", "permission"]
    permissions: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    """Open steps of a sign-in at which the route is open too: it is a page of that step."""
    assurance: str = ""
    """The level of assurance that is asked for besides; empty for none."""
    reason: Any = ""
    """Why, for the person."""


PUBLIC = Guard("public")
SIGNED_IN = Guard("signed_in")


def public(view: View) -> View:
    """Declare that anybody may call the view."""
    return _marked(view, PUBLIC)


def signed_in(view: View) -> View:
    """Declare that the caller must be signed in (page) or send a token (API)."""
    return _marked(view, SIGNED_IN)


def signed_in_or_at(*steps: str) -> Callable[[View], View]:
    """Declare a page of a sign-in's steps: for whoever is signed in, or has one of these steps to take next."""
    guard = Guard("signed_in", steps=frozenset(steps))
    return lambda view: _marked(view, guard)


def requires(permission: str) -> Callable[[View], View]:
    """Declare the permission (``room:thing:action``) that the caller must hold somewhere."""
    return requires_any(permission)


def requires_any(*permissions: str) -> Callable[[View], View]:
    """Declare permissions of which the caller must hold at least one somewhere.

    Raises:
        ValueError: no permission, or one that is not ``room:thing:action``.
    """
    wrong = [name for name in permissions if name.count(":") != 2 or not all(name.split(":"))]
    if not permissions or wrong:
        raise ValueError(f"a permission is written room:thing:action, not {', '.join(wrong) or 'empty'}")
    guard = Guard("permission", frozenset(permissions))
    return lambda view: _marked(view, guard)


def requires_assurance(level: str, *, reason: Any) -> Callable[[View], View]:
    """Declare how well we must know the caller, besides the view's other guard; alone it asks for a sign-in too.

    Args:
        level: ``registered``, ``contact_verified`` or ``resident_verified``.
        reason: lazy text for the person, such as ``_("Every resident has one vote.")``.

    Raises:
        ValueError: there is no such level, or no reason.
    """
    if level not in LEVELS[1:] or not reason:
        raise ValueError(f"a level is one of {', '.join(LEVELS[1:])}, with the reason for people")

    def mark(view: View) -> View:
        setattr(view, NEED, (level, reason))
        return view

    return mark


def need_assurance(actor: Actor, level: str, reason: Any = "") -> None:
    """Let pass whom we know well enough, in a service.

    Raises:
        AssuranceNeeded: the web room explains why, shows the ways up and leads back to what was filled in.
    """
    if not actor.reaches(level):
        raise AssuranceNeeded(level, reason)


def guard_of(view: Any, method: str = "GET") -> Guard | None:
    """Return the guard declared on a view function, or on the method of its class-based view; None when undeclared."""
    found, need = getattr(view, ATTRIBUTE, None), getattr(view, NEED, None)
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        name = method.lower()
        handler = getattr(view_class, name, None) or (getattr(view_class, "get", None) if name == "head" else None)
        found = getattr(handler, ATTRIBUTE, None) or getattr(view_class, ATTRIBUTE, found)
        need = getattr(handler, NEED, None) or getattr(view_class, NEED, need)
    if need is not None:
        return replace(found or SIGNED_IN, assurance=need[0], reason=need[1])
    return found if isinstance(found, Guard) else None


def check(guard: Guard | None, actor: Actor, at: datetime) -> None:
    """Let the actor pass or raise.

    Raises:
        NotSignedIn: nobody is signed in and the guard needs somebody.
        AssuranceNeeded: we do not know the caller well enough; also for a visitor whom a page asks for a level.
        Forbidden: the actor holds none of the guard's permissions at the instant.
        RuntimeError: the route declares no guard.
    """
    if guard is None:
        raise RuntimeError("this route declares no guard: use @public, @signed_in or @requires(...)")
    if actor.kind == "system":
        return
    if guard.rule != "public" and not actor.is_signed_in and not guard.assurance:
        raise NotSignedIn
    if guard.rule == "permission" and actor.is_signed_in and not any(actor.has(name, at) for name in guard.permissions):
        raise Forbidden
    if guard.assurance:
        need_assurance(actor, guard.assurance, guard.reason)


def _marked(view: View, guard: Guard) -> View:
    if vars(view).get(ATTRIBUTE, guard) != guard:
        raise TypeError(f"{view!r} already declares another guard")
    setattr(view, ATTRIBUTE, guard)
    return view
