"""Square districts for tests: as a geometry, and two of them as an installed city knows them."""

from __future__ import annotations

from typing import Any

from flask import Flask

from egovframe.actor import SYSTEM
from egovframe.core.modules.areas import prepare, store
from egovframe.core.web import runtime


def square(west: float, south: float, side: float = 1.0) -> dict[str, Any]:
    """Return a GeoJSON square whose south-western corner and side are given in degrees."""
    corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0)]
    return {"type": "Polygon", "coordinates": [[[west + x, south + y] for x, y in corners]]}


def two_districts(app: Flask) -> None:
    """Give the city two districts of one degree side by side on the equator: W from 0 degrees east, E from 1."""
    features = [
        {"type": "Feature", "properties": {"code": code, "name": name, "ko": korean}, "geometry": square(x, 0)}
        for code, name, korean, x in (("W", "West", "서구", 0), ("E", "East & co", "동구", 1))
    ]
    prepared = prepare({"type": "FeatureCollection", "features": features}, names={"en": "name", "ko": "ko"})
    with app.app_context(), runtime().database.writing() as session:
        store(session, SYSTEM, "district", prepared)
