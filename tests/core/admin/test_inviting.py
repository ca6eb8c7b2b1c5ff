"""An administrator invites somebody: an account, a mail with a link that works once, a password of their own."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer_group

from egovframe.core.auth import Account, account_by_email, sign_in
from egovframe.core.modules.audit import AuditEntry
from egovframe.testing.clock import Clock
from egovframe.testing.visits import submit

from .conftest import Hall, Postbox

PAGE = "/en/admin/accounts/invite"
PASSWORD = "quiet-harbour-lantern"
VALUES = {"display_name": "Park Ji-ho", "email": "park@test.example", "kind": "staff", "language": "en"}


@pytest.fixture
def post(hall: Hall) -> Postbox:
    return Postbox(hall.app)


def link(text: str) -> str:
    found = re.search(r"https?://\S+/account/recover/\S+", text)
    assert found, text
    return urlsplit(found[0]).path


def choose(hall: Hall, address: str, password: str = PASSWORD) -> int:
    visitor = hall.app.test_client()
    if visitor.get(address).status_code != 200:
        return visitor.get(address).status_code
    return submit(visitor, address, password=password).status_code


def enter(hall: Hall) -> bool:
    sign_in(hall.database, email="park@test.example", password=PASSWORD, address="x", throttle=lambda *_: None)
    return True


def test_somebody_is_invited_chooses_a_password_and_gets_a_role(hall: Hall, post: Postbox) -> None:
    client = hall.client()
    assert PAGE in client.get("/en/admin/accounts").text
    sent = submit(client, PAGE, **VALUES)
    assert sent.status_code == 303, sent.text[:2000]
    page = urlsplit(sent.headers["Location"]).path
    shown = client.get(page).text
    assert "This person has not chosen a password yet." in shown
    assert "Park Ji-ho" not in shown
    subject, text = post.read()["park"]
    assert subject == "Saebit has opened an account for you"
    assert "(Korean Standard Time)" in text
    address = link(text)
    assert choose(hall, address) == 303
    assert enter(hall)
    assert choose(hall, address) == 410
    given = submit(client, page, f"{page}/grants", role="officer", department="roads")
    assert given.status_code == 303
    assert "This person has not chosen a password yet." not in client.get(page).text
    with hall.database.reading() as session:
        account = account_by_email(session, "park@test.example")
        assert account is not None
        assert (account.kind, account.assurance) == ("staff", "contact_verified")
        said = select(AuditEntry.actor).where(AuditEntry.action == "auth:account:invite")
        assert session.scalars(said).all() == [f"account:{hall.admin.public_id}"]


def test_the_link_ends_after_a_week_and_another_one_can_be_sent(hall: Hall, post: Postbox, clock: Clock) -> None:
    page = urlsplit(submit(hall.client(), PAGE, **VALUES).headers["Location"]).path
    first = link(post.read()["park"][1])
    clock.move(timedelta(days=8))
    assert choose(hall, first) == 410
    client = hall.client()
    assert submit(client, page, f"{page}/invite").status_code == 303
    second = link(post.read()["park"][1])
    assert submit(client, page, f"{page}/invite").status_code == 303
    third = link(post.read()["park"][1])
    assert choose(hall, second) == 410  # the older link dies with the newer
    assert choose(hall, third) == 303
    assert enter(hall)
    submit(client, page, f"{page}/invite")
    assert "without a password can be invited" in client.get(page).text
    assert "Saebit has opened an account for you" not in {subject for subject, _text in post.read().values()}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"display_name": ""}, "display_name"),
        ({"kind": "service"}, "kind"),
        ({"language": "fr"}, "language"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(hall: Hall, post: Postbox, wrong: dict[str, str], field: str) -> None:
    answer = submit(hall.client(), PAGE, **(VALUES | wrong))
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    if field != "display_name":
        assert 'value="Park Ji-ho"' in answer.text
    assert post.read() == {}


def test_a_known_address_is_not_invited_again(hall: Hall, post: Postbox) -> None:
    submit(hall.client(), PAGE, **VALUES)
    post.read()
    again = submit(hall.client(), PAGE, **(VALUES | {"email": "PARK@test.example"}))
    assert again.status_code == 422
    assert "There is an account with this address already." in again.text
    assert post.read() == {}


def test_only_who_manages_accounts_invites(hall: Hall, post: Postbox) -> None:
    for person in (hall.head, hall.kim):
        client = hall.client(person)
        assert client.get(PAGE).status_code == 403
        assert submit(client, "/en/account/", PAGE, **VALUES).status_code == 403
    assert PAGE not in hall.client(hall.head).get("/en/admin/accounts").text
    assert hall.app.test_client().get(PAGE).status_code in {302, 303}
    with hall.database.reading() as session:
        assert session.scalars(select(Account).where(Account.kind == "organisation")).all() == []
        assert account_by_email(session, "park@test.example") is None


@pytest.mark.parametrize(("language", "words"), [("ko", "계정을 열었습니다"), ("ar", "حساب")])
def test_in_the_language_that_was_chosen(hall: Hall, post: Postbox, language: str, words: str) -> None:
    submit(hall.client(), PAGE, **(VALUES | {"language": language}))
    subject, text = post.read()["park"]
    assert words in subject
    assert "You are invited" not in text
    assert link(text).startswith(f"/{language}/")
    with hall.database.reading() as session:
        known = session.scalars(select(Account).options(undefer_group("personal")).where(Account.language == language))
        assert known.one().email == "park@test.example"
