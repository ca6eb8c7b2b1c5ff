"""A complaint that is not public: whoever reads it by office leaves a look, which its reporter finds."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from helpers.complaints import file_by_pages, tracking_code
from sqlalchemy import func, select

from egovframe.core.auth import (
    account_by_email,
    actor_of_account,
    create_token,
)
from egovframe.core.modules.cases import Case, note_case_read
from egovframe.core.modules.privacy import Look, Looking, LookSubject, write_down
from egovframe.core.persistence import Database, on_errand
from egovframe.testing.visits import submit

WHAT_FOR = "To work with a case that is not public"
LOOKS = "/en/account/my-data/looks"


def the_case(db: Database) -> Any:
    with db.reading() as session:
        return session.scalars(select(Case).order_by(Case.id.desc()).limit(1)).one()


def number_of_looks(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Look)) or 0


def test_reading_a_private_complaint_is_a_look_that_its_reporter_finds(
    neighbour: FlaskClient, head: FlaskClient, db: Database
) -> None:
    file_by_pages(neighbour, private="1")
    case = the_case(db)
    assert case.is_private
    assert "Nobody has looked" in neighbour.get(LOOKS).text
    assert "The lamp at number 12" in head.get(f"/en/desk/cases/{case.reference}").text
    seen = neighbour.get(LOOKS).text
    for part in (WHAT_FOR, case.reference, "Your cases: Title, Place"):
        assert part in seen
    assert "공개되지 않은" in neighbour.get("/ko/account/my-data/looks").text


def test_a_public_complaint_may_be_read_by_everybody(neighbour: FlaskClient, head: FlaskClient, db: Database) -> None:
    file_by_pages(neighbour)
    before = number_of_looks(db)
    assert head.get(f"/en/desk/cases/{the_case(db).reference}").status_code == 200
    assert number_of_looks(db) == before
    assert "Nobody has looked" in neighbour.get(LOOKS).text


@pytest.mark.parametrize("door", ["cases", "complaints"])
def test_a_program_leaves_the_same_look(city: Flask, neighbour: FlaskClient, db: Database, door: str) -> None:
    file_by_pages(neighbour, private="1")
    case = the_case(db)
    with db.writing() as session:
        account = account_by_email(session, "head@city.example")
        assert account is not None
        token = create_token(session, actor_of_account(session, account), name="reader").secret
    answer = city.test_client().get(f"/api/v1/{door}/{case.reference}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert WHAT_FOR in neighbour.get(LOOKS).text


def test_each_record_names_its_own_case_and_none_names_one_of_several(
    visitor: FlaskClient, head: FlaskClient, db: Database
) -> None:
    for _ in range(2):
        file_by_pages(visitor, private="1")
    with db.reading() as session:
        account = account_by_email(session, "head@city.example")
        assert account is not None
        errand = Looking(actor_of_account(session, account))
        first, second = session.scalars(select(Case).order_by(Case.id)).all()
    for chosen in ([first], [second], [first, second]):
        with on_errand(errand):
            with db.reading() as session:
                for case in chosen:
                    note_case_read(session, case)
            write_down(errand, db)
    with db.reading() as session:
        things = session.scalars(select(Look.thing).order_by(Look.id)).all()
    assert things == [f"case:{first.reference}", f"case:{second.reference}", ""]


def test_one_s_own_private_complaint_and_a_list_leave_no_look(
    neighbour: FlaskClient, head: FlaskClient, db: Database
) -> None:
    done = file_by_pages(neighbour, private="1")
    before = number_of_looks(db)
    assert neighbour.get(f"/en/complaints/track/{tracking_code(neighbour.get(done).text)}").status_code == 200
    assert the_case(db).reference in head.get("/en/desk?queue=all").text
    assert number_of_looks(db) == before


def test_without_an_account_it_stands_beside_the_tracking_code(
    visitor: FlaskClient, head: FlaskClient, db: Database
) -> None:
    done = file_by_pages(visitor, private="1", email="")
    code = tracking_code(visitor.get(done).text)
    assert head.get(f"/en/desk/cases/{the_case(db).reference}").status_code == 200
    assert WHAT_FOR in visitor.get(f"/en/complaints/track/{code}").text


@pytest.mark.parametrize("form", ["html", "json"])
def test_without_an_account_it_stands_in_the_download_too(
    visitor: FlaskClient, head: FlaskClient, db: Database, form: str
) -> None:
    code = tracking_code(visitor.get(file_by_pages(visitor, private="1", email="")).text)
    page = f"/en/my-case/{code}"

    def told() -> bool:
        with submit(visitor, page, f"{page}/download", format=form) as answer:
            return WHAT_FOR in answer.text

    assert not told()
    assert head.get(f"/en/desk/cases/{the_case(db).reference}").status_code == 200
    assert told()


def test_what_cannot_be_recorded_is_not_shown(neighbour: FlaskClient, head: FlaskClient, db: Database) -> None:
    file_by_pages(neighbour, private="1")
    with db.writing() as session:
        LookSubject.__table__.drop(session.connection())  # type: ignore[attr-defined]
        Look.__table__.drop(session.connection())  # type: ignore[attr-defined]
    page = head.get(f"/en/desk/cases/{the_case(db).reference}")
    assert page.status_code == 503
    assert "The lamp at number 12" not in page.text
