"""How far a point lies from a border, in metres, in pure Python: for places so close to it that a person must be asked.

Around the point the earth is taken for a plane whose degrees are as long as those of the WGS 84 ellipsoid at the
point's latitude (``scale_at``: the series of the US National Geospatial-Intelligence Agency, good to some metres in a
degree).
**Error**: for distances up to 1 km and latitudes up to 80° less than 0.1 %, one metre in a kilometre (a degree of
longitude shrinks by d/R·tan φ on the way); borders across the 180th meridian are not joined.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from egovframe.core.modules.areas.geometry import Edge


@dataclass(frozen=True, slots=True)
class Scale:
    """Metres in one degree of longitude (``east``) and of latitude (``north``)."""

    east: float
    north: float


def scale_at(lat: float) -> Scale:
    """Return how long degrees are at a latitude in degrees, WGS 84; at the poles one of longitude counts a metre."""
    turn = math.radians(lat)
    north = 111132.92 - 559.82 * math.cos(2 * turn) + 1.175 * math.cos(4 * turn) - 0.0023 * math.cos(6 * turn)
    east = 111412.84 * math.cos(turn) - 93.5 * math.cos(3 * turn) + 0.118 * math.cos(5 * turn)
    return Scale(max(east, 1.0), north)


def metres_from(edges: Iterable[Edge], lon: float, lat: float, scale: Scale) -> float:
    """Return the metres from a point to the nearest of the edges; infinite without any."""
    return math.sqrt(min((_squared(edge, lon, lat, scale) for edge in edges), default=math.inf))


def _squared(edge: Edge, lon: float, lat: float, scale: Scale) -> float:
    """Return the square of the distance to an edge: to its nearest point, which may be one of its ends."""
    x, y = (edge[0] - lon) * scale.east, (edge[1] - lat) * scale.north
    dx, dy = (edge[2] - edge[0]) * scale.east, (edge[3] - edge[1]) * scale.north
    length = dx * dx + dy * dy
    along = min(1.0, max(0.0, -(x * dx + y * dy) / length)) if length else 0.0
    x, y = x + along * dx, y + along * dy
    return x * x + y * y
