"""Guards: what every route declares about who may call it; a route without one is refused and fails the suite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from egovframe.actor import Actor
from egovframe.errors import Forbidden, NotSignedIn

View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "__guard__"


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may call a route: everybody, whoever is signed in, or holders of one of the permissions (anywhere).

    Whether the caller may touch *this* thing is asked with ``can`` once the thing is loaded.
    """

    rule: Literal["public", "signed_in", "permission"]
    permissions: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    """Open steps of a sign-in at which the route is open too: it is a page of that step."""


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


def guard_of(view: Any, method: str = "GET") -> Guard | None:
    """Return the guard declared on a view function, or on the method of its class-based view; None when undeclared."""
    found = getattr(view, ATTRIBUTE, None)
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        name = method.lower()
        handler = getattr(view_class, name, None) or (getattr(view_class, "get", None) if name == "head" else None)
        found = getattr(handler, ATTRIBUTE, None) or getattr(view_class, ATTRIBUTE, found)
    return found if isinstance(found, Guard) else None


def check(guard: Guard | None, actor: Actor, at: datetime) -> None:
    """Let the actor pass or raise.

    Raises:
        NotSignedIn: nobody is signed in and the guard needs somebody.
        Forbidden: the actor holds none of the guard's permissions at the instant.
        RuntimeError: the route declares no guard.
    """
    if guard is None:
        raise RuntimeError("this route declares no guard: use @public, @signed_in or @requires(...)")
    if guard.rule == "public" or actor.kind == "system":
        return
    if not actor.is_signed_in:
        raise NotSignedIn
    if guard.rule == "permission" and not any(actor.has(name, at) for name in guard.permissions):
        raise Forbidden


def _marked(view: View, guard: Guard) -> View:
    if vars(view).get(ATTRIBUTE, guard) != guard:
        raise TypeError(f"{view!r} already declares another guard")
    setattr(view, ATTRIBUTE, guard)
    return view
