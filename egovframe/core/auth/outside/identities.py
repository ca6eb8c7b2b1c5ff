"""Identities: which account a person at a provider opens, and connecting and disconnecting by their owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth.events import FactorsChanged
from egovframe.core.auth.factors.models import Passkey
from egovframe.core.auth.loading import actor_of_account
from egovframe.core.auth.models import Account, WebSession
from egovframe.core.auth.outside.assurance import note_identity_claims
from egovframe.core.auth.outside.claims import ProviderClaims
from egovframe.core.auth.outside.errors import OutsideRefused
from egovframe.core.auth.outside.models import Identity, OutsideSession
from egovframe.core.auth.outside.providers import Provider, Providers, offered_providers
from egovframe.core.auth.queries import account_by_email, found
from egovframe.core.auth.services.accounts import create_account, thing
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import Keyring, now, unit_of
from egovframe.errors import Invalid


@dataclass(frozen=True, slots=True)
class ProviderWay:
    """A provider as the page of one's ways to sign in shows it; ``identity`` is None where it is not connected."""

    provider: Provider
    identity: Identity | None


def subject_index(keyring: Keyring, issuer: str, subject: str) -> str:
    """Return the digest by which a person at a provider is found."""
    return keyring.blind_index("oidc-subject", f"{issuer}\n{subject}")


def sid_index(keyring: Keyring, issuer: str, sid: str) -> str:
    """Return the digest by which a provider's session is found."""
    return keyring.blind_index("oidc-session", f"{issuer}\n{sid}")


def account_for(
    session: Session, provider: Provider, claims: ProviderClaims, language: str | None = None
) -> tuple[Account, Identity]:
    """Return whose account a person at a provider opens; somebody new gets one, where the city wants that.

    An account that is here already is opened only when the city trusts the provider with addresses
    (``link = "verified_email"``), the provider verified this one, and its owner here had confirmed it too: an account
    that a stranger registered in somebody's name would else wait for them with the stranger's password.

    Args:
        session: of the writing unit.
        provider: who vouches.
        claims: what it says, verified.
        language: in which somebody new is written to.

    Raises:
        OutsideRefused: ``closed``, ``known_address``, ``not_open``, ``stale`` (two attempts at the same moment).
    """
    identity = _identity(session, claims)
    if identity is None:
        known = _known(session, provider, claims)
        account = known or _newcomer(session, provider, claims, language)
        owner = actor_of_account(session, account)
        identity = _connected(session, owner, account, provider, claims)
        if known is not None:
            record(session, FactorsChanged(account.id, "provider_connected"), owner)
    account = session.get_one(Account, identity.account_id, with_for_update=True)
    if account.state != "active":
        raise OutsideRefused("closed")
    identity.last_used_at = now(session)
    note_identity_claims(session, account, identity, claims)
    return account, identity


def connect(session: Session, actor: Actor, provider: Provider, claims: ProviderClaims) -> Identity:
    """Connect a person at a provider with the actor's own account; once more is no mistake.

    Raises:
        NotFound: the actor has no account.
        OutsideRefused: ``taken``: it opens another account.
    """
    account = found(session.get(Account, actor.account_id or 0, with_for_update=True))
    identity = _identity(session, claims)
    if identity is not None and identity.account_id != account.id:
        raise OutsideRefused("taken")
    if identity is None:
        identity = _connected(session, actor, account, provider, claims)
        record(session, FactorsChanged(account.id, "provider_connected"), actor)
    note_identity_claims(session, account, identity, claims)
    return identity


def disconnect_provider(session: Session, actor: Actor, public_id: str, *, keep_session: int | None = None) -> None:
    """Disconnect one of the actor's own identities and end the sessions that it began.

    Args:
        session: of the writing unit.
        actor: whose identity it is.
        public_id: the identity's.
        keep_session: the row of the session that asks, which goes on.

    Raises:
        NotFound: it is not the actor's.
        OutsideRefused: ``last_way``: the actor could never sign in again.
    """
    # The account's row is locked, so that two disconnections at once cannot each believe that the other way stays.
    account = found(session.get(Account, actor.account_id or 0, with_for_update=True))
    mine = Identity.account_id == account.id
    identity = found(session.scalar(select(Identity).where(mine, Identity.public_id == public_id)))
    if other_ways(session, account, identity) == 0:
        raise OutsideRefused("last_way")
    _end_sessions(session, identity, now(session), keep_session)
    session.execute(delete(Identity).where(Identity.id == identity.id))
    facts = {"provider": identity.provider}
    audit(session, actor, "auth:identity:disconnect", thing(account), before=facts)
    record(session, FactorsChanged(account.id, "provider_disconnected"), actor)


def other_ways(session: Session, account: Account, without: Identity) -> int:
    """Return how many ways to sign in an account has besides one identity: password, passkeys, other providers."""
    names = list(unit_of(session).database.service(Providers).known)
    others = select(func.count()).where(
        Identity.account_id == account.id, Identity.id != without.id, Identity.provider.in_(names)
    )
    keys = select(func.count()).where(Passkey.account_id == account.id)
    return int(account.password_hash is not None) + sum(session.scalar(each) or 0 for each in (others, keys))


def identities_of(session: Session, account_id: int) -> Sequence[Identity]:
    """Return the identities of an account, oldest first."""
    return session.scalars(select(Identity).where(Identity.account_id == account_id).order_by(Identity.id)).all()


def provider_ways(session: Session, actor: Actor) -> list[ProviderWay]:
    """Return the actor's connected providers, then those that could be connected."""
    database = unit_of(session).database
    mine = identities_of(session, actor.account_id or 0)
    offered = {provider.name: provider for provider in offered_providers(database)}
    connected = [ProviderWay(offered[one.provider], one) for one in mine if one.provider in offered]
    taken = {one.provider for one in mine}
    return connected + [ProviderWay(provider, None) for name, provider in offered.items() if name not in taken]


def _identity(session: Session, claims: ProviderClaims) -> Identity | None:
    index = subject_index(unit_of(session).database.keyring, claims.issuer, claims.subject)
    return session.scalar(select(Identity).where(Identity.subject_index == index))


def _known(session: Session, provider: Provider, claims: ProviderClaims) -> Account | None:
    account = account_by_email(session, claims.email) if claims.email else None
    if account is None:
        return None
    if account.state != "active":
        raise OutsideRefused("closed")
    if provider.settings.link != "verified_email" or account.confirmed_at is None:
        raise OutsideRefused("known_address")
    return account


def _newcomer(session: Session, provider: Provider, claims: ProviderClaims, language: str | None) -> Account:
    if not provider.settings.open_accounts:
        raise OutsideRefused("not_open")
    try:
        account = create_account(
            session,
            SYSTEM,
            email=claims.email or None,
            display_name=claims.name or claims.email.partition("@")[0],
            language=language,
            assurance="contact_verified" if claims.email else "registered",
        )
    except Invalid as error:
        raise OutsideRefused("stale", "two attempts at the same moment") from error
    session.flush()
    return account


def _connected(
    session: Session, actor: Actor, account: Account, provider: Provider, claims: ProviderClaims
) -> Identity:
    at = now(session)
    identity = Identity(
        account_id=account.id,
        provider=provider.name,
        subject_index=subject_index(unit_of(session).database.keyring, claims.issuer, claims.subject),
        created_at=at,
        last_used_at=at,
        resident=False,
    )
    try:
        with session.begin_nested():
            session.add(identity)
    except IntegrityError as error:
        raise OutsideRefused("stale", "two attempts at the same moment") from error
    audit(session, actor, "auth:identity:connect", thing(account), after={"provider": provider.name})
    return identity


def _end_sessions(session: Session, identity: Identity, at: datetime, keep: int | None) -> None:
    begun = select(OutsideSession.session_id).where(OutsideSession.subject_index == identity.subject_index)
    ended = update(WebSession).where(
        WebSession.id.in_(begun), WebSession.revoked_at.is_(None), WebSession.id != (keep or 0)
    )
    session.execute(ended.values(revoked_at=at).execution_options(synchronize_session=False))
