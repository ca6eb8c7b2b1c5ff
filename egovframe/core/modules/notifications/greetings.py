"""Messages about a person's own account: auth tells what happened, this room writes the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session, undefer_group

from egovframe.core.auth import ApiToken, Verification
from egovframe.core.modules.events import EventHandler, Told
from egovframe.core.modules.notifications.delivering import ASKED_IN, LINK
from egovframe.core.modules.notifications.services import notify


def registered(session: Session, told: Told) -> None:
    """Ask a new account's owner to confirm the address."""
    _tell(session, told, "auth.confirm", {LINK: told.data["token_id"]})


def registered_again(session: Session, told: Told) -> None:
    """Tell the owner of an address that it was used to register once more."""
    _tell(session, told, "auth.known", {})


def recovery_requested(session: Session, told: Told) -> None:
    """Send the link to a new password, in the language of the page that it was asked on."""
    asked_in = told.data.get("language", "")  # events from before tell none
    _tell(session, told, "auth.recover", {LINK: told.data["token_id"], ASKED_IN: asked_in})


def invited(session: Session, told: Told) -> None:
    """Send somebody the link by which they choose the password of the account that was opened for them."""
    _tell(session, told, "auth.invited", {LINK: told.data["token_id"]})


def password_changed(session: Session, told: Told) -> None:
    """Tell the owner that the password has changed, in case it was somebody else."""
    _tell(session, told, "auth.password_changed", {})


def factors_changed(session: Session, told: Told) -> None:
    """Tell the owner that the second factor has changed, in case it was somebody else."""
    _tell(session, told, "auth.factors_changed", {"change": told.data["change"]})


def token_made(session: Session, told: Told) -> None:
    """Tell the owner that there is a new key for programs, in case somebody else made it."""
    row = session.get(ApiToken, told.data["token_id"])
    _tell(session, told, "auth.token_made", {"name": row.name if row is not None else ""})


def resident_verified(session: Session, told: Told) -> None:
    """Tell a person that the account is a verified resident's now."""
    _tell(session, told, "auth.verified", {})


def verification_ended(session: Session, told: Told) -> None:
    """Tell a person that the verification has ended, and why."""
    row = session.get(Verification, told.data["verification_id"], options=[undefer_group("personal")])
    facts = {"how": row.ended_as, "reason": row.end_reason or ""} if row is not None else {"how": "", "reason": ""}
    _tell(session, told, "auth.verification_ended", facts)


def verification_refused(session: Session, told: Told) -> None:
    """Tell a person that an official could not verify them."""
    _tell(session, told, "auth.verification_refused", {})


HANDLERS: Mapping[str, EventHandler] = {
    "auth.AccountRegistered@1": registered,
    "auth.RegistrationRepeated@1": registered_again,
    "auth.RecoveryRequested@1": recovery_requested,
    "auth.AccountInvited@1": invited,
    "auth.PasswordChanged@1": password_changed,
    "auth.FactorsChanged@1": factors_changed,
    "auth.TokenMade@1": token_made,
    "auth.ConfirmationAsked@1": registered,
    "auth.ResidentVerified@1": resident_verified,
    "auth.VerificationEnded@1": verification_ended,
    "auth.VerificationRefused@1": verification_refused,
}


def _tell(session: Session, told: Told, kind: str, facts: Mapping[str, Any]) -> None:
    account = told.data["account_id"]
    notify(session, f"auth.account:{account}", kind, f"account:{account}", facts, key=told.id)
