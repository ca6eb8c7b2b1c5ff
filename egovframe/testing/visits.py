"""What a visitor without scripts does: open a page, fill in its form, send it back, sign in."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def token_of(client: FlaskClient, path: str) -> str:
    """Return the CSRF token of a page's form.

    Raises:
        AssertionError: the page cannot be opened, or has no form.
    """
    page = client.get(path)
    if page.status_code != 200:
        raise AssertionError(f"{path} answers {page.status_code}: {page.text[:2000]}")
    found = TOKEN.search(page.text)
    if found is None:
        raise AssertionError(f"{path} has no form")
    return found[1]


def submit(client: FlaskClient, path: str, to: str | None = None, **values: Any) -> TestResponse:
    """Open a page and send its form back, to its own address or to ``to``."""
    return client.post(to or path, data={"csrf_token": token_of(client, path), **values})


def signed_in(app: Flask, email: str, password: str) -> FlaskClient:
    """Return a browser in which somebody has signed in.

    Raises:
        AssertionError: the portal refused.
    """
    client = app.test_client()
    answer = submit(client, "/en/account/sign-in", email=email, password=password)
    if answer.status_code != 303:
        raise AssertionError(f"sign-in answers {answer.status_code}: {answer.text[:2000]}")
    return client
