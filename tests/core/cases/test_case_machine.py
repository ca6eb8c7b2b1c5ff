"""Whatever people press, in whatever order: states stay legal, versions rise, counts equal recounts."""

from __future__ import annotations

import itertools
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from egovframe.actor import Actor
from egovframe.core.modules.cases import (
    QUEUES,
    Case,
    CaseChanged,
    CaseEntry,
    act_automatically,
    escalate,
    inbox,
    load_definition,
    queue_counts,
)
from egovframe.errors import Forbidden, Invalid, NotFound
from egovframe.testing.databases import SqliteTemplates, opened

PERMIT = load_definition(Path(__file__).with_name("permit.toml"))
ACTIONS = sorted({move.action for move in PERMIT.transitions})
REFUSALS = (CaseChanged, Forbidden, Invalid, NotFound)


def machine(fill: Any, templates: SqliteTemplates) -> type[RuleBasedStateMachine]:
    class Cases(RuleBasedStateMachine):
        cases = Bundle("cases")

        @initialize()
        def begin(self) -> None:
            self.folder = tempfile.TemporaryDirectory()
            self.context = opened(templates.copy(Path(self.folder.name)))
            self.office = fill(self.context.__enter__())
            self.versions: dict[int, int] = {}
            self.codes: dict[int, str] = {}
            self.actors = [
                self.office.officer(),
                self.office.officer("Parks officer", "parks"),
                self.office.actor("Manager"),
                Actor(),
            ]

        def teardown(self) -> None:
            self.context.__exit__(None, None, None)
            self.folder.cleanup()

        @rule(target=cases, subject=st.sampled_from(["roads", "parks", "moonlight"]))
        def open(self, subject: str) -> int:
            made = self.office.open(subject)
            self.versions[made.case.id] = 1
            self.codes[made.case.id] = made.tracking_code
            return int(made.case.id)

        @rule(
            case=cases,
            action=st.sampled_from(ACTIONS),
            who=st.integers(0, 3),
            stale=st.integers(0, 1),
            text=st.sampled_from(["", "words"]),
            department=st.sampled_from(["roads", "parks"]),
        )
        def press(self, case: int, action: str, who: int, stale: int, text: str, department: str) -> None:
            actor = self.actors[who]
            fields = {"reject": {"remedy": "object"}, "pass_on": {"department": department}}.get(action)
            code = self.codes[case] if not actor.is_signed_in else ""
            with self.office.database.reading() as session:
                before = session.get_one(Case, case)
            version = before.version - stale
            try:
                after = self.office.act(
                    actor, before, action, version=version, text=text, fields=fields, tracking_code=code
                )
            except REFUSALS:
                return
            move = PERMIT.transition(action, before.state)
            assert move is not None
            assert stale == 0
            assert after.state == (move.target or before.state)
            assert after.version == before.version + 1
            self.versions[case] = after.version

        @rule(hours=st.sampled_from([0.5, 5, 30, 120]))
        def wait(self, hours: float) -> None:
            self.office.pass_time(hours)
            with self.office.database.writing() as session:
                escalate(session)
                act_automatically(session)
            with self.office.database.reading() as session:
                for case in session.scalars(select(Case)):
                    assert case.version >= self.versions[case.id]
                    self.versions[case.id] = case.version

        @invariant()
        def everything_fits(self) -> None:
            with self.office.database.reading() as session:
                for case in session.scalars(select(Case)):
                    self.check(session, case)
                for actor in self.actors[:3]:
                    counts = queue_counts(session, actor)
                    lists = {queue: len(inbox(session, actor, queue, page_size=100).items) for queue in QUEUES}
                    assert counts == {queue: min(51, count) for queue, count in lists.items()}

        def check(self, session: Any, case: Case) -> None:
            state = PERMIT.states[case.state]
            assert case.kind == state.kind
            assert (case.paused_at is not None) == (state.kind == "waiting")
            assert (case.closed_at is not None) == (state.kind == "terminal")
            assert case.version == self.versions[case.id]
            entries = session.scalars(
                select(CaseEntry).where(CaseEntry.case_id == case.id).order_by(CaseEntry.id)
            ).all()
            assert [entry.case_version for entry in entries] == list(range(1, case.version + 1))
            assert entries[-1].to_state == case.state
            assert all(a.to_state == b.from_state for a, b in itertools.pairwise(entries))
            assert case.due_at is not None
            assert case.due_at - case.received_at >= timedelta(hours=23.99)
            assert session.scalar(select(func.count()).where(Case.reference == case.reference)) == 1

    return Cases


def test_no_order_of_presses_breaks_a_case(sqlite_templates: SqliteTemplates, office_filler: Any) -> None:
    run_state_machine_as_test(
        machine(office_filler, sqlite_templates),
        settings=settings(
            max_examples=5, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
