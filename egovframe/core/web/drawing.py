"""Numbers behind the SVG macros: scales of charts and the plane of maps. The drawing itself is in the templates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its number, and its length as a share of the longest (0 to 1)."""

    label: Any
    value: float
    share: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its label, its points in the picture's units, and the last one, where the label stands."""

    label: Any
    points: tuple[tuple[float, float], ...]
    index: int

    @property
    def path(self) -> str:
        """The ``points`` attribute of a polyline."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


def bars(rows: Iterable[tuple[Any, float]]) -> list[Bar]:
    """Return the bars of (label, number) rows; numbers below zero count as zero."""
    given = [(label, max(0.0, float(value or 0))) for label, value in rows]
    longest = max((value for _label, value in given), default=0.0) or 1.0
    return [Bar(label, value, value / longest) for label, value in given]


def ticks(highest: float, wanted: int = 4) -> list[float]:
    """Return round numbers from 0 to at least the highest value."""
    if highest <= 0 or not math.isfinite(highest):
        return [0, 1]
    raw = highest / wanted
    power = 10 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in STEPS if factor * power >= raw * 0.999)
    count = math.ceil(highest / step - 1e-9)
    return [round(step * number, 10) for number in range(count + 1)]


def lines(series: Sequence[tuple[Any, Sequence[float]]], width: float, height: float, *, mirrored: bool) -> list[Line]:
    """Return lines of (label, numbers) series that share one scale from 0; ``mirrored`` for right-to-left readers."""
    top = ticks(highest(series))[-1]
    found = []
    for index, (label, values) in enumerate(series):
        step = width / max(1, len(values) - 1)
        points = (
            (number * step, height - height * max(0.0, float(value)) / top) for number, value in enumerate(values)
        )
        found.append(Line(label, tuple((width - x if mirrored else x, y) for x, y in points), index))
    return found


def highest(series: Sequence[tuple[Any, Sequence[float]]]) -> float:
    """Return the largest number of all series, 0 when there is none."""
    return max((float(value) for _label, values in series for value in values), default=0.0)


def rows(labels: Sequence[Any], series: Sequence[tuple[Any, Sequence[float]]]) -> list[list[Any]]:
    """Return the table behind a line chart: one row a step."""
    return [[label, *(values[number] for _name, values in series)] for number, label in enumerate(labels)]


@dataclass(frozen=True, slots=True)
class Plane:
    """An equirectangular projection of a part of the Earth (WGS84 degrees) onto a picture.

    Attributes:
        west, north: degrees of the picture's upper left corner.
        scale_x, scale_y: picture units a degree.
    """

    west: float
    north: float
    scale_x: float
    scale_y: float
    width: float
    height: float

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Return the place in the picture."""
        return round((longitude - self.west) * self.scale_x, 1), round((self.north - latitude) * self.scale_y, 1)

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether the place lies in the picture."""
        x, y = self.at(latitude, longitude)
        return 0 <= x <= self.width and 0 <= y <= self.height


def plane(collection: Mapping[str, Any], width: float = 640, height: float = 400, margin: float = 12) -> Plane | None:
    """Return the projection that fits a GeoJSON feature collection into a picture; None when it has no points."""
    points = list(_points(collection))
    if not points:
        return None
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    shrink = max(0.05, math.cos(math.radians((south + north) / 2)))
    scale = min(
        (width - 2 * margin) / max(1e-6, (east - west) * shrink), (height - 2 * margin) / max(1e-6, north - south)
    )
    left = (width - (east - west) * shrink * scale) / 2
    top = (height - (north - south) * scale) / 2
    return Plane(west - left / (scale * shrink), north + top / scale, scale * shrink, scale, width, height)


def outlines(collection: Mapping[str, Any], onto: Plane) -> list[dict[str, Any]]:
    """Return ``{name, path, x, y}`` for each feature with an area: an SVG path and the place of its label."""
    found = []
    for feature in collection.get("features", ()):
        rings = list(_rings(feature.get("geometry") or {}))
        if not rings:
            continue
        drawn = [[onto.at(point[1], point[0]) for point in ring] for ring in rings]
        path = "".join("M" + " ".join(f"{x:g} {y:g}" for x, y in ring) + "Z" for ring in drawn)
        x, y = _centre(max(drawn, key=len))
        found.append({"name": (feature.get("properties") or {}).get("name", ""), "path": path, "x": x, "y": y})
    return found


def _rings(geometry: Mapping[str, Any]) -> Iterator[Sequence[Sequence[float]]]:
    if geometry.get("type") == "Polygon":
        yield from geometry["coordinates"]
    elif geometry.get("type") == "MultiPolygon":
        for polygon in geometry["coordinates"]:
            yield from polygon


def _points(collection: Mapping[str, Any]) -> Iterator[Sequence[float]]:
    for feature in collection.get("features", ()):
        geometry = feature.get("geometry") or {}
        if geometry.get("type") == "Point":
            yield geometry["coordinates"]
        for ring in _rings(geometry):
            yield from ring


def _centre(ring: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the centroid of a ring (shoelace formula), or the mean of its points when it has no area."""
    doubled = x = y = 0.0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        doubled, x, y = doubled + cross, x + (x1 + x2) * cross, y + (y1 + y2) * cross
    if abs(doubled) < 1e-9:
        return round(sum(p[0] for p in ring) / len(ring), 1), round(sum(p[1] for p in ring) / len(ring), 1)
    return round(x / (3 * doubled), 1), round(y / (3 * doubled), 1)
