"""How often one may try: strict counts in the database, before anything is looked up."""

from __future__ import annotations

from datetime import timedelta

from flask import request
from sqlalchemy.orm import Session

from egovframe.core.auth import Account
from egovframe.core.web.account.places import knows_place, remember_place
from egovframe.core.web.limits import forget, forgive, limit
from egovframe.core.web.runtime import runtime

ACCOUNT, EVERYWHERE = "sign-in-account", "sign-in-everywhere"

LIMITS = {
    "sign-in-account": (10, timedelta(minutes=15)),
    "sign-in-everywhere": (25, timedelta(minutes=30)),
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

Wrong passwords count for account and network address together (``sign-in-account``), so that a stranger elsewhere
keeps nobody out; then for the account over all addresses (``sign-in-everywhere``: 1,200 guesses a day), but not where
its owner has signed in or read the mailbox within a month; and for the address over all accounts
(``sign-in-address``). A new password forgives what was counted for its account.

Whoever guesses codes knows the password already: 60 a day, of a million with three right at a time, find one within a
year with a chance of one in sixteen, and the owner sees every attempt and can end it by a new password."""


class Attempts:
    """Counts what one request tries; a success takes its own count back, so that only failures add up.

    A whole classroom behind one address may sign in, while guessing meets the limit.
    """

    def __init__(self) -> None:
        self._counted: list[str] = []
        self._accounts: list[str] = []

    def __call__(self, name: str, subject: str) -> None:
        """Count one attempt; raise TooManyRequests for the one that is too many."""
        if name != ACCOUNT:
            self._count(name, subject)
            return
        self._count(name, subject, within=address())
        with runtime().database.reading() as session:
            known = knows_place(session, subject, address())
        self._accounts.append(subject)
        if not known:
            self._count(EVERYWHERE, subject)

    def succeeded(self) -> None:
        """Take back what was counted for this request; remember where the owner of the account is."""
        forgive(*self._counted)
        if self._accounts:
            with runtime().database.writing() as session:
                for subject in self._accounts:
                    remember_place(session, subject, address())

    def _count(self, name: str, subject: str, within: str = "") -> None:
        allowed, per = LIMITS[name]
        self._counted.append(limit(subject, name, allowed, per, within=within))


def forgive_account(session: Session, account: Account) -> None:
    """Forget the wrong passwords that were counted for an account, because it has a new one."""
    for subject in (account.email_index or "", f"change:{account.id}", f"confirm:{account.id}"):
        for name in (ACCOUNT, EVERYWHERE):
            forget(session, name, subject)


def address() -> str:
    """Return the caller's network address."""
    return request.remote_addr or "unknown"
