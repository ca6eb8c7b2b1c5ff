"""Queues show what may be opened and nothing else; what time does to cases."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from egovframe.actor import Actor
from egovframe.core.auth import can
from egovframe.core.modules.cases import (
    QUEUES,
    Case,
    CaseEntry,
    InboxFilter,
    act_automatically,
    count_label,
    escalate,
    inbox,
    queue_counts,
)
from egovframe.core.modules.notifications.models import Notification
from egovframe.errors import BadRequest

READ = "cases:case:read"


def fill(office: Any) -> list[Case]:
    """Make cases of every kind in both departments and in none."""
    cases = [office.open(subject).case for subject in ("roads", "parks", "moonlight") for _ in range(3)]
    everyone = office.actor("Manager")
    office.act(everyone, cases[0], "ask", text="?")
    office.act(everyone, cases[1], "answer", text="!")
    office.act(everyone, cases[3], "take")
    return cases


def all_pages(session: Any, actor: Actor, queue: str, size: int) -> list[Case]:
    found: list[Case] = []
    cursor = None
    for _page in range(50):
        page = inbox(session, actor, queue, cursor=cursor, page_size=size)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise AssertionError("the pages never end")


def test_the_inbox_holds_exactly_what_may_be_opened(office: Any) -> None:
    fill(office)
    actors = {
        "roads": office.officer(),
        "parks": office.officer("Parks officer", "parks"),
        "manager": office.actor("Manager"),
        "reader of nothing": office.actor("Colleague", frozenset({"other:thing:read"})),
        "citizen": office.citizen(),
        "nobody": Actor(),
    }
    seen: dict[str, set[int]] = {}
    with office.database.reading() as session:
        everything = session.scalars(select(Case)).all()
        at = office.database.read_clock(session)
        for name, actor in actors.items():
            allowed = {case.id for case in everything if can(actor, READ, case, at=at)}
            seen[name] = {case.id for case in all_pages(session, actor, "all", 2)}
            assert seen[name] == allowed
            for queue in QUEUES:
                assert {case.id for case in all_pages(session, actor, queue, 2)} <= allowed
    assert {name: len(ids) for name, ids in seen.items()} == {
        "roads": 3, "parks": 3, "manager": 9, "reader of nothing": 0, "citizen": 0, "nobody": 0,
    }  # fmt: skip


def test_each_queue_holds_what_its_name_says(office: Any) -> None:
    cases = fill(office)
    manager, officer = office.actor("Manager"), office.officer()
    office.pass_time(30)
    fresh = office.open("roads", due_hours=0.001).case
    office.pass_time(-0.0)

    def held(actor: Actor, queue: str) -> set[int]:
        with office.database.reading() as session:
            return {case.id for case in all_pages(session, actor, queue, 50)}

    assert held(manager, "triage") == {case.id for case in cases[6:]}
    assert held(manager, "waiting") == {cases[0].id}
    assert held(officer, "mine") == {cases[2].id, fresh.id}
    assert held(manager, "mine") == {cases[3].id}
    assert held(officer, "department") == {cases[2].id, fresh.id}
    assert cases[1].id not in held(manager, "overdue")
    assert {cases[2].id, cases[3].id} <= held(manager, "overdue")


def test_queues_are_in_order_of_urgency_and_pages_do_not_overlap(office: Any) -> None:
    for hours in (50, 1, 30, 1, 10):
        office.open("roads", due_hours=hours)
    with office.database.reading() as session:
        cases = all_pages(session, office.officer(), "mine", 2)
        newest = all_pages(session, office.officer(), "all", 2)
    assert [case.deadline_hours for case in cases] == [1, 1, 10, 30, 50]
    assert len({case.id for case in cases}) == 5
    assert all(a.received_at >= b.received_at for a, b in itertools.pairwise(newest))


def test_counts_agree_with_the_queues_and_stop_at_fifty(office: Any) -> None:
    fill(office)
    for actor in (office.officer(), office.actor("Manager"), office.citizen()):
        with office.database.reading() as session:
            counts = queue_counts(session, actor)
            assert counts == {queue: len(all_pages(session, actor, queue, 50)) for queue in QUEUES}
    assert (count_label(50), count_label(51)) == ("50", "50+")


def test_an_inbox_can_be_narrowed(office: Any) -> None:
    fill(office)
    with office.database.reading() as session:
        manager = office.actor("Manager")
        by_subject = inbox(session, manager, "all", narrow=InboxFilter(subject="parks")).items
        by_state = inbox(session, manager, "all", narrow=InboxFilter(state="working")).items
        assert {case.subject for case in by_subject} == {"parks"}
        assert len(by_state) == 1
        assert inbox(session, manager, "all", narrow=InboxFilter(area_id=12345)).items == []


def test_unknown_queues_and_cursors_are_refused(office: Any) -> None:
    with office.database.reading() as session:
        with pytest.raises(BadRequest):
            inbox(session, office.officer(), "theirs")
        with pytest.raises(BadRequest):
            inbox(session, office.officer(), "mine", cursor="%%%")


def test_a_page_and_its_counts_take_few_statements(office: Any) -> None:
    for _one in range(12):
        office.open("roads")
    statements: list[str] = []
    with office.database.reading() as session:
        event.listen(session.get_bind(), "after_cursor_execute", lambda *args: statements.append(args[2]))
        inbox(session, office.officer(), "mine")
        queue_counts(session, office.officer())
    selects = [statement for statement in statements if statement.startswith("SELECT") and "core_" in statement]
    assert len(selects) <= 4
    assert not any("tracking_code" in statement for statement in selects)


def told(office: Any, kind: str) -> Counter[str]:
    names = {identity: name for name, identity in office.accounts.items()}
    with office.database.reading() as session:
        rows = session.scalars(select(Notification.reference).where(Notification.kind == kind))
        return Counter(names[int(row.removeprefix("auth.account:"))] for row in rows)


def run_escalation(office: Any) -> int:
    with office.database.writing() as session:
        return escalate(session)


def test_a_late_case_goes_up_the_line_one_level_at_a_time(office: Any) -> None:
    case = office.open().case
    assert run_escalation(office) == 0
    office.pass_time(24.5)
    assert run_escalation(office) == 0
    expected: Counter[str] = Counter()
    for hours, name in ((1, "Head"), (3, "Director"), (20, "Mayor")):
        office.pass_time(hours)
        assert run_escalation(office) == 1
        assert run_escalation(office) == 0
        expected[name] += 1
        assert told(office, "cases.escalated") == expected
    with office.database.reading() as session:
        lines = session.scalars(select(CaseEntry).where(CaseEntry.case_id == case.id, CaseEntry.kind == "escalation"))
        assert [(line.data["level"], line.public) for line in lines] == [(1, False), (2, False), (3, False)]
        assert session.get_one(Case, case.id).version == 4


def test_a_standstill_makes_no_storm(office: Any) -> None:
    office.open()
    office.pass_time(24 + 25)
    assert run_escalation(office) == 1
    assert told(office, "cases.escalated") == Counter({"Mayor": 1})
    office.open()
    office.pass_time(24 * 30)
    assert run_escalation(office) == 1
    assert run_escalation(office) == 0
    assert told(office, "cases.escalated") == Counter({"Mayor": 1})


def test_waiting_and_ended_cases_are_not_escalated_and_a_new_deadline_begins_anew(office: Any) -> None:
    officer = office.officer()
    waiting, ended, moved = (office.open() for _ in range(3))
    office.act(officer, waiting.case, "ask", text="?")
    office.act(officer, ended.case, "answer", text="!")
    office.pass_time(26)
    assert run_escalation(office) == 1
    with office.database.reading() as session:
        case = session.get_one(Case, moved.case.id)
    case = office.act(officer, case, "answer", text="!")
    case = office.act(Actor(), case, "request_reopening", text="No", tracking_code=moved.tracking_code)
    assert case.escalation_level == 0
    assert run_escalation(office) == 0


def test_answered_cases_close_by_themselves_after_their_rest(office: Any) -> None:
    case = office.act(office.officer(), office.open().case, "answer", text="!")

    def run() -> int:
        with office.database.writing() as session:
            return act_automatically(session)

    office.pass_time(99)
    assert run() == 0
    office.pass_time(2)
    assert (run(), run()) == (1, 0)
    with office.database.reading() as session:
        closed = session.get_one(Case, case.id)
        assert (closed.state, closed.kind) == ("closed", "terminal")
        last = session.scalars(select(CaseEntry).order_by(CaseEntry.id.desc()).limit(1)).one()
        assert (last.author_kind, last.action) == ("system", "close")
        assert closed.closed_at is not None
        assert closed.closed_at - case.closed_at < timedelta(seconds=1)
        assert session.scalar(select(func.count()).select_from(CaseEntry)) == 3
