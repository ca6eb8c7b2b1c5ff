"""The call centre files for somebody: both stay on the record, the caller gets messages and code."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from civic_participation.models import Contact
from flask import Flask
from flask.testing import FlaskClient
from helpers.complaints import PASSWORD, WEST
from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer, undefer_group

from egovframe.actor import SYSTEM
from egovframe.core.auth import Account, account_by_email, create_account
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.cases import Case, CaseEntry
from egovframe.core.modules.notifications import Notification
from egovframe.core.persistence import Database
from egovframe.testing.visits import signed_in, submit, token_of

from .conftest import HASHED

CALLER = "mina@example.org"
BODY: dict[str, Any] = {"category": "street-light", **WEST, "description": "The lamp is dark."}


@pytest.fixture
def agent(agent: FlaskClient, db: Database) -> FlaskClient:
    """The agent's browser, in a city where the caller has an account."""
    with db.writing() as session:
        create_account(
            session, SYSTEM, email=CALLER, display_name="Mina", password=HASHED, assurance="contact_verified"
        )
    return agent


def take_down(agent: FlaskClient, **change: Any) -> Any:
    said = {
        "channel": "phone",
        "category": "street-light",
        "description": "The lamp is dark.",
        "name": "Mina",
        "email": CALLER,
        "language": "ko",
        "lat": str(WEST["lat"]),
        "lon": str(WEST["lon"]),
    }
    return submit(agent, "/en/desk/complaints/new", **{**said, **change})


def test_both_names_stay_on_the_record(agent: FlaskClient, db: Database, city: Flask) -> None:
    filed = take_down(agent)
    assert filed.status_code == 303
    with db.reading() as session:
        case = session.scalars(select(Case).options(undefer(Case.tracking_code))).one()
        caller, writer = account_by_email(session, CALLER), account_by_email(session, "agent@city.example")
        assert caller is not None
        assert writer is not None
        assert (case.channel, case.language, case.reporter_account_id) == ("phone", "ko", caller.id)
        entry = session.scalars(select(CaseEntry)).one()
        assert (entry.author_kind, entry.author_id) == ("staff", writer.id)
        audited = session.scalars(select(AuditEntry).where(AuditEntry.action == "cases:case:open")).one()
        assert (audited.account_id, audited.on_behalf_of) == (writer.id, caller.public_id)
        contact = session.scalars(select(Contact).options(undefer_group("personal"))).one()
        assert (contact.account_id, contact.email, contact.name) == (caller.id, CALLER, "Mina")
        told = select(func.count()).where(Notification.reference == f"civic_participation.contact:{contact.public_id}")
        assert session.scalar(told) == 1
    page = agent.get(filed.headers["Location"])
    assert case.reference in page.text
    assert case.tracking_code in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert case.reference in signed_in(city, CALLER, PASSWORD).get("/en/account/cases").text
    desk = agent.get(f"/en/desk/cases/{case.reference}").text
    assert "Aram Choi" in desk
    assert "Taken down for the person" in desk


def test_somebody_without_account_is_named_by_the_contact(agent: FlaskClient, db: Database) -> None:
    assert take_down(agent, email="unknown@example.org", channel="counter").status_code == 303
    assert take_down(agent, email="", name="").status_code == 303
    with db.reading() as session:
        assert set(session.scalars(select(Case.reporter_account_id))) == {None}
        contact = session.scalars(select(Contact)).one()
        audited = set(session.scalars(select(AuditEntry.on_behalf_of).where(AuditEntry.action == "cases:case:open")))
        assert audited == {contact.public_id, "unnamed"}


def test_an_unconfirmed_account_is_not_the_caller(agent: FlaskClient, db: Database) -> None:
    with db.writing() as session:
        found = account_by_email(session, CALLER)
        assert found is not None
        session.execute(update(Account).where(Account.id == found.id).values(confirmed_at=None))
    take_down(agent)
    with db.reading() as session:
        assert session.scalar(select(Case.reporter_account_id)) is None


def test_what_is_wrong_is_said_and_kept(agent: FlaskClient, db: Database) -> None:
    refused = take_down(agent, category="nonsense")
    assert refused.status_code == 422
    assert "The lamp is dark." in refused.text
    own = take_down(agent, email="agent@city.example")
    assert (own.status_code, "your own address" in own.text) == (422, True)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0


def test_only_who_may_act_for_others(official: FlaskClient, visitor: FlaskClient, agent: FlaskClient) -> None:
    assert official.get("/en/desk/complaints/new").status_code == 403
    assert visitor.get("/en/desk/complaints/new").status_code == 303
    shown = take_down(agent).headers["Location"]
    assert official.get(shown).status_code == 403
    assert agent.get("/en/desk/complaints/2026-000/filed").status_code == 404


def token(visitor: FlaskClient, email: str, *permissions: str) -> dict[str, str]:
    body = {"email": email, "password": PASSWORD, "permissions": list(permissions)}
    answer = visitor.post("/api/v1/tokens", json=body)
    return {"Authorization": f"Bearer {answer.json['token']}"}


def test_by_api_only_with_the_permission(visitor: FlaskClient, agent: FlaskClient, db: Database) -> None:
    body = {**BODY, "on_behalf_of": {"name": "Mina", "email": CALLER, "channel": "counter"}}
    allowed = token(visitor, "agent@city.example", "auth:account:act_for")
    narrowed = token(visitor, "agent@city.example", "cases:case:read")
    citizen = token(visitor, CALLER, "auth:account:act_for")
    assert visitor.post("/api/v1/complaints", json=body).status_code == 401
    assert visitor.post("/api/v1/complaints", json=body, headers=narrowed).status_code == 403
    assert visitor.post("/api/v1/complaints", json=body, headers=citizen).status_code == 403
    filed = visitor.post("/api/v1/complaints", json=body, headers=allowed)
    assert filed.status_code == 201, filed.text
    with db.reading() as session:
        case = session.scalars(select(Case)).one()
        caller = account_by_email(session, CALLER)
        assert caller is not None
        assert (case.channel, case.reporter_account_id) == ("counter", caller.id)
    own = visitor.get(f"/api/v1/complaints/{case.reference}", headers={"X-Tracking-Code": filed.json["tracking_code"]})
    assert own.status_code == 200


def test_what_was_taken_down_when_the_session_had_ended_is_not_lost(agent: FlaskClient, db: Database) -> None:
    token = token_of(agent, "/en/desk/complaints/new")
    agent.delete_cookie("egov_session")
    said = {"channel": "phone", "category": "street-light", "description": "The lamp is dark.", "name": "Mina"}
    late = agent.post("/en/desk/complaints/new", data={"csrf_token": token, **said})
    back = parse_qs(urlsplit(late.headers["Location"]).query)["next"][0]
    entered = submit(agent, "/en/account/sign-in", email="agent@city.example", password=PASSWORD, next=back)
    page = agent.get(entered.headers["Location"], follow_redirects=True)
    assert page.request.path == "/en/desk/complaints/new"
    assert "The lamp is dark.</textarea>" in page.text
    assert 'value="street-light" selected' in page.text
    assert 'value="Mina"' in page.text
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0
