"""The way back: a browser returns from a provider, and is signed in, connected, or refused."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from egovframe.actor import ANONYMOUS, Actor
from egovframe.core.auth.loading import actor_of_account
from egovframe.core.auth.models import WebSession
from egovframe.core.auth.outside.attempts import Attempt, nonce_of, opened, use_state, verifier_of
from egovframe.core.auth.outside.claims import ProviderClaims, claims_of
from egovframe.core.auth.outside.errors import OutsideRefused
from egovframe.core.auth.outside.exchange import exchange, userinfo
from egovframe.core.auth.outside.identities import account_for, connect, sid_index
from egovframe.core.auth.outside.models import Identity, OutsideSession
from egovframe.core.auth.outside.providers import Provider, provider_of
from egovframe.core.auth.outside.tokens import id_token, subject_of
from egovframe.core.auth.services.accounts import thing
from egovframe.core.auth.services.sessions import begin_session, sign_out
from egovframe.core.modules.audit import audit, audit_refusal
from egovframe.core.persistence import Database, unit_of

PERSON_STOPPED = frozenset({"access_denied", "login_required", "interaction_required", "consent_required"})


@dataclass(frozen=True, slots=True)
class FinishedAttempt:
    """A finished attempt.

    Attributes:
        token: for the session cookie; empty when a provider was connected with the account signed in already.
        next: where the person wanted to go; empty for nowhere in particular.
        language: what the person reads, if they said so.
    """

    token: str
    next: str
    language: str | None = None


def finish_at_provider(
    database: Database,
    name: str,
    *,
    answer: Mapping[str, str],
    sealed: str,
    actor: Actor = ANONYMOUS,
    agent: str = "",
    previous: str = "",
) -> FinishedAttempt:
    """Finish an attempt; every refusal is recorded. Asks the network: call it outside of any unit of work.

    Args:
        database: the city's.
        name: the provider at whose address of return the browser arrived.
        answer: the query: ``code``, ``state``, ``iss``, ``error``.
        sealed: the cookie of the attempt.
        actor: who is signed in already, for connecting.
        agent: family of the browser.
        previous: the session cookie that the browser came with; its session ends.

    Raises:
        NotFound: no such provider.
        OutsideRefused: nobody is signed in; ``reason`` says why.
    """
    provider = provider_of(database, name)
    try:
        if "error" in answer and "state" not in answer:
            raise _error_of(answer)  # some providers forget the state when they refuse; nothing is opened by it
        attempt = opened(database, name, answer.get("state", ""), sealed)
        use_state(database, attempt)
        claims, token = _claims(database, provider, attempt, answer)
        if attempt.account:
            return _connect(database, provider, attempt, actor, claims)
        return _enter(database, provider, attempt, claims, token, agent, previous)
    except OutsideRefused as error:
        audit_refusal(database, actor, "auth:session:begin", f"provider:{name}", reason=error.finding)
        raise


def _claims(
    database: Database, provider: Provider, attempt: Attempt, answer: Mapping[str, str]
) -> tuple[ProviderClaims, str]:
    """Return what the provider says about the person, everything checked, and the ID token."""
    _check_answer(provider, answer)
    tokens = exchange(provider, answer.get("code", ""), verifier_of(database.keyring, attempt.state))
    nonce = nonce_of(database.keyring, attempt.state)
    said = id_token(provider, tokens.id_token, nonce=nonce, access_token=tokens.access_token, at=database.now())
    if provider.settings.userinfo:
        said = {**userinfo(provider, tokens.access_token, subject_of(said)), **said}
    claims = claims_of(provider.settings, said)
    if provider.settings.require_second_factor and not claims.second_factor:
        raise OutsideRefused("second_factor")
    return claims, tokens.id_token


def _check_answer(provider: Provider, answer: Mapping[str, str]) -> None:
    """Check who answers (RFC 9207), then what: an error of a provider that is another one's says nothing."""
    named = answer.get("iss")
    if named is None and provider.source.metadata().names_itself:
        raise OutsideRefused("untrusted", "the answer does not say whose it is (iss)")
    if named is not None and not hmac.compare_digest(
        named.encode("utf-8", "replace"), provider.settings.issuer.encode()
    ):
        raise OutsideRefused("untrusted", "the answer is another provider's (iss)")
    if "error" in answer:
        raise _error_of(answer)


def _error_of(answer: Mapping[str, str]) -> OutsideRefused:
    stopped = answer["error"] in PERSON_STOPPED
    return OutsideRefused("denied" if stopped else "provider", f"error={answer['error'][:60]}")


def _enter(
    database: Database,
    provider: Provider,
    attempt: Attempt,
    claims: ProviderClaims,
    token: str,
    agent: str,
    previous: str,
) -> FinishedAttempt:
    with database.writing() as session:
        account, identity = account_for(session, provider, claims, attempt.language)
        actor = actor_of_account(session, account)
        if previous:
            sign_out(session, actor, previous)
        two = claims.second_factor
        raw, row = begin_session(session, account.id, agent, method=provider.method, two_factors=two)
        if claims.proved_at is not None:  # a provider that answers from a session of its own is no fresh proof
            row.proved_at = min(row.created_at, claims.proved_at)
        _remember(session, row, identity, claims, token)
        facts = {"session": row.public_id, "method": provider.method}
        audit(session, actor, "auth:session:begin", thing(account), after=facts)
        return FinishedAttempt(raw, attempt.next, account.language)


def _connect(
    database: Database, provider: Provider, attempt: Attempt, actor: Actor, claims: ProviderClaims
) -> FinishedAttempt:
    if not hmac.compare_digest(attempt.account, actor.public_id):
        raise OutsideRefused("stale", "somebody else is signed in now")
    with database.writing() as session:
        connect(session, actor, provider, claims)
    return FinishedAttempt("", attempt.next)


def _remember(session: Session, row: WebSession, identity: Identity, claims: ProviderClaims, token: str) -> None:
    session.add(
        OutsideSession(
            session_id=row.id,
            account_id=identity.account_id,
            provider=identity.provider,
            subject_index=identity.subject_index,
            sid_index=sid_index(unit_of(session).database.keyring, claims.issuer, claims.session)
            if claims.session
            else None,
            id_token=token,
        )
    )
