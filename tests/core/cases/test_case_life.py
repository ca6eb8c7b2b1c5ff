"""A case from its opening to its end: who may do what, what is written, what the clock does."""

from __future__ import annotations

import threading
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM, Actor
from egovframe.core.i18n import Translated
from egovframe.core.modules.audit import entries_of
from egovframe.core.modules.audit.models import AuditEntry
from egovframe.core.modules.cases import (
    Adoption,
    Case,
    CaseChanged,
    CaseEntry,
    CaseType,
    Ending,
    act,
    actions_for,
    adopt_cases,
    case_by_tracking_code,
    definition_of,
    escalate,
    find_imported,
    is_overdue,
    parse_definition,
    publish_types,
    readable_case,
    timeline,
    was_late,
)
from egovframe.core.modules.events.models import EventRow
from egovframe.core.modules.routing import Matter, decide
from egovframe.core.modules.worktime import put_calendar
from egovframe.core.persistence import now
from egovframe.errors import Forbidden, Invalid, NotFound
from egovframe.testing.queries import count_queries

PERMIT = Path(__file__).with_name("permit.toml")
HOUR = timedelta(hours=1)


def close_to(value: datetime | None, wanted: datetime, seconds: float = 5) -> bool:
    return value is not None and abs((value - wanted).total_seconds()) < seconds


def test_a_new_case_finds_its_official_with_number_code_and_deadline(office: Any) -> None:
    opened = office.open(latitude=37.5, longitude=127.0, reporter_account_id=office.accounts["Citizen"])
    case = opened.case
    assert case.assignee_id == office.accounts["Roads officer"]
    assert case.department_id == office.departments["roads"]
    assert (case.state, case.kind, case.version) == ("assigned", "open", 1)
    assert case.reference.startswith(f"P-{case.received_at.year}-000001-")
    assert close_to(case.due_at, case.received_at + 24 * HOUR)
    assert office.open().case.reference.startswith(f"P-{case.received_at.year}-000002-")
    assert [step["code"] for step in case.routing] == ["no_place", "city_wide", "holder"]


def test_a_matter_that_nobody_owns_goes_to_triage(office: Any) -> None:
    case = office.open("moonlight").case
    assert (case.state, case.is_triage, case.department_id) == ("received", True, None)


def test_only_the_tracking_code_opens_a_case(office: Any) -> None:
    opened = office.open()
    with office.database.reading() as session:
        for typed in (opened.tracking_code, opened.tracking_code.lower().replace("-", " ")):
            found = case_by_tracking_code(session, typed)
            assert found is not None
            assert found.id == opened.case.id
        wrong = ("0" if opened.tracking_code[0] != "0" else "1") + opened.tracking_code[1:]
        assert case_by_tracking_code(session, wrong) is None
        assert case_by_tracking_code(session, "") is None
        assert case_by_tracking_code(session, opened.case.reference) is None
        row = session.execute(text("SELECT tracking_code, tracking_digest FROM core_case")).one()
    plain = opened.tracking_code.replace("-", "")
    assert all(plain not in stored and opened.tracking_code not in stored for stored in row)


def test_every_step_is_on_timeline_in_events_and_in_the_audit(office: Any) -> None:
    officer = office.officer()
    case = office.open().case
    case = office.act(officer, case, "take")
    case = office.act(officer, case, "note", text="Looks simple")
    case = office.act(officer, case, "answer", text="Granted")
    with office.database.reading() as session:
        entries = session.scalars(select(CaseEntry).order_by(CaseEntry.id)).all()
        assert [(e.kind, e.action, e.from_state, e.to_state) for e in entries] == [
            ("opened", "", "", "assigned"),
            ("action", "take", "assigned", "working"),
            ("action", "note", "working", "working"),
            ("action", "answer", "working", "answered"),
        ]
        assert [e.case_version for e in entries] == [1, 2, 3, 4]
        names = session.scalars(select(EventRow.name).order_by(EventRow.id)).all()
        assert names == ["cases.CaseOpened"] + ["cases.CaseChanged"] * 3
        audited = session.scalars(
            select(AuditEntry.action).where(AuditEntry.thing.like("case:%")).order_by(AuditEntry.id)
        )
        assert audited.all() == ["cases:case:open", "cases:case:take", "cases:case:note", "cases:case:answer"]
        everything = session.execute(text("SELECT coalesce(before,'') || coalesce(after,'') || reason FROM core_audit"))
        assert not any("Looks simple" in row[0] for row in everything)


def test_public_readers_see_public_lines_and_posts_not_names(office: Any) -> None:
    officer = office.officer()
    case = office.act(officer, office.open().case, "take")
    case = office.act(officer, case, "note", text="Internal matter")
    case = office.act(officer, case, "reject", text="Too late", fields={"remedy": "Object within 30 days"})
    with office.database.reading() as session:
        public = timeline(session, case, public_only=True)
        staff = timeline(session, case, public_only=False)
    assert [item.title for item in public] == ["Received", "Taken", "Declined"]
    assert public[2].facts == (("What you can do against it", "Object within 30 days"),)
    assert "Internal matter" not in str(public)
    assert "Roads officer" not in str(public)
    assert public[1].author == "Roads post"
    assert [item.text for item in staff if not item.public] == ["Internal matter"]
    assert staff[1].author == "Roads officer · Roads post"


def test_the_clock_pauses_while_the_reporter_is_asked(office: Any) -> None:
    officer = office.officer()
    opened = office.open()
    case = office.act(officer, opened.case, "take")
    due = case.due_at
    office.pass_time(10)
    case = office.act(officer, case, "ask", text="Which tree?")
    assert case.paused_at is not None
    office.pass_time(100)
    assert not is_overdue(case, case.paused_at + 100 * HOUR)
    case = office.act(Actor(), case, "reply", text="The oak", tracking_code=opened.tracking_code)
    assert case.paused_at is None
    assert abs(case.paused_seconds - 100 * 3600) < 5
    assert close_to(case.due_at, due + 100 * HOUR)
    assert case.sort_at == case.due_at


def test_the_clock_keeps_working_hours_over_a_pause(office: Any) -> None:
    hours = ((9 * 60, 17 * 60),)
    with office.writing() as session:
        put_calendar(
            session,
            SYSTEM,
            code="city",
            title=Translated.of("en", en="City"),
            timezone="UTC",
            week=(hours,) * 5 + ((),) * 2,
            is_default=True,
        )
    monday = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    office.database.clock_offset = monday - datetime.now(UTC)
    officer = office.officer()
    opened = office.open(due_hours=15, due_mode="working")
    assert close_to(opened.case.due_at, datetime(2026, 3, 3, 16, 0, tzinfo=UTC))
    office.pass_time(2)
    case = office.act(officer, opened.case, "ask", text="?")
    office.pass_time(24 * 4)  # until Friday 11:00; 13 working hours are left
    case = office.act(Actor(), case, "reply", text="!", tracking_code=opened.tracking_code)
    assert close_to(case.due_at, datetime(2026, 3, 9, 16, 0, tzinfo=UTC))


def test_a_state_with_hours_of_its_own_makes_the_case_urgent_while_it_lasts(office: Any) -> None:
    raw = tomllib.loads(PERMIT.read_text())
    raw["states"]["assigned"]["hours"] = 2
    with office.writing() as session:
        publish_types(session, [parse_definition(raw)])
    case = office.open().case
    assert close_to(case.due_at, case.received_at + 24 * HOUR)
    assert close_to(case.sort_at, case.received_at + 2 * HOUR)
    assert is_overdue(case, case.received_at + 3 * HOUR)
    taken = office.act(office.officer(), case, "take")
    assert taken.sort_at == taken.due_at == case.due_at
    assert not is_overdue(taken, case.received_at + 3 * HOUR)


def test_late_stays_late_over_a_pause(office: Any) -> None:
    opened = office.open()
    due = opened.case.due_at
    office.pass_time(30)
    case = office.act(office.officer(), opened.case, "ask", text="?")
    office.pass_time(30)
    case = office.act(Actor(), case, "reply", text="!", tracking_code=opened.tracking_code)
    assert case.due_at == due
    assert is_overdue(case, due + 60 * HOUR)


def test_an_ended_case_stops_its_clock_and_reopening_starts_it_anew(office: Any) -> None:
    opened = office.open()
    case = office.act(office.officer(), opened.case, "answer", text="Done")
    assert case.closed_at is not None
    assert not is_overdue(case, case.closed_at + 1000 * HOUR)
    office.pass_time(50)
    case = office.act(Actor(), case, "request_reopening", text="Still broken", tracking_code=opened.tracking_code)
    assert case.closed_at is None
    with office.database.reading() as session:
        assert close_to(case.due_at, now(session) + 24 * HOUR)


def test_a_case_finishes_on_the_version_it_began_with(office: Any) -> None:
    old = office.open().case
    raw = tomllib.loads(PERMIT.read_text())
    raw["states"]["working"]["title"] = "On the table"
    for move in raw["transitions"]:
        if move["action"] == "take":
            move["action"] = "start"
    with office.writing() as session:
        assert [kind.version for kind in publish_types(session, [parse_definition(raw)])] == [2]
        assert publish_types(session, [parse_definition(raw)]) == []
    fresh = office.open().case
    officer = office.officer()
    assert (old.type_version, fresh.type_version) == (1, 2)
    with office.database.reading() as session:
        assert "take" in {view.action for view in actions_for(session, officer, old)}
        assert "take" not in {view.action for view in actions_for(session, officer, fresh)}
        assert definition_of(session, old).states["working"].title == "In progress"
    assert office.act(officer, old, "take").state == "working"
    with pytest.raises(CaseChanged):
        office.act(officer, fresh, "take")
    assert office.act(officer, fresh, "start").state == "working"
    with office.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(CaseType)) == 2


def test_text_and_fields_are_demanded(office: Any) -> None:
    officer = office.officer()
    case = office.open().case
    for wrong in ({}, {"text": "   "}, {"text": "a\x00b"}, {"text": "x" * 9000}):
        with pytest.raises(Invalid) as refused:
            office.act(officer, case, "answer", **wrong)
        assert set(refused.value.errors) == {"text"}
    with pytest.raises(Invalid) as refused:
        office.act(officer, case, "reject", text="No", fields={"surprise": 1})
    assert set(refused.value.errors) == {"remedy", "surprise"}
    with office.database.reading() as session:
        assert session.get_one(Case, case.id).version == 1


def test_passing_on_names_the_new_official_and_leaves_the_old_inbox(office: Any) -> None:
    case = office.open().case
    case = office.act(office.officer(), case, "pass_on", text="A tree", fields={"department": "parks", "post": "parks"})
    assert case.department_id == office.departments["parks"]
    assert case.assignee_id == office.accounts["Parks officer"]
    with office.database.reading() as session:
        with pytest.raises(NotFound):
            readable_case(session, office.officer(), case.reference)
        assert readable_case(session, office.officer("Parks officer", "parks"), case.reference).id == case.id
    for fields in ({"department": "nowhere"}, {"department": "roads", "post": "parks"}):
        with pytest.raises(Invalid):
            office.act(office.officer("Parks officer", "parks"), case, "pass_on", text="x", fields=fields)


def test_who_may_not_see_a_case_gets_what_an_unknown_one_gets(office: Any) -> None:
    case = office.open().case
    stranger = office.officer("Parks officer", "parks")
    for actor in (stranger, office.citizen(), Actor()):
        with pytest.raises(NotFound) as hidden:
            office.act(actor, case, "take")
        with pytest.raises(NotFound) as unknown, office.writing() as session:
            act(session, actor, case.id + 1000, "take", version=1)
        assert str(hidden.value) == str(unknown.value)
        with office.database.reading() as session:
            assert actions_for(session, actor, case) == []
            for reference in (case.reference, "P-2026-999999-0", "nonsense"):
                with pytest.raises(NotFound):
                    readable_case(session, actor, reference)


def test_reading_is_not_working(office: Any) -> None:
    case = office.open().case
    reader = office.actor("Colleague", frozenset({"cases:case:read"}))
    with pytest.raises(Forbidden):
        office.act(reader, case, "take")
    with office.database.reading() as session:
        assert actions_for(session, reader, case) == []


def test_the_reporter_may_only_do_what_reporters_do(office: Any) -> None:
    opened = office.open(reporter_account_id=office.accounts["Citizen"])
    citizen = office.citizen()
    with pytest.raises(Forbidden):
        office.act(citizen, opened.case, "answer", text="I grant it to myself")
    case = office.act(office.officer(), opened.case, "ask", text="Which?")
    with office.database.reading() as session:
        assert [view.action for view in actions_for(session, citizen, case)] == ["reply"]
        assert [view.action for view in actions_for(session, Actor(), case, tracking_code=opened.tracking_code)] == [
            "reply"
        ]
        assert actions_for(session, Actor(), case, tracking_code="0000-0000-0000-0000") == []
    with pytest.raises(NotFound):
        office.act(Actor(), case, "reply", text="Mine", tracking_code="0000-0000-0000-0000")
    assert office.act(citizen, case, "reply", text="That one").state == "working"


def test_the_second_press_of_a_button_does_nothing_and_says_so(office: Any) -> None:
    officer = office.officer()
    case = office.open().case
    office.act(officer, case, "take")
    with pytest.raises(CaseChanged, match="You already did this: “Taken”") as again:
        office.act(officer, case, "take", version=1)
    assert again.value.by_caller
    with pytest.raises(CaseChanged, match="Roads officer was faster: “Taken”") as other:
        office.act(office.actor("Colleague"), case, "answer", version=1, text="x")
    assert not other.value.by_caller
    assert (other.value.version, other.value.state) == (2, "working")
    assert "In progress" in str(other.value)


def test_two_officers_at_once_one_wins(office: Any) -> None:
    for _round in range(5):
        case = office.open().case
        ready = threading.Barrier(2)
        outcomes: list[str] = []

        def press(
            name: str, case: Case = case, ready: threading.Barrier = ready, outcomes: list[str] = outcomes
        ) -> None:
            ready.wait()
            try:
                office.act(office.actor(name), case, "answer", text=f"by {name}", version=1)
                outcomes.append("won")
            except CaseChanged as lost:
                outcomes.append(str(lost))

        threads = [threading.Thread(target=press, args=(name,)) for name in ("Roads officer", "Colleague")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcome == "won" for outcome in outcomes) == [False, True]
        assert any("was faster" in outcome for outcome in outcomes)
        with office.database.reading() as session:
            entries = session.scalars(
                select(CaseEntry).where(CaseEntry.case_id == case.id, CaseEntry.action == "answer")
            )
            assert len(entries.all()) == 1
            assert session.get_one(Case, case.id).version == 2


def test_numbers_are_never_given_twice(office: Any) -> None:
    references: list[str] = []

    def fill() -> None:
        for _one in range(10):
            references.append(office.open().case.reference)

    threads = [threading.Thread(target=fill) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(references)) == 30


def past_case(session: Session, number: str, **more: Any) -> Adoption:
    received = datetime(2025, 5, 1, 9, 0, tzinfo=UTC)
    matter = Matter(subject="roads", at=received)
    return Adoption(
        matter=matter,
        decision=decide(session, matter),
        title="Old",
        language="en",
        received_at=received,
        external=("old-system", number),
        **more,
    )


def test_adopted_cases_keep_their_history_and_a_rerun_finds_them(office: Any) -> None:
    received = datetime(2025, 5, 1, 9, 0, tzinfo=UTC)
    ended = received + 30 * HOUR
    with office.writing() as session:
        due = received + HOUR
        rows = [
            past_case(session, "17", due_at=due, ending=Ending("closed", ended, "Was fixed")),
            past_case(session, "18", due_at=due),
        ]
        adopt_cases(session, SYSTEM, "permit", rows)
    with office.database.reading() as session:
        found = find_imported(session, "old-system", ["17", "18", "19"])
        assert sorted(found) == ["17", "18"]
        case = found["17"]
        assert (case.state, case.kind, case.closed_at) == ("closed", "terminal", ended)
        assert case.reference.startswith("P-2025-")
        assert case.reference != found["18"].reference
        assert [item.kind for item in timeline(session, case, public_only=True)] == ["opened", "imported"]
        assert is_overdue(found["18"], now(session))
        assert was_late(case)
        assert len(entries_of(session, f"case:{case.public_id}")) == 1
    with office.writing() as session:
        assert escalate(session) == 0, "an import starts no storm"


@pytest.mark.parametrize("ending", [("nowhere", HOUR), ("assigned", HOUR), ("closed", -HOUR)])
def test_an_ending_that_cannot_be_is_refused(office: Any, ending: tuple[str, timedelta]) -> None:
    received = datetime(2025, 5, 1, 9, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match=r"terminal|before"), office.writing() as session:
        past = past_case(session, "17", ending=Ending(ending[0], received + ending[1]))
        adopt_cases(session, SYSTEM, "permit", [past])


def test_adopting_asks_by_the_batch_and_only_writes_by_the_case(office: Any) -> None:
    counts = []
    for size in (1, 5, 50):  # the first one reads the case type, which is remembered
        with office.writing() as session:
            rows = [past_case(session, f"{size}-{number}") for number in range(size)]
            with count_queries(office.database) as queries:
                adopt_cases(session, SYSTEM, "permit", rows)
            counts.append(sum(not statement.startswith("INSERT") for statement in queries))
    assert counts[1] == counts[2]


def test_acting_takes_a_bounded_number_of_statements(office: Any) -> None:
    case = office.open().case
    statements: list[str] = []
    event.listen(office.database.engine, "after_cursor_execute", lambda *args: statements.append(args[2]))
    office.act(office.officer(), case, "answer", text="Done")
    assert len(statements) <= 16
    statements.clear()
    office.open()
    assert len(statements) <= 30
