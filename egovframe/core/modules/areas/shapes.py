"""What needs shapely: whether a border crosses itself, a point inside, simplified borders. Imports and workers only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

FINE, COARSE = 0.0001, 0.001
"""Tolerances in degrees: about 10 m for maps of a district, about 100 m for maps of the city."""
DRAWN_DECIMALS = 5
REASONS = (
    ("Self-intersection", "its border crosses itself"),
    ("Ring Self-intersection", "its border touches itself"),
    ("Hole lies outside", "a hole lies outside of its border"),
    ("Holes are nested", "a hole lies within another hole"),
    ("Interior is disconnected", "its holes cut it into pieces"),
    ("Nested shells", "one of its parts lies within another"),
    ("Duplicate Rings", "the same ring stands twice"),
    ("Too few points", "a ring encloses nothing"),
)
"""How GEOS names what is wrong, and what we say."""
PLACE = re.compile(r"\[([^\s\[\]]+) ([^\s\[\]]+)\]")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A border in the three resolutions that are stored, and a point inside (longitude, latitude)."""

    geometry: dict[str, Any]
    fine: dict[str, Any]
    coarse: dict[str, Any]
    inside: tuple[float, float]


def fault(geometry: dict[str, Any]) -> str:
    """Say what is wrong with a polygon's border and where, or return an empty text.

    Crossing borders are refused, never mended: a repair guesses which side belongs to the area.
    """
    import shapely  # noqa: PLC0415 - heavy; the web processes never import areas

    shape = shapely.geometry.shape(geometry)
    if shape.is_valid:
        return ""
    found = str(shapely.is_valid_reason(shape))
    reason = next((ours for theirs, ours in REASONS if found.startswith(theirs)), found.partition("[")[0].lower())
    place = PLACE.search(found)
    return f"{reason} near {float(place[1]):.6f}, {float(place[2]):.6f} (longitude, latitude)" if place else reason


def drawn(geometries: Sequence[dict[str, Any]]) -> list[Drawn]:
    """Return the geometries with simplified versions in which neighbours still share their borders."""
    import shapely  # noqa: PLC0415 - heavy; the web processes never import areas

    shapes = [shapely.geometry.shape(geometry) for geometry in geometries]
    # Layers whose areas overlap (school zones) have no common borders to keep.
    tiled = bool(shapely.coverage_is_valid(shapes))
    fine, coarse = (_simplified(shapes, tolerance, tiled) for tolerance in (FINE, COARSE))
    inside = [shape.representative_point() for shape in shapes]
    return [
        Drawn(exact, light, lightest, (point.x, point.y))
        for exact, light, lightest, point in zip(geometries, fine, coarse, inside, strict=True)
    ]


def _simplified(shapes: Sequence[Any], tolerance: float, tiled: bool) -> list[dict[str, Any]]:
    import shapely  # noqa: PLC0415 - heavy; the web processes never import areas

    if tiled:
        simple = shapely.coverage_simplify(shapes, tolerance)
    else:
        simple = shapely.simplify(shapes, tolerance, preserve_topology=True)
    return [_as_json(shape) for shape in simple]


def _as_json(shape: Any) -> dict[str, Any]:
    """Return a MultiPolygon rounded for drawing; rings that vanish in rounding are left out."""
    parts = list(shape.geoms) if shape.geom_type == "MultiPolygon" else [shape]
    polygons = [[_rounded(ring) for ring in (part.exterior, *part.interiors)] for part in parts]
    kept = [[rings[0], *(ring for ring in rings[1:] if len(ring) > 3)] for rings in polygons if len(rings[0]) > 3]
    return {"type": "MultiPolygon", "coordinates": kept or polygons}


def _rounded(ring: Any) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for lon, lat in ring.coords:
        point = (round(lon, DRAWN_DECIMALS), round(lat, DRAWN_DECIMALS))
        if not points or points[-1] != point:
            points.append(point)
    return points
