"""The rules, without the web."""

from __future__ import annotations

import pytest
from flask import Flask
from lost_and_found.models import RETURNED
from lost_and_found.permissions import MANAGE
from lost_and_found.queries import count_kept, kept_items
from lost_and_found.services import record_item, return_item

from egovframe.actor import ANONYMOUS, Actor, Grant
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.errors import Conflict, Forbidden, NotFound

KEEPER = Actor(kind="account", public_id="keeper", grants=(Grant("agent", frozenset({MANAGE})),))


@pytest.fixture
def city(app: Flask) -> Database:
    """The database of a running city."""
    return runtime(app).database


def recorded(city: Database) -> str:
    with city.writing() as session:
        return record_item(session, ANONYMOUS, what="Black umbrella", place="Station").public_id


def test_what_is_recorded_waits_for_its_owner(city: Database) -> None:
    recorded(city)
    with city.reading() as session:
        assert [item.what for item in kept_items(session).items] == ["Black umbrella"]


def test_it_is_given_back_once(city: Database) -> None:
    public_id = recorded(city)
    with city.writing() as session:
        item = return_item(session, KEEPER, public_id)
        assert (item.state, item.returned_at is not None) == (RETURNED, True)
    with city.reading() as session:
        assert count_kept(session) == 0
    with pytest.raises(Conflict), city.writing() as session:
        return_item(session, KEEPER, public_id)


def test_only_those_in_charge_give_back(city: Database) -> None:
    public_id = recorded(city)
    with pytest.raises(Forbidden), city.writing() as session:
        return_item(session, ANONYMOUS, public_id)
    with city.reading() as session:
        assert count_kept(session) == 1


def test_what_is_not_there_cannot_be_given_back(city: Database) -> None:
    with pytest.raises(NotFound), city.writing() as session:
        return_item(session, KEEPER, "0000000000000000")
