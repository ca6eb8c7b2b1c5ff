"""An application that cannot be made leaves nothing open."""

from __future__ import annotations

from typing import Any

import pytest

from egovframe import app as assembly
from egovframe.config import Settings
from egovframe.core.persistence import Database
from egovframe.errors import SettingsError


@pytest.mark.parametrize("fails", [True, False])
def test_no_connection_outlives_an_application_that_could_not_be_made(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    made: list[Database] = []

    def declare(database: Database, *_more: Any) -> None:
        made.append(database)
        database.now()  # a connection rests in the pool from now on
        if fails:
            raise SettingsError("The settings cannot be used:", ["as the test wishes"])

    monkeypatch.setattr(assembly, "configure_outside", declare)
    if fails:
        with pytest.raises(SettingsError):
            assembly.create_app(settings)
    else:
        assembly.create_app(settings)
    [database] = made
    resting = database.engine.pool.checkedin()  # type: ignore[attr-defined]
    database.dispose()
    assert (resting == 0) == fails
