"""What auth tells. Payloads carry ids only; whoever writes the mail asks ``one_time_link`` for the secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from egovframe.core.modules.events import Event


@dataclass(frozen=True)
class AccountRegistered(Event):
    """Somebody opened an account; ``token_id`` names the link that confirms the address."""

    name: ClassVar[str] = "auth.AccountRegistered"
    version: ClassVar[int] = 1
    account_id: int
    token_id: int


@dataclass(frozen=True)
class RegistrationRepeated(Event):
    """Somebody tried to register an address that has an account; its owner is told, the visitor is not."""

    name: ClassVar[str] = "auth.RegistrationRepeated"
    version: ClassVar[int] = 1
    account_id: int


@dataclass(frozen=True)
class RecoveryRequested(Event):
    """Somebody asked for a new password; ``token_id`` names the link, ``language`` is that of the page."""

    name: ClassVar[str] = "auth.RecoveryRequested"
    version: ClassVar[int] = 1
    account_id: int
    token_id: int
    language: str = ""


@dataclass(frozen=True)
class ContactConfirmed(Event):
    """A person proved that the address is theirs."""

    name: ClassVar[str] = "auth.ContactConfirmed"
    version: ClassVar[int] = 1
    account_id: int


@dataclass(frozen=True)
class PasswordChanged(Event):
    """A password was changed, by its owner, by recovery or by an administrator; the owner is told."""

    name: ClassVar[str] = "auth.PasswordChanged"
    version: ClassVar[int] = 1
    account_id: int


@dataclass(frozen=True)
class FactorsChanged(Event):
    """The ways to prove who one is have changed; the owner is told.

    ``change`` is ``app_added``, ``app_removed``, ``passkey_added``, ``passkey_removed``, ``codes_renewed``,
    ``code_used``, ``provider_connected``, ``provider_disconnected``, ``before_confirmation`` (what was added before the
    address was first confirmed went) or ``reset`` (by an administrator or the command line).
    """

    name: ClassVar[str] = "auth.FactorsChanged"
    version: ClassVar[int] = 1
    account_id: int
    change: str


@dataclass(frozen=True)
class TokenMade(Event):
    """Somebody made a key for programs for their own account; the owner is told."""

    name: ClassVar[str] = "auth.TokenMade"
    version: ClassVar[int] = 1
    account_id: int
    token_id: int


@dataclass(frozen=True)
class AccountDisabled(Event):
    """An account was closed to its owner."""

    name: ClassVar[str] = "auth.AccountDisabled"
    version: ClassVar[int] = 1
    account_id: int


@dataclass(frozen=True)
class RoleGranted(Event):
    """An account received a role."""

    name: ClassVar[str] = "auth.RoleGranted"
    version: ClassVar[int] = 1
    account_id: int
    grant_id: int


@dataclass(frozen=True)
class RoleRevoked(Event):
    """A role held by an account was ended."""

    name: ClassVar[str] = "auth.RoleRevoked"
    version: ClassVar[int] = 1
    account_id: int
    grant_id: int


@dataclass(frozen=True)
class RightsLent(Event):
    """Somebody's grants are lent to a colleague for some days; ``loan_ids`` names the loans, one a grant."""

    name: ClassVar[str] = "auth.RightsLent"
    version: ClassVar[int] = 1
    lender_id: int
    delegate_id: int
    loan_ids: list[int]


@dataclass(frozen=True)
class LoanEnded(Event):
    """A loan was taken back, given back or ended with its grant before its time."""

    name: ClassVar[str] = "auth.LoanEnded"
    version: ClassVar[int] = 1
    lender_id: int
    delegate_id: int
    loan_id: int


@dataclass(frozen=True)
class AccountInvited(Event):
    """Somebody is invited to choose a password for an account opened for them; ``token_id`` names the link."""

    name: ClassVar[str] = "auth.AccountInvited"
    version: ClassVar[int] = 1
    account_id: int
    token_id: int


@dataclass(frozen=True)
class ConfirmationAsked(Event):
    """A person asked for another link that confirms the address; ``token_id`` names it."""

    name: ClassVar[str] = "auth.ConfirmationAsked"
    version: ClassVar[int] = 1
    account_id: int
    token_id: int


@dataclass(frozen=True)
class ResidentVerified(Event):
    """An account was bound to a person who lives here."""

    name: ClassVar[str] = "auth.ResidentVerified"
    version: ClassVar[int] = 1
    account_id: int
    person_id: int
    verification_id: int


@dataclass(frozen=True)
class VerificationEnded(Event):
    """An account is no longer bound to its person: withdrawn by an official, or its time is over."""

    name: ClassVar[str] = "auth.VerificationEnded"
    version: ClassVar[int] = 1
    account_id: int
    verification_id: int


@dataclass(frozen=True)
class VerificationRefused(Event):
    """An official did not accept what somebody showed, or does not send the letter that was asked for."""

    name: ClassVar[str] = "auth.VerificationRefused"
    version: ClassVar[int] = 1
    account_id: int


@dataclass(frozen=True)
class PersonsMerged(Event):
    """Two persons were found to be one: whoever keeps a person's number writes ``kept_id`` for ``gone_id``."""

    name: ClassVar[str] = "auth.PersonsMerged"
    version: ClassVar[int] = 1
    kept_id: int
    gone_id: int
