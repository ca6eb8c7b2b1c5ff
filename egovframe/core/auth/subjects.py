"""How the rows of auth lead to people, and what becomes of them when somebody is erased."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from egovframe.core.auth.factors.models import Passkey, RecoveryCode, SignInRecord, TotpApp
from egovframe.core.auth.models import Account, ApiToken, OneTimeToken, WebSession
from egovframe.core.auth.outside.models import Identity, OutsideSession
from egovframe.core.auth.persons import Letter, Verification
from egovframe.core.i18n import language_name
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy import subjects

LINKS = ("person_id",)
"""Columns of an account that lead on to the person behind it, where they exist."""


METHODS = {
    "password": _("Password"),
    "passkey": _("Passkey"),
    "recovery": _("Recovery link"),
    "token": _("Key for a program"),
}
OUTCOMES = {
    "entered": _("Signed in"),
    "begun": _("Stopped before the second lock"),
    "refused": _("Refused"),
    "factor_refused": _("Refused at the second lock"),
}
LINKS_FOR = {
    "confirm": _("Confirming your e-mail address"),
    "recover": _("Choosing a new password"),
    "invite": _("Accepting an invitation"),
}
VERIFIED_BY = {"official": _("At a counter"), "letter": _("By a letter"), "provider": _("By an identity provider")}


def in_words(column: str, words: Mapping[str, Any]) -> Callable[[Session, Mapping[str, Any], str], str]:
    """Return what says a code of a column in words; of ``oidc:town`` the name that people gave the provider."""
    return lambda _session, row, _language: str(words.get(row[column], row[column].partition(":")[2] or row[column]))


def _language(_session: Session, row: Mapping[str, Any], _into: str) -> str:
    return language_name(row["language"])


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
        words={"language": _language},
        order=10,
        record=_("Accounts: name and address"),
    )
    _declare_keys()
    _declare_ways_in()
    _declare_verification()


def _declare_keys() -> None:
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
        record=_("Sessions: the device that was used"),
    )
    subjects(
        ApiToken,
        title=_("Keys for programs"),
        shows={"name": _("Name"), "created_at": _("Made"), "expires_at": _("Works until")},
        clocks={"ended": "expires_at"},
        rows="delete",
        order=81,
        record=_("Keys for programs"),
    )
    subjects(
        OneTimeToken,
        title=_("Links that we sent you"),
        also=("account_id",),
        shows={"purpose": _("What for"), "created_at": _("Made"), "used_at": _("Used")},
        clocks={"ended": "expires_at"},
        retention="token",
        words={"purpose": in_words("purpose", LINKS_FOR)},
        rows="delete",
        order=82,
        record=_("Links sent by mail: new password, new address"),
    )


def _declare_ways_in() -> None:
    subjects(
        SignInRecord,
        title=_("When I signed in"),
        also=("account_id",),
        shows={"at": _("When"), "method": _("How"), "outcome": _("Outcome")},
        clocks={"created": "at"},
        retention="account",
        words={"method": in_words("method", METHODS), "outcome": in_words("outcome", OUTCOMES)},
        rows="delete",
        order=83,
        record=_("History of sign-ins"),
    )
    subjects(
        OutsideSession,
        title=_("Sessions at providers"),
        shows={"provider": _("Provider"), "id_token": _("Proof of the provider")},
        clocks={"ended": "leave_until"},
        rows="delete",
        order=79,
        record=_("Sessions at sign-in providers"),
    )
    subjects(
        Identity,
        title=_("Connected providers"),
        also=("account_id",),
        shows={"provider": _("Provider"), "created_at": _("Since"), "last_used_at": _("Last used")},
        retention="account",
        rows="delete",
        order=84,
        record=_("Connections with sign-in providers"),
    )
    subjects(
        Passkey,
        title=_("Passkeys"),
        also=("account_id",),
        shows={"name": _("Name"), "created_at": _("Made")},
        retention="account",
        rows="delete",
        order=85,
        record=_("Passkeys"),
    )
    for model, record in ((TotpApp, _("Apps that show codes")), (RecoveryCode, _("Recovery codes"))):
        subjects(
            model,
            title=_("App that shows codes"),
            also=("account_id",),
            retention="account",
            rows="delete",
            order=86,
            record=record,
        )


def _declare_verification() -> None:
    subjects(
        Letter,
        title=_("Letters with codes"),
        shows={
            "name": _("Name"),
            "address": _("Postal address"),
            "birth_date": _("Date of birth"),
            "address_code": _("Number of the address"),
            "created_at": _("Made"),
            "sent_at": _("Sent"),
            "expires_at": _("Works until"),
        },
        rows="delete",
        order=87,
        record=_("Letters with codes: name, date of birth and address"),
    )
    subjects(
        Verification,
        title=_("Verification as a resident"),
        shows={
            "method": _("How"),
            "created_at": _("Since"),
            "expires_at": _("Works until"),
            "ended_at": _("Ended"),
            "end_reason": _("Why it ended"),
        },
        words={"method": in_words("method", VERIFIED_BY)},
        rows="delete",
        order=88,
        record=_("Verifications of residents"),
    )
