"""What the desk's pages show: gathered here, drawn by the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session
from werkzeug.routing.exceptions import BuildError

from egovframe.actor import Actor
from egovframe.core.auth import can
from egovframe.core.i18n import LocalText, Translated, gettext
from egovframe.core.modules.areas import Area
from egovframe.core.modules.cases.models import Case
from egovframe.core.modules.cases.permissions import CONTACT
from egovframe.core.modules.cases.queries import (
    QUEUES,
    InboxFilter,
    TimelineItem,
    count_label,
    inbox,
    queue_counts,
    timeline,
)
from egovframe.core.modules.cases.services.acting import ActionView, actions_for
from egovframe.core.modules.cases.types import definitions_of
from egovframe.core.modules.cases.views import DeadlineView, StateView, deadline_view, state_views
from egovframe.core.modules.organisation import Department, Post, departments, names_in_office
from egovframe.core.modules.privacy import CASE, REVEAL, is_held_back, purpose_stated, state_purpose
from egovframe.core.modules.routing import explain
from egovframe.core.persistence import kept, moment, quick_rows
from egovframe.core.web import Form, form, language, runtime
from egovframe.hooks import CaseDetails

PAGE_SIZE = 50
PINS = {"open": "work", "waiting": "wait", "terminal": "done"}
ORDER = {"primary": 0, "secondary": 1, "danger": 2}
"""What is done most stands first, what cannot be undone last."""


@dataclass(frozen=True, slots=True)
class Pill:
    """One queue as a link with its count."""

    code: str
    title: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One case in a list."""

    case: Case
    title: str
    state: StateView
    deadline: DeadlineView | None
    area: str
    department: str | None
    """Code of the department."""
    post: str | None
    """Code of the post."""


@dataclass(frozen=True, slots=True)
class QueueView:
    """The left part of the desk."""

    queue: str
    pills: Sequence[Pill]
    rows: Sequence[Row]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ActionForm:
    """An action with its form, open when it was refused or is shown again after a sign-in."""

    view: ActionView
    form: Form
    opened: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """The middle and the right part: one case with everything on one screen."""

    row: Row
    kind: str
    details: CaseDetails | None
    contact_masked: bool
    may_reveal: bool
    held_back: bool
    why: Sequence[str]
    actions: Sequence[ActionForm]
    timeline: Sequence[Mapping[str, Any]]
    department: Translated | None
    post: Translated | None
    official: str
    area_map: Mapping[str, Any] | None
    area_source: str
    markers: Sequence[Mapping[str, Any]]


def queue_view(session: Session, actor: Actor, queue: str, cursor: str | None, narrow: InboxFilter) -> QueueView:
    """Gather a queue: pills with counts, one page of rows.

    Raises:
        BadRequest: no such queue, or a cursor that is not ours.
    """
    page = inbox(session, actor, queue, cursor=cursor, page_size=PAGE_SIZE, narrow=narrow)
    counts = queue_counts(session, actor)
    titles = queue_titles()
    pills = [Pill(code, titles[code], count_label(counts[code]), code == queue) for code in QUEUES]
    return QueueView(queue, pills, rows_of(session, page.items), page.next_cursor)


def queue_titles() -> dict[str, str]:
    """Return the names of the queues in the current language."""
    return {
        "mine": gettext("Mine"),
        "department": gettext("My department"),
        "due_today": gettext("Due today"),
        "overdue": gettext("Overdue"),
        "waiting": gettext("Waiting"),
        "triage": gettext("To be assigned"),
        "all": gettext("All"),
    }


def rows_of(session: Session, cases: Sequence[Case]) -> list[Row]:
    """Return cases as list rows, with a fixed number of statements."""
    if not cases:
        return []
    at = moment(session)
    states = state_views(session, cases)
    offices = {row.id: row for row in _office_rows(session, [case.id for case in cases])}
    return [
        Row(
            case=case,
            title=_title(session, case),
            state=states[case.type_code, case.type_version, case.state],
            deadline=deadline_view(case, at),
            area=_name(offices[case.id].area),
            department=offices[case.id].department,
            post=offices[case.id].post,
        )
        for case in cases
    ]


def case_view(
    session: Session,
    actor: Actor,
    case: Case,
    *,
    tried: str = "",
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[Any]] | None = None,
    reason: str = "",
) -> CaseView:
    """Gather everything that the case page shows; how to reach the reporter only where it is asked for.

    Whoever has the case asks by opening it ("handling case X"); everybody else by giving a reason.

    Args:
        reason: why somebody who does not have the case wants to reach the reporter.
        tried: the action that was refused, whose form stays open with what was typed.
        typed: what was typed.
        errors: messages by field.
    """
    definition = definitions_of(session, [case])[case.type_code, case.type_version]
    _ask_for_contact(session, actor, case, reason)
    details = _details(session, actor, case)
    department = session.get(Department, case.department_id) if case.department_id else None
    post = session.get(Post, case.post_id) if case.post_id else None
    row = rows_of(session, [case])[0]
    return CaseView(
        row=row,
        kind=str(details.kind) if details else gettext(definition.title),
        details=details,
        contact_masked=not purpose_stated(session),
        held_back=is_held_back(session),
        may_reveal=can(actor, CONTACT, case, at=moment(session)),
        why=explain(case.routing, language(), "staff"),
        actions=_forms(session, actor, case, tried, typed or {}, errors or {}),
        timeline=[line(item) for item in timeline(session, case, public_only=False)],
        department=department.name if department else None,
        post=post.title if post else None,
        official=names_in_office(session, [case.assignee_id or 0]).get(case.assignee_id or 0, ""),
        markers=_markers(case, row),
        **_surroundings(session, case),
    )


def line(item: TimelineItem) -> dict[str, Any]:
    """Return a timeline item as ``core/timeline.html`` draws it."""
    said = [item.text, *(f"{label}: {value}" for label, value in item.facts)]
    return {
        "title": item.title,
        "at": item.at,
        "text": "\n".join(part for part in said if part),
        "who": item.author or ({"reporter": gettext("Reporter")}.get(item.author_kind, "")),
        "internal": not item.public,
        "kind": "late" if item.kind == "escalation" else "work",
    }


def reporter_address(endpoint: str, code: str) -> str:
    """Return the reporter's own page, or nothing where its plugin is switched off."""
    try:
        return url_for(endpoint, code=code) if endpoint else ""
    except BuildError:
        return ""


def _title(session: Session, case: Case) -> str:
    answers = runtime().hooks.collect("case_title", session=session, case=case, language=language())
    return next((title for title in answers if title), case.title)


def _details(session: Session, actor: Actor, case: Case) -> CaseDetails | None:
    return next(iter(runtime().hooks.collect("case_details", session=session, actor=actor, case=case)), None)


def _handles(session: Session, actor: Actor, case: Case) -> bool:
    """Whether the actor works on this very case: then opening it is reason enough to see how to reach the reporter."""
    mine = case.assignee_id is not None and case.assignee_id == actor.account_id
    return mine and can(actor, CONTACT, case, at=moment(session))


def _ask_for_contact(session: Session, actor: Actor, case: Case, reason: str) -> None:
    thing = f"case:{case.reference}"
    if _handles(session, actor, case):
        state_purpose(session, CASE, thing=thing)
    elif reason and can(actor, CONTACT, case, at=moment(session)):
        state_purpose(session, REVEAL, thing=thing, reason=reason)


def _name(area: Translated | None) -> str:
    return area.pick(language()).text if area is not None else ""


def _office_rows(session: Session, ids: Sequence[int]) -> Sequence[Any]:
    if len(ids) == 1:
        return quick_rows(session, _offices_of(single=True), {"one": ids[0]})
    return session.execute(_offices_of(single=False), {"ids": ids}).all()


@kept
def _offices_of(*, single: bool) -> Select[*tuple[Any, ...]]:
    codes = Department.code.label("department"), Post.code.label("post")
    wanted = Case.id == bindparam("one") if single else Case.id.in_(bindparam("ids", expanding=True))
    return (
        select(Case.id, Area.name.label("area"), *codes)
        .outerjoin(Area, Area.id == Case.area_id)
        .outerjoin(Department, Department.id == Case.department_id)
        .outerjoin(Post, Post.id == Case.post_id)
        .where(wanted)
    )


def _forms(
    session: Session,
    actor: Actor,
    case: Case,
    tried: str,
    typed: Mapping[str, Any],
    errors: Mapping[str, Sequence[Any]],
) -> list[ActionForm]:
    offered = actions_for(session, actor, case)
    types = {asked.type for view in offered for asked in view.fields}
    offices = _offices(session) if types & {"department", "post"} else {}
    forms = []
    for view in offered:
        here = view.action == tried
        choices = {asked.name: offices[asked.type] for asked in view.fields if asked.type in offices}
        drawn = form(
            view.schema,
            typed if here else None,
            errors if here else None,
            prefix=f"a-{view.action}",
            choices=choices,
            widgets=dict.fromkeys(choices, "select"),
            sent_to=url_for("cases.take_action", reference=case.reference, action=view.action),
        )
        forms.append(ActionForm(view, drawn, here or drawn.refilled))
    return sorted(forms, key=lambda each: ORDER[each.view.style])


def _offices(session: Session) -> dict[str, list[tuple[str, LocalText]]]:
    at = moment(session)
    posts = session.scalars(select(Post).order_by(Post.code))
    return {
        "department": [(one.code, one.name.pick(language())) for one in departments(session, at)],
        "post": [
            (one.code, one.title.pick(language())) for one in posts if one.valid_until is None or at < one.valid_until
        ],
    }


def _markers(case: Case, row: Row) -> list[dict[str, Any]]:
    if case.latitude is None or case.longitude is None:
        return []
    late = row.deadline is not None and row.deadline.tag == "late"
    kind = "late" if late else PINS[case.kind]
    return [{"lat": case.latitude, "lon": case.longitude, "title": row.title, "kind": kind, "text": case.address}]


def _surroundings(session: Session, case: Case) -> dict[str, Any]:
    area = session.get(Area, case.area_id) if case.area_id is not None and case.latitude is not None else None
    if area is None:
        return {"area_map": None, "area_source": ""}
    feature = {"type": "Feature", "properties": {"name": area.name.pick(language()).text}, "geometry": area.fine}
    source = url_for("areas.layer_geojson", layer=area.layer.code)
    return {"area_map": {"type": "FeatureCollection", "features": [feature]}, "area_source": source}


__all__ = [
    "CaseView",
    "QueueView",
    "case_view",
    "line",
    "queue_titles",
    "queue_view",
    "reporter_address",
    "rows_of",
]
