"""Verbs: put departments, posts, officials, absences and jurisdictions where they belong.

Each verb brings one row to the given state and tells whether it was new, changed or as before, so that an import can
run again and again. Every change is audited.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import Account, can, scopes_changed
from egovframe.core.i18n import Translated
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.areas import Area
from egovframe.core.modules.audit import audit, snapshot
from egovframe.core.modules.organisation.models import Absence, Department, Jurisdiction, Official, Post
from egovframe.core.modules.organisation.permissions import MANAGE_ORGANISATION
from egovframe.core.modules.organisation.queries import department_by_code, holder_of, post_by_code
from egovframe.core.persistence import now
from egovframe.errors import Forbidden, Invalid

R = TypeVar("R")
Outcome = Literal["created", "updated", "unchanged"]


class Put(NamedTuple, Generic[R]):
    """A row and what became of it."""

    row: R
    outcome: Outcome


def put_department(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: Translated,
    parent: Department | None = None,
    phone: str = "",
    email: str = "",
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Put[Department]:
    """Make a department, or bring the one of that code to this state; texts in other languages stay.

    Raises:
        Forbidden: the actor may not change the organisation.
        Invalid: the parent lies below the department, or the end is not after the beginning.
    """
    _allow(session, actor)
    _check_order(valid_from, valid_until)
    known = department_by_code(session, code)
    _check_circle(session, Department.id, Department.parent_id, known, parent)
    before = known.parent_id if known else None
    put = _put(
        session,
        actor,
        known or Department(code=code),
        {
            "name": _merged(known.name if known else None, name),
            "parent_id": parent.id if parent else None,
            "phone": phone,
            "email": email,
            "valid_from": valid_from,
            "valid_until": valid_until,
        },
    )
    if put.outcome == "created" or put.row.parent_id != before:
        scopes_changed(session, "department")
    return put


def put_post(
    session: Session,
    actor: Actor,
    *,
    code: str,
    title: Translated,
    department: Department,
    reports_to: Post | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Put[Post]:
    """Make a post, or bring the one of that code to this state.

    Raises:
        Forbidden: the actor may not change the organisation.
        Invalid: the reporting line would form a circle, or the end is not after the beginning.
    """
    _allow(session, actor)
    _check_order(valid_from, valid_until)
    known = post_by_code(session, code)
    _check_circle(session, Post.id, Post.reports_to_id, known, reports_to)
    values = {
        "title": _merged(known.title if known else None, title),
        "department_id": department.id,
        "reports_to_id": reports_to.id if reports_to else None,
        "valid_from": valid_from,
        "valid_until": valid_until,
    }
    return _put(session, actor, known or Post(code=code), values)


def put_official(
    session: Session,
    actor: Actor,
    post: Post,
    account: Account,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Put[Official]:
    """Seat an account on a post from an instant (now, or the present seat's own, when None) until another.

    A seat that the account has in that time already is the one that changes.

    Raises:
        Forbidden: the actor may not change the organisation.
        Invalid: the end is not after the beginning.
    """
    _allow(session, actor)
    at = valid_from or now(session)
    seats = select(Official).where(Official.post_id == post.id, Official.account_id == account.id)
    seats = seats.where(or_(Official.valid_until.is_(None), Official.valid_until > at))
    if valid_until is not None:
        seats = seats.where(Official.valid_from < valid_until)
    known = session.scalars(seats.order_by(Official.valid_from != at, Official.id).limit(1)).one_or_none()
    begins = valid_from or (known.valid_from if known else at)
    _check_order(begins, valid_until)
    seat = known or Official(post_id=post.id, account_id=account.id)
    return _put(session, actor, seat, {"valid_from": begins, "valid_until": valid_until})


def end_seat(session: Session, actor: Actor, seat: Official, at: datetime) -> None:
    """Let somebody leave a post at an instant; a seat that has not begun by then is taken away.

    Raises:
        Forbidden: the actor may not change the organisation.
    """
    _allow(session, actor)
    if seat.valid_from < at:
        _put(session, actor, seat, {"valid_until": at})
        return
    audit(session, actor, "organisation:official:remove", f"official:{seat.id}", before=_facts(seat, ["valid_from"]))
    session.delete(seat)


def put_absence(
    session: Session,
    actor: Actor,
    post: Post,
    *,
    valid_from: datetime,
    valid_until: datetime,
    substitute: Post | None = None,
    reason: str = "",
) -> Put[Absence]:
    """Note that the holder of a post is away, and which post stands in; one absence a post and beginning.

    Raises:
        Forbidden: the actor may not change the organisation.
        Invalid: the end is not after the beginning, or the post stands in for itself.
    """
    _allow(session, actor)
    _check_order(valid_from, valid_until)
    if substitute is not None and substitute.id == post.id:
        raise Invalid(_("A post cannot stand in for itself: name another substitute."))
    found = select(Absence).where(Absence.post_id == post.id, Absence.valid_from == valid_from)
    known = session.scalars(found.order_by(Absence.id).limit(1)).one_or_none()
    holder = None if known else holder_of(session, post, valid_from)
    own = holder.account_id if holder and not holder.away else None
    absence = known or Absence(post_id=post.id, valid_from=valid_from, account_id=own)
    values = {
        "valid_until": valid_until,
        "substitute_id": substitute.id if substitute else None,
        "reason": reason,
    }
    return _put(session, actor, absence, values)


def put_jurisdiction(
    session: Session,
    actor: Actor,
    office: Post | Department,
    subject: str,
    area: Area | None = None,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Put[Jurisdiction]:
    """Put a post or a department in charge of a subject (``*`` is everything) in an area, or in the whole city.

    Raises:
        Forbidden: the actor may not change the organisation.
        Invalid: the end is not after the beginning.
    """
    _allow(session, actor)
    _check_order(valid_from, valid_until)
    key = _key(office, subject, area, valid_from)
    known = session.scalars(select(Jurisdiction).where(Jurisdiction.key == key)).one_or_none()
    post_id, department_id = (office.id, None) if isinstance(office, Post) else (None, office.id)
    line = known or Jurisdiction(
        key=key, post_id=post_id, department_id=department_id, subject=subject, area_id=area.id if area else None
    )
    return _put(session, actor, line, {"valid_from": valid_from, "valid_until": valid_until})


def _allow(session: Session, actor: Actor) -> None:
    if not can(actor, MANAGE_ORGANISATION, at=now(session)):
        raise Forbidden


def _put(session: Session, actor: Actor, row: R, values: Mapping[str, Any]) -> Put[R]:
    """Bring a row to the values, store and audit it where anything differs."""
    columns = sorted(values)
    fresh = getattr(row, "id", None) is None
    changed = fresh or any(getattr(row, column) != values[column] for column in columns)
    if not changed:
        return Put(row, "unchanged")
    before = None if fresh else _facts(row, columns)
    for column in columns:
        setattr(row, column, values[column])
    session.add(row)
    session.flush()
    thing = f"{type(row).__name__.lower()}:{getattr(row, 'code', None) or getattr(row, 'id', '')}"
    action = f"organisation:{type(row).__name__.lower()}:put"
    audit(session, actor, action, thing, before=before, after=_facts(row, columns))
    return Put(row, "created" if fresh else "updated")


def _facts(row: Any, columns: list[str]) -> dict[str, Any]:
    texts = {column: getattr(row, column) for column in columns if column in {"name", "title"}}
    plain = snapshot(row, *(column for column in columns if column not in texts))
    return {**plain, **{column: value.to_json() for column, value in texts.items()}}


def _merged(stored: Translated | None, given: Translated) -> Translated:
    """Return the given texts over the stored ones: an import in one language keeps the other translations."""
    return given if stored is None else stored.with_texts(given.text)


def _check_order(valid_from: datetime | None, valid_until: datetime | None) -> None:
    if valid_from is not None and valid_until is not None and valid_until <= valid_from:
        raise Invalid(_("The end must come after the beginning."))


def _check_circle(session: Session, key: Any, above: Any, row: Any, parent: Any) -> None:
    """Refuse a parent that is the row itself or lies below it."""
    if row is None or parent is None:
        return
    seen: set[int] = set()
    current: int | None = parent.id
    while current is not None and current not in seen:
        if current == row.id:
            raise Invalid(_("%(code)s would stand above itself: choose another one above it.", code=row.code))
        seen.add(current)
        current = session.scalar(select(above).where(key == current))


def _key(office: Post | Department, subject: str, area: Area | None, valid_from: datetime | None) -> str:
    parts = (
        "post" if isinstance(office, Post) else "department",
        str(office.id),
        subject,
        str(area.id) if area else "",
        valid_from.isoformat() if valid_from else "",
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
