"""What everybody may see: the public list, points of the map, similar complaints nearby."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from sqlalchemy import Integer, Row, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from civic_participation.models import Category
from civic_participation.services.filing import CASE_TYPE
from egovframe.core.modules.areas import area_by_code
from egovframe.core.modules.cases import Case, CaseArea, case_by_reference
from egovframe.core.persistence import CursorPage, NumberedPage, derived, kept, keyset_page, now, numbered_page

METRES_PER_DEGREE = 111_320
"""Of latitude, on the mean sphere; exact enough for a radius of some hundred metres."""
RECENT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class PublicFilter:
    """What the list may be narrowed to: ``open`` or ``closed``, a category code, ``layer:code`` of an area."""

    state: str = ""
    category: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class Nearby:
    """An open complaint close to a place, with its distance in metres."""

    case: ListedCase
    metres: int


LISTED = (
    Case.id,
    Case.type_code,
    Case.type_version,
    Case.state,
    Case.kind,
    Case.version,
    Case.reference,
    Case.title,
    Case.language,
    Case.subject,
    Case.department_id,
    Case.latitude,
    Case.longitude,
    Case.address,
    Case.received_at,
    Case.due_at,
    Case.closed_at,
    Case.updated_at,
)
"""What lists show of a case; the rest (half of it, with the routing) is left in the database."""
ListedCase: TypeAlias = Row[*tuple[Any, ...]]
"""A case in a list: a row with the columns of ``LISTED`` under their names."""
CaseList: TypeAlias = Select[*tuple[Any, ...]]


@kept
def public_cases() -> CaseList:
    """Return the statement of complaints that everybody may see, with the columns that lists show."""
    shown = Case.is_private.is_(False), Case.hidden.is_(False)
    return select(*LISTED).where(Case.type_code == CASE_TYPE, *shown)


def list_statement(session: Session, narrow: PublicFilter) -> CaseList:
    """Return the statement of a filtered list, the newest first; an unknown area or category gives an empty list."""
    layer, _colon, code = narrow.area.partition(":")
    area = area_by_code(session, layer, code) if narrow.area else None
    return _narrowed(narrow.state, narrow.category, (area.id if area else 0) if narrow.area else None)


@kept
def _narrowed(state: str, category: str, area_id: int | None) -> CaseList:
    statement = public_cases()
    if state == "open":
        statement = statement.where(or_(Case.kind == "open", Case.kind == "waiting"))
    elif state == "closed":
        statement = statement.where(Case.kind == "terminal")
    if category:
        statement = statement.where(Case.subject == category)
    if area_id is not None:
        statement = statement.where(Case.id.in_(select(CaseArea.case_id).where(CaseArea.area_id == area_id)))
    return statement


def numbered_public(session: Session, narrow: PublicFilter, page: int, page_size: int) -> NumberedPage[ListedCase]:
    """Return a page of the public list with its total, the newest first."""
    return numbered_page(session, derived(list_statement(session, narrow), "newest", _newest), page, page_size)


def _newest(statement: CaseList) -> CaseList:
    return statement.order_by(Case.received_at.desc(), Case.id.desc())


def newest_public(
    session: Session, narrow: PublicFilter, *, cursor: str | None = None, page_size: int = 20
) -> CursorPage[ListedCase]:
    """Return a page of the public list, the newest first."""
    statement = list_statement(session, narrow)
    return keyset_page(session, statement, Case.received_at, Case.id, cursor=cursor, page_size=page_size)


def public_case(session: Session, reference: str) -> Case | None:
    """Return a complaint that everybody may see by its number, or None."""
    case = case_by_reference(session, reference)
    visible = case is not None and case.type_code == CASE_TYPE and not case.is_private and not case.hidden
    return case if visible else None


def recently_fixed(session: Session, limit: int = 4) -> Sequence[ListedCase]:
    """Return the public complaints answered last."""
    return session.execute(_fixed(), {"at_most": limit}).all()


@kept
def _fixed() -> CaseList:
    statement = public_cases().where(Case.state == "resolved", Case.closed_at.is_not(None))
    return statement.order_by(Case.closed_at.desc(), Case.id.desc()).limit(bindparam("at_most", type_=Integer()))


def recently_reported(session: Session, limit: int = 4) -> Sequence[ListedCase]:
    """Return the newest public complaints that are being worked on."""
    return newest_public(session, PublicFilter(state="open"), page_size=limit).items


def points(session: Session, narrow: PublicFilter, limit: int = 500) -> Sequence[ListedCase]:
    """Return the newest public complaints that have a place, for a map."""
    statement = derived(list_statement(session, narrow), "points", _placed)
    return session.execute(statement, {"at_most": limit}).all()


def _placed(statement: CaseList) -> CaseList:
    return _newest(statement.where(Case.latitude.is_not(None))).limit(bindparam("at_most", type_=Integer()))


def similar_nearby(
    session: Session, category: Category, latitude: float, longitude: float, limit: int = 3
) -> list[Nearby]:
    """Return open public complaints of the category within its radius, the closest first."""
    radius = category.duplicate_radius_m
    north = radius / METRES_PER_DEGREE
    east = north / max(0.01, math.cos(math.radians(latitude)))
    statement = public_cases().where(
        Case.kind.in_(("open", "waiting")),
        Case.subject == category.code,
        Case.received_at >= now(session) - RECENT,
        Case.latitude.between(latitude - north, latitude + north),
        Case.longitude.between(longitude - east, longitude + east),
    )
    found = [Nearby(case, _metres(case, latitude, longitude)) for case in session.execute(statement.limit(50))]
    return sorted((one for one in found if one.metres <= radius), key=lambda one: (one.metres, one.case.id))[:limit]


def _metres(case: ListedCase, latitude: float, longitude: float) -> int:
    # Equirectangular approximation: within a kilometre its error is below a metre.
    north = ((case.latitude or 0.0) - latitude) * METRES_PER_DEGREE
    east = ((case.longitude or 0.0) - longitude) * METRES_PER_DEGREE * math.cos(math.radians(latitude))
    return round(math.hypot(north, east))
