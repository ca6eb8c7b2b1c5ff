"""What an identity provider says of somebody who signed in with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from egovframe.actor import ANONYMOUS
from egovframe.core.auth.evidence import Evidence
from egovframe.core.auth.loading import actor_of_account
from egovframe.core.auth.models import Account
from egovframe.core.auth.queries import email_index
from egovframe.core.auth.services.accounts import mark_confirmed
from egovframe.core.auth.services.persons import Outcome, settle
from egovframe.core.persistence import unit_of
from egovframe.errors import Forbidden


def note_provider_claims(
    session: Session, account: Account, provider: str, subject: str, claims: Mapping[str, Any]
) -> Outcome | None:
    """Take a provider's word: confirm the address it vouches for, and bind the account to a resident it vouches for.

    The caller has checked the provider's signature, and that the subject belongs to the account.

    Args:
        provider: name of the provider in the city's settings.
        subject: how it names the person, for ever.
        claims: in our names, whatever the provider calls them: ``email`` with ``email_verified`` (True);
            ``resident`` (True when this provider vouches that the person lives in the city: the city's settings decide
            which provider may); ``name``, ``birth_date`` (ISO 8601) and ``address_code`` where it knows them.

    Returns:
        What became of the resident's claim; None when the provider makes none.

    Raises:
        Forbidden: the account is closed.
    """
    actor = actor_of_account(session, account)
    if actor == ANONYMOUS:
        raise Forbidden
    address = str(claims.get("email") or "")
    keyring = unit_of(session).database.keyring
    if address and claims.get("email_verified") is True and email_index(keyring, address) == account.email_index:
        mark_confirmed(session, account)
    if claims.get("resident") is not True:
        return None
    evidence = Evidence(
        name=str(claims.get("name") or "")[:200],
        birth_date=_date(claims.get("birth_date")),
        address_code=str(claims.get("address_code") or "")[:80],
        provider=provider,
        subject=subject,
    )
    keys = evidence.keys(keyring)
    return settle(session, actor, account, keys, method="provider", source=provider)


def _date(value: Any) -> date | None:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value or ""))
    except ValueError:
        return None
