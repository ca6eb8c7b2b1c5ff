"""How the rows of auth lead to people, and what becomes of them when somebody is erased."""

from __future__ import annotations

from typing import Any

from egovframe.core.auth.models import Account, ApiToken, OneTimeToken, WebSession
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy import subjects

LINKS = ("person_id",)
"""Columns of an account that lead on to the person behind it, where they exist."""


def declare_subjects() -> None:
    """Declare the tables of auth; called once the models stand."""
    links: dict[str, Any] = {name: None for name in LINKS if name in Account.__table__.columns}
    subjects(
        Account,
        title=_("Your account"),
        shows={
            "email": _("E-mail address"),
            "display_name": _("Your name"),
            "addressed_as": _("How should we address you?"),
            "language": _("Language of our messages"),
            "created_at": _("Since"),
            "confirmed_at": _("Address confirmed"),
        },
        erasing={
            "email_index": None,
            "password_hash": None,
            "language": None,
            "confirmed_at": None,
            "assurance": "registered",
            "state": "disabled",
            **links,
        },
        order=10,
    )
    subjects(
        WebSession,
        title=_("Where you signed in"),
        shows={
            "agent": _("Device"),
            "created_at": _("Signed in"),
            "last_seen_at": _("Last used"),
            "revoked_at": _("Signed out"),
        },
        clocks={"ended": "expires_at"},
        rows="delete",
        order=80,
    )
    subjects(
        ApiToken,
        title=_("Keys for programs"),
        shows={"name": _("Name"), "created_at": _("Made"), "expires_at": _("Works until")},
        clocks={"ended": "expires_at"},
        rows="delete",
        order=81,
    )
    subjects(
        OneTimeToken,
        title=_("Links that we sent you"),
        also=("account_id",),
        shows={"purpose": _("What for"), "created_at": _("Made"), "used_at": _("Used")},
        clocks={"ended": "expires_at"},
        retention="token",
        rows="delete",
        order=82,
    )
