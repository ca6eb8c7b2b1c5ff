"""Reads: where a point lies, areas by code, those above and below, maps."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from egovframe.core.i18n import Translated, current_language
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.areas.index import index_of
from egovframe.core.modules.areas.models import Area, Layer
from egovframe.core.persistence import kept, now, unit_of
from egovframe.errors import BadRequest, NotFound

COARSE_FROM = 0.001
"""From this tolerance in degrees (about 100 m) the coarse geometry is drawn, from a tenth of it the fine one."""
FINE_FROM = 0.0001
MAX_MAPS = 64
"""Maps kept in memory for each database."""


@dataclass(frozen=True, slots=True)
class MapFile:
    """A GeoJSON FeatureCollection ready to send, and its strong ETag (quoted)."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class BaseMap:
    """A layer's areas as parsed GeoJSON for drawing: shared between requests, so it must not be changed."""

    layer: str
    collection: dict[str, Any]


class _Maps:
    """The maps of one database, under the stamps of their layers."""

    def __init__(self) -> None:
        self.known: dict[tuple[Any, ...], MapFile] = {}
        self.parsed: dict[str, dict[str, Any]] = {}


def locate(session: Session, lat: float, lon: float, at: datetime | None = None) -> list[Area]:
    """Return the areas in which a point lies, ordered by layer (large ones first), then code.

    On a border the area to the east (north, where the border runs along a parallel) answers; on the outer border the
    area that it encloses. Outside of every area, or for numbers that are no place on earth, the list is empty.

    Args:
        lat: degrees north, WGS 84.
        lon: degrees east, WGS 84.
        at: areas that exist at this instant; the present one when None.
    """
    if not (math.isfinite(lat) and math.isfinite(lon)):
        return []
    index = index_of(session)
    ids = index.locate(lat, lon, (at or now(session)) if index.dated else None)
    return _in_order(session, ids)


def areas_beside(
    session: Session, lat: float, lon: float, metres: float, at: datetime | None = None
) -> list[tuple[Area, float]]:
    """Return the areas of every layer whose border lies close to a point that they do not contain, and how many metres.

    The nearest first, areas at the same distance by layer and code. Up to 1 km the distance is right to 0.1 %
    (``nearness``). Two statements, one where no area is near.

    Args:
        lat: degrees north, WGS 84.
        lon: degrees east, WGS 84.
        metres: how far a border may lie away; within 0 nothing lies beside a point.
        at: areas that exist at this instant; the present one when None.
    """
    if not (math.isfinite(lat) and math.isfinite(lon)) or metres <= 0:
        return []
    index = index_of(session)
    near = dict(index.beside(lat, lon, metres, (at or now(session)) if index.dated else None))
    return [(area, near[area.id]) for area in _in_order(session, list(near))]


def layers(session: Session) -> Sequence[Layer]:
    """Return every layer, large areas first."""
    return sorted(session.scalars(select(Layer)), key=lambda layer: (layer.position, layer.code))


def areas_of(session: Session, layer: str, at: datetime | None = None) -> Sequence[Area]:
    """Return the areas of a layer that exist at the instant (now when None), by code; empty for an unknown layer."""
    present = existing(at or now(session))
    found = session.scalars(select(Area).join(Area.layer).where(Layer.code == layer, present))
    return sorted(found, key=lambda area: area.code)


def offered_areas(session: Session) -> Sequence[Row[str, str, Translated]]:
    """Return ``layer``, ``code`` and ``name`` of the present areas of the widest layer, by code: to choose from."""
    found = session.execute(_offered(), {"at": now(session)})
    return sorted(found, key=lambda area: area.code)  # here: the two databases sort text differently


@kept
def _offered() -> Select[str, str, Translated]:
    widest = select(Layer.id).order_by(Layer.position, Layer.code).limit(1).scalar_subquery()
    statement = select(Layer.code.label("layer"), Area.code, Area.name).join(Area.layer)
    return statement.where(Layer.id == widest, existing(bindparam("at")))


def area_by_code(session: Session, layer: str, code: str, at: datetime | None = None) -> Area | None:
    """Return the area of that layer and code, or None; with an instant only when it exists then."""
    statement = select(Area).join(Area.layer).where(Layer.code == layer, Area.code == code)
    return session.scalars(statement if at is None else statement.where(existing(at))).one_or_none()


def ancestors(session: Session, area: Area) -> list[Area]:
    """Return the areas around an area: its parent first, the largest last."""
    found: list[Area] = []
    seen, above = {area.id}, area.parent_id
    while above is not None and above not in seen:
        seen.add(above)
        parent = session.get_one(Area, above)
        found.append(parent)
        above = parent.parent_id
    return found


def areas_within(session: Session, area_id: int) -> set[int]:
    """Return the id itself and the ids of all areas below it."""
    below = select(Area.id).where(Area.id == area_id).cte("below", recursive=True)
    below = below.union(select(Area.id).join(below, Area.parent_id == below.c.id))
    return {area_id, *session.scalars(select(below.c.id))}


def area_id_of(session: Session, text: str) -> int:
    """Return the id of the area that ``LAYER:CODE`` names.

    Raises:
        BadRequest: it is not in that form.
        NotFound: there is no such area.
    """
    layer, colon, code = text.partition(":")
    if not (layer and colon and code):
        raise BadRequest(_("%(text)s names no area: write LAYER:CODE.", text=repr(text[:80])))
    area = area_by_code(session, layer, code)
    if area is None:
        raise NotFound(
            _("There is no area %(code)s in the layer %(layer)s.", code=repr(code[:60]), layer=repr(layer[:40]))
        )
    return area.id


def existing(at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Return the condition that an area exists at the instant."""
    return and_(
        or_(Area.valid_from.is_(None), Area.valid_from <= at), or_(Area.valid_until.is_(None), Area.valid_until > at)
    )


def map_geojson(session: Session, layer: str, tolerance: float = FINE_FROM, language: str | None = None) -> MapFile:
    """Return a layer's present areas as GeoJSON for a map, from memory where nothing has changed.

    Each feature has ``code``, ``name`` and ``lang`` (the language of the name) and the point for its label.

    Args:
        layer: code of the layer.
        tolerance: how far a drawn border may lie from the true one, in degrees: from 0.001 the coarse borders are
            given, from 0.0001 the fine ones, below that the exact ones.
        language: of the names; the language of the moment when None.

    Raises:
        NotFound: there is no such layer.
    """
    found = session.scalars(select(Layer).where(Layer.code == layer)).one_or_none()
    if found is None:
        raise NotFound(_("There is no layer of areas called %(layer)s.", layer=repr(layer[:40])))
    column = _column(tolerance)
    language = language or current_language()
    cache = unit_of(session).database.service(_Maps).known
    # The hour is in the key, so that an area that begins or ends is drawn soon without a change of the layer.
    key = (found.id, found.stamp, column.key, language, now(session).replace(minute=0, second=0, microsecond=0))
    known = cache.get(key)
    if known is None:
        if len(cache) >= MAX_MAPS:
            cache.clear()
        known = cache[key] = _map_file(session, found, column, language)
    return known


def has_boundaries(session: Session) -> bool:
    """Whether any area has a border, so that a point can be said to lie inside or outside of the city."""
    return len(index_of(session)) > 0


def base_map(session: Session, language: str | None = None) -> BaseMap | None:
    """Return the map of the largest areas that pages draw, or None where no area has a border."""
    if not has_boundaries(session):
        return None
    for layer in layers(session):
        file = map_geojson(session, layer.code, COARSE_FROM, language)
        cache = unit_of(session).database.service(_Maps).parsed
        if file.etag not in cache:
            if len(cache) >= MAX_MAPS:
                cache.clear()
            cache[file.etag] = json.loads(file.body)
        if cache[file.etag]["features"]:
            return BaseMap(layer.code, cache[file.etag])
    return None


def _column(tolerance: float) -> Any:
    if tolerance >= COARSE_FROM:
        return Area.coarse
    return Area.fine if tolerance >= FINE_FROM else Area.geometry


def _map_file(session: Session, layer: Layer, column: Any, language: str) -> MapFile:
    rows = session.execute(
        select(Area.code, Area.name, Area.latitude, Area.longitude, column)
        .where(Area.layer_id == layer.id, column.is_not(None), existing(now(session)))
        .order_by(Area.code)
    )
    features = []
    for code, name, latitude, longitude, geometry in rows:
        text = name.pick(language)
        properties = {"code": code, "name": text.text, "lang": text.lang, "label": [longitude, latitude]}
        features.append({"type": "Feature", "id": code, "properties": properties, "geometry": geometry})
    document = {"type": "FeatureCollection", "features": features}
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return MapFile(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


@kept
def _by_ids() -> Select[Area]:
    return select(Area).where(Area.id.in_(bindparam("ids", expanding=True)))


def _in_order(session: Session, ids: Sequence[int]) -> list[Area]:
    if not ids:
        return []
    found = {area.id: area for area in session.scalars(_by_ids(), {"ids": ids})}
    return [found[area_id] for area_id in ids if area_id in found]
