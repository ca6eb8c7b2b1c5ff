"""Reading for the system's own work: rows are emptied afterwards, and who does it in the framework is known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from core.privacy.planted import PHONE, Caller, Desk, plant
from core.privacy.test_ways_of_reading import ALL, looks
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import DetachedInstanceError

import egovframe
from egovframe.core.modules.privacy import by_the_system
from egovframe.core.persistence import Database

ROOT = Path(egovframe.__file__).parent
USES = {
    "core/auth/loading.py": 3,  # who is at the door: an actor, without contact data
    "core/auth/services/one_time.py": 1,  # a new password is held against the owner's address
    "core/modules/admin/routes/privacy.py": 2,  # counts of what is due, now and by another rule
    "core/modules/notifications/delivering.py": 1,  # the address on the envelope
    "core/modules/organisation/queries.py": 1,  # names signed in office
    "core/modules/privacy/services/erasing.py": 2,  # counts of what an erasure would take, and the erasure
}
"""Where values could leave without a record, each looked at by a person; a new place is a decision."""
BLOCK = re.compile(r"with .*by_the_system\(.*\):(?P<why>.*)")


@pytest.fixture
def desk(database: Database) -> Desk:
    plant(database)
    return Desk(database)


def left(session: Session, *, expunged: bool) -> Any:
    with by_the_system(session):
        row = session.get_one(Caller, 1, options=[ALL])
        assert row.phone == PHONE
        if expunged:
            session.expunge(row)
    return row


def test_a_row_that_left_the_session_is_emptied(desk: Desk) -> None:
    row = desk.read(lambda session: left(session, expunged=True))
    assert "phone" not in row.__dict__
    assert row.topic == "light"
    with pytest.raises(DetachedInstanceError):
        _ = row.phone
    assert looks(desk.database) == []


def test_a_row_that_stayed_is_read_anew_and_recorded(desk: Desk) -> None:
    assert desk.read(lambda session: left(session, expunged=False).phone) == PHONE
    assert [kind for kind, *_rest in looks(desk.database)] == ["read"]


def test_everybody_who_reads_for_the_system_is_known_and_says_why() -> None:
    found: dict[str, int] = {}
    for path in sorted(ROOT.rglob("*.py")):
        for block in BLOCK.finditer(path.read_text(encoding="utf-8")):
            name = path.relative_to(ROOT).as_posix()
            found[name] = found.get(name, 0) + 1
            assert "#" in block["why"], f"{name}: say on the line what the work is"
    assert found == USES
