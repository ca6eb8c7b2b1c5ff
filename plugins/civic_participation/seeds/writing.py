"""Writes the stories of the demo city as complaints, through the same verbs as an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from civic_participation.models import Category, Complaint, Contact
from civic_participation.queries.categories import ancestors
from civic_participation.seeds.stories import REPORTER, STAFF, Story, StoryStep
from civic_participation.services.filing import CASE_TYPE, reporter_reference, title_of
from egovframe.actor import ANONYMOUS, SYSTEM, Actor
from egovframe.core.auth import Account, actor_of_account
from egovframe.core.modules.cases import NewCase, Opened, PastStep, find_imported, open_case, replay
from egovframe.core.modules.routing import AreaRef, Decision, Matter, area_refs, decide
from egovframe.core.persistence import new_public_id
from egovframe.hooks import DemoContext

SOURCE = "demo"
DOMAIN = "demo.example"
RECENT = timedelta(days=3)
"""Absences of the demo city began so long ago: decisions before that are another matter."""


def write_complaints(
    session: Session, demo: DemoContext, stories: Sequence[Story], categories: Mapping[str, Category]
) -> None:
    """Write the stories that are not there yet, told by their number."""
    writer = _Writer(session, demo, categories)
    ids = [f"{number:04}" for number in range(1, len(stories) + 1)]
    known = find_imported(session, SOURCE, ids)
    for number, story in zip(ids, stories, strict=True):
        if number not in known:
            writer.write(number, story)


class _Writer:
    """What is looked up once for all complaints."""

    def __init__(self, session: Session, demo: DemoContext, categories: Mapping[str, Category]) -> None:
        self.session = session
        self.demo = demo
        self.categories = categories
        self.above = {code: ancestors(session, category) for code, category in categories.items()}
        self.areas: dict[str, tuple[AreaRef, ...]] = {}
        self.decisions: dict[tuple[str, str, bool, bool], Decision] = {}
        self.actors: dict[int, Actor] = {}

    def write(self, number: str, story: Story) -> None:
        """Open the case at its time, replay its steps, add what the reporter told."""
        category = self.categories[story.category["code"]]
        account = self.demo.accounts.get(f"{story.reporter}@{DOMAIN}")
        contact = Contact(
            public_id=new_public_id(),
            account_id=account.id if account else None,
            language=story.language,
            name=story.name or None,
            email=f"reporter-{number}@{DOMAIN}" if story.name else None,
        )
        opened = self.open(number, story, category, account, contact)
        complaint = Complaint(case_id=opened.case.id, category_id=category.id, description=story.text)
        self.session.add(complaint)
        self.session.flush()
        contact.complaint_id = complaint.id
        self.session.add(contact)
        reporter = self.actor(account.id) if account else ANONYMOUS
        official = self.actor(opened.case.assignee_id) if opened.case.assignee_id else SYSTEM
        # Without a step too: deadlines that have passed by now count as dealt with.
        replay(self.session, opened.case, [_past(step, reporter, official) for step in story.steps])

    def open(self, number: str, story: Story, category: Category, account: Account | None, contact: Contact) -> Opened:
        """Open the case, routed by the rules of the city."""
        matter = self.matter(story, category)
        new = NewCase(
            CASE_TYPE,
            matter,
            title_of(story.text),
            language=story.language,
            latitude=story.place[0],
            longitude=story.place[1],
            address=story.address,
            reporter_account_id=account.id if account else None,
            reporter_reference=reporter_reference(contact),
            is_private=category.private,
            external=(SOURCE, number),
        )
        return open_case(
            self.session,
            self.actor(account.id) if account else ANONYMOUS,
            new,
            due_hours=category.deadline_hours,
            due_mode=category.deadline_mode,
            received_at=story.received,
            quiet=True,
            decision=self.decision(story, matter),
        )

    def matter(self, story: Story, category: Category) -> Matter:
        """Return what routing is asked, as of the day of the complaint."""
        above = self.above[category.code]
        if story.district not in self.areas:
            self.areas[story.district] = area_refs(self.session, [self.demo.areas[f"district:{story.district}"]])
        return Matter(
            subject=category.code,
            parents=tuple(one.code for one in above),
            areas=self.areas[story.district],
            at=story.received,
            channel=story.channel,
            titles={one.code: one.name for one in (category, *above)},
            default_department_id=category.department_id,
        )

    def decision(self, story: Story, matter: Matter) -> Decision:
        """Return the decision; complaints of one kind and place from before the absences share theirs."""
        called = story.channel == "phone"  # the only channel that a rule of the demo city asks for
        key = (matter.subject, story.district, called, story.received > self.demo.now - RECENT)
        if key not in self.decisions:
            self.decisions[key] = decide(self.session, matter)
        return self.decisions[key]

    def actor(self, account_id: int) -> Actor:
        """Return an account as an actor."""
        if account_id not in self.actors:
            self.actors[account_id] = actor_of_account(self.session, self.session.get_one(Account, account_id))
        return self.actors[account_id]


def _past(step: StoryStep, reporter: Actor, official: Actor) -> PastStep:
    facts: Mapping[str, Any] = step.facts
    actor = {REPORTER: reporter, STAFF: official}.get(step.by, SYSTEM)
    return PastStep(step.action, step.at, actor, step.text, facts, as_reporter=step.by == REPORTER)
