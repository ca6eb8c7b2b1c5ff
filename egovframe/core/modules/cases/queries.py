"""Reads: one case, its timeline, and the queues of an inbox. What may not be opened is in no list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, false, func, select, true
from sqlalchemy.orm import Session, undefer

from egovframe.actor import Actor
from egovframe.core.auth import PlacedGrant, can, visible
from egovframe.core.i18n import Translated, city_zone, gettext
from egovframe.core.modules.cases.definition import Definition, Transition
from egovframe.core.modules.cases.models import Case, CaseArea, CaseEntry
from egovframe.core.modules.cases.permissions import READ
from egovframe.core.modules.cases.references import normal_reference
from egovframe.core.modules.cases.types import definition_of, definitions_of
from egovframe.core.modules.organisation import posts_of
from egovframe.core.modules.privacy import PRIVATE_CASE, note_read
from egovframe.core.persistence import CursorPage, kept, keyset_page, moment, now
from egovframe.errors import BadRequest, NotFound

QUEUES = ("mine", "department", "due_today", "overdue", "waiting", "triage", "all")
COUNT_LIMIT = 50
"""Larger queues are counted as "50+": an exact count would walk the whole queue."""


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """What an inbox may be narrowed to."""

    subject: str = ""
    state: str = ""
    area_id: int | None = None
    type_code: str = ""


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One line of a timeline as a reader sees it.

    Attributes:
        title: what happened, in the current language.
        author: post or name, empty for the system and for the reporter (``author_kind`` says which).
        facts: (label, value) of the action's fields.
    """

    at: datetime
    kind: str
    action: str
    title: str
    text: str
    public: bool
    author_kind: str
    author: str
    to_state: str
    facts: tuple[tuple[str, Any], ...] = ()


def case_by_reference(session: Session, reference: str) -> Case | None:
    """Return the case with the number, or None; dashes, spaces and case do not matter, check digits do."""
    known = normal_reference(reference)
    if known is None:
        return None
    return session.scalars(_by_reference(), {"number": known}).one_or_none()


@kept
def _by_reference() -> Select[Case]:
    return select(Case).where(Case.reference == bindparam("number"))


def readable_case(session: Session, actor: Actor, reference: str) -> Case:
    """Return the case for somebody who works with cases; one that is not public is thereby looked at.

    Raises:
        NotFound: there is none, or the actor may not read it: the two look alike.
    """
    case = case_by_reference(session, reference)
    if case is None or not can(actor, READ, case, at=moment(session)):
        raise NotFound
    note_case_read(session, case)
    return case


def note_case_read(session: Session, case: Case) -> None:
    """Note a look at a case that is not public: whoever shows one by another way than ``readable_case`` calls this."""
    if case.is_private or case.hidden:
        shown, thing = ("title", "address", "latitude", "longitude"), f"case:{case.reference}"
        note_read(session, case, case.reporter_account_id, shown, occasion=PRIVATE_CASE, thing=thing)


def cases_of_reporter(
    session: Session, account_id: int, *, cursor: str | None = None, page_size: int = 20
) -> CursorPage[Case]:
    """Return the cases that an account reported, the newest first, with the codes that lead to their pages."""
    statement = select(Case).where(Case.reporter_account_id == account_id).options(undefer(Case.tracking_code))
    return keyset_page(session, statement, Case.received_at, Case.id, cursor=cursor, page_size=page_size)


def timeline(session: Session, case: Case, public_only: bool) -> list[TimelineItem]:
    """Return what happened, oldest first, titles in the current language.

    Args:
        public_only: only what the reporter and the public may read, officials named by their posts.
    """
    moves = _moves(definition_of(session, case))
    entries = session.scalars(_entries(public_only), {"of_case": case.id})
    return [_item(entry, moves.get((entry.action, entry.from_state)), public_only) for entry in entries]


def public_item(session: Session, entry_id: int) -> TimelineItem:
    """Return one entry as its reporter reads it, titles in the current language."""
    entry = session.get_one(CaseEntry, entry_id)
    lived = session.execute(select(Case.type_code, Case.type_version).where(Case.id == entry.case_id)).one()
    moves = _moves(definitions_of(session, [lived])[lived.type_code, lived.type_version])
    return _item(entry, moves.get((entry.action, entry.from_state)), public_only=True)


def _moves(definition: Definition) -> dict[tuple[str, str], Transition]:
    return {(move.action, source): move for move in definition.transitions for source in move.sources}


def _item(entry: CaseEntry, move: Transition | None, public_only: bool) -> TimelineItem:
    labels = {asked.name: gettext(asked.title) for asked in move.fields} if move else {}
    return TimelineItem(
        at=entry.at,
        kind=entry.kind,
        action=entry.action,
        title=_title(entry, gettext(move.done_title) if move else ""),
        text=entry.text,
        public=entry.public,
        author_kind=entry.author_kind,
        author=_author(entry, public_only),
        to_state=entry.to_state,
        facts=tuple(_facts(entry.data, labels, public_only)),
    )


@kept
def _entries(public_only: bool) -> Select[CaseEntry]:
    statement = select(CaseEntry).where(CaseEntry.case_id == bindparam("of_case")).order_by(CaseEntry.id)
    return statement.where(CaseEntry.public == true()) if public_only else statement


def inbox(
    session: Session,
    actor: Actor,
    queue: str,
    *,
    cursor: str | None = None,
    page_size: int = 50,
    narrow: InboxFilter | None = None,
) -> CursorPage[Case]:
    """Return one page of a queue: what the actor may read, most urgent first (``all``: newest first).

    Raises:
        BadRequest: no such queue, or a cursor that is not ours.
    """
    at = now(session)
    statement = _narrowed(queue_statement(session, actor, queue, at), narrow or InboxFilter())
    if queue == "all":
        return keyset_page(session, statement, Case.received_at, Case.id, cursor=cursor, page_size=page_size)
    return keyset_page(
        session, statement, Case.sort_at, Case.id, cursor=cursor, page_size=page_size, newest_first=False
    )


def queue_counts(session: Session, actor: Actor, queues: Iterable[str] = QUEUES) -> dict[str, int]:
    """Return how many cases each queue holds, counted up to 51 (shown as "50+"), with one statement."""
    at = now(session)
    counted = []
    for queue in queues:
        whole = queue_statement(session, actor, queue, at)
        limited = whole.with_only_columns(Case.id).limit(COUNT_LIMIT + 1).subquery()
        counted.append(select(func.count()).select_from(limited).scalar_subquery().label(queue))
    return dict(session.execute(select(*counted)).mappings().one())


def count_label(count: int) -> str:
    """Return a count as a pill shows it: ``50+`` above fifty."""
    return f"{COUNT_LIMIT}+" if count > COUNT_LIMIT else str(count)


def queue_statement(session: Session, actor: Actor, queue: str, at: datetime) -> Select[Case]:
    """Return the statement of a queue, limited to what the actor may read.

    Raises:
        BadRequest: no such queue.
    """
    statement = visible(select(Case), actor, READ, Case, at)
    if queue == "mine":
        return statement.where(Case.assignee_id == (actor.account_id or 0), Case.kind == "open")
    if queue == "department":
        own = own_departments(session, actor, at)
        return statement.where(Case.department_id.in_(own) if own else false(), Case.kind == "open")
    if queue == "due_today":
        return statement.where(Case.kind == "open", Case.sort_at >= at, Case.sort_at < _end_of_day(at))
    if queue == "overdue":
        return statement.where(Case.kind == "open", Case.sort_at < at)
    if queue == "waiting":
        return statement.where(Case.kind == "waiting")
    if queue == "triage":
        return statement.where(Case.is_triage == true(), Case.kind == "open")
    if queue == "all":
        return statement
    raise BadRequest(gettext("There is no such queue. Use one of: %(names)s.", names=", ".join(QUEUES)))


def own_departments(session: Session, actor: Actor, at: datetime) -> list[int]:
    """Return the departments that the actor works for: of the posts held, and of the grants with all below them."""
    reached = {
        identity
        for grant in actor.grants_for(READ, at)
        if isinstance(grant, PlacedGrant)
        for kind, ids in grant.reach
        if kind == "department"
        for identity in ids
    }
    held = posts_of(session, actor.account_id, at) if actor.account_id is not None else ()
    return sorted(reached | {post.department_id for post in held})


def _narrowed(statement: Select[Case], narrow: InboxFilter) -> Select[Case]:
    if narrow.subject:
        statement = statement.where(Case.subject == narrow.subject)
    if narrow.state:
        statement = statement.where(Case.state == narrow.state)
    if narrow.type_code:
        statement = statement.where(Case.type_code == narrow.type_code)
    if narrow.area_id is not None:
        inside = select(CaseArea.case_id).where(CaseArea.area_id == narrow.area_id)
        statement = statement.where(Case.id.in_(inside))
    return statement


def _end_of_day(at: datetime) -> datetime:
    local = at.astimezone(city_zone())
    return datetime.combine(local.date() + timedelta(days=1), time(), tzinfo=city_zone())


def _title(entry: CaseEntry, done: str) -> str:
    if entry.kind == "opened":
        behalf = "on_behalf" in (entry.data or {})
        return gettext("Taken down for the person who called or came") if behalf else gettext("Received")
    if entry.kind == "escalation":
        return gettext("Deadline passed: level %(level)s of the reporting line", level=entry.data.get("level", ""))
    if entry.kind == "imported":
        return gettext("Brought over from an earlier system")
    if entry.action == "hand_over":
        return gettext("Handed over")
    return done or gettext("Changed")


def _author(entry: CaseEntry, public_only: bool) -> str:
    title = _words(entry.author_title)
    who = title if public_only or not entry.author_label else " · ".join(filter(None, (entry.author_label, title)))
    if who and entry.author_for:
        return gettext("%(who)s, standing in for %(post)s", who=who, post=_words(entry.author_for))
    return who


def _words(title: Mapping[str, Any] | None) -> str:
    return Translated.from_json(title).pick().text if title else ""


def _facts(data: Mapping[str, Any], labels: Mapping[str, str], public_only: bool) -> Iterable[tuple[str, Any]]:
    parts: Sequence[str] = ("public",) if public_only else ("public", "internal")
    for part in parts:
        for name, value in data.get(part, {}).items():
            shown = Translated.from_json(value["name"]).pick().text if isinstance(value, Mapping) else value
            yield labels.get(name, name), shown
