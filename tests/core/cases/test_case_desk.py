"""The desk in a browser without scripts, and the same work through the API."""

from __future__ import annotations

import json
import re
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from egovframe.core.modules.cases import QUEUES, Case, CaseEntry
from egovframe.core.modules.notifications import Renderer
from egovframe.core.modules.notifications.models import Notification
from egovframe.core.web import runtime
from egovframe.hooks import CaseDetails, hookimpl

PASSWORD = "quiet-harbour-lantern"


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found.group(1)


def roads(desk: Any, name: str = "Roads officer") -> Any:
    return desk.browser(name, "officer", department=desk.office.departments["roads"])


def test_an_officer_finds_reads_and_answers_a_case(desk: Any) -> None:
    case = desk.office.open(address="1 Lotus Lane", latitude=37.5, longitude=127.0).case
    browser = roads(desk)
    inbox = browser.get("/en/desk/").text
    assert case.reference in inbox
    page = browser.get(f"/en/desk/cases/{case.reference}?queue=mine")
    assert page.status_code == 200
    for part in ("A permit", "1 Lotus Lane", "Assigned", "Roads officer holds the post.", "1 Lotus Lane"):
        assert part in page.text
    answer = {"csrf_token": token(page.text), "version": "1", "text": "Granted"}
    sent = browser.post(f"/en/desk/cases/{case.reference}/actions/answer", data=answer)
    assert sent.status_code == 303
    after = browser.get(sent.location).text
    assert "Answered" in after
    assert "Granted" in after


def test_a_refused_form_keeps_what_was_typed(desk: Any) -> None:
    case = desk.office.open().case
    browser = roads(desk)
    page = browser.get(f"/en/desk/cases/{case.reference}").text
    given = {"csrf_token": token(page), "version": "1", "text": "Because <b>", "remedy": ""}
    refused = browser.post(f"/en/desk/cases/{case.reference}/actions/reject", data=given)
    assert refused.status_code == 422
    assert "Because &lt;b&gt;" in refused.text
    assert 'href="#a-reject-remedy"' in refused.text
    for version in ("", "x", "99999999999999999999"):
        wrong = browser.post(
            f"/en/desk/cases/{case.reference}/actions/reject", data={**given, "remedy": "r", "version": version}
        )
        assert wrong.status_code == 422
    with desk.office.database.reading() as session:
        assert session.get_one(Case, case.id).version == 1


def test_the_second_press_is_harmless_and_loses_nothing(desk: Any) -> None:
    case = desk.office.open().case
    browser = roads(desk)
    page = browser.get(f"/en/desk/cases/{case.reference}").text
    answer = {"csrf_token": token(page), "version": "1", "text": "A long answer"}
    address = f"/en/desk/cases/{case.reference}/actions/answer"
    assert browser.post(address, data=answer).status_code == 303
    again = browser.post(address, data=answer)
    assert again.status_code == 409
    assert "You already did this" in again.text
    assert "<blockquote" in again.text
    assert "A long answer" in again.text
    with desk.office.database.reading() as session:
        assert len(session.scalars(select(CaseEntry).where(CaseEntry.action == "answer")).all()) == 1


def test_what_one_may_not_see_looks_like_what_is_not_there(desk: Any) -> None:
    case = desk.office.open().case
    browser = desk.browser("Parks officer", "officer", department=desk.office.departments["parks"])
    answers = [
        browser.get(f"/en/desk/cases/{reference}") for reference in (case.reference, "P-2026-999999-0", "nonsense")
    ]
    assert {answer.status_code for answer in answers} == {404}
    differs = r'urn:[^<"]*|[0-9a-z]{16,}|/cases/[^"?]*|(?<=name="csrf_token" value=")[^"]*'
    bodies = {re.sub(differs, "", answer.text) for answer in answers}
    assert len(bodies) == 1
    assert case.reference not in browser.get("/en/desk/?queue=all").text


def test_the_desk_is_for_staff(desk: Any) -> None:
    case = desk.office.open().case
    for address in ("/en/desk/", f"/en/desk/cases/{case.reference}"):
        assert desk.browser("Citizen").get(address).status_code == 403
        assert desk.app.test_client().get(address).status_code in {302, 303, 401}


def test_internal_actions_say_that_they_are_internal(desk: Any) -> None:
    case = desk.office.open().case
    page = roads(desk).get(f"/en/desk/cases/{case.reference}").text
    note = page[page.index('id="action-note"') :]
    assert "Only colleagues can read this." in note[: note.index("</details>")]


def test_every_queue_has_its_page(desk: Any) -> None:
    desk.office.open()
    browser = roads(desk)
    for queue in QUEUES:
        for language in ("en", "ko", "ar"):
            assert browser.get(f"/{language}/desk/?queue={queue}").status_code == 200


def test_wrong_queries_are_refused(desk: Any) -> None:
    browser = roads(desk)
    for query in ("queue=none", "cursor=x", "surprise=1"):
        assert browser.get(f"/en/desk/?{query}").status_code in {400, 422}


def test_a_case_passed_on_leaves_the_desk_with_a_word(desk: Any) -> None:
    case = desk.office.open().case
    browser = roads(desk)
    page = browser.get(f"/en/desk/cases/{case.reference}").text
    assert '<option value="parks">' in page
    given = {"csrf_token": token(page), "version": "1", "text": "Trees", "department": "parks", "post": ""}
    sent = browser.post(f"/en/desk/cases/{case.reference}/actions/pass_on", data=given, follow_redirects=True)
    assert sent.status_code == 200
    assert "no longer with you" in sent.text


def test_contact_is_shown_to_the_official_who_has_the_case_and_masked_for_others(desk: Any) -> None:
    module = ModuleType("permits")

    def case_details() -> CaseDetails:
        return CaseDetails("Permit", description="Words", contact=[("Phone", "010-1234-5678")])

    module.case_details = hookimpl(case_details)  # type: ignore[attr-defined]
    runtime(desk.app).hooks.register("permits", module)
    case = desk.office.open().case
    address = f"/en/desk/cases/{case.reference}"
    assert "010-1234-5678" in roads(desk).get(address).text
    masked = roads(desk, "Colleague").get(address).text
    assert "010-1234-5678" not in masked
    assert "•••" in masked


def test_a_reporter_sees_the_own_cases(desk: Any) -> None:
    case = desk.office.open(reporter_account_id=desk.office.accounts["Citizen"]).case
    other = desk.office.open().case
    page = desk.browser("Citizen").get("/en/account/cases").text
    assert case.reference in page
    assert other.reference not in page


def test_the_same_work_through_the_api(desk: Any) -> None:
    case = desk.office.open().case
    who = desk.bearer("Roads officer", "officer", department=desk.office.departments["roads"])
    client = desk.app.test_client()
    listed = client.get("/api/v1/cases?queue=mine", headers=who).json
    assert [one["reference"] for one in listed["cases"]] == [case.reference]
    assert listed["counts"]["mine"] == 1
    got = client.get(f"/api/v1/cases/{case.reference}", headers=who)
    assert got.headers["ETag"] == '"1"'
    assert "take" in {one["action"] for one in got.json["actions"]}
    address = f"/api/v1/cases/{case.reference}/actions/take"
    assert client.post(address, json={}, headers=who).status_code == 428
    assert client.post(address, json={}, headers={**who, "If-Match": '"7"'}).status_code == 412
    taken = client.post(address, json={}, headers={**who, "If-Match": '"1"'})
    assert (taken.status_code, taken.headers["ETag"], taken.json["state"]) == (200, '"2"', "working")
    refused = client.post(
        f"/api/v1/cases/{case.reference}/actions/reject",
        json={"text": "No", "fields": {"remedy": 7}},
        headers={**who, "If-Match": '"2"'},
    )
    assert refused.status_code == 422
    assert set(refused.json["errors"]) == {"remedy"}
    gone = client.post(f"/api/v1/cases/{case.reference}/actions/take", json={}, headers={**who, "If-Match": '"2"'})
    assert gone.status_code == 409


def test_the_api_hides_what_pages_hide(desk: Any) -> None:
    case = desk.office.open().case
    who = desk.bearer("Parks officer", "officer", department=desk.office.departments["parks"])
    client = desk.app.test_client()
    answers = [client.get(f"/api/v1/cases/{one}", headers=who) for one in (case.reference, "P-2026-999999-0", "%00")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({str({**answer.json, "instance": ""}) for answer in answers}) == 1
    assert client.get("/api/v1/cases").status_code == 401
    assert client.get("/api/v1/cases?queue=all", headers=who).json["cases"] == []


def test_messages_to_reporter_and_official_can_be_read(desk: Any) -> None:

    opened = desk.office.open(reporter_reference=f"auth.account:{desk.office.accounts['Citizen']}")
    officer = desk.office.officer()
    case = desk.office.act(officer, opened.case, "ask", text="Which tree?")
    desk.office.act(
        desk.office.actor("Citizen", frozenset()), case, "reply", text="x", tracking_code=opened.tracking_code
    )
    renderer = Renderer(desk.app, runtime(desk.app).settings)
    with desk.office.database.reading() as session:
        told = session.scalars(select(Notification).order_by(Notification.id)).all()
        kinds = [one.kind for one in told]
        assert kinds == ["cases.received", "cases.assigned", "cases.changed", "cases.news"]
        for one in told:
            for language in ("en", "ko", "ar"):
                shown = renderer.render(one.kind, one.thing, json.loads(one.facts), language=language)
                assert opened.case.reference in shown.subject
                assert shown.text.strip()
        asked = renderer.render(told[2].kind, told[2].thing, json.loads(told[2].facts), language="en")
        assert "Which tree?" in asked.text
        official = renderer.render(told[1].kind, told[1].thing, json.loads(told[1].facts), language="en")
        assert official.link.endswith(f"/en/desk/cases/{opened.case.reference}")


def after_lunch(desk: Any, browser: Any, case: Any, action: str, typed: dict[str, str]) -> str:
    """Send a form of the case when the session is over; return where the door leads back to."""
    page = browser.get(f"/en/desk/cases/{case.reference}").text
    browser.delete_cookie("egov_session")
    data = {"csrf_token": token(page), "version": "1", **typed}
    referrer = f"http://localhost/en/desk/cases/{case.reference}?queue=mine"
    sent = browser.post(
        f"/en/desk/cases/{case.reference}/actions/{action}?queue=mine", data=data, headers={"Referer": referrer}
    )
    door = urlsplit(sent.location)
    assert (sent.status_code, door.path) == (303, "/en/account/sign-in")
    return parse_qs(door.query)["next"][0]


def signs_in_again(browser: Any, back: str) -> str:
    page = browser.get("/en/account/sign-in").text
    data = {"csrf_token": token(page), "email": "roads@city.example", "password": PASSWORD, "next": back}
    entered = browser.post("/en/account/sign-in", data=data)
    return str(browser.get(entered.location, follow_redirects=True).text)


def form_of(page: str, action: str) -> str:
    found = re.search(rf'<details class="action"[^>]*id="action-{action}".*?</details>', page, re.S)
    assert found
    return found[0]


def test_an_answer_sent_after_the_session_ended_stands_in_its_own_form_again(desk: Any) -> None:
    case = desk.office.open().case
    browser = roads(desk)
    back = after_lunch(desk, browser, case, "answer", {"text": "Three hundred careful words"})
    page = signs_in_again(browser, back)
    assert "What you filled in is here again" in page
    answer = form_of(page, "answer")
    assert "Three hundred careful words" in answer
    assert " open>" in answer.partition("\n")[0]
    others = [one for one in re.findall(r'id="action-(\w+)"', page) if one != "answer"]
    assert others  # other forms of the page ask for a text too: none of them is filled in
    for other in others:
        assert "Three hundred" not in form_of(page, other)
    with desk.office.database.reading() as session:
        assert session.get_one(Case, case.id).version == 1  # nothing was sent by itself
    given = {"csrf_token": token(page), "version": "1", "text": "Three hundred careful words"}
    assert browser.post(f"/en/desk/cases/{case.reference}/actions/answer", data=given).status_code == 303


def test_an_answer_whose_case_went_on_is_shown_for_copying(desk: Any) -> None:
    opened = desk.office.open()
    browser = roads(desk)
    back = after_lunch(desk, browser, opened.case, "answer", {"text": "Three hundred careful words"})
    desk.office.act(desk.office.officer(), opened.case, "answer", text="A colleague was faster")
    page = signs_in_again(browser, back)
    assert "What you had written was kept" in page
    assert '<blockquote dir="auto">Three hundred careful words</blockquote>' in page
    assert "Three hundred" not in browser.get(f"/en/desk/cases/{opened.case.reference}").text
