"""What pages and API show of a complaint: one place that decides what a reader may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from civic_participation.models import Category, Complaint
from civic_participation.routes.borders import border_metres
from civic_participation.services.filing import matter_of
from civic_participation.services.places import place_of
from civic_participation.services.redaction import public_text
from egovframe.core.i18n import Translated, current_language, format_duration
from egovframe.core.modules.cases import Case, StateView, TimelineItem, definition_of, state_view, timeline
from egovframe.core.modules.organisation import Department, Post
from egovframe.core.modules.routing import decide, explain
from egovframe.core.persistence import kept
from egovframe.errors import Invalid


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
    complaint, category, department, post = session.execute(_facts(), {"of_case": case.id}).one()
    return ComplaintView(
        case=case,
        category=category,
        description=complaint.description if own else public_text(complaint.description),
        office=Office(department, post),
        state=state_view(definition_of(session, case), case.state),
        timeline=timeline(session, case, public_only=True),
        why=explain(case.routing, current_language()),
    )


@kept
def _facts() -> Select[Complaint, Category, Department, Post]:
    return (
        select(Complaint, Category, Department, Post)
        .join(Category, Category.id == Complaint.category_id)
        .join(Case, Case.id == Complaint.case_id)
        .outerjoin(Department, Department.id == Case.department_id)
        .outerjoin(Post, Post.id == Case.post_id)
        .where(Complaint.case_id == bindparam("of_case"))
    )


def office_of(session: Session, case: Case) -> Office:
    """Return the department and post that have a case."""
    department = session.get(Department, case.department_id) if case.department_id else None
    return Office(department, session.get(Post, case.post_id) if case.post_id else None)


def preview_of(session: Session, category: Category | None, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Say who would get it, before it is filed; nothing where the place cannot stay as it is."""
    if category is None:
        return None
    try:
        place = place_of(session, values.get("lat"), values.get("lon"), values.get("area", ""), border_metres())
    except Invalid:
        return None
    decision = decide(session, matter_of(session, category, place))
    office: Any = session.get(Post, decision.post_id) if decision.post_id else None
    name = office.title if office else None
    if name is None and decision.department_id:
        name = session.get_one(Department, decision.department_id).name
    hours = category.deadline_hours
    return {
        "office": name,
        "why": explain(decision.steps, current_language()),
        "time": format_duration(timedelta(hours=hours)) if hours and category.deadline_mode == "calendar" else "",
        "hours": hours or 0,
    }
