"""The mail with the link to a new password speaks the language of the page that it was asked on."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from egovframe.actor import SYSTEM
from egovframe.config import Settings
from egovframe.core.auth import create_account, request_recovery
from egovframe.core.modules.jobs import build_worker
from egovframe.core.web import runtime
from egovframe.testing.visits import submit


@pytest.fixture
def minji(app: Flask) -> str:
    """Somebody whose account speaks Korean."""
    with runtime(app).database.writing() as session:
        return create_account(session, SYSTEM, email="kim@city.example", display_name="Kim", language="ko").public_id


def delivered(app: Flask, settings: Settings) -> EmailMessage:
    """Run the jobs and return the one mail in the outbox."""
    build_worker(runtime(app).database, runtime(app).hooks, context=app.app_context).run_pending()
    (file,) = Path(settings.data_dir, "outbox").glob("*.eml")
    return message_from_bytes(file.read_bytes(), policy=policy.default)


@pytest.mark.parametrize("language", ["ar", "ko", "en"])
@pytest.mark.usefixtures("minji")
def test_a_link_that_was_asked_for_in_a_language_comes_in_it(
    app: Flask, client: FlaskClient, settings: Settings, language: str
) -> None:
    submit(client, f"/{language}/account/recover", email="kim@city.example")
    mail = delivered(app, settings)
    assert mail["Content-Language"] == language
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"/{language}/account/recover/" in body.get_content()


@pytest.mark.usefixtures("minji")
def test_without_a_page_it_comes_in_the_language_of_the_account(app: Flask, settings: Settings) -> None:
    with runtime(app).database.writing() as session:
        request_recovery(session, "kim@city.example")
    assert delivered(app, settings)["Content-Language"] == "ko"
