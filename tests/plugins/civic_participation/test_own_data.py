"""One's own data about complaints: corrected in the right row, downloaded in words that a lay person understands."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from civic_participation.models import Contact, Draft
from flask.testing import FlaskClient
from helpers.complaints import PASSWORD, file_by_pages, tracking_code
from sqlalchemy import select, update

from egovframe.actor import SYSTEM
from egovframe.core.auth import CHEAP, account_by_email, create_account, grant_role, hash_password
from egovframe.core.modules.cases import Case, CaseEntry
from egovframe.core.modules.privacy.services import retention_report, run_retention
from egovframe.core.modules.settings import put
from egovframe.core.persistence import Database
from egovframe.testing.clock import Clock
from egovframe.testing.visits import signed_in, submit

CORRECT = "/en/account/my-data/correct"
DOTS = "These dots stand for a hidden value."


@pytest.fixture
def neighbour(neighbour: FlaskClient) -> FlaskClient:
    """The same citizen, who has filed two complaints."""
    file_by_pages(
        neighbour, description="The lamp is dark.", name="Bora", phone="02 123 4567", email="bora@post.example"
    )
    file_by_pages(neighbour, description="The second lamp is dark.", name="", email="")
    return neighbour


def the_cases(db: Database) -> list[Case]:
    with db.reading() as session:
        return list(session.scalars(select(Case).order_by(Case.id)))


def contacts(db: Database) -> list[tuple[Any, ...]]:
    with db.reading() as session:
        rows = session.execute(select(Contact.name, Contact.email, Contact.phone).order_by(Contact.id))
        return [tuple(row) for row in rows]


def rows_to_correct(client: FlaskClient) -> list[tuple[str, str]]:
    """Return address and words of each row on the list."""
    page = client.get(CORRECT).text
    links = re.findall(rf'<li><a href="({CORRECT}/civic_participation_contact/\d+)">(.*?)</a>', page)
    return [(address, re.sub("<[^>]+>", "", words)) for address, words in links]


def test_every_row_names_its_case_in_the_list_and_in_the_form(neighbour: FlaskClient, db: Database) -> None:
    first, second = the_cases(db)
    rows = rows_to_correct(neighbour)
    assert [first.reference in words for _address, words in rows] == [False, True]
    assert [second.reference in words for _address, words in rows] == [True, False]
    assert all("lamp" in words for _address, words in rows)
    form = neighbour.get(rows[1][0]).text
    assert first.reference in form
    assert second.reference not in form


def test_the_email_address_is_corrected_and_what_is_not_sent_stays(neighbour: FlaskClient, db: Database) -> None:
    address = rows_to_correct(neighbour)[1][0]
    assert 'value="bora@post.example"' in neighbour.get(address).text
    assert submit(neighbour, address, name="Bora Yun", phone="02 123 4567", email="nowhere").status_code == 422
    assert submit(neighbour, address, name="Bora Yun", email="new@post.example").status_code == 303
    assert contacts(db)[0] == ("Bora Yun", "new@post.example", "02 123 4567")
    assert submit(neighbour, address, email="").status_code == 303
    assert contacts(db)[0] == ("Bora Yun", None, "02 123 4567")
    assert contacts(db)[1] == (None, None, None), "the other case keeps its own"


@pytest.mark.parametrize("field", ["name", "email", "phone"])
def test_dots_are_refused_with_words_and_nothing_is_stored(neighbour: FlaskClient, db: Database, field: str) -> None:
    address, before = rows_to_correct(neighbour)[1][0], contacts(db)
    refused = submit(neighbour, address, **{"name": "Min", "phone": "02 1", field: "Min •••"})
    assert refused.status_code == 422
    assert DOTS in refused.text
    assert contacts(db) == before


def test_the_call_centre_cannot_store_dots_either(agent: FlaskClient, db: Database) -> None:
    page = agent.get("/en/desk/complaints/new").text
    channel = re.search(r'name="channel" value="(\w+)"', page) or re.search(r'<option value="(phone)"', page)
    given = {"category": "noise", "description": "Loud.", "language": "en", "address": "Lotus Lane 12"}
    refused = submit(agent, "/en/desk/complaints/new", channel=channel[1] if channel else "phone", name="•••", **given)
    assert refused.status_code == 422
    assert DOTS in refused.text
    assert the_cases(db) == []


def downloaded(client: FlaskClient, form: str = "html", lang: str = "en") -> str:
    answer = submit(client, f"/{lang}/account/my-data", f"/{lang}/account/my-data/download", format=form)
    assert answer.status_code == 200
    text = str(answer.text)
    answer.close()
    return text


def test_one_setting_says_everywhere_how_long_an_unfinished_complaint_stays(
    neighbour: FlaskClient, db: Database, clock: Clock
) -> None:
    submit(neighbour, "/en/complaints/new", category="noise")
    with db.reading() as session:
        [line] = [line for line in retention_report(session) if line.code == "draft"]
        assert line.rule is not None
        assert (line.rule.keep_days, line.rule.setting) == (7, "civic_participation.draft_days")
    assert "7 days, counted from: the last change" in administration(neighbour, db, "/en/admin/privacy")
    with db.writing() as session:
        put(session, SYSTEM, "civic_participation.draft_days", 3)
    assert "3 days, counted from: the last change" in administration(neighbour, db, "/en/admin/privacy")
    rule = administration(neighbour, db, "/en/admin/privacy/rules/draft")
    assert "/en/admin/settings/civic_participation.draft_days" in rule
    assert 'name="keep_days"' not in rule, "the days are asked for in one place"
    parts = json.loads(downloaded(neighbour, "json"))["parts"]
    [kept] = [part["kept"]["days"] for part in parts if part["table"] == "civic_participation_draft"]
    assert kept == 3
    with db.reading() as session:
        before = len(session.scalars(select(Draft.id)).all())
    clock.move(timedelta(days=3, minutes=1))
    run_retention(db)
    with db.reading() as session:
        assert (before, session.scalars(select(Draft.id)).all()) == (3, [])


def administration(client: FlaskClient, db: Database, path: str) -> str:
    """Return a page as the administrator of the city reads it."""
    with db.writing() as session:
        if account_by_email(session, "admin@city.example") is None:
            hashed = hash_password(PASSWORD, CHEAP)
            account = create_account(
                session,
                SYSTEM,
                email="admin@city.example",
                display_name="Ada",
                kind="staff",
                password=hashed,
                assurance="contact_verified",
            )
            grant_role(session, SYSTEM, account, "administrator")
    admin = signed_in(client.application, "admin@city.example", PASSWORD)
    answer = admin.get(path)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def sections(page: str) -> dict[str, str]:
    """Return the parts of a downloaded page by their headings, without tags, entries after headings."""
    found = {}
    for part in page.split("<section>")[1:]:
        title, _, rest = part.partition("</h2>")
        assert title.removeprefix("<h2>") not in found, "two parts are called the same"
        found[title.removeprefix("<h2>")] = rest
    return found


def test_the_download_can_be_read_by_a_lay_person(neighbour: FlaskClient, official: FlaskClient, db: Database) -> None:
    first, second = the_cases(db)
    address = f"/en/desk/cases/{first.reference}"
    asked = submit(official, address, f"{address}/actions/ask_reporter", text="Which side?", version=str(first.version))
    assert asked.status_code == 303
    page = downloaded(neighbour)
    parts = sections(page)
    for machine in ("waiting_reporter", "assigned", "reopen_requested", ">entered<", ">password<", "{}", "–", ">en<"):
        assert machine not in page, machine
    assert "Waiting for the reporter" in parts["Your cases"]
    assert '<dt>Department</dt><dd dir="auto">Roads</dd>' in parts["Your cases"]
    assert "Kept for 5 years, counted from: the day the case was closed." in parts["Your cases"]
    assert "Street light out" in parts["What you told us"]
    for name in ("What was written about your cases", "What you told us", "How we can reach you about a complaint"):
        headings = re.findall(r"<h3><bdi dir=\"ltr\">([^<]+)</bdi>", parts[name])
        assert headings == sorted([first.reference, second.reference])[: len(headings)], name
        assert first.reference in headings
    written = parts["What was written about your cases"]
    under_first = written.partition(first.reference)[2].partition(second.reference)[0]
    for words in ("Received", "Asked the reporter", "Which side?", "Roads, west", '<dd dir="auto">You</dd>'):
        assert words in under_first, words
    assert "Which side?" not in written.partition(second.reference)[2]
    assert "Your name" not in written
    assert "Wilma" not in page, "officials are named by their posts"
    assert "Absences from your post" in parts["Of this we hold nothing"]


def test_the_download_says_who_looked(neighbour: FlaskClient, official: FlaskClient, db: Database) -> None:
    assert "Nobody has looked at your data" in downloaded(neighbour)
    reference = the_cases(db)[0].reference
    official.get(f"/en/desk/cases/{reference}")
    looked = sections(downloaded(neighbour))["Who looked at your data"]
    for words in ("Roads, west · Roads", "To handle your case", reference, "Name, E-mail address, Phone"):
        assert words in looked, words
    assert "Wilma" not in looked
    [look] = json.loads(downloaded(neighbour, "json"))["looks"]
    assert (look["who"], look["about"]) == ("Roads, west · Roads", reference)


def test_somebody_without_an_account_reads_who_looked_too(
    visitor: FlaskClient, official: FlaskClient, db: Database
) -> None:
    code = tracking_code(visitor.get(file_by_pages(visitor, phone="02 123 4567")).text)
    official.get(f"/en/desk/cases/{the_cases(db)[0].reference}")
    answer = submit(visitor, f"/en/my-case/{code}", f"/en/my-case/{code}/download", format="html")
    assert "Roads, west · Roads" in sections(answer.text)["Who looked at your data"]
    answer.close()


def test_programs_get_codes_with_the_number_of_the_case_and_nothing_internal(
    neighbour: FlaskClient, db: Database
) -> None:
    first, _second = the_cases(db)
    with db.writing() as session:
        session.execute(
            update(CaseEntry)
            .where(CaseEntry.case_id == first.id)
            .values(data={"public": {"crew": "seven"}, "internal": {"suspicion": "of fraud"}})
        )
    parts = {part["table"]: part for part in json.loads(downloaded(neighbour, "json"))["parts"] if part["rows"]}
    told = parts["civic_participation_complaint"]["rows"]
    assert (told[0]["category_id"], told[0]["about"]) == ("street-light", first.reference)
    assert parts["core_case"]["rows"][0]["state"] == "assigned"
    assert parts["core_case"]["rows"][0]["department_id"] == "roads"
    entries = [row for row in parts["core_case_entry"]["rows"] if row["about"] == first.reference]
    assert entries[0]["data"] == {"crew": "seven"}
    assert "of fraud" not in json.dumps(parts)
    assert "of fraud" not in downloaded(neighbour)


@pytest.mark.parametrize("lang", ["ko", "ar"])
def test_the_words_are_those_of_the_readers_language(neighbour: FlaskClient, lang: str) -> None:
    page = downloaded(neighbour, lang=lang)
    for english in (
        "Made on",
        "Kept for",
        "What happened",
        "With the department",
        "Who looked",
        "Of this we hold",
        ">You<",
    ):
        assert english not in page, english
