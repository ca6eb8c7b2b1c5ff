"""A city with two districts."""

from __future__ import annotations

import pytest
from flask import Flask
from helpers.districts import two_districts


@pytest.fixture
def city(app: Flask) -> Flask:
    """The application of a city with the districts W and E."""
    two_districts(app)
    return app
