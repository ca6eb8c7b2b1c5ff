"""Verbs: import a layer of areas from GeoJSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import can, scopes_changed
from egovframe.core.i18n import Translated, is_language
from egovframe.core.modules.areas.geometry import box_of
from egovframe.core.modules.areas.index import index_of
from egovframe.core.modules.areas.models import Area, Layer
from egovframe.core.modules.areas.permissions import MANAGE_AREAS
from egovframe.core.modules.areas.reading import (
    AreaFileError,
    Feature,
    Progress,
    Refusal,
    features_of,
    read_collection,
)
from egovframe.core.modules.areas.report import Counts, ImportReport, Prepared
from egovframe.core.modules.areas.shapes import Drawn, drawn, fault
from egovframe.core.modules.audit import audit
from egovframe.core.persistence import Database, new_public_id, now
from egovframe.errors import Changed, Forbidden

LAYER_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def import_geojson(
    database: Database,
    path: Path | str,
    *,
    layer: str,
    code_field: str = "code",
    name_field: str | Mapping[str, str] = "name",
    name_language: str = "en",
    title: Translated | None = None,
    position: int | None = None,
    parent_layer: str | None = None,
    replace: bool = False,
    skip_bad: bool = False,
    dry_run: bool = False,
    actor: Actor = SYSTEM,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a layer of areas; the same file again changes nothing.

    All or nothing: when a feature is refused, nothing is stored (unless ``skip_bad``) and the report says why.

    Args:
        database: the city's database; the file is read and checked outside of any unit of work.
        path: GeoJSON FeatureCollection in WGS 84 with Polygons and MultiPolygons.
        layer: code of the layer, made when it is new: lower-case letters, digits, ``_`` and ``-``.
        code_field: the property that holds the area's code.
        name_field: the property with the name in ``name_language``, or language -> property (the first is the source).
        name_language: language of the names when ``name_field`` is a text.
        title: what people call the layer; for a new one the code when None.
        position: order of the layer, small numbers are large areas; a new layer comes last when None.
        parent_layer: code of the layer in which the parents are looked for, by a point inside each area.
        replace: areas of the layer that the file does not have end now.
        skip_bad: store what is good although something was refused.
        dry_run: only say what would happen.
        actor: who imports.
        progress: told (features checked, features in all).

    Raises:
        AreaFileError: the file as a whole, or an argument, cannot be used.
        Forbidden: the actor may not change areas.
        Conflict: somebody else imports the same layer at this moment.
    """
    names = {name_language: name_field} if isinstance(name_field, str) else dict(name_field)
    prepared = prepare(read_collection(Path(path)), code_field=code_field, names=names, progress=progress)
    if dry_run or (prepared.refused and not skip_bad):
        return _trial(database, layer, prepared)
    try:
        with database.writing() as session:
            return store(
                session,
                actor,
                layer,
                prepared,
                title=title,
                position=position,
                parent_layer=parent_layer,
                replace=replace,
            )
    except IntegrityError as error:
        raise Changed("Somebody else imports the same layer at this moment: repeat the import.") from error


def prepare(
    collection: Mapping[str, Any],
    *,
    code_field: str = "code",
    names: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Prepared:
    """Check and draw a FeatureCollection; slow, so it belongs outside of a writing unit.

    Raises:
        AreaFileError: the collection as a whole cannot be used.
    """
    names = names or {"en": "name"}
    for language in names:
        if not is_language(language):
            raise AreaFileError(f"{language!r} is no language: write --name-field LANGUAGE=PROPERTY, such as ko=name.")
    total = len(collection.get("features") or ()) if isinstance(collection.get("features"), list) else 0
    good: list[Feature] = []
    refused: list[Refusal] = []
    for done, feature in enumerate(features_of(collection, code_field, names), start=1):
        if isinstance(feature, Refusal):
            refused.append(feature)
        elif reason := fault(feature.geometry):
            refused.append(Refusal(feature.index, feature.code, reason))
        else:
            good.append(feature)
        if progress:
            progress(done, total)
    sketches = drawn([feature.geometry for feature in good])
    return Prepared(tuple(zip(good, sketches, strict=True)), tuple(refused))


def store(
    session: Session,
    actor: Actor,
    layer: str,
    prepared: Prepared,
    *,
    title: Translated | None = None,
    position: int | None = None,
    parent_layer: str | None = None,
    replace: bool = False,
) -> ImportReport:
    """Store prepared features as areas of a layer, within the caller's unit.

    Raises:
        Forbidden: the actor may not change areas.
        AreaFileError: the layer's code is no code, or the parent layer does not exist.
    """
    if not can(actor, MANAGE_AREAS, at=now(session)):
        raise Forbidden
    found = _layer(session, actor, layer, title, position, _source(prepared))
    parents = _parents(session, prepared, parent_layer) if parent_layer else {}
    counts = Counts()
    known = _known(session, found)
    for feature, sketch in prepared.features:
        area = known.get(feature.code)
        wanted = _values(feature, sketch)
        if parent_layer:
            wanted["parent_id"] = parents.get(feature.code)
            if wanted["parent_id"] is None:
                counts.homeless.append(feature.code)
        if area is None:
            session.add(Area(layer_id=found.id, code=feature.code, **wanted))
            counts.created += 1
        elif _update(area, wanted):
            counts.updated += 1
        else:
            counts.unchanged += 1
    if replace:
        counts.retired = _retire(session, known, {feature.code for feature, _sketch in prepared.features})
    if counts.changed:
        _tell(session, actor, found, counts)
    return counts.report(layer, prepared.refused, applied=True)


def _tell(session: Session, actor: Actor, layer: Layer, counts: Counts) -> None:
    layer.stamp = new_public_id()
    session.flush()
    scopes_changed(session, "area")
    facts = {"created": counts.created, "updated": counts.updated, "retired": counts.retired}
    audit(session, actor, "areas:layer:import", f"area-layer:{layer.code}", after=facts)


def put_named_area(session: Session, actor: Actor, layer: str, code: str, name: Translated) -> tuple[Area, bool]:
    """Return the area of that layer and code, made without a border when there is none, and whether it is new.

    For cities that know their neighbourhoods by name only: past cases name them. An import of their borders later
    fills them in.

    Raises:
        Forbidden: the actor may not change areas.
        AreaFileError: the layer's code is none.
    """
    if not can(actor, MANAGE_AREAS, at=now(session)):
        raise Forbidden
    place = _layer(session, actor, layer, None, None, name.source)
    known = session.scalars(select(Area).where(Area.layer_id == place.id, Area.code == code)).one_or_none()
    if known is not None:
        return known, False
    area = Area(layer_id=place.id, code=code, name=name)
    session.add(area)
    place.stamp = new_public_id()
    session.flush()
    audit(session, actor, "areas:area:create", f"area:{layer}:{code}", after={"name": name.to_json()})
    return area, True


def _source(prepared: Prepared) -> str:
    return next((next(iter(feature.names)) for feature, _sketch in prepared.features), "en")


def _layer(
    session: Session, actor: Actor, code: str, title: Translated | None, position: int | None, source: str
) -> Layer:
    if not LAYER_CODE.fullmatch(code):
        raise AreaFileError(f"{code[:60]!r} is no code for a layer: use lower-case letters, digits, _ and -.")
    # Locked, so that two imports of one layer follow each other.
    found = session.scalars(select(Layer).where(Layer.code == code).with_for_update()).one_or_none()
    if found is None:
        last = max(session.scalars(select(Layer.position)), default=0)
        default = Translated.from_texts(source, {source: code.replace("_", " ").replace("-", " ").capitalize()})
        found = Layer(code=code, title=title or default, position=last + 10 if position is None else position)
        session.add(found)
        session.flush()
        return found
    before = {"title": found.title.to_json(), "position": found.position}
    found.title = title or found.title
    found.position = found.position if position is None else position
    after = {"title": found.title.to_json(), "position": found.position}
    if before != after:
        found.stamp = new_public_id()
        audit(session, actor, "areas:layer:describe", f"area-layer:{code}", before=before, after=after)
    return found


def _known(session: Session, layer: Layer) -> dict[str, Area]:
    wanted = select(Area).where(Area.layer_id == layer.id)
    loaded = wanted.options(undefer(Area.geometry), undefer(Area.fine), undefer(Area.coarse))
    return {area.code: area for area in session.scalars(loaded)}


def _values(feature: Feature, sketch: Drawn) -> dict[str, Any]:
    box = box_of(sketch.geometry)
    source = next(iter(feature.names))
    return {
        "name": Translated.from_texts(source, feature.names),
        "geometry": _plain(sketch.geometry),
        "fine": _plain(sketch.fine),
        "coarse": _plain(sketch.coarse),
        "west": box.west,
        "south": box.south,
        "east": box.east,
        "north": box.north,
        "longitude": sketch.inside[0],
        "latitude": sketch.inside[1],
    }


def _plain(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return the geometry with lists for positions, as it will be read back, so that equal is equal."""
    polygons = [[[list(point) for point in ring] for ring in polygon] for polygon in geometry["coordinates"]]
    return {"type": geometry["type"], "coordinates": polygons}


def _update(area: Area, wanted: dict[str, Any]) -> bool:
    """Bring an area to the wanted values; names in other languages stay. Tell whether anything changed."""
    wanted["name"] = area.name.with_texts(wanted["name"].text) if area.name != wanted["name"] else area.name
    changed = {name: value for name, value in wanted.items() if getattr(area, name) != value}
    # Drawn borders depend on the neighbours in the same file: alone they are no change worth a new version.
    if changed.keys() <= {"fine", "coarse"} and area.valid_until is None:
        return False
    for name, value in changed.items():
        setattr(area, name, value)
    area.valid_until = None
    return True


def _retire(session: Session, known: Mapping[str, Area], kept: set[str]) -> int:
    at = now(session)
    gone = [area for code, area in known.items() if code not in kept and area.valid_until is None]
    for area in gone:
        area.valid_until = at
    return len(gone)


def _parents(session: Session, prepared: Prepared, parent_layer: str) -> dict[str, int]:
    layer_id = session.scalar(select(Layer.id).where(Layer.code == parent_layer))
    if layer_id is None:
        raise AreaFileError(f"There is no layer {parent_layer[:40]!r} to find parents in: import it first.")
    inside = set(session.scalars(select(Area.id).where(Area.layer_id == layer_id)))
    index, at = index_of(session), now(session)
    parents = {}
    for feature, sketch in prepared.features:
        lon, lat = sketch.inside
        around: Sequence[int] = [area_id for area_id in index.locate(lat, lon, at) if area_id in inside]
        if around:
            parents[feature.code] = around[0]
    return parents


def _trial(database: Database, layer: str, prepared: Prepared) -> ImportReport:
    """Count what storing would create and update, without storing."""
    with database.reading() as session:
        found = session.scalars(select(Layer).where(Layer.code == layer)).one_or_none()
        known = _known(session, found) if found else {}
        counts = Counts()
        for feature, sketch in prepared.features:
            area = known.get(feature.code)
            if area is None:
                counts.created += 1
            elif _would_change(area, _values(feature, sketch)):
                counts.updated += 1
            else:
                counts.unchanged += 1
        return counts.report(layer, prepared.refused, applied=False)


def _would_change(area: Area, wanted: Mapping[str, Any]) -> bool:
    name = area.name.with_texts(wanted["name"].text)
    return area.valid_until is not None or area.geometry != wanted["geometry"] or area.name != name
