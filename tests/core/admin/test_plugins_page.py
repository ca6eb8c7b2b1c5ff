"""The administrator sees the plugins and switches them; nobody else does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from egovframe.actor import ANONYMOUS, SYSTEM
from egovframe.core.auth import CHEAP, create_account, grant_role, hash_password, sign_in
from egovframe.core.modules.admin import EXTENSION, WantedPlugin, want_plugin, wanted_states
from egovframe.core.modules.audit.models import AuditEntry
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.errors import Conflict, Forbidden, NotFound
from egovframe.extending import PluginEntry, PluginReport
from egovframe.extending.manifest import Manifest

PASSWORD = "correct horse battery staple 7"
PAGE = "/en/admin/plugins"


@pytest.fixture
def city(app: Flask) -> Database:
    """The database of the running city."""
    return runtime(app).database


def visitor(app: Flask, role: str) -> FlaskClient:
    """A browser in which somebody with the role is signed in."""
    database, email = runtime(app).database, f"{role}@example.org"
    with database.writing() as session:
        account = create_account(
            session, SYSTEM, email=email, display_name=role, password=hash_password(PASSWORD, CHEAP)
        )
        if role != "citizen":
            grant_role(session, SYSTEM, account, role)
    entered = sign_in(database, email=email, password=PASSWORD, address="192.0.2.1", throttle=lambda *_: None)
    client = app.test_client()
    client.set_cookie("egov_session", entered.token, domain="localhost")
    return client


def press(client: FlaskClient, name: str, enabled: str, **more: str):
    """Press the button of a plugin."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(PAGE).text)
    assert token
    return client.post(f"{PAGE}/{name}/switch", data={"csrf_token": token[1], "enabled": enabled, **more})


def test_the_administrator_sees_every_plugin_and_its_state(app: Flask) -> None:
    page = visitor(app, "administrator").get(PAGE)
    assert page.status_code == 200
    assert "civic_participation" in page.text
    assert "Running" in page.text


def test_a_broken_plugin_is_named_with_stage_and_reason(app: Flask) -> None:
    report: PluginReport = app.extensions[EXTENSION]
    broken = PluginEntry("street_fair", "city", Path("plugins/street_fair"))
    broken.fail("import", "code", "ModuleNotFoundError: No module named '<b>lanterns</b>'")
    report.entries = (*report.entries, broken)
    text = visitor(app, "administrator").get(PAGE).text
    assert "street_fair" in text
    assert "when its code was loaded" in text
    assert "Its code could not be loaded." in text
    assert "&lt;b&gt;lanterns" in text


def test_switching_off_and_on_is_kept_and_audited(app: Flask, city: Database) -> None:
    administrator = visitor(app, "administrator")
    answer = press(administrator, "civic_participation", "0")
    assert answer.status_code == 303
    assert "after the next start" in administrator.get(PAGE).text
    with city.reading() as session:
        assert wanted_states(session) == {"civic_participation": False}
        row = session.get_one(WantedPlugin, "civic_participation")
        assert row.changed_by.startswith("account:")
        actions = select(AuditEntry.action).where(AuditEntry.thing == "plugin:civic_participation")
        assert session.scalars(actions).all() == ["plugins:plugin:disable"]
    press(administrator, "civic_participation", "1")
    with city.reading() as session:
        assert wanted_states(session) == {"civic_participation": True}


@pytest.mark.parametrize("role", ["citizen", "officer", "auditor"])
def test_others_may_neither_look_nor_switch(app: Flask, city: Database, role: str) -> None:
    client = visitor(app, role)
    assert client.get(PAGE).status_code == 403
    home = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/en/").text)
    token = home[1] if home else ""
    answer = client.post(f"{PAGE}/civic_participation/switch", data={"csrf_token": token, "enabled": "0"})
    assert answer.status_code in {400, 403}
    with city.reading() as session:
        assert session.execute(select(func.count()).select_from(WantedPlugin)).scalar_one() == 0


def test_a_visitor_is_led_to_the_sign_in(client: FlaskClient) -> None:
    assert client.get(PAGE).status_code == 303
    assert client.get("/en/admin").status_code == 303


def test_a_switch_without_token_is_refused(app: Flask, city: Database) -> None:
    answer = visitor(app, "administrator").post(f"{PAGE}/civic_participation/switch", data={"enabled": "0"})
    assert answer.status_code == 400
    with city.reading() as session:
        assert wanted_states(session) == {}


def test_unknown_plugins_and_values_are_refused(app: Flask) -> None:
    administrator = visitor(app, "administrator")
    assert press(administrator, "no_such_plugin", "0").status_code == 404
    assert press(administrator, "civic_participation", "perhaps").status_code == 422
    assert press(administrator, "civic_participation", "0", owner="me").status_code == 422


def test_the_landing_page_shows_what_one_may_administer(app: Flask) -> None:
    text = visitor(app, "administrator").get("/en/admin").text
    assert 'href="/en/admin/plugins"' in text
    assert visitor(app, "citizen").get("/en/admin").status_code == 403


def standing(name: str, *requires: str) -> PluginEntry:
    manifest = Manifest(name, "1.0", ">=0.1", {"en": name}, requires=requires)
    return PluginEntry(name, "city", manifest=manifest, state="mounted")


def test_a_plugin_that_others_need_stays_on(database: Database) -> None:
    office = PluginReport([standing("base"), standing("upper", "base")])
    with database.writing() as session:
        with pytest.raises(Conflict, match="upper"):
            want_plugin(session, SYSTEM, office, "base", enabled=False)
        want_plugin(session, SYSTEM, office, "upper", enabled=False)
        with pytest.raises(NotFound):
            want_plugin(session, SYSTEM, office, "nobody", enabled=False)
        with pytest.raises(Forbidden):
            want_plugin(session, ANONYMOUS, office, "upper", enabled=True)
        assert wanted_states(session) == {"upper": False}
