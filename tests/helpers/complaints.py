"""A small city of two districts, and how a citizen files a complaint there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from egovframe.testing.visits import submit

PASSWORD = "quiet-harbour-lantern"
WEST = {"lat": 37.55, "lon": 126.95}
EAST = {"lat": 37.55, "lon": 127.05}
SHARED = Path(__file__).parents[3] / "shared" / "data"
"""Real files of other cities, where they lie beside the checkout."""


def file_by_pages(client: FlaskClient, lang: str = "en", place: dict[str, float] | None = None, **details: Any) -> str:
    """Walk through all steps and return the address of the confirmation."""
    where = submit(client, f"/{lang}/complaints/new", category="street-light").location
    at = {name: str(value) for name, value in (place or WEST).items()}
    step = submit(client, where, address="Lotus Lane 12", **at).location
    given = {"description": "The lamp at number 12 is dark since Thursday.", "email": "kim@example.org", **details}
    check = submit(client, step, **given).location
    done: str = submit(client, check).location
    return done


def tracking_code(page: str) -> str:
    """Return the tracking code that a confirmation shows."""
    found = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", page)
    assert found is not None
    return found[0]
