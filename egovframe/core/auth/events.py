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
    """Somebody asked for a new password; ``token_id`` names the link."""

    name: ClassVar[str] = "auth.RecoveryRequested"
    version: ClassVar[int] = 1
    account_id: int
    token_id: int


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
    ``code_used`` or ``reset`` (by an administrator or the command line).
    """

    name: ClassVar[str] = "auth.FactorsChanged"
    version: ClassVar[int] = 1
    account_id: int
    change: str


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
