"""What pages and API show of a complaint: one place that decides what a reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic_participation.models import Category, Complaint
from civic_participation.services.redaction import public_text
from egovframe.core.i18n import Translated, current_language
from egovframe.core.modules.cases import Case, StateView, TimelineItem, definition_of, state_view, timeline
from egovframe.core.modules.organisation import Department, Post
from egovframe.core.modules.routing import explain


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
    """A complaint with everything its page shows; texts are covered unless the reader is its reporter."""

    case: Case
    category: Category
    description: str
    office: Office
    state: StateView
    timeline: Sequence[TimelineItem]
    why: Sequence[Any]


def view_of(session: Session, case: Case, *, own: bool = False) -> ComplaintView:
    """Gather what the public page, the reporter's page and the API show of a complaint.

    Args:
        own: the reader is the reporter, who reads the own words uncovered.
    """
    complaint = session.scalars(select(Complaint).where(Complaint.case_id == case.id)).one()
    return ComplaintView(
        case=case,
        category=session.get_one(Category, complaint.category_id),
        description=complaint.description if own else public_text(complaint.description),
        office=office_of(session, case),
        state=state_view(definition_of(session, case), case.state),
        timeline=timeline(session, case, public_only=True),
        why=explain(case.routing, current_language()),
    )


def office_of(session: Session, case: Case) -> Office:
    """Return the department and post that have a case."""
    department = session.get(Department, case.department_id) if case.department_id else None
    return Office(department, session.get(Post, case.post_id) if case.post_id else None)
