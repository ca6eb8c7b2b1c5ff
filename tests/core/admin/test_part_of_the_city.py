"""Rights over what belongs to no department, held in a department only: lists are refused, ids are not found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import create_account, put_role
from egovframe.core.i18n import source_text
from egovframe.core.modules.audit import AuditEntry
from egovframe.testing.visits import submit

from .conftest import Hall

RIGHTS = (
    "auth:account:manage", "auth:account:read", "auth:grant:manage", "auth:resident:verify", "audit:entry:read",
    "settings:setting:manage", "privacy:retention:read",
)  # fmt: skip
LISTS = (
    "/en/admin/service-accounts", "/en/desk/residents", "/en/desk/residents/letters", "/en/desk/residents/doubtful",
    "/en/admin/factors", "/en/admin/audit", "/en/admin/audit/looks", "/en/admin/privacy",
    "/en/admin/settings",
)  # fmt: skip


class Clerks:
    """Two people with the same rights: one in Roads, one in the whole city."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        with hall.database.writing() as session:
            put_role(session, SYSTEM, "clerk", source_text("Clerk"), RIGHTS)
            program = create_account(session, SYSTEM, email=None, display_name="Sensors", kind="service")
            self.program = program.public_id
        self.partly = hall.make.account("clerk", scope=frozenset({("department", hall.roads)}), kind="staff")
        self.wholly = hall.make.account("clerk", kind="staff")

    def client(self, person: Actor) -> FlaskClient:
        return self.hall.client(person)

    def ids(self) -> Iterator[str]:
        """Pages that name one thing which the clerk of Roads does not see."""
        for person in (self.hall.citizen, self.hall.admin, self.hall.gardener):
            yield f"/en/admin/accounts/{person.public_id}"
            yield f"/en/admin/accounts/{person.public_id}/leave"
            yield f"/en/desk/residents/accounts/{person.public_id}"
        yield f"/en/admin/service-accounts/{self.program}"


@pytest.fixture
def clerks(hall: Hall) -> Clerks:
    return Clerks(hall)


def test_an_id_outside_of_the_own_part_is_as_unknown_as_any(clerks: Clerks) -> None:
    partly, wholly = clerks.client(clerks.partly), clerks.client(clerks.wholly)
    for address in clerks.ids():
        hidden = partly.get(address)
        assert hidden.status_code == 404, address
        assert clerks.hall.citizen.name not in hidden.text
        assert wholly.get(address).status_code == 200, address
    assert partly.get("/en/desk/residents/accounts/zzzzzzzzzzzz").status_code == 404


@pytest.mark.parametrize("address", LISTS)
def test_lists_of_the_whole_city_are_for_those_who_work_for_the_whole_city(clerks: Clerks, address: str) -> None:
    assert clerks.client(clerks.partly).get(address).status_code == 403
    assert clerks.client(clerks.wholly).get(address).status_code in {200, 303}


def test_programs_read_the_record_of_the_whole_city_with_a_right_for_the_whole_city(clerks: Clerks) -> None:
    client = clerks.hall.app.test_client()
    assert client.get("/api/v1/audit", headers=clerks.hall.make.token(clerks.partly)).status_code == 403
    assert client.get("/api/v1/audit", headers=clerks.hall.make.token(clerks.wholly)).status_code == 200
    assert client.get("/api/v1/audit/heads").status_code == 200


def test_a_form_does_not_say_whether_an_address_has_an_account(clerks: Clerks) -> None:
    client, known = clerks.client(clerks.partly), f"{clerks.hall.citizen.name.lower()}@test.example"
    own = "/en/account/"
    for form, values in (("/en/admin/factors", {"reason": "lost"}), ("/en/desk/residents", {})):
        answers = {
            submit(client, own, form, email=email, **values).status_code for email in (known, "nobody@test.example")
        }
        assert answers == {403}, form


def test_what_is_seen_but_not_ones_own_to_do_is_not_offered(clerks: Clerks) -> None:
    client = clerks.client(clerks.partly)
    page = f"/en/admin/accounts/{clerks.hall.kim.public_id}"
    shown = client.get(page)
    assert shown.status_code == 200
    assert "This person leaves the city" not in shown.text
    assert "Give a role" not in shown.text
    assert client.get(f"{page}/leave").status_code == 403
    for action in ("disable", "enable", "leave"):
        seen = submit(client, page, f"{page}/{action}", reason="x")
        assert seen.status_code == 403, action
        unseen = submit(client, page, f"/en/admin/accounts/{clerks.hall.citizen.public_id}/{action}", reason="x")
        assert unseen.status_code == 404, action
    offered = clerks.client(clerks.wholly).get(page).text
    assert "This person leaves the city" in offered
    assert "Give a role" in offered


def test_a_refused_reader_leaves_no_entry_about_a_person(clerks: Clerks) -> None:
    client = clerks.client(clerks.partly)
    client.get(f"/en/desk/residents/accounts/{clerks.hall.citizen.public_id}")
    with clerks.hall.database.reading() as session:
        thing = f"account:{clerks.hall.citizen.public_id}"
        about = session.query(AuditEntry).where(AuditEntry.thing == thing, AuditEntry.actor.contains("account:"))
        assert about.count() == 0
