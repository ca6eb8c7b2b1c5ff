"""The account menu: in groups, with what one may use only, and the place where one stands marked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from egovframe.hooks import NavItem
from egovframe.testing.factories import Factory
from egovframe.testing.visits import submit

NAV = re.compile(r'<nav aria-label="([^"]+)">\s*(<div class="menu-part">.*?)</nav>', re.DOTALL)
PART = re.compile(
    r'<p class="menu-group" id="([^"]+)">([^<]+)</p>\s*<ul role="list" aria-labelledby="([^"]+)">(.*?)</ul>', re.DOTALL
)
LINK = re.compile(r'<a href="([^"]+)"(?: aria-current="([^"]+)")?>([^<]+)</a>')
SIGN_IN = ["Protect my account", "Devices and keys"]


@pytest.fixture
def city_settings() -> dict[str, Any]:
    """A city of the core alone."""
    return {"plugins": {"disabled": ["civic_participation"]}}


def groups(page: str, copy: int = 0) -> dict[str, list[str]]:
    """Return the entries by title of their group, of the menu in the bar (0) or of small screens (1)."""
    _label, inside = NAV.findall(page)[copy]
    parts = PART.findall(inside)
    assert all(named == labelled for named, _title, labelled, _links in parts), "each list is named by its heading"
    return {title: [label for _url, _current, label in LINK.findall(links)] for _id, title, _by, links in parts}


def marked(page: str) -> list[tuple[str, str]]:
    """Return label and kind of mark of what the menu says is here."""
    _label, inside = NAV.findall(page)[0]
    return [(label, current) for _url, current, label in LINK.findall(inside) if current]


def test_a_persons_entries_stand_in_three_groups(make: Factory) -> None:
    page = make.client(make.account()).get("/en/").text
    expected = {
        "My matters": ["My cases", "Messages"],
        "About me": ["My details", "My data", "Who looked at my data", "Prove who you are"],
        "Sign-in and security": SIGN_IN,
    }
    assert groups(page) == groups(page, copy=1) == expected
    assert list(groups(page)) == list(expected), "in this order"
    assert marked(page) == [], "the home page is none of them"


@pytest.mark.parametrize(
    ("language", "name", "titles"),
    [
        ("ko", "내 계정", ["내 활동", "본인 정보", "로그인과 보안"]),
        ("ar", "حسابي", ["أنشطتي", "معلوماتي الشخصية", "تسجيل الدخول والأمان"]),
    ],
)
def test_landmark_and_groups_are_named_in_every_language(
    make: Factory, language: str, name: str, titles: list[str]
) -> None:
    page = make.client(make.account()).get(f"/{language}/").text
    assert [label for label, _inside in NAV.findall(page)] == [name, name]
    assert list(groups(page)) == titles
    entries = [entry for part in groups(page).values() for entry in part]
    assert len(set(entries)) == len(entries), "no two entries are called alike"


def test_no_id_stands_twice(make: Factory) -> None:
    ids = re.findall(r' id="([^"]+)"', make.client(make.account("administrator")).get("/en/account/").text)
    assert len(ids) == len(set(ids))


def test_visitors_have_no_account_menu(client: FlaskClient) -> None:
    assert NAV.findall(client.get("/en/").text) == []


def test_staff_find_their_work_in_a_group_of_its_own(make: Factory) -> None:
    page = make.client(make.account("administrator")).get("/en/").text
    work = groups(page)["Work"]
    assert {"Stand-in while away", "Administration"} <= set(work)
    assert list(groups(page))[-1] == "Work"
    assert marked(page) == [], "nobody stands in the administration on the home page"


HERE: Mapping[str, tuple[str, str]] = {
    "": ("My details", "page"),
    "my-data": ("My data", "page"),
    "my-data/erase": ("My data", "true"),
    "email": ("My data", "true"),
    "my-data/looks": ("Who looked at my data", "page"),
    "verify/letter": ("Prove who you are", "true"),
    "factors": ("Protect my account", "page"),
    "passkeys/new": ("Protect my account", "true"),
    "prove": ("Protect my account", "true"),
    "sessions": ("Devices and keys", "page"),
    "password": ("Devices and keys", "true"),
    "history": ("Devices and keys", "true"),
    "tokens/new": ("Devices and keys", "true"),
    "ways": ("Devices and keys", "true"),
    "cases": ("My cases", "page"),
    "inbox": ("Messages", "page"),
}


def test_the_place_where_one_stands_is_marked_once(make: Factory) -> None:
    client = make.client(make.account())
    for path, expected in HERE.items():
        page = client.get(f"/en/account/{path}")
        assert (path, page.status_code, marked(page.text)) == (path, 200, [expected])


def test_the_mark_stays_when_a_form_comes_back(make: Factory) -> None:
    client = make.client(make.account())
    for path, label in (("password", "Devices and keys"), ("email", "My data")):
        answer = submit(client, f"/en/account/{path}")
        assert answer.status_code == 422
        assert marked(answer.text) == [(label, "true")]


def test_the_administration_is_marked_where_one_stands_in_it(make: Factory) -> None:
    client = make.client(make.account("administrator"))
    assert marked(client.get("/en/admin").text) == [("Administration", "page")]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"place": "account", "group": "elsewhere"}, "use one of matters"),
        ({"place": "account", "group": 3}, "group is int"),
        ({"place": "main", "group": "person"}, "of the account menu"),
        ({"place": "account", "covers": ["one.page"]}, "covers is list"),
    ],
)
def test_an_entry_with_a_wrong_group_fails_where_it_is_made(values: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        NavItem(label="x", endpoint="one.page", **values)
