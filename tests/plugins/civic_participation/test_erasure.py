"""Nothing of an erased person is left: tokens planted everywhere by declaration and by real journeys are looked for."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from civic_participation.models import Contact, Draft
from flask import Flask
from flask.testing import FlaskClient
from helpers.complaints import PASSWORD, file_by_pages, tracking_code
from sqlalchemy import Text, cast, func, select, update
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.auth import Account, account_by_email
from egovframe.core.modules.cases import HOLDER, Case
from egovframe.core.modules.jobs import build_worker
from egovframe.core.modules.organisation import Absence, Post
from egovframe.core.modules.privacy import ACCOUNT, Look, Subject, facets
from egovframe.core.modules.privacy.emptying import emptied
from egovframe.core.modules.privacy.keeping.models import Erasure, RetentionRule
from egovframe.core.modules.privacy.services import download, erase, place_hold, release_hold, replay_erasures
from egovframe.core.modules.privacy.services import erasing as erasing_room
from egovframe.core.persistence import METADATA, BoundedJSON, Database, EncryptedText
from egovframe.core.web import runtime
from egovframe.testing.visits import signed_in, submit

MARK = "zq7token"
"""Every planted token begins with it."""
EMAIL = f"{MARK}mail@person.example"


def token() -> str:
    return f"{MARK}{secrets.token_hex(8)}"


def worked(city: Flask, db: Database) -> None:
    build_worker(db, runtime(city).hooks, context=city.app_context).run_pending()


def act_on(official: FlaskClient, case: Case, action: str, **values: str) -> None:
    path = f"/en/desk/cases/{case.reference}"
    form = next(p for p in official.get(path).text.split("<form")[1:] if f"/{action}" in p.partition(">")[0])
    found = [
        re.search(p, form) for p in (r'action="([^"]+)"', r'csrf_token" value="([^"]+)"', r'version" value="(\d+)"')
    ]
    target, csrf, version = (one[1] for one in found if one)
    answer = official.post(target, data={"csrf_token": csrf, "version": version, **values})
    assert answer.status_code == 303, answer.text[:300]


def the_account(db: Database) -> Account:
    with db.reading() as session:
        found = account_by_email(session, EMAIL)
    assert found is not None
    return found


ELSEWHERE = ("core_kept_form.", "core_outside_session.", "core_verification.", "core_letter.")
"""Tables that no journey here fills; the test with planted values reaches them."""


@pytest.fixture
def person(city: Flask, db: Database) -> FlaskClient:
    """Somebody who registered, filed a complaint by page and one by API, began another, and asked for a new address."""
    client = city.test_client()
    submit(client, "/en/account/register", display_name=token(), addressed_as=token(), email=EMAIL, password=PASSWORD)
    client = signed_in(city, EMAIL, PASSWORD)
    file_by_pages(
        client,
        description=f"My name is {token()}. {token()}",
        name=token(),
        email=EMAIL,
        phone="02 123 4567",
    )
    submit(client, "/en/complaints/new", category="noise")
    submit(client, "/en/account/email", email=f"{token()}@other.example", password=PASSWORD)
    answer = client.post("/api/v1/tokens", json={"email": EMAIL, "password": PASSWORD, "name": token()})
    headers = {"Authorization": f"Bearer {answer.json['token']}", "Idempotency-Key": "once"}
    body = {"category": "pothole", "lat": 37.55, "lon": 126.95, "description": token(), "address": token()}
    assert client.post("/api/v1/complaints", json=body, headers=headers).status_code == 201
    worked(city, db)
    return client


def close_all(official: FlaskClient, db: Database) -> None:
    with db.reading() as session:
        cases = session.scalars(select(Case).order_by(Case.id)).all()
    act_on(official, cases[0], "resolve", text=f"We answered {token()} by telephone.")
    with db.writing() as session:
        session.execute(update(Case).values(closed_at=datetime.now(UTC), kind="terminal"))


def plant(db: Database) -> set[str]:
    """Put a fresh token into every declared text column of every row of the person; return the tables reached."""
    reached = set()
    subject = Subject(ACCOUNT, the_account(db).id)
    with db.writing() as session:
        post = session.scalars(select(Post)).first()
        assert post
        at = datetime.now(UTC)
        session.add(Absence(post_id=post.id, account_id=subject.id, valid_from=at - timedelta(days=1), valid_until=at))
        session.flush()
        for facet in facets():
            mine = facet.of(subject)
            if mine is None:
                continue
            for key in session.scalars(select(facet.key).where(mine)).all():
                values = {column.name: planted(column) for column in facet.columns if planted(column) is not None}
                if values and facet.table.name != "core_account":
                    session.execute(update(facet.table).where(facet.key == key).values(values))
                reached.add(facet.name)
    return reached


def planted(column: Any) -> Any:
    if isinstance(column.type, BoundedJSON):
        return {"public": {"answer": token()}}
    if column.table.name in {"core_notification", "civic_participation_draft", "core_idempotency"}:
        return json.dumps({"title": token()})
    if isinstance(column.type, EncryptedText) or not isinstance(emptied(column), float | int):
        return token() if column.type.python_type is str else None
    return None


def found_in(db: Database, city: Flask) -> list[str]:
    """Return every place where a token can still be read: all columns decrypted, raw files, the data folder."""
    places = list(in_tables(db))
    if db.file is not None:
        for path in sorted(db.file.parent.glob(f"{db.file.name}*")):
            if MARK.encode() in path.read_bytes():
                places.append(f"bytes of {path.name}")
    for path in sorted(runtime(city).settings.data_dir.rglob("*")):
        if path.is_file() and MARK.encode() in path.read_bytes():
            places.append(f"file {path.name}")
    return places


def in_tables(db: Database) -> Iterator[str]:
    with db.reading() as session:
        for table in METADATA.sorted_tables:
            for column in table.columns:
                chosen = column if isinstance(column.type, EncryptedText) else cast(column, Text)
                for value in session.scalars(select(chosen)):
                    if MARK in str(value):
                        yield f"{table.name}.{column.name}"
                        break


def settle(city: Flask, db: Database) -> None:
    worked(city, db)
    if db.file is not None:
        db.engine.dispose()


def erase_by_page(client: FlaskClient) -> Any:
    return submit(client, "/en/account/my-data/erase", password=PASSWORD)


def test_no_token_is_left_anywhere(
    person: FlaskClient, official: FlaskClient, city: Flask, db: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    close_all(official, db)
    worked(city, db)
    reached = plant(db)
    everything = {facet.name for facet in facets() if facet.columns and facet.of(Subject(ACCOUNT, 1)) is not None}
    never = {
        "core_case_entry.author_id:office",  # the citizen wrote nothing as an official
        *(facet for facet in everything if facet.startswith(ELSEWHERE)),
    }
    assert everything - reached <= never
    assert found_in(db, city)
    outbox = runtime(city).settings.data_dir / "outbox"
    before = len(list(outbox.glob("*.eml")))
    assert before

    answer = erase_by_page(person)
    assert answer.status_code == 303, answer.text[:300]
    settle(city, db)
    assert found_in(db, city) == []
    said = "".join(capfd.readouterr())
    assert MARK not in said
    assert len(list(outbox.glob("*.eml"))) < before

    assert person.get("/en/account").status_code == 303
    refused = submit(city.test_client(), "/en/account/sign-in", email=EMAIL, password=PASSWORD)
    assert refused.status_code == 422
    with db.reading() as session:
        assert session.scalars(select(Erasure)).one().waits is False
        assert session.scalar(select(func.count()).select_from(Case)) == 2, "cases are still counted"


@pytest.mark.parametrize("left_out", ["civic_participation_contact", "core_case", "core_notification"])
def test_a_table_that_is_left_out_is_found(
    left_out: str,
    person: FlaskClient,
    official: FlaskClient,
    city: Flask,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    close_all(official, db)
    plant(db)
    real = erasing_room.erase_rows

    def forgetful(session: Session, facet: Any, keys: Any) -> None:
        if facet.table.name != left_out:
            real(session, facet, keys)

    monkeypatch.setattr(erasing_room, "erase_rows", forgetful)
    erase_by_page(person)
    settle(city, db)
    assert any(place.startswith(left_out) for place in found_in(db, city))


def test_an_open_case_stays_until_it_is_closed_and_then_goes_by_itself(
    person: FlaskClient, official: FlaskClient, city: Flask, db: Database
) -> None:
    page = person.get("/en/account/my-data/erase").text
    assert "The matter is not finished" in page
    assert erase_by_page(person).status_code == 303
    with db.reading() as session:
        assert session.scalars(select(Erasure)).one().waits
        assert session.scalar(select(func.count()).select_from(Contact).where(Contact.email.is_not(None))) >= 1
        assert session.scalar(select(func.count()).select_from(Draft).where(Draft.case_id.is_(None))) == 0
    close_all(official, db)
    city_runs_daily(city, db)
    settle(city, db)
    assert found_in(db, city) == []
    with db.reading() as session:
        assert not session.scalars(select(Erasure)).one().waits


def city_runs_daily(city: Flask, db: Database) -> None:
    from egovframe.core.modules.privacy.hooks import daily

    with city.app_context():
        daily(db, {})


def test_what_a_law_keeps_stays_with_its_reason_and_loses_the_name(
    person: FlaskClient, official: FlaskClient, city: Flask, db: Database
) -> None:
    close_all(official, db)
    with db.writing() as session:
        session.add(
            RetentionRule(
                code="case",
                keep_days=3650,
                since="closed",
                action="erase",
                on_request="sever",
                law="Public Records Act, art. 5",
                valid_from=datetime(2020, 1, 1, tzinfo=UTC),
            )
        )
    page = person.get("/en/account/my-data/erase").text
    assert "A law has us keep it." in page
    assert "Public Records Act, art. 5" in page
    assert erase_by_page(person).status_code == 303
    with db.reading() as session:
        cases = session.scalars(select(Case)).all()
        assert all(case.reporter_account_id is None and case.reporter_reference == "" for case in cases)
        assert all(MARK in case.title or case.title for case in cases)
        assert session.scalar(select(func.count()).select_from(Contact).where(Contact.email.is_not(None))) == 0
        assert session.scalar(select(func.count()).select_from(Contact).where(Contact.account_id.is_not(None))) == 0


def test_a_hold_keeps_everything_until_it_is_released(
    person: FlaskClient, official: FlaskClient, city: Flask, db: Database
) -> None:
    close_all(official, db)
    subject = Subject(ACCOUNT, the_account(db).id)
    with db.writing() as session:
        hold = place_hold(session, SYSTEM, subject, reason="Court, 12 C 34/26").public_id
    page = person.get("/en/account/my-data/erase").text
    assert "A court or an authority asked us not to erase it" in page
    assert "12 C 34/26" not in page
    before = in_tables(db)
    erase_by_page(person)
    assert set(in_tables(db)) >= set(before)
    with db.writing() as session:
        release_hold(session, SYSTEM, hold)
    city_runs_daily(city, db)
    settle(city, db)
    assert found_in(db, city) == []


def test_erasing_again_changes_nothing_and_a_restored_person_is_erased_from_the_ledger(
    person: FlaskClient, official: FlaskClient, city: Flask, db: Database
) -> None:
    close_all(official, db)
    account = the_account(db)
    subject = Subject(ACCOUNT, account.id)
    erase_by_page(person)
    with db.writing() as session:
        assert erase(session, SYSTEM, subject).parts == []
    ledger = runtime(city).settings.data_dir / "privacy" / "erasures.jsonl"
    assert account.public_id in ledger.read_text()
    # A backup from before the erasure: the person is back, and the database remembers no erasure.
    with db.writing() as session:
        session.execute(update(Account).where(Account.id == account.id).values(display_name=token(), email=EMAIL))
        session.execute(Erasure.__table__.delete())
    assert found_in(db, city)
    with city.app_context():
        result = replay_erasures(db, ledger)
    assert (result.erased, result.refused) == (1, 0)
    settle(city, db)
    assert list(in_tables(db)) == []

    ledger.write_text(ledger.read_text().replace(account.public_id, "0" * 16))
    with pytest.raises(Exception, match="line 1 was not written with this city's key"):
        replay_erasures(db, ledger)


def test_the_download_holds_everything_and_nothing_of_others(
    person: FlaskClient, official: FlaskClient, city: Flask, db: Database
) -> None:
    close_all(official, db)
    other = city.test_client()
    file_by_pages(
        other, description="Somebody else's lamp, elsewhere entirely.", name="Foreign Name", email="foreign@x.example"
    )
    plant(db)
    subject = Subject(ACCOUNT, the_account(db).id)
    page = person.get("/en/account/my-data").text
    csrf = re.search(r'csrf_token" value="([^"]+)"', page)
    assert csrf
    answer = person.post("/en/account/my-data/download", data={"csrf_token": csrf[1], "format": "json"})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    facts = json.loads(answer.text)
    answer.close()
    written = json.dumps(facts)
    with db.reading() as session:
        for facet in facets():
            mine = facet.of(subject)
            if mine is None or facet.copy is not None:
                continue
            rows = session.execute(select(*facet.columns).where(mine)).all() if facet.columns else []
            for row in rows:
                for value in row:
                    if isinstance(value, str) and value.startswith(MARK) and facet.table.name != "core_case_entry":
                        assert value in written, f"{facet.name} is missing"
    assert "Foreign Name" not in written
    assert "Somebody else's lamp" not in written
    assert {"core_account", "core_case", "civic_participation_contact", "core_web_session"} <= {
        part["table"] for part in facts["parts"] if part["rows"]
    }
    with person.post("/ar/account/my-data/download", data={"csrf_token": csrf[1], "format": "html"}) as given:
        readable = given.text
    assert 'dir="rtl"' in readable
    assert EMAIL in readable


def test_somebody_without_an_account_does_the_same_beside_the_tracking_code(
    official: FlaskClient, city: Flask, db: Database
) -> None:
    visitor = city.test_client()
    name = token()
    done = visitor.get(file_by_pages(visitor, description=f"I am {token()}.", name=name, email=EMAIL)).text
    code = tracking_code(done)
    worked(city, db)
    own = f"/en/my-case/{code}"
    assert own in visitor.get(f"/en/complaints/track/{code}").text
    csrf = re.search(r'csrf_token" value="([^"]+)"', visitor.get(own).text)
    assert csrf
    taken = visitor.post(f"{own}/download", data={"csrf_token": csrf[1], "format": "json"})
    assert name in taken.text
    assert "core_account" not in [part["table"] for part in json.loads(taken.text)["parts"]]
    taken.close()
    assert submit(visitor, own, f"{own}/erase", sure="1").status_code == 200
    assert found_in(db, city), "an open case stays"
    close_all(official, db)
    city_runs_daily(city, db)
    settle(city, db)
    assert found_in(db, city) == []


def test_whoever_filed_without_an_account_reads_what_really_happened(
    official: FlaskClient, city: Flask, db: Database
) -> None:
    visitor = city.test_client()
    code = tracking_code(visitor.get(file_by_pages(visitor, name=token(), email=EMAIL)).text)
    own = f"/en/my-case/{code}"
    close_all(official, db)
    with db.writing() as session:
        case = session.scalars(select(Case)).one()
        hold = place_hold(session, SYSTEM, Subject(HOLDER, case.id), reason="Court, 12 C 34/26").public_id
    held = submit(visitor, own, f"{own}/erase", sure="1").text
    assert "Nothing is erased for now" in held
    assert "A court or an authority asked us not to erase it for now." in held
    assert "Your data are erased" not in held
    assert "12 C 34/26" not in held
    with db.writing() as session:
        release_hold(session, SYSTEM, hold)
    gone = submit(visitor, own, f"{own}/erase", sure="1").text
    assert "Your data are erased" in gone
    assert "What stays for now" not in gone
    with db.reading() as session:
        assert session.scalars(select(Look).where(Look.viewer == "anonymous")).all() == []


def test_a_hold_on_one_case_is_named_after_the_sign_out(
    person: FlaskClient, official: FlaskClient, city: Flask, db: Database
) -> None:
    close_all(official, db)
    with db.writing() as session:
        case = session.scalars(select(Case).order_by(Case.id)).first()
        assert case is not None
        place_hold(session, SYSTEM, Subject(HOLDER, case.id), reason="Court, 12 C 34/26")
    told = person.get(erase_by_page(person).location).text
    for words in ("as far as it can be", "your account is gone", "What is erased", "What stays for now, and why"):
        assert words in told
    assert "A court or an authority asked us" in told
    assert "12 C 34/26" not in told


def test_a_case_of_an_account_is_erased_with_the_account_only(person: FlaskClient, city: Flask, db: Database) -> None:
    with db.reading() as session:
        code = session.scalars(select(Case.tracking_code).order_by(Case.id)).first()
    answer = city.test_client().get(f"/en/my-case/{code}")
    assert answer.status_code == 303
    assert "/account/my-data" in answer.location


def test_contacts_of_open_cases_can_be_corrected_by_their_person_alone(
    person: FlaskClient, official: FlaskClient, city: Flask, db: Database
) -> None:
    page = person.get("/en/account/my-data/correct").text
    link = re.search(r'href="(/en/account/my-data/correct/civic_participation_contact/\d+)"', page)
    assert link
    refused = submit(person, link[1], name="Kim", phone="none")
    assert refused.status_code == 422
    assert submit(person, link[1], name="Kim Rightly", phone="02 999 9999").status_code == 303
    with db.reading() as session:
        known = session.execute(select(Contact.name, Contact.phone)).all()
    assert ("Kim Rightly", "02 999 9999") in [tuple(row) for row in known]
    assert official.get(link[1]).status_code == 404
    close_all(official, db)
    assert person.get(link[1]).status_code == 404, "what is closed is on record"


def test_raw_pages_would_show_a_token_without_the_shortened_log(person: FlaskClient, db: Database) -> None:
    """A negative control of the search itself: the bytes are looked at, not only the tables."""
    if db.file is None:
        pytest.skip("only SQLite has a file next to the data")
    with sqlite3.connect(db.file) as connection:
        assert connection.execute("PRAGMA secure_delete").fetchone() is not None
    assert any(MARK.encode() in path.read_bytes() for path in db.file.parent.glob(f"{db.file.name}*"))


def test_download_is_made_a_few_rows_at_a_time(person: FlaskClient, city: Flask, db: Database) -> None:
    subject = Subject(ACCOUNT, the_account(db).id)
    with city.app_context(), db.reading() as session:
        with download(session, subject, "json", language="en", city="Saebit") as file:
            assert json.loads(file.read())["format"] == "egovframe-my-data"


__all__ = ["HOLDER"]
