"""Who looked: from the desk to the page where the person reads it, with and without an account."""

from __future__ import annotations

import re
from datetime import timedelta

from flask.testing import FlaskClient
from helpers.complaints import PASSWORD, file_by_pages, tracking_code
from sqlalchemy import func, select

from egovframe.actor import SYSTEM
from egovframe.core.auth import create_account, grant_role, hash_password, policy_of
from egovframe.core.modules.audit import seal, verify
from egovframe.core.modules.cases import Case
from egovframe.core.modules.privacy import Look, LookSubject, looks
from egovframe.core.modules.privacy.delays import DELAYS
from egovframe.core.modules.privacy.queries import is_untouched
from egovframe.core.modules.settings import declare, put
from egovframe.core.persistence import Database
from egovframe.testing.clock import Clock
from egovframe.testing.visits import signed_in, submit

PHONE = "010-7777-1234"
REASON = "Calling back about the lamp"


def the_case(db: Database) -> Case:
    with db.reading() as session:
        return session.scalars(select(Case).order_by(Case.id.desc())).first()  # type: ignore[return-value]


def number_of_looks(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Look)) or 0


def test_the_official_who_has_the_case_sees_the_contact_and_the_reporter_sees_the_official(
    neighbour: FlaskClient, official: FlaskClient, db: Database
) -> None:
    file_by_pages(neighbour, name="Bora Yun", phone=PHONE)
    case = the_case(db)
    assert "Nobody has looked" in neighbour.get("/en/account/my-data/looks").text
    assert PHONE in official.get(f"/en/desk/cases/{case.reference}").text
    seen = neighbour.get("/en/account/my-data/looks").text
    for part in ("Roads, west", "Roads", "To handle your case", case.reference):
        assert part in seen
    assert "Wilma" not in seen
    korean = neighbour.get("/ko/account/my-data/looks").text
    assert "도로 서구" in korean
    assert "To handle" not in korean
    assert "Nobody has looked" in official.get("/en/account/my-data/looks").text


def test_whoever_filed_without_an_account_reads_it_beside_the_tracking_code(
    visitor: FlaskClient, official: FlaskClient, db: Database
) -> None:
    code = tracking_code(visitor.get(file_by_pages(visitor, phone=PHONE)).text)
    case = the_case(db)
    assert "Nobody so far" in visitor.get(f"/en/complaints/track/{code}").text
    assert number_of_looks(db) == 0, "the reporter's own steps are nobody's look"
    official.get(f"/en/desk/cases/{case.reference}")
    own = visitor.get(f"/en/complaints/track/{code}").text
    assert "Roads, west" in own
    assert "To handle your case" in own
    assert visitor.get(f"/en/complaints/track/{code}?looks=nonsense").status_code == 400


def test_elsewhere_the_contact_is_dots_until_a_reason_is_given(
    neighbour: FlaskClient, head: FlaskClient, db: Database
) -> None:
    file_by_pages(neighbour, phone=PHONE)
    case = the_case(db)
    address = f"/en/desk/cases/{case.reference}"
    page = head.get(address).text
    assert PHONE not in page
    assert "•••" in page
    assert number_of_looks(db) == 0
    refused = submit(head, address, f"{address}/reveal", reason=" ")
    assert refused.status_code == 422
    assert PHONE not in refused.text
    assert number_of_looks(db) == 0
    shown = submit(head, address, f"{address}/reveal", reason=REASON)
    assert shown.status_code == 200
    assert PHONE in shown.text
    seen = neighbour.get("/en/account/my-data/looks").text
    for part in ("Head of roads", REASON, case.reference):
        assert part in seen
    assert PHONE not in head.get(address).text, "a reason opens one page, not the case for ever"


def test_nobody_reveals_what_the_post_does_not_reach(
    neighbour: FlaskClient, visitor: FlaskClient, db: Database
) -> None:
    file_by_pages(neighbour, phone=PHONE)
    address = f"/en/desk/cases/{the_case(db).reference}/reveal"
    assert submit(neighbour, "/en/account/", address, reason=REASON).status_code == 403
    assert submit(visitor, "/en/account/sign-in", address, reason=REASON).location.startswith("/en/account/sign-in?")
    assert number_of_looks(db) == 0


def test_lists_read_nothing_and_log_nothing(neighbour: FlaskClient, official: FlaskClient, db: Database) -> None:
    file_by_pages(neighbour, phone=PHONE)
    for address in ("/en/desk/", "/en/desk/?queue=all", "/en/", "/en/complaints", "/en/search?q=lamp"):
        assert official.get(address).status_code == 200
    assert number_of_looks(db) == 0


def test_a_lawful_delay_hides_a_look_until_it_is_over(
    neighbour: FlaskClient, head: FlaskClient, db: Database, clock: Clock
) -> None:
    file_by_pages(neighbour, phone=PHONE)
    declare(db, DELAYS)
    with db.writing() as session:
        put(session, SYSTEM, DELAYS.key, {"reveal": 30})
    address = f"/en/desk/cases/{the_case(db).reference}"
    submit(head, address, f"{address}/reveal", reason=REASON)
    assert "Nobody has looked" in neighbour.get("/en/account/my-data/looks").text
    with db.reading() as session:
        assert len(session.scalars(looks()).all()) == 1, "the auditor sees it at once"
    clock.move(timedelta(days=30, minutes=1))
    again = signed_in(neighbour.application, "bora@people.example", PASSWORD)
    assert REASON in again.get("/en/account/my-data/looks").text


def test_a_look_that_cannot_be_recorded_shows_dots(
    neighbour: FlaskClient, official: FlaskClient, head: FlaskClient, db: Database
) -> None:
    file_by_pages(neighbour, phone=PHONE)
    address = f"/en/desk/cases/{the_case(db).reference}"
    form = re.search(r'name="csrf_token" value="([^"]+)"', head.get(address).text)
    assert form
    with db.writing() as session:
        LookSubject.__table__.drop(session.connection())  # type: ignore[attr-defined]
        Look.__table__.drop(session.connection())  # type: ignore[attr-defined]
    page = official.get(address)
    assert page.status_code == 200
    assert "•••" in page.text
    assert PHONE not in page.text
    revealed = head.post(f"{address}/reveal", data={"csrf_token": form[1], "reason": REASON})
    assert revealed.status_code == 503
    assert PHONE not in revealed.text


def test_looks_stand_in_the_chain_and_a_changed_one_is_found(
    neighbour: FlaskClient, official: FlaskClient, db: Database
) -> None:
    file_by_pages(neighbour, phone=PHONE)
    official.get(f"/en/desk/cases/{the_case(db).reference}")
    seal(db)
    with db.reading() as session:
        assert verify(session).ok
        [look] = session.scalars(looks()).all()
        assert is_untouched(session, look)
        look.reason = "something else"
        assert not is_untouched(session, look)
        session.expunge_all()


def test_the_list_is_paged(neighbour: FlaskClient, official: FlaskClient, db: Database) -> None:
    file_by_pages(neighbour, phone=PHONE)
    reference = the_case(db).reference
    for _ in range(21):
        official.get(f"/en/desk/cases/{reference}")
    first = neighbour.get("/en/account/my-data/looks").text
    assert first.count("<time ") == 20
    more = re.search(r'href="([^"]*cursor=[^"]+)"', first)
    assert more
    assert neighbour.get(more[1].replace("&amp;", "&")).text.count("<time ") == 1


def test_without_any_contact_the_page_says_so_and_nothing_is_recorded(
    neighbour: FlaskClient, official: FlaskClient, head: FlaskClient, db: Database
) -> None:
    file_by_pages(neighbour, email="")
    address = f"/en/desk/cases/{the_case(db).reference}"
    none = "The reporter left no way to be reached. Answer through the case"
    for reader in (official, head):
        page = reader.get(address).text
        assert none in page
        assert f"{address}/reveal" not in page, "there is nothing to reveal"
        assert "•••" not in page
    answered = submit(head, address, f"{address}/reveal", reason=REASON)
    assert answered.status_code == 200
    assert none in answered.text, "somebody who sends the form all the same reads it too"
    assert number_of_looks(db) == 0


def test_a_look_names_only_what_was_left(neighbour: FlaskClient, head: FlaskClient, db: Database) -> None:
    file_by_pages(neighbour, name="", email="", phone=PHONE)
    address = f"/en/desk/cases/{the_case(db).reference}"
    masked = head.get(address).text
    assert "Telephone" in masked
    assert "left no way" not in masked
    assert number_of_looks(db) == 0, "asking what there is shows nothing"
    assert PHONE in submit(head, address, f"{address}/reveal", reason=REASON).text
    with db.reading() as session:
        assert [look.columns for look in session.scalars(looks())] == [["civic_participation_contact.phone"]]
    seen = neighbour.get("/en/account/my-data/looks").text
    assert "Phone" in seen
    assert "E-mail address" not in seen


def test_a_colleague_without_the_right_reads_nothing_about_the_contact(visitor: FlaskClient, db: Database) -> None:
    file_by_pages(visitor, email="")
    auditor = signed_in(visitor.application, _auditor(db), PASSWORD)
    page = auditor.get(f"/en/desk/cases/{the_case(db).reference}")
    assert "left no way" not in page.text


def _auditor(db: Database) -> str:
    email = "auditor@city.example"
    with db.writing() as session:
        hashed = hash_password(PASSWORD, policy_of(db), email=email)
        account = create_account(
            session,
            SYSTEM,
            email=email,
            display_name="Aud",
            kind="staff",
            password=hashed,
            assurance="contact_verified",
        )
        grant_role(session, SYSTEM, account, "auditor")
    return email


def test_the_list_leads_back_to_my_data_and_separates_the_kinds(
    neighbour: FlaskClient, official: FlaskClient, db: Database
) -> None:
    file_by_pages(neighbour, name="Bora Yun", email="bora@people.example", phone=PHONE)
    official.get(f"/en/desk/cases/{the_case(db).reference}")
    page = neighbour.get("/en/account/my-data/looks").text
    crumbs = page.partition('<nav class="crumbs"')[2].partition("</nav>")[0] or page.partition("breadcrumb")[2][:900]
    assert '/en/account/my-data"' in crumbs
    korean = neighbour.get("/ko/account/my-data/looks").text
    assert "이름, 이메일 주소 및 전화" in korean
