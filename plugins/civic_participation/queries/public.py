"""What everybody may see: the public list, points of the map, similar complaints nearby."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, load_only

from civic_participation.models import Category
from civic_participation.services.filing import CASE_TYPE
from egovframe.core.modules.areas import area_by_code
from egovframe.core.modules.cases import Case, CaseArea, case_by_reference
from egovframe.core.persistence import CursorPage, keyset_page, now

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

    case: Case
    metres: int


LISTED = load_only(
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


def public_cases() -> Select[Case]:
    """Return the statement of complaints that everybody may see, with the columns that lists show."""
    statement = select(Case).where(Case.type_code == CASE_TYPE, Case.is_private.is_(False), Case.hidden.is_(False))
    return statement.options(LISTED)


def list_statement(session: Session, narrow: PublicFilter) -> Select[Case]:
    """Return the statement of a filtered list, unordered; an unknown area or category gives an empty list."""
    statement = public_cases()
    if narrow.state == "open":
        statement = statement.where(Case.kind.in_(("open", "waiting")))
    elif narrow.state == "closed":
        statement = statement.where(Case.kind == "terminal")
    if narrow.category:
        statement = statement.where(Case.subject == narrow.category)
    if narrow.area:
        layer, _colon, code = narrow.area.partition(":")
        area = area_by_code(session, layer, code)
        inside = select(CaseArea.case_id).where(CaseArea.area_id == (area.id if area else 0))
        statement = statement.where(Case.id.in_(inside))
    return statement


def newest_public(
    session: Session, narrow: PublicFilter, *, cursor: str | None = None, page_size: int = 20
) -> CursorPage[Case]:
    """Return a page of the public list, the newest first."""
    statement = list_statement(session, narrow)
    return keyset_page(session, statement, Case.received_at, Case.id, cursor=cursor, page_size=page_size)


def public_case(session: Session, reference: str) -> Case | None:
    """Return a complaint that everybody may see by its number, or None."""
    case = case_by_reference(session, reference)
    visible = case is not None and case.type_code == CASE_TYPE and not case.is_private and not case.hidden
    return case if visible else None


def recently_fixed(session: Session, limit: int = 4) -> Sequence[Case]:
    """Return the public complaints answered last."""
    statement = public_cases().where(Case.state == "resolved", Case.closed_at.is_not(None))
    return session.scalars(statement.order_by(Case.closed_at.desc(), Case.id.desc()).limit(limit)).all()


def recently_reported(session: Session, limit: int = 4) -> Sequence[Case]:
    """Return the newest public complaints that are being worked on."""
    statement = public_cases().where(Case.kind.in_(("open", "waiting")))
    return session.scalars(statement.order_by(Case.received_at.desc(), Case.id.desc()).limit(limit)).all()


def points(session: Session, narrow: PublicFilter, limit: int = 500) -> Sequence[Case]:
    """Return the newest public complaints that have a place, for a map."""
    statement = list_statement(session, narrow).where(Case.latitude.is_not(None))
    return session.scalars(statement.order_by(Case.received_at.desc(), Case.id.desc()).limit(limit)).all()


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
    found = [Nearby(case, _metres(case, latitude, longitude)) for case in session.scalars(statement.limit(50))]
    return sorted((one for one in found if one.metres <= radius), key=lambda one: (one.metres, one.case.id))[:limit]


def _metres(case: Case, latitude: float, longitude: float) -> int:
    # Equirectangular approximation: within a kilometre its error is below a metre.
    north = ((case.latitude or 0.0) - latitude) * METRES_PER_DEGREE
    east = ((case.longitude or 0.0) - longitude) * METRES_PER_DEGREE * math.cos(math.radians(latitude))
    return round(math.hypot(north, east))
