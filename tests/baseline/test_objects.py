"""Own, other, other district, unpublished, gone: what a list leaves out cannot be opened, and all of it looks alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from baseline.samples import UNKNOWN
from baseline.town import Town, Visitor
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from egovframe.core.auth import access, can
from egovframe.core.modules.areas import areas_of
from egovframe.core.modules.cases import READ, Case
from egovframe.core.modules.notifications import Notification
from egovframe.core.modules.organisation import department_by_code
from egovframe.core.persistence import now
from egovframe.errors import Forbidden

OWNERS = ("roads in a district", "roads", "a district", "the whole city", "citizen")


@pytest.fixture(scope="module")
def officials(town: Town) -> dict[str, Visitor]:
    """Officials of each kind of reach, and the reporter of nothing."""
    with town.database.reading() as session:
        roads = department_by_code(session, "roads")
        assert roads is not None
        places = {row[0] for row in session.execute(select(Case.area_id).where(Case.department_id == roads.id))}
        area = next(each.id for each in areas_of(session, "district") if each.id in places)
    reaches = {
        "roads in a district": frozenset({("department", roads.id), ("area", area)}),
        "roads": frozenset({("department", roads.id)}),
        "a district": frozenset({("area", area)}),
        "the whole city": frozenset(),
    }
    made = {}
    for name, scope in reaches.items():
        person = town.factory.account("officer", scope=scope, kind="staff")
        made[name] = Visitor(name, person, town.factory.client(person), town.factory.token(person))
    return {**made, "citizen": town.visitors["citizen"]}


def cases(town: Town) -> list[Case]:
    with town.database.reading() as session:
        return list(session.scalars(select(Case).order_by(Case.id)))


def listed(town: Town, visitor: Visitor) -> set[str]:
    """Walk through every page of the API's list."""
    found: set[str] = set()
    cursor = ""
    while True:
        query = {"queue": "all", "page_size": "100", **({"cursor": cursor} if cursor else {})}
        answer = town.ask(visitor, "GET", "/api/v1/cases", query_string=query)
        if answer.status_code != 200:
            return found
        body = answer.get_json()
        found |= {each["reference"] for each in body["cases"]}
        cursor = body["next_cursor"]
        if not cursor:
            return found


def disagreements(town: Town, visitor: Visitor) -> Iterator[str]:
    """Yield where the rule, the page, the API and the list do not say the same of a case."""
    shown = listed(town, visitor)
    with town.database.reading() as session:
        at = now(session)
        for case in cases(town):
            may = can(visitor.actor, READ, case, at=at)
            page = town.ask(visitor, "GET", f"/en/desk/cases/{case.reference}").status_code
            api = town.ask(visitor, "GET", f"/api/v1/cases/{case.reference}").status_code
            opened = (page == 200, api == 200, case.reference in shown)
            if set(opened) != {may}:
                yield f"{visitor.name}, {case.reference}: rule {may}, page {page}, API {api}, listed {opened[2]}"


def test_rule_page_api_and_list_agree_about_every_case(town: Town, officials: dict[str, Visitor]) -> None:
    reached = {}
    for name in OWNERS:
        assert list(disagreements(town, officials[name])) == []
        reached[name] = len(listed(town, officials[name]))
    assert 0 < reached["roads in a district"] < reached["roads"] < reached["the whole city"] == len(cases(town))
    assert reached["citizen"] == 0


def test_a_list_that_forgets_the_rule_is_reported(
    town: Town, officials: dict[str, Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    from egovframe.core.modules.cases import queries

    monkeypatch.setattr(queries, "visible", lambda statement, *_rest, **_more: statement)
    assert any("listed True" in line for line in disagreements(town, officials["roads"]))


def test_a_door_that_forgets_the_rule_is_reported(
    town: Town, officials: dict[str, Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    from egovframe.core.modules.cases import queries

    monkeypatch.setattr(queries, "can", lambda *_rest, **_more: True)
    assert any("page 200" in line for line in disagreements(town, officials["roads"]))
    assert access.can is can


def told(answer: TestResponse, name: str) -> tuple[int, str, int]:
    """Return what an outsider can tell of an answer: status, kind, and its length without the name it was asked by."""
    return answer.status_code, answer.mimetype, len(answer.text.replace(name, ""))


PREFIXES = ["/en/desk/cases/", "/api/v1/cases/", "/en/complaints/cases/", "/api/v1/complaints/"]


@contextmanager
def hidden_from(town: Town, *, officials_too: bool) -> Iterator[str]:
    """Hide a complaint from the public, and from officials by taking it out of their departments; give its number."""
    with town.database.writing() as session:
        hidden = session.scalars(select(Case).where(Case.type_code == "complaint").order_by(Case.id.desc())).first()
        assert hidden is not None
        before = hidden.hidden, hidden.department_id
        hidden.hidden = True
        if officials_too:
            hidden.department_id = None
        reference, key = hidden.reference, hidden.id
    try:
        yield reference
    finally:
        with town.database.writing() as session:
            hidden = session.get_one(Case, key)
            hidden.hidden, hidden.department_id = before


def told_apart(town: Town, officials: dict[str, Visitor], prefix: str) -> list[tuple[int, str, int]]:
    """Return what is told of a hidden case where it differs from what is told of none; empty when all look alike."""
    public = "complaints" in prefix
    visitor = town.once_more("citizen") if public else officials["roads in a district"]
    with hidden_from(town, officials_too=not public) as reference:
        year = reference[:-3]
        names = (reference, UNKNOWN, f"{year}zzz")
        own, unknown, near = (told(town.ask(visitor, "GET", prefix + name), name) for name in names)
    alike = own[:2] == unknown[:2] == near[:2] and own[0] == 404
    # Request ids and tokens differ by a few letters.
    return [] if alike and abs(own[2] - unknown[2]) < 40 else [own, unknown, near]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_hidden_and_unknown_look_alike(town: Town, officials: dict[str, Visitor], prefix: str) -> None:
    assert told_apart(town, officials, prefix) == []


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_door_that_refuses_instead_of_finding_nothing_is_reported(
    town: Town, officials: dict[str, Visitor], prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from civic_participation.routes import api, pages

    from egovframe.core.modules.cases import queries

    def refusing(session: Session, reference: str) -> Case | None:
        found = queries.case_by_reference(session, reference)
        if found is not None and found.hidden:
            raise Forbidden
        return found

    monkeypatch.setattr(pages, "public_case", refusing)
    monkeypatch.setattr(api, "public_case", refusing)
    monkeypatch.setattr(queries, "can", lambda *_rest, **_more: True)
    assert told_apart(town, officials, prefix) != []


def found_in_public(town: Town, *, private: bool, hidden: bool) -> list[str]:
    """Return the public pages on which two complaints stand, the first private and the second hidden where so said."""
    with town.database.writing() as session:
        chosen = session.scalars(select(Case).where(Case.type_code == "complaint").order_by(Case.id)).all()[:2]
        kept = {case.id: (case.is_private, case.hidden, case.title) for case in chosen}
        for number, case in enumerate(chosen):
            case.is_private, case.hidden = private and number == 0, hidden and number == 1
            case.title = f"plantedtitle{number}"
        signs = [*(case.reference for case in chosen), "plantedtitle0<", "plantedtitle1<"]
    try:
        return [path for path in PUBLIC for sign in signs if sign in _public_text(town, path)]
    finally:
        with town.database.writing() as session:
            for key, (was_private, was_hidden, title) in kept.items():
                case = session.get_one(Case, key)
                case.is_private, case.hidden, case.title = was_private, was_hidden, title


PUBLIC = (
    "/en/",
    "/en/complaints",
    "/en/complaints/map",
    "/en/search?q=plantedtitle0",
    "/en/search?q=plantedtitle1",
    "/api/v1/complaints?page_size=100",
)


def _public_text(town: Town, path: str) -> str:
    return town.ask(town.visitors["anonymous"], "GET", path).text


def test_what_is_not_public_is_on_no_public_page(town: Town) -> None:
    """Private and hidden complaints: not in the list, on the map, in the API, in the search."""
    assert found_in_public(town, private=True, hidden=True) == []


@pytest.mark.parametrize(("private", "hidden"), [(False, True), (True, False)])
def test_what_is_public_would_have_been_found(town: Town, private: bool, hidden: bool) -> None:
    """Control: one of the two may be seen, and is."""
    assert found_in_public(town, private=private, hidden=hidden) != []


def test_a_message_of_somebody_else_cannot_be_marked(town: Town) -> None:
    stranger, owner = town.once_more("citizen"), town.visitors["officer"]
    with town.database.writing() as session:
        message = Notification(
            reference=f"auth.account:{owner.actor.account_id}",
            key="baseline",
            kind="cases.news",
            thing="case:x",
            facts="{}",
            account_id=owner.actor.account_id,
            created_at=now(session),
        )
        session.add(message)
        session.flush()
        other = message.public_id
    foreign = town.ask(stranger, "POST", f"/api/v1/notifications/{other}/read")
    unknown = town.ask(stranger, "POST", f"/api/v1/notifications/{UNKNOWN}/read")
    own = town.ask(owner, "POST", f"/api/v1/notifications/{other}/read")
    assert foreign.status_code == unknown.status_code == 404
    assert own.status_code < 300
