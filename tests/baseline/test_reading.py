"""Reading changes nothing: every GET of every route, as a citizen and as somebody who may do everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from baseline.routes import routes
from baseline.samples import CHANGES_BY_GET, address
from baseline.town import Town
from baseline.watching import fingerprints, writes

from egovframe.core.persistence import now
from egovframe.core.web import runtime

READERS = ("anonymous", "citizen", "administrator")


def changes(town: Town) -> Iterator[str]:
    """Yield a line for every table that a GET writes to."""
    for route in routes(town.app):
        if route.method != "GET" or route.endpoint in CHANGES_BY_GET:
            continue
        for name in READERS:
            path = address(town, route)
            with writes(town) as written:
                town.ask(town.visitors[name], "GET", path)
            if written:
                yield f"{route} as {name} writes {', '.join(sorted(set(written)))}"


def test_reading_changes_nothing(each_town: Town) -> None:
    for route in routes(each_town.app):
        if route.method == "GET":
            address(each_town, route)  # samples are made before the comparison begins
    before = fingerprints(each_town)
    assert list(changes(each_town)) == []
    after = fingerprints(each_town)
    assert {name for name in after if after[name] != before[name]} == set()


def test_a_page_that_writes_while_it_is_read_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control writes into a business table and takes it back, so that the town stays as it is."""
    home = town.app.view_functions["core.home"]

    def greedy() -> Any:
        from egovframe.core.modules.settings.models import StoredSetting

        with runtime(town.app).database.writing() as session:
            session.add(StoredSetting(key="baseline", value=1, changed_at=now(session), changed_by="x"))
            session.flush()
            session.rollback()
        return home()

    greedy.__guard__ = home.__guard__  # type: ignore[attr-defined]
    monkeypatch.setitem(town.app.view_functions, "core.home", greedy)
    assert any("core_setting" in line for line in changes(town))
