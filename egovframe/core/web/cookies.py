"""The portal's cookies: who is signed in, the language, short-lived state (CSRF, notices), and one for kept forms.

On https every name carries ``__Host-`` and Secure. On plain http (a laptop, a classroom) the name is plain: browsers
would drop a ``__Host-`` cookie there.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, request

from egovframe.config import Settings
from egovframe.core.web.runtime import runtime

SIGNED_IN = "egov_session"
LANGUAGE = "egov_language"
STATE = "egov_state"
LANGUAGE_AGE = timedelta(days=365)


def is_secure(settings: Settings) -> bool:
    """Whether the portal's public address is https."""
    return settings.public_url.startswith("https://")


def cookie_name(name: str, settings: Settings) -> str:
    """Return the name that the browser sees."""
    return f"__Host-{name}" if is_secure(settings) else name


def configure(app: Flask, settings: Settings) -> None:
    """Give Flask's own session cookie our name and attributes."""
    app.config.update(
        SESSION_COOKIE_NAME=cookie_name(STATE, settings),
        SESSION_COOKIE_SECURE=is_secure(settings),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
    )


def read_cookie(name: str) -> str:
    """Return the value of one of our cookies, or an empty text."""
    return request.cookies.get(cookie_name(name, runtime().settings), "")


def set_cookie(response: Response, name: str, value: str, *, age: timedelta | None = None) -> None:
    """Set one of our cookies: HttpOnly, SameSite=Lax, the whole site; without ``age`` until the browser closes."""
    settings = runtime().settings
    response.set_cookie(
        cookie_name(name, settings),
        value,
        max_age=age,
        secure=is_secure(settings),
        httponly=True,
        samesite="Lax",
        path="/",
    )


def delete_cookie(response: Response, name: str) -> None:
    """Make the browser forget one of our cookies."""
    settings = runtime().settings
    response.delete_cookie(
        cookie_name(name, settings), secure=is_secure(settings), httponly=True, samesite="Lax", path="/"
    )
