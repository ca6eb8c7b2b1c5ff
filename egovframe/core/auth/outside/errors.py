"""Why a sign-in with a provider ended without anybody being signed in."""

from __future__ import annotations

from typing import Any

from egovframe.core.i18n import lazy_gettext as _
from egovframe.errors import EgovError

_TEXTS: dict[str, Any] = {
    "stale": _(
        "This sign-in was begun in another window or too long ago, or it has been used already. Please begin again."
    ),
    "denied": _("You stopped at the provider, or it did not let you go on. You can try again."),
    "provider": _("The provider could not finish the sign-in. Please try again, or sign in another way."),
    "untrusted": _(
        "What the provider sent does not fit what we asked for, so we let nobody in. Please try again; if it happens "
        "again, sign in another way and tell us."
    ),
    "unavailable": _("The provider does not answer at the moment. Please try again later, or sign in another way."),
    "known_address": _(
        "There is an account with your e-mail address already. Sign in with it first; then connect the provider under "
        "“Ways to sign in”."
    ),
    "not_open": _("There is no account for you here yet, and this provider does not open one. Please register first."),
    "closed": _("This account is closed. If you think it should not be, ask the city."),
    "second_factor": _(
        "This sign-in needs a second proof at the provider, such as a code from an app. Set it up there and try again."
    ),
    "taken": _("This sign-in belongs to another account here. Sign in with it to use that account."),
    "last_way": _("This is your only way to sign in. Set a password or connect another provider first."),
}


class OutsideRefused(EgovError):
    """A provider's answer lets nobody in.

    Args:
        reason: what happened, one of the codes above, for pages and tests.
        detail: what exactly did not fit, for the audit; never shown, because the provider or an attacker wrote it.
    """

    status = 400
    code = "sign-in-refused"
    title = _("The sign-in did not work")

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(_TEXTS[reason])
        self.reason = reason
        self.finding = f"{reason}: {_printable(detail)}" if detail else reason
        if reason == "unavailable":
            self.status = 503


def _printable(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text[:300])
