"""The account pages are the core's: they are tested without any plugin."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def city_settings() -> dict[str, Any]:
    """A city of the core alone."""
    return {"plugins": {"disabled": ["civic_participation"]}}
