"""How often one may try: strict counts in the database, before anything is looked up."""

from __future__ import annotations

from datetime import timedelta

from flask import request

from egovframe.core.web.limits import forgive, limit

LIMITS = {
    "sign-in-account": (10, timedelta(minutes=15)),
    "sign-in-address": (25, timedelta(minutes=5)),
    "register": (20, timedelta(hours=1)),
    "recover": (20, timedelta(hours=1)),
    "recover-account": (5, timedelta(hours=1)),
    "link": (60, timedelta(hours=1)),
    "second-factor-account": (10, timedelta(minutes=15)),
    "second-factor-day": (60, timedelta(days=1)),
    "second-factor-address": (25, timedelta(minutes=5)),
    "passkey-question": (120, timedelta(hours=1)),
    "provider": (120, timedelta(minutes=15)),
    "back-channel": (600, timedelta(minutes=5)),
    "confirm-again": (5, timedelta(hours=1)),
    "letter": (5, timedelta(days=1)),
    "letter-code": (10, timedelta(hours=1)),
    "token": (20, timedelta(hours=1)),
}
"""Attempts and window by name. An account is never locked for longer than its window.

Whoever guesses codes knows the password already: 60 a day, of a million with three right at a time, find one within a
year with a chance of one in sixteen, and the owner sees every attempt and can end it by a new password."""


class Attempts:
    """Counts what one request tries; a success takes its own count back, so that only failures add up.

    A whole classroom behind one address may sign in, while guessing meets the limit.
    """

    def __init__(self) -> None:
        self._counted: list[str] = []

    def __call__(self, name: str, subject: str) -> None:
        """Count one attempt; raise TooManyRequests for the one that is too many."""
        allowed, per = LIMITS[name]
        self._counted.append(limit(subject, name, allowed, per))

    def succeeded(self) -> None:
        """Take back what was counted for this request."""
        forgive(*self._counted)


def address() -> str:
    """Return the caller's network address."""
    return request.remote_addr or "unknown"
