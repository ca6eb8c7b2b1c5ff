"""The street from end to end, through pages without script: filed, routed, asked, replied, answered, read."""

from __future__ import annotations

import re

from civic_participation.models import Draft
from flask import Flask
from flask.testing import FlaskClient
from helpers.complaints import EAST, PASSWORD, file_by_pages, tracking_code
from sqlalchemy import func, select

from egovframe.core.modules.audit import entries_of, seal, verify
from egovframe.core.modules.cases import Case, CaseEntry
from egovframe.core.persistence import Database
from egovframe.testing.visits import signed_in, submit


def the_case(db: Database) -> Case:
    with db.reading() as session:
        return session.scalars(select(Case)).one()


def act_on(official: FlaskClient, case: Case, action: str, **values: str) -> None:
    path = f"/en/desk/cases/{case.reference}"
    page = official.get(path).text
    form = next(part for part in page.split("<form")[1:] if f"/{action}" in part.partition(">")[0])
    target = re.search(r'action="([^"]+)"', form)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    version = re.search(r'name="version" value="(\d+)"', form)
    assert target
    assert token
    assert version
    answer = official.post(target[1], data={"csrf_token": token[1], "version": version[1], **values})
    assert answer.status_code == 303, answer.text


def test_a_complaint_finds_its_official_and_is_answered(
    visitor: FlaskClient, official: FlaskClient, city: Flask, db: Database
) -> None:
    done = visitor.get(file_by_pages(visitor))
    case = the_case(db)
    assert case.reference in done.text
    assert "Roads, west" in done.text
    assert "Westside" in done.text
    own = f"/en/complaints/track/{tracking_code(done.text)}"

    inbox = official.get("/en/desk")
    assert case.reference in inbox.text
    assert "due" in inbox.text
    act_on(official, case, "ask_reporter", text="Which side of the road?")
    assert "Which side of the road?" in visitor.get(own).text

    reply = submit(visitor, own, f"{own}/reply", version="2", text="On the river side.")
    assert reply.status_code == 303
    act_on(official, case, "resolve", text="The lamp was replaced this morning.")
    page = visitor.get(own)
    assert "The lamp was replaced this morning." in page.text
    assert "On the river side." in page.text

    with db.reading() as session:
        entries = list(session.scalars(select(CaseEntry).order_by(CaseEntry.id)))
        assert [entry.action for entry in entries] == ["", "ask_reporter", "reply", "resolve"]
        assert all(entry.public for entry in entries)
        actions = [entry.action for entry in reversed(entries_of(session, f"case:{case.public_id}"))]
    assert actions == ["cases:case:open", "cases:case:ask_reporter", "cases:case:reply", "cases:case:resolve"]
    seal(db)
    with db.reading() as session:
        assert verify(session).ok


def test_the_answer_reaches_the_mailbox(visitor: FlaskClient, official: FlaskClient, city: Flask, db: Database) -> None:
    from egovframe.core.modules.jobs import build_worker
    from egovframe.core.web import runtime

    visitor.get(file_by_pages(visitor, "ko"))
    act_on(official, the_case(db), "resolve", text="The lamp was replaced.")
    build_worker(db, runtime(city).hooks, context=city.app_context).run_pending()
    box = runtime(city).settings.data_dir / "outbox"
    letters = [path.read_bytes() for path in sorted(box.glob("*.eml"))]
    assert [letter for letter in letters if b"kim@example.org" in letter]
    assert not [letter for letter in letters if b"\nBcc:" in letter]


def test_the_substitute_gets_it_while_the_official_is_away(visitor: FlaskClient, db: Database) -> None:
    page = visitor.get(file_by_pages(visitor, place=EAST)).text
    assert "on leave" in page
    assert "Emil East" not in page, "citizens read posts, not names"
    with db.reading() as session:
        west = session.scalars(select(Case)).one()
        assert west.assignee_id is not None


def test_another_official_sees_neither_list_nor_case(visitor: FlaskClient, city: Flask, db: Database) -> None:
    visitor.get(file_by_pages(visitor))
    case = the_case(db)
    nobody = city.test_client()
    assert nobody.get(f"/en/desk/cases/{case.reference}").status_code in {303, 401}
    head = signed_in(city, "head@city.example", PASSWORD)
    assert case.reference in head.get("/en/desk?queue=all").text
    assert head.get("/en/desk/cases/C-2026-999999-0").status_code == 404


def test_two_clicks_on_send_file_one_complaint(visitor: FlaskClient, db: Database) -> None:
    done = file_by_pages(visitor)
    check = done.replace("/done", "/check")
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1
    again = visitor.get(check)
    assert again.status_code == 303
    assert again.location == done
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_the_back_button_keeps_what_was_typed(visitor: FlaskClient, db: Database) -> None:
    where = submit(visitor, "/en/complaints/new", category="street-light").location
    refused = submit(visitor, where, address="Lotus Lane 12", lat="not a number", lon="126.95")
    assert refused.status_code == 422
    assert "Lotus Lane 12" in refused.text
    assert "not a number" in refused.text
    details = submit(visitor, where, address="Lotus Lane 12").location
    assert "Lotus Lane 12" in visitor.get(where).text
    refused = submit(visitor, details, description="", email="nobody")
    assert refused.status_code == 422
    assert "nobody" in refused.text
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 1


def test_a_place_outside_the_city_is_refused_and_nothing_is_lost(visitor: FlaskClient) -> None:
    where = submit(visitor, "/en/complaints/new", category="street-light").location
    refused = submit(visitor, where, address="Far away 1", lat="10", lon="10")
    assert refused.status_code == 422
    assert "outside our city" in refused.text
    assert "Far away 1" in refused.text


def test_steps_left_out_lead_back_to_them(visitor: FlaskClient) -> None:
    where = submit(visitor, "/en/complaints/new", category="street-light").location
    check = where.replace("/where", "/check")
    assert visitor.get(check).location.endswith("/where")
    assert visitor.get("/en/complaints/new/" + "x" * 32 + "/where").status_code == 404


def test_personal_pages_are_never_stored_or_passed_on(visitor: FlaskClient) -> None:
    done = visitor.get(file_by_pages(visitor))
    own = visitor.get(f"/en/complaints/track/{tracking_code(done.text)}")
    for page in (done, own):
        assert "no-store" in page.headers["Cache-Control"]
        assert page.headers["Referrer-Policy"] == "no-referrer"
    public = visitor.get("/en/complaints")
    assert "no-store" not in public.headers["Cache-Control"]


def test_strangers_read_no_contact_and_no_number(visitor: FlaskClient, city: Flask, db: Database) -> None:
    told = "Dark lamp. Call me: 010-1234-5678 or kim@example.org"
    done = visitor.get(file_by_pages(visitor, description=told, name="Kim Secret"))
    case = the_case(db)
    page = city.test_client().get(f"/en/complaints/cases/{case.reference}").text
    assert "Dark lamp" in page
    for secret in ("010-1234-5678", "kim@example.org", "Kim Secret", tracking_code(done.text)):
        assert secret not in page


def test_a_private_complaint_is_on_no_public_page(visitor: FlaskClient, city: Flask, db: Database) -> None:
    visitor.get(file_by_pages(visitor, private="1"))
    case = the_case(db)
    stranger = city.test_client()
    assert stranger.get(f"/en/complaints/cases/{case.reference}").status_code == 404
    for page in ("/en/complaints", "/en/complaints/map", "/en/", f"/en/search?q={case.reference}"):
        assert f"cases/{case.reference}" not in stranger.get(page).text
    assert stranger.get(f"/api/v1/complaints/{case.reference}").status_code == 404


def test_a_short_link_leads_into_the_readers_language(visitor: FlaskClient, city: Flask) -> None:
    code = tracking_code(visitor.get(file_by_pages(visitor)).text)
    reader = city.test_client()
    answer = reader.get(f"/c/{code}", headers={"Accept-Language": "ko"})
    assert answer.location == f"/ko/complaints/track/{code}"
    assert reader.get("/en/complaints/track/0000-0000-0000-0000").status_code == 404


def test_tracking_forgives_how_a_code_is_typed(visitor: FlaskClient) -> None:
    code = tracking_code(visitor.get(file_by_pages(visitor)).text)
    typed = code.lower().replace("-", " ")
    assert submit(visitor, "/en/complaints/track", code=typed).location.endswith(code)
    wrong = submit(visitor, "/en/complaints/track", code="AAAA")
    assert wrong.status_code == 422
    assert "AAAA" in wrong.text


def test_a_citizens_words_carry_the_language_they_were_filed_in(visitor: FlaskClient, db: Database) -> None:
    own = f"/en/complaints/track/{tracking_code(visitor.get(file_by_pages(visitor, 'ko')).text)}"
    assert the_case(db).language == "ko"
    for path in ("/en/complaints", "/en/", f"/en/complaints/cases/{the_case(db).reference}", own):
        page = visitor.get(path).text
        assert '<html lang="en"' in page
        assert 'lang="ko" dir="auto">' in page, path


def test_officials_screens_know_the_language_of_the_words_too(
    visitor: FlaskClient, official: FlaskClient, db: Database
) -> None:
    visitor.get(file_by_pages(visitor, "ko"))
    for path in ("/en/desk?queue=all", f"/en/desk/cases/{the_case(db).reference}"):
        assert 'lang="ko" dir="auto">' in official.get(path).text, path
