"""Reads: departments and what lies below, who answers for a post, the reporting line, who is in charge of what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import Account
from egovframe.core.i18n import Translated
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.organisation.models import (
    EVERYTHING,
    Absence,
    Department,
    Jurisdiction,
    Official,
    Post,
)
from egovframe.core.modules.privacy import by_the_system
from egovframe.core.persistence import kept, now, quick_rows
from egovframe.errors import NotFound

MAX_LINE = 50
"""Longest reporting line and chain of substitutes that is followed."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who answers for a post at an instant, and how that came about.

    Attributes:
        post: the post that was asked for.
        official: who answers, on this post or on a substitute's; None when nobody does.
        away: the absences that led from post to post, in order; empty when the holder is there.
    """

    post: Post
    official: Official | None
    away: tuple[Absence, ...] = ()

    @property
    def account_id(self) -> int | None:
        """The account of whoever answers."""
        return self.official.account_id if self.official else None

    @property
    def substituting_for(self) -> Post | None:
        """The post that somebody else stands in for, or None when its own holder answers."""
        return self.post if self.official and self.official.post_id != self.post.id else None


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post that somebody holds."""

    id: int
    code: str
    title: Translated
    department_id: int


def in_force(model: Any, at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Return the condition that a dated row (``valid_from``, ``valid_until``, half-open) holds at the instant."""
    return and_(
        or_(model.valid_from.is_(None), model.valid_from <= at),
        or_(model.valid_until.is_(None), model.valid_until > at),
    )


def department_by_code(session: Session, code: str) -> Department | None:
    """Return the department of that code, or None."""
    return session.scalars(select(Department).where(Department.code == code)).one_or_none()


def post_by_code(session: Session, code: str) -> Post | None:
    """Return the post of that code, or None."""
    return session.scalars(select(Post).where(Post.code == code)).one_or_none()


def department_names(session: Session, ids: Collection[int]) -> dict[int, Translated]:
    """Return the names of departments by id, in one statement."""
    rows = session.execute(_names(), {"ids": sorted(ids)}) if ids else ()
    return {row.id: row.name for row in rows}


@kept
def _names() -> Select[int, Translated]:
    return select(Department.id, Department.name).where(Department.id.in_(bindparam("ids", expanding=True)))


def departments(session: Session, at: datetime | None = None) -> Sequence[Department]:
    """Return the departments in force at the instant (now when None), by code."""
    present = in_force(Department, at or now(session))
    return sorted(session.scalars(select(Department).where(present)), key=lambda department: department.code)


def departments_below(session: Session, department_id: int) -> set[int]:
    """Return the id itself and the ids of all departments below it; auth keeps the answer for its scopes."""
    below = select(Department.id).where(Department.id == department_id).cte("below", recursive=True)
    below = below.union(select(Department.id).join(below, Department.parent_id == below.c.id))
    return {department_id, *session.scalars(select(below.c.id))}


def departments_above(session: Session, department_id: int) -> list[int]:
    """Return the id itself and the ids of the departments above it, in order up the tree."""
    found: list[int] = []
    above: int | None = department_id
    while above is not None and above not in found:
        found.append(above)
        above = session.scalar(select(Department.parent_id).where(Department.id == above))
    return found


def department_id_of(session: Session, code: str) -> int:
    """Return the id of the department that a code names; raise NotFound."""
    found = department_by_code(session, code)
    if found is None:
        raise NotFound(_("There is no department %(code)s.", code=repr(code[:60])))
    return found.id


def post_holder(session: Session, post: Post, at: datetime) -> Official | None:
    """Return who answers for a post at an instant: its holder, or the one who stands in while the holder is away.

    None when the post is vacant, its holder's account is disabled, or everybody along the chain of substitutes is away.
    """
    return holder_of(session, post, at).official


def holder_of(session: Session, post: Post, at: datetime) -> Holder:
    """Return who answers for a post at an instant and which absences led there; a circle ends in nobody."""
    away: list[Absence] = []
    seen: set[int] = set()
    post_id: int | None = post.id
    while post_id is not None and post_id not in seen and len(seen) < MAX_LINE:
        seen.add(post_id)
        absence = _absence(session, post_id, at)
        if absence is None:
            return Holder(post, _official(session, post_id, at), tuple(away))
        away.append(absence)
        post_id = absence.substitute_id
    return Holder(post, None, tuple(away))


def reporting_line(session: Session, post: Post, levels: int = 3) -> list[Post]:
    """Return the posts above a post, the nearest first, at most so many; a circle ends the line."""
    line: list[Post] = []
    seen, above = {post.id}, post.reports_to_id
    while above is not None and above not in seen and len(line) < min(levels, MAX_LINE):
        seen.add(above)
        line.append(session.get_one(Post, above))
        above = line[-1].reports_to_id
    return line


def posts_of(session: Session, account_id: int, at: datetime) -> Sequence[Post]:
    """Return the posts that an account holds at the instant, by code."""
    found = session.scalars(_posts_of(), {"account": account_id, "at": at})
    return sorted(found, key=lambda post: post.code)


def posts_held(session: Session, account_id: int, at: datetime) -> Sequence[HeldPost]:
    """Return what the work on a case needs of the posts that an account holds at the instant, by code."""
    found = quick_rows(session, _posts_held(), {"account": account_id, "at": at})
    return sorted((HeldPost(*row) for row in found), key=lambda post: post.code)


@kept
def _posts_held() -> Select[int, str, Translated, int]:
    mine = Official.account_id == bindparam("account"), in_force(Official, bindparam("at"))
    columns = Post.id, Post.code, Post.title, Post.department_id
    return select(*columns).where(Post.id.in_(select(Official.post_id).where(*mine)))


@kept
def _posts_of() -> Select[Post]:
    mine = Official.account_id == bindparam("account"), in_force(Official, bindparam("at"))
    return select(Post).where(Post.id.in_(select(Official.post_id).where(*mine)))


def names_in_office(session: Session, account_ids: Collection[int]) -> dict[int, str]:
    """Return the names of people who act for the city, by account; others are left out.

    What somebody does in office is signed with their name: reading it is no look at a private person.
    """
    official = exists().where(Official.account_id == Account.id)
    statement = select(Account.id, Account.display_name).where(Account.id.in_(sorted(account_ids)))
    with by_the_system(session):  # signed in office, not a look at a private person
        rows = session.execute(statement.where(or_(Account.kind == "staff", official)))
        return {row[0]: row[1] for row in rows}


def office_of(session: Session, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """Return post and department of whoever acts, as they are called now, for records that outlive the names."""
    if actor.account_id is None:
        return None
    statement = (
        select(Post.title, Department.name)
        .join(Official, Official.post_id == Post.id)
        .join(Department, Department.id == Post.department_id)
        .where(Official.account_id == actor.account_id, in_force(Official, at))
        .order_by(Post.code)
        .limit(1)
    )
    row = session.execute(statement).first()
    return {"post": row[0].to_json(), "department": row[1].to_json()} if row else None


def jurisdictions_for(
    session: Session, subjects: Sequence[str], area_ids: Collection[int], at: datetime
) -> list[Jurisdiction]:
    """Return the jurisdictions in force over a matter, the most specific first.

    Order: the subjects as given, everything (``*``) last; within one, the areas as given, the whole city last; within
    one, posts before departments; then the oldest.

    Args:
        session: any session.
        subjects: the matter's own subject first, then those above it; ``*`` is always considered.
        area_ids: the areas it lies in, narrow ones first.
        at: the instant.
    """
    wanted = list(dict.fromkeys([*(subject for subject in subjects if subject != EVERYTHING), EVERYTHING]))
    places = list(dict.fromkeys(area_ids))
    rows = session.scalars(_jurisdictions(), {"subjects": wanted, "places": places, "at": at})
    by_subject = {subject: rank for rank, subject in enumerate(wanted)}
    by_area: dict[int | None, int] = {area: rank for rank, area in enumerate([*places, None])}
    return sorted(rows, key=lambda row: (by_subject[row.subject], by_area[row.area_id], row.post_id is None, row.id))


@kept
def _jurisdictions() -> Select[Jurisdiction]:
    return select(Jurisdiction).where(
        Jurisdiction.subject.in_(bindparam("subjects", expanding=True)),
        or_(Jurisdiction.area_id.is_(None), Jurisdiction.area_id.in_(bindparam("places", expanding=True))),
        in_force(Jurisdiction, bindparam("at")),
    )


def _absence(session: Session, post_id: int, at: datetime) -> Absence | None:
    found = quick_rows(session, _absences(), {"post": post_id, "at": at})
    return session.get_one(Absence, found[0].id) if found else None


@kept
def _absences() -> Select[int]:
    at: BindParameter[datetime] = bindparam("at")
    return (
        select(Absence.id)
        .where(Absence.post_id == bindparam("post"), Absence.valid_from <= at, Absence.valid_until > at)
        # Of overlapping absences the one with a substitute helps; then the longest; then the first written.
        .order_by(Absence.substitute_id.is_(None), Absence.valid_until.desc(), Absence.id)
        .limit(1)
    )


def _official(session: Session, post_id: int, at: datetime) -> Official | None:
    return session.scalars(_officials(), {"post": post_id, "at": at}).one_or_none()


@kept
def _officials() -> Select[Official]:
    return (
        select(Official)
        .join(Account, Account.id == Official.account_id)
        .where(Official.post_id == bindparam("post"), in_force(Official, bindparam("at")), Account.state == "active")
        .order_by(Official.valid_from.desc(), Official.id)
        .limit(1)
    )
