"""Things that belong to one person, made for whoever a test names, and the routes that reach them by an id.

To add one: a function from the town and the owner to the parameters of the address, under the endpoint's name in
``OWNED``. What a route reaches that belongs to nobody, or to whoever holds the address, stands in ``OWNERLESS``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from baseline.town import Town, Visitor
from civic_participation.models import Contact
from sqlalchemy import select

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import (
    Account,
    Identity,
    Letter,
    Passkey,
    WebSession,
    begin_session,
    create_token,
    lend_rights,
)
from egovframe.core.modules.cases import Case
from egovframe.core.modules.notifications import Notification
from egovframe.core.modules.privacy import Subject, place_hold
from egovframe.core.modules.privacy.keeping.models import Consent
from egovframe.core.persistence import new_public_id, now
from egovframe.core.web.models import KeptForm

KEPT_COOKIE = "egov_kept"
Maker = Callable[[Town, Visitor], dict[str, str]]


@dataclass(frozen=True)
class Owned:
    """How to make what a route reaches, and the form that its owner sends."""

    make: Maker
    form: Mapping[str, str] = field(default_factory=dict)


def message(town: Town, owner: Visitor) -> dict[str, str]:
    """A message in the owner's inbox."""
    with town.database.writing() as session:
        row = Notification(
            reference=f"auth.account:{owner.actor.account_id}",
            key=new_public_id(),
            kind="cases.news",
            thing="case:x",
            facts="{}",
            account_id=owner.actor.account_id,
            created_at=now(session),
        )
        session.add(row)
        session.flush()
        return {"public_id": row.public_id}


def passkey(town: Town, owner: Visitor) -> dict[str, str]:
    """A key of the owner that answers nothing."""
    with town.database.writing() as session:
        row = Passkey(
            account_id=owner.actor.account_id,
            name="baseline",
            credential_hash=secrets.token_hex(32),
            credential_id="AA",
            public_key="AA",
            created_at=now(session),
        )
        session.add(row)
        session.flush()
        return {"public_id": row.public_id}


def identity(town: Town, owner: Visitor) -> dict[str, str]:
    """The owner at a provider."""
    with town.database.writing() as session:
        at = now(session)
        row = Identity(
            account_id=owner.actor.account_id,
            provider="baseline",
            subject_index=secrets.token_hex(32),
            last_used_at=at,
            created_at=at,
        )
        session.add(row)
        session.flush()
        return {"public_id": row.public_id}


def other_session(town: Town, owner: Visitor) -> dict[str, str]:
    """Another browser of the owner."""
    with town.database.writing() as session:
        begin_session(session, owner.actor.account_id or 0, "Baseline", method="password")
        session.flush()
        newest = select(WebSession.public_id).where(WebSession.account_id == owner.actor.account_id)
        return {"public_id": str(session.scalars(newest.order_by(WebSession.id.desc()).limit(1)).one())}


def token(town: Town, owner: Visitor) -> dict[str, str]:
    """A token of the owner."""
    with town.database.writing() as session:
        return {"public_id": create_token(session, owner.actor, name="baseline").row.public_id}


def consent(town: Town, owner: Visitor) -> dict[str, str]:
    """What the owner agreed to."""
    with town.database.reading() as session:
        mine = select(Consent.public_id).where(
            Consent.account_id == owner.actor.account_id, Consent.withdrawn_at.is_(None)
        )
        return {"public_id": str(session.scalars(mine.limit(1)).one())}


def contact(town: Town, owner: Visitor) -> dict[str, str]:
    """How to reach the owner about a complaint of theirs that is open."""
    with town.database.reading() as session:
        lat, lon = session.execute(
            select(Case.latitude, Case.longitude).where(Case.type_code == "complaint").limit(1)
        ).one()
    code = town.ask(Visitor("anybody"), "GET", "/api/v1/complaints/categories").get_json()[0]["code"]
    body = {"category": code, "lat": lat, "lon": lon, "description": "baseline", "contact": {"name": "Before"}}
    filed = town.ask(owner, "POST", "/api/v1/complaints", json=body)
    assert filed.status_code == 201, filed.text
    with town.database.reading() as session:
        mine = select(Contact.id).where(Contact.account_id == owner.actor.account_id).order_by(Contact.id.desc())
        return {"table": Contact.__tablename__, "key": str(session.scalars(mine.limit(1)).one())}


def loan(town: Town, owner: Visitor) -> dict[str, str]:
    """Some days on which somebody stands in for the owner."""
    delegate = town.factory.account(kind="staff")
    with town.database.writing() as session:
        at = now(session)
        lender = session.get_one(Account, owner.actor.account_id)
        other = session.get_one(Account, delegate.account_id)
        made = lend_rights(session, SYSTEM, lender, other, valid_from=at, valid_until=at + timedelta(days=3))
        return {"loan_id": made[0].public_id}


def kept_form(town: Town, owner: Visitor) -> dict[str, str]:
    """A form that the owner's browser has left behind."""
    secret = secrets.token_urlsafe(32)
    with town.database.writing() as session:
        row = KeptForm(
            public_id=new_public_id(),
            browser=town.database.keyring.blind_index("kept-form", secret),
            account_id=owner.actor.account_id,
            path="/en/account/",
            fields='[["display_name", "Kept"]]',
            expires_at=now(session) + timedelta(hours=1),
        )
        session.add(row)
        session.flush()
        public_id = row.public_id
    if owner.client is not None:
        owner.client.set_cookie(KEPT_COOKIE, secret)
    return {"public_id": public_id}


def hold(town: Town, whose: Actor) -> str:
    """Hold somebody's data; return the hold's id."""
    with town.database.writing() as session:
        made = place_hold(session, SYSTEM, Subject("account", whose.account_id or 0), reason="baseline")
        return made.public_id


def letter(town: Town, whose: Actor) -> str:
    """Return the id of a letter to somebody that waits to be printed."""
    with town.database.writing() as session:
        row = Letter(
            account_id=whose.account_id,
            name="Baseline",
            address="1 Street",
            language="en",
            keys=[],
            address_digest=secrets.token_hex(32),
            code_hash=secrets.token_hex(32),
            created_at=now(session),
        )
        session.add(row)
        session.flush()
        return row.public_id


OWNED: dict[str, Owned] = {
    "notifications.read": Owned(message),
    "notifications_api.read_message": Owned(message),
    "account.withdraw": Owned(consent),
    "account.correct_row": Owned(contact),
    "account.save_row": Owned(contact, {"name": "After", "phone": ""}),
    "account.rename_passkey": Owned(passkey),
    "account.store_passkey_name": Owned(passkey, {"name": "another name"}),
    "account.drop_passkey": Owned(passkey),
    "account.end_session": Owned(other_session),
    "account.stop_token": Owned(token),
    "account_api.delete_token": Owned(token),
    "account.disconnect": Owned(identity),
    "account.resume": Owned(kept_form),
    "delegation.end": Owned(loan),
}
"""Routes that reach one person's thing by an id in the address."""

_HOLDER = "whoever holds the address may: it is the key, and cannot be guessed"
_NAME = "the name of a provider, which is no thing of anybody"
_PUBLIC = "for everybody to read"
OWNERLESS: dict[str, str] = {
    "account.confirm": _HOLDER,
    "account.confirm_now": _HOLDER,
    "account.confirm_address": _HOLDER,
    "account.confirm_address_now": _HOLDER,
    "account.stop_address": _HOLDER,
    "account.stop_address_now": _HOLDER,
    "account.new_password": _HOLDER,
    "account.set_new_password": _HOLDER,
    "cases_privacy.mine": _HOLDER,
    "cases_privacy.take_along": _HOLDER,
    "cases_privacy.erase_now": _HOLDER,
    "civic_participation.own": _HOLDER,
    "civic_participation.reply": _HOLDER,
    "civic_participation_short.tracked": _HOLDER,
    "civic_participation_filing.check": _HOLDER,
    "civic_participation_filing.send": _HOLDER,
    "civic_participation_filing.details": _HOLDER,
    "civic_participation_filing.tell": _HOLDER,
    "civic_participation_filing.done": _HOLDER,
    "civic_participation_filing.change_what": _HOLDER,
    "civic_participation_filing.choose_again": _HOLDER,
    "civic_participation_filing.place": _HOLDER,
    "civic_participation_filing.where": _HOLDER,
    "account.letter_code": "fills a form in with what stands in the address, and looks nothing up",
    "account.with_provider": _NAME,
    "account.back_from_provider": _NAME,
    "account.connect": _NAME,
    "account.signed_out": _NAME,
    "account.leave": _NAME,
    "oidc.back": _NAME,
    "oidc.back_channel": _NAME,
    "oidc.signed_out": _NAME,
    "account.notice": _PUBLIC,
    "areas.layer_geojson": _PUBLIC,
    "civic_participation.case": "for everybody to read; hidden and private ones are asked for in test_objects",
    "civic_participation_api.read": "for everybody to read; hidden and private ones are asked for in test_objects",
    "codes_api.get_code_table": _PUBLIC,
    "core.static": _PUBLIC,
    "core.theme": _PUBLIC,
}
"""Routes with parameters, open to every person who signed in or to everybody, that reach nothing of one person."""
