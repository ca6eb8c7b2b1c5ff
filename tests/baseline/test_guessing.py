"""Guessing passwords through the public door is slowed down, for addresses with an account and without one alike."""

from __future__ import annotations

import itertools

import pytest
from baseline.town import Town, fresh_address

from egovframe.core.auth import Account
from egovframe.core.web.account.throttles import Attempts
from egovframe.testing.factories import PASSWORD
from egovframe.testing.visits import token_of

TRIES = 30
DOOR = "/en/account/sign-in"
_names = itertools.count(1)


def known(town: Town) -> str:
    """Return the address of somebody new."""
    with town.database.reading() as session:
        found = session.get_one(Account, town.factory.account().account_id).email
    assert found is not None
    return found


def unknown() -> str:
    """Return an address that nobody has."""
    return f"nobody{next(_names)}@test.example"


def statuses(town: Town, email: str, password: str = "wrong-and-long-enough", tries: int = TRIES) -> list[int]:
    """Return what so many attempts from one place are answered."""
    place = {"REMOTE_ADDR": fresh_address()}
    client = town.app.test_client()
    token = token_of(client, DOOR)
    data = {"email": email, "password": password, "csrf_token": token}
    return [client.post(DOOR, data=data, environ_overrides=place).status_code for _ in range(tries)]


def onset(found: list[int]) -> int:
    """Return after how many attempts the door stays shut, as many as there were when it does not."""
    return found.index(429) if 429 in found else len(found)


def test_thirty_wrong_passwords_are_too_many_for_known_and_unknown_alike(town: Town) -> None:
    first, second = statuses(town, known(town)), statuses(town, unknown())
    assert first == second
    assert 3 < onset(first) < TRIES, "a typing mistake is no attack, and thirty are one"
    assert set(first[onset(first) :]) == {429}


def test_another_place_may_go_on_after_one_has_guessed(town: Town) -> None:
    """Whoever guesses at one address shuts nobody else's account: not that of a neighbour in the list."""
    victim, other = known(town), known(town)
    statuses(town, victim)
    assert statuses(town, other, PASSWORD, tries=1) == [303]


def test_a_door_that_never_shuts_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Attempts, "__call__", lambda *_: None)
    assert onset(statuses(town, known(town))) == TRIES
