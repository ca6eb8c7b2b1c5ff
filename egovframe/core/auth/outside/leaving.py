"""Leaving: signing out at the provider too (RP-Initiated Logout 1.0), and hearing when somebody signed out there
(Back-Channel Logout 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from egovframe.actor import SYSTEM
from egovframe.core.auth.loading import digest
from egovframe.core.auth.models import WebSession
from egovframe.core.auth.outside.attempts import use_once
from egovframe.core.auth.outside.errors import OutsideRefused
from egovframe.core.auth.outside.identities import sid_index, subject_index
from egovframe.core.auth.outside.models import OutsideSession
from egovframe.core.auth.outside.providers import Provider, Providers, provider_of
from egovframe.core.auth.outside.tokens import OLDEST, SKEW, check_common, verified
from egovframe.core.auth.services.sessions import new_secret
from egovframe.core.modules.audit import audit, audit_refusal
from egovframe.core.persistence import Database, now, unit_of

LIFE = timedelta(minutes=10)
"""How long somebody who has signed out here may still be led to the provider."""
EVENT = "http://schemas.openid.net/event/backchannel-logout"
MAX_ID = 255


@dataclass(frozen=True, slots=True)
class LeaveTicket:
    """For the browser that has just signed out: the provider's name, and the secret that leads there once."""

    provider: str
    secret: str
    life: timedelta = LIFE


def offer_leave(session: Session, raw_token: str) -> LeaveTicket | None:
    """Return a ticket for signing out at the provider that began a session; None when none did.

    Call it in the unit that ends the session, before it does.
    """
    statement = (
        select(OutsideSession)
        .join(WebSession, WebSession.id == OutsideSession.session_id)
        .where(WebSession.token_hash == digest(raw_token), WebSession.revoked_at.is_(None))
    )
    row = session.scalar(statement)
    if row is None or row.provider not in unit_of(session).database.service(Providers).known:
        return None
    secret = new_secret()
    row.leave_hash, row.leave_until = digest(secret), now(session) + LIFE
    return LeaveTicket(row.provider, secret)


def leave_address(database: Database, name: str, secret: str) -> str | None:
    """Use a ticket up and return where to lead the browser; None when the provider has no such address.

    Raises:
        NotFound: no such provider.
        OutsideRefused: ``stale`` for a used or old ticket, ``unavailable`` when the provider does not answer.
    """
    provider = provider_of(database, name)
    endpoint = provider.source.metadata().end_session_endpoint
    with database.writing() as session:
        row = session.scalar(
            select(OutsideSession)
            .options(undefer(OutsideSession.id_token))
            .where(OutsideSession.leave_hash == digest(secret), OutsideSession.provider == name)
            .with_for_update()
        )
        if row is None or row.leave_until is None or row.leave_until <= now(session):
            raise OutsideRefused("stale", "no ticket to leave with")
        hint, row.id_token, row.leave_hash, row.leave_until = row.id_token, None, None, None
    if not endpoint:
        return None
    question = {"client_id": provider.settings.client_id, "post_logout_redirect_uri": provider.signed_out_uri}
    if hint:
        question["id_token_hint"] = hint
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(question)}"


def back_channel_logout(database: Database, name: str, token: str) -> int:
    """End the sessions that a provider says are over, and return how many. May ask the network for keys.

    Raises:
        NotFound: no such provider.
        OutsideRefused: the message is not the provider's, not for us, not now, or has been heard before.
    """
    provider = provider_of(database, name)
    try:
        claims = _checked(provider, token, database.now())
        with database.writing() as session:
            until = datetime.fromtimestamp(claims["iat"], UTC) + timedelta(seconds=2 * (OLDEST + SKEW))
            if not use_once(session, "logout", f"{provider.settings.issuer}\n{claims['jti']}", until):
                raise OutsideRefused("stale", "this message has been heard before")
            return _end(session, provider, claims)
    except OutsideRefused as error:
        audit_refusal(database, SYSTEM, "auth:session:logout", f"provider:{name}", reason=error.finding)
        raise


def _checked(provider: Provider, token: str, at: datetime) -> Mapping[str, Any]:
    """Return the claims of a logout token (Back-Channel Logout 1.0, 2.6)."""
    header, claims = verified(provider, token)
    if str(header.get("typ", "logout+jwt")).lower().removeprefix("application/") not in {"logout+jwt", "jwt"}:
        raise OutsideRefused("untrusted", "token: another kind of token")
    check_common(provider, claims, at)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise OutsideRefused("untrusted", "token: no logout event")
    if "nonce" in claims:
        raise OutsideRefused("untrusted", "token: an ID token is no logout token")
    if not _is_id(claims.get("jti")) or not any(_is_id(claims.get(one)) for one in ("sub", "sid")):
        raise OutsideRefused("untrusted", "token: jti, sub or sid")
    return claims


def _end(session: Session, provider: Provider, claims: Mapping[str, Any]) -> int:
    issuer, keyring, at = provider.settings.issuer, unit_of(session).database.keyring, now(session)
    begun = select(OutsideSession.session_id).where(OutsideSession.provider == provider.name)
    if _is_id(claims.get("sid")):
        begun = begun.where(OutsideSession.sid_index == sid_index(keyring, issuer, claims["sid"]))
    if _is_id(claims.get("sub")):
        begun = begun.where(OutsideSession.subject_index == subject_index(keyring, issuer, claims["sub"]))
    statement = update(WebSession).where(WebSession.id.in_(begun), WebSession.revoked_at.is_(None))
    returning = statement.values(revoked_at=at).returning(WebSession.id, WebSession.public_id)
    ended = session.execute(returning.execution_options(synchronize_session=False)).all()
    for _key, public_id in ended:
        audit(session, SYSTEM, "auth:session:logout", f"session:{public_id}", after={"provider": provider.name})
    over = OutsideSession.session_id.in_([key for key, _public_id in ended])
    session.execute(update(OutsideSession).where(over).values(id_token=None, leave_hash=None, leave_until=None))
    return len(ended)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_ID
