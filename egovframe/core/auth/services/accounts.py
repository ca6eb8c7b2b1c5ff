"""Verbs on accounts: open, confirm, change, close."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from egovframe.actor import ANONYMOUS, SYSTEM, Actor
from egovframe.core.auth.addresses.ending import end_address_changes
from egovframe.core.auth.events import (
    AccountDisabled,
    AccountRegistered,
    ConfirmationAsked,
    ContactConfirmed,
    PasswordChanged,
    RegistrationRepeated,
)
from egovframe.core.auth.models import Account
from egovframe.core.auth.passwords import PasswordHash
from egovframe.core.auth.permissions import MANAGE_ACCOUNTS
from egovframe.core.auth.policy import policy_of
from egovframe.core.auth.queries import account_by_email, account_of, email_index
from egovframe.core.auth.services.administrators import keep_an_administrator
from egovframe.core.auth.services.grants import add_grant
from egovframe.core.auth.services.one_time import end_links, new_link
from egovframe.core.auth.services.rights import need
from egovframe.core.auth.services.sessions import end_sessions, end_tokens
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit, snapshot
from egovframe.core.modules.events import Event, record
from egovframe.core.persistence import new_public_id, now, unit_of
from egovframe.errors import Invalid

ROLE_OF_CITIZENS = "citizen"


def register_account(
    session: Session,
    *,
    email: str,
    display_name: str,
    password: PasswordHash,
    addressed_as: str = "",
    language: str | None = None,
    along: Callable[[Account], None] | None = None,
) -> Account | None:
    """Open a citizen's account from the registration page. The answer never tells whether the address is known.

    A new address receives a link that confirms it; the owner of a known one is told that somebody tried.

    Args:
        along: writes what belongs to a new account, such as consents; what it writes for a known address is taken back.

    Returns:
        The new account; None when the address was known.
    """
    known = account_by_email(session, email)
    with session.begin_nested() as attempt:
        # A known address costs the same work, which is taken back: time must not tell who has an account.
        address = f"{new_public_id()}@" if known else email
        account = _insert(
            session,
            email=address,
            display_name=display_name,
            addressed_as=addressed_as,
            language=language,
            password_hash=password,
        )
        if account is None:
            return None
        link = new_link(session, account, "confirm", policy_of(unit_of(session).database).confirm)
        if along is not None:
            along(account)
        facts = _facts(account)
        told: Event = RegistrationRepeated(known.id) if known else AccountRegistered(account.id, link.id)
        session.flush()
        if known:
            attempt.rollback()
    audit(session, ANONYMOUS, "auth:account:register", thing(known or account), after=None if known else facts)
    record(session, told, ANONYMOUS)
    return None if known else account


def create_account(
    session: Session,
    actor: Actor,
    *,
    email: str | None,
    display_name: str,
    kind: str = "citizen",
    password: PasswordHash | None = None,
    addressed_as: str = "",
    language: str | None = None,
    assurance: str = "registered",
    is_demo: bool = False,
) -> Account:
    """Open an account of any kind, as an administrator, the command line or a seed; nobody is written to.

    Args:
        email: the address to sign in with; None for service accounts.
        password: made by ``hash_password``; None where the person chooses it through a link.
        assurance: ``registered`` or ``contact_verified``, which also sets the instant of confirmation; residents
            are verified afterwards (``verify_resident``), because that takes a person.

    Raises:
        Forbidden: the actor may not manage accounts.
        Invalid: the address has an account.
        ValueError: another level.
    """
    need(session, actor, MANAGE_ACCOUNTS)
    if assurance not in {"registered", "contact_verified"}:
        raise ValueError(f"an account begins registered or contact_verified, not {assurance}")
    account = _insert(
        session,
        email=email,
        display_name=display_name,
        kind=kind,
        addressed_as=addressed_as,
        language=language,
        password_hash=password,
        assurance=assurance,
        confirmed_at=None if assurance == "registered" else now(session),
        is_demo=is_demo,
    )
    if account is None:
        raise Invalid(errors={"email": [_("There is an account with this address already.")]})
    audit(session, actor, "auth:account:create", thing(account), after=_facts(account))
    return account


def ask_confirmation(session: Session, actor: Actor) -> None:
    """Send the actor another link that confirms the address; older ones die.

    Raises:
        NotFound: the actor has no account.
    """
    account = account_of(session, actor)
    if account.confirmed_at is not None or account.email_index is None:
        return
    link = new_link(session, account, "confirm", policy_of(unit_of(session).database).confirm)
    audit(session, actor, "auth:account:ask_confirmation", thing(account))
    record(session, ConfirmationAsked(account.id, link.id), actor)


def mark_confirmed(session: Session, account: Account) -> None:
    """Note that the person reads what is sent to the address; a higher level of assurance stays."""
    if account.confirmed_at is not None:
        return
    before = snapshot(account, "assurance")
    account.confirmed_at = now(session)
    if account.assurance == "registered":
        account.assurance = "contact_verified"
    audit(session, ANONYMOUS, "auth:account:confirm", thing(account), before=before, after=_facts(account))
    record(session, ContactConfirmed(account.id), ANONYMOUS)


def set_password(session: Session, actor: Actor, account: Account, password: PasswordHash) -> None:
    """Set somebody's password; all their sessions and API tokens end.

    Raises:
        Forbidden: the actor may not manage accounts.
    """
    need(session, actor, MANAGE_ACCOUNTS)
    replace_password(session, actor, account, password)


def replace_password(
    session: Session, actor: Actor, account: Account, password: PasswordHash, *, keep_session: int | None = None
) -> None:
    """Store a new password, end sessions (but one), API tokens, links to a new password and open changes of address.

    All of these end, and the owner is told: whoever changes a password because it leaked must not leave a thief with
    what it opened, nor with a link that would still carry the account off to another address.
    The caller has checked the right.
    """
    account.password_hash = password
    end_sessions(session, account.id, keep=keep_session)
    end_tokens(session, account.id)
    end_links(session, account, "recover", "invite")
    end_address_changes(session, account.id)
    audit(session, actor, "auth:password:change", thing(account))
    record(session, PasswordChanged(account.id), actor)


def set_profile(
    session: Session, actor: Actor, *, display_name: str, addressed_as: str, language: str | None
) -> Account:
    """Change what a person says about themselves.

    Raises:
        NotFound: the actor has no account.
    """
    account = account_of(session, actor)
    before = snapshot(account, "display_name", "addressed_as", "language")
    account.display_name, account.addressed_as, account.language = display_name, addressed_as, language
    after = snapshot(account, "display_name", "addressed_as", "language")
    audit(session, actor, "auth:account:describe", thing(account), before=before, after=after)
    return account


def disable_account(session: Session, actor: Actor, account: Account, reason: str = "") -> None:
    """Close an account to its owner: sessions and tokens stop at once and for good, nothing is deleted.

    Raises:
        Forbidden: the actor may not manage accounts.
        Conflict: it is the last administrator.
    """
    need(session, actor, MANAGE_ACCOUNTS)
    with keep_an_administrator(session, account.id):
        before = _facts(account)
        account.state = "disabled"
        end_sessions(session, account.id)
        end_tokens(session, account.id)
        end_address_changes(session, account.id)
        session.flush()
    audit(session, actor, "auth:account:disable", thing(account), before=before, after=_facts(account), reason=reason)
    record(session, AccountDisabled(account.id), actor)


def enable_account(session: Session, actor: Actor, account: Account, reason: str = "") -> None:
    """Open a closed account again; its owner signs in anew.

    Raises:
        Forbidden: the actor may not manage accounts.
    """
    need(session, actor, MANAGE_ACCOUNTS)
    before = _facts(account)
    account.state = "active"
    audit(session, actor, "auth:account:enable", thing(account), before=before, after=_facts(account), reason=reason)


def thing(account: Account) -> str:
    """Return how the audit names an account."""
    return f"account:{account.public_id}"


def _insert(session: Session, *, email: str | None, **values: object) -> Account | None:
    """Insert the account; None when the address is taken, found out by the unique key and not by looking first."""
    index = None if email is None else email_index(unit_of(session).database.keyring, email)
    account = Account(email=email, email_index=index, created_at=now(session), **values)
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError:
        return None
    if account.kind == "citizen":
        add_grant(session, SYSTEM, account, ROLE_OF_CITIZENS)
    return account


def _facts(account: Account) -> dict[str, object]:
    return snapshot(account, "kind", "state", "assurance", "is_demo")
