"""What pages and API show of a complaint: one place that decides what a reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic_participation.models import Category, Complaint
from egovframe.core.i18n import Translated
from egovframe.core.modules.cases import Case, definition_of, state_view, timeline
from egovframe.core.modules.organisation import Department, Post
from egovframe.core.modules.routing import explain

ROUNDED = 3
"""Decimals of a coordinate shown to strangers for a private place: about 100 m."""


@dataclass(frozen=True, slots=True)
class Office:
    """Who has a case: a department, and a post in it when one is known; never a person's name."""

    department: Department | None
    post: Post | None

    @property
    def title(self) -> Translated | str:
        """The post where there is one, else the department."""
        if self.post is not None:
            return self.post.title
        return self.department.name if self.department is not None else ""


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """A complaint with everything its page shows."""

    case: Case
    complaint: Complaint
    category: Category
    office: Office
    state: Any
    timeline: Sequence[Any]
    why: Sequence[Any]


def view_of(session: Session, case: Case) -> ComplaintView:
    """Gather what the public page, the reporter's page and the API show of a complaint."""
    complaint = session.scalars(select(Complaint).where(Complaint.case_id == case.id)).one()
    category = session.get_one(Category, complaint.category_id)
    return ComplaintView(
        case=case,
        complaint=complaint,
        category=category,
        office=office_of(session, case),
        state=state_view(definition_of(session, case), case.state),
        timeline=timeline(session, case, public_only=True),
        why=explain(case.routing, audience="citizen"),
    )


def office_of(session: Session, case: Case) -> Office:
    """Return the department and post that have a case."""
    department = session.get(Department, case.department_id) if case.department_id else None
    return Office(department, session.get(Post, case.post_id) if case.post_id else None)
