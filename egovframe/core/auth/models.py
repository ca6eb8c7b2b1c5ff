"""Accounts, roles, grants, sessions, tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from egovframe.actor import Scope
from egovframe.core.i18n import Translated, translated_column
from egovframe.core.modules.privacy import personal
from egovframe.core.persistence import BigId, BoundedJSON, CoreBase, EncryptedText, Keyed, Stamped

KINDS = ("citizen", "staff", "organisation", "service")
STATES = ("active", "disabled")
ASSURANCES = ("registered", "contact_verified", "resident_verified")
"""How well we know the person behind an account, from weakest to strongest; services may ask for a level."""

PURPOSES = ("confirm", "recover", "invite")
"""What a one-time token opens: confirming an address, choosing a new password, accepting an invitation."""


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """Return the constraint that stands for an enumeration on both databases."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Account(Keyed, Stamped, CoreBase):
    """Somebody who can sign in, or a machine that can call the API."""

    __tablename__ = "core_account"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("state", STATES),
        one_of("assurance", ASSURANCES),
        Index("ix_core_account_listing", "created_at", "id"),
    )

    email: Mapped[str | None] = personal(EncryptedText(), purpose="sign_in", retention="account", subject="id")
    email_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = personal(String(200), purpose="address", retention="account", subject="id")
    addressed_as: Mapped[str] = personal(String(200), purpose="address", retention="account", subject="id", default="")
    """How the person wants to be addressed ("Dr Kim"); empty means by the display name."""
    kind: Mapped[str] = mapped_column(String(16), default="citizen", index=True)
    state: Mapped[str] = mapped_column(String(16), default="active")
    assurance: Mapped[str] = mapped_column(String(24), default="registered")
    language: Mapped[str | None] = mapped_column(String(35))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    """argon2id in PHC string format; None for accounts that cannot sign in with a password."""
    confirmed_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    second_factor: Mapped[bool] = mapped_column(default=False)
    """Whether an app or a passkey is set up; kept by the verbs on factors, for sessions to be judged without a join."""


class Role(CoreBase):
    """A named set of permissions."""

    __tablename__ = "core_role"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[Translated] = translated_column(200)
    permissions: Mapped[list[str]] = mapped_column(BoundedJSON(64_000), default=list)
    defaults: Mapped[list[str]] = mapped_column(BoundedJSON(64_000), default=list)
    """What the installed rooms proposed at the last upgrade: tells a city's own edits from ours."""
    builtin: Mapped[bool] = mapped_column(default=False)
    needs_second_factor: Mapped[bool] = mapped_column(default=False)
    """Whether holders must set a second factor up before anything else opens to them."""


class RoleGrant(Keyed, Stamped, CoreBase):
    """A role held by an account, somewhere and for some time. Ending one sets ``valid_until``; rows stay as history."""

    __tablename__ = "core_role_grant"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    role_id: Mapped[int] = mapped_column(ForeignKey(Role.id), index=True)
    scope: Mapped[list[list[Any]]] = mapped_column(BoundedJSON(4_000), default=list)
    """Sorted (kind, id) pairs, all of which must hold; empty means everywhere."""
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey(Account.id), index=True)

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="raise")
    role: Mapped[Role] = relationship(lazy="raise")

    @property
    def pairs(self) -> Scope:
        """The scope as the value that actors carry."""
        return pairs_of(self.scope)


class Delegation(Keyed, Stamped, CoreBase):
    """A grant lent to a colleague during an absence. It is the grant itself that is lent: when that ends or changes, or
    its holder's account is closed, so does what was lent."""

    __tablename__ = "core_delegation"
    __table_args__ = (CheckConstraint("valid_from < valid_until", name="valid"),)

    grant_id: Mapped[int] = mapped_column(ForeignKey(RoleGrant.id), index=True)
    delegate_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it was taken or given back before its time."""
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey(Account.id), index=True)

    grant: Mapped[RoleGrant] = relationship(lazy="raise")


class ScopeVersion(CoreBase):
    """Counts the changes of one kind of scope (the tree of departments, of areas), so that expansions can be cached."""

    __tablename__ = "core_scope_version"

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=1)


class WebSession(Keyed, Stamped, CoreBase):
    """A browser that has signed in; only the digest of its cookie is stored."""

    __tablename__ = "core_web_session"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    last_seen_at: Mapped[datetime]
    idle_until: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    agent: Mapped[str] = personal(
        String(64), purpose="security", retention="session", subject="account_id", openly=True, default=""
    )
    """Family of browser and system ("Firefox, Linux"): enough to recognise one's own device, too little to track."""
    rotate: Mapped[bool] = mapped_column(default=False)
    """The account's rights have changed: the next request gets a new session id."""
    method: Mapped[str] = mapped_column(String(40), default="password")
    """How it began: ``password``, ``passkey``, ``recovery``, ``oidc:<provider>``."""
    steps: Mapped[list[str]] = mapped_column(BoundedJSON(500), default=list)
    """Steps still to take, in order: while there are any the session opens nothing but their pages."""
    proved_at: Mapped[datetime | None]
    """When the person last proved who they are in this session: changes of factors ask for a fresh proof."""


class ApiToken(Keyed, Stamped, CoreBase):
    """A bearer token for ``/api/v1``; only its digest is stored."""

    __tablename__ = "core_api_token"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    name: Mapped[str] = personal(String(100), purpose="security", retention="token", subject="account_id", openly=True)
    permissions: Mapped[list[str] | None] = mapped_column(BoundedJSON(16_000))
    """What the token may do of what its account may do; None means all of it."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class OneTimeToken(Keyed, Stamped, CoreBase):
    """A link that works once, sent to a person's own address. The link's secret is derived, never stored."""

    __tablename__ = "core_one_time_token"
    __table_args__ = (one_of("purpose", PURPOSES),)

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


def pairs_of(scope: list[list[Any]] | None) -> Scope:
    """Return stored pairs as the opaque value that actors carry."""
    return frozenset((str(kind), int(identity)) for kind, identity in scope or ())


def stored_scope(pairs: Scope) -> list[list[Any]]:
    """Return pairs in the one order in which they are stored."""
    return [[kind, identity] for kind, identity in sorted(pairs)]
