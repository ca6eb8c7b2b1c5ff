"""Point in polygon over a city's areas: our pure Python beside shapely's tree, and ``locate`` with its statements.

Target: a point among 448 areas in less than 1 ms (median). Input: ``../shared/data/seoul_*.geojson`` (25 districts and
423 neighbourhoods) where it lies beside the checkout, else a generated city of as many areas.

Run: ``.venv/bin/python benchmarks/areas_locate.py``
"""

from __future__ import annotations

import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shapely

from egovframe.actor import SYSTEM
from egovframe.core.modules.areas import locate, prepare, store
from egovframe.core.modules.areas.index import index_of
from egovframe.core.persistence import Database
from egovframe.testing.databases import create_schema, opened

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
FILES = {"district": "seoul_districts.geojson", "neighbourhood": "seoul_neighbourhoods.geojson"}
TARGET_MS = 1.0
POINTS = 2_000


def generated(columns: int, rows: int) -> dict[str, Any]:
    """Return a city of wavy cells, 60 points each."""

    def corner(x: float, y: float) -> list[float]:
        return [127 + x / 100 + 0.001 * math.sin(7 * y), 37 + y / 100 + 0.001 * math.sin(7 * x)]

    def cell(column: int, row: int) -> dict[str, Any]:
        walk = [n / 15 for n in range(15)]
        ring = [corner(column + t, row) for t in walk] + [corner(column + 1, row + t) for t in walk]
        ring += [corner(column + 1 - t, row + 1) for t in walk] + [corner(column, row + 1 - t) for t in walk]
        properties = {"code": f"{column}-{row}", "name": f"Cell {column}-{row}"}
        geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        return {"type": "Feature", "properties": properties, "geometry": geometry}

    return {"type": "FeatureCollection", "features": [cell(c, r) for c in range(columns) for r in range(rows)]}


def collections() -> dict[str, dict[str, Any]]:
    """Return the layers to measure with."""
    if all((DATA / name).exists() for name in FILES.values()):
        return {layer: json.loads((DATA / name).read_text(encoding="utf-8")) for layer, name in FILES.items()}
    print(f"{DATA} is absent: measuring a generated city")
    return {"district": generated(5, 5), "neighbourhood": generated(47, 9)}


def measured(ask: Callable[[float, float], Any], points: list[tuple[float, float]]) -> tuple[float, float]:
    """Return (median, 99th percentile) in milliseconds of CPU, which a busy machine does not blur."""
    times = []
    for lat, lon in points:
        begun = time.thread_time()
        ask(lat, lon)
        times.append((time.thread_time() - begun) * 1000)
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.99)]


def main() -> int:
    """Print each figure beside its target; exit 1 when one misses it."""
    layers = collections()
    with tempfile.TemporaryDirectory() as folder, opened(f"sqlite:///{folder}/city.sqlite") as database:
        create_schema(database)
        shapes = fill(database, layers)
        box = shapely.total_bounds(shapes)
        chance = random.Random(1)
        points = [(chance.uniform(box[1], box[3]), chance.uniform(box[0], box[2])) for _ in range(POINTS)]
        tree = shapely.STRtree(shapes)
        with database.reading() as session:
            begun = time.perf_counter()
            index = index_of(session)
            built = (time.perf_counter() - begun) * 1000
            figures = {
                "index alone (pure Python)": measured(index.locate, points),
                "shapely STRtree (peer)": measured(
                    lambda lat, lon: tree.query(shapely.Point(lon, lat), "within"), points
                ),
                "locate() with its statements, SQLite": measured(lambda lat, lon: locate(session, lat, lon), points),
            }
    missed = False
    print(f"{len(shapes)} areas, {POINTS} random points; index built in {built:.0f} ms, once")
    for name, (median, slow) in figures.items():
        missed |= median >= TARGET_MS
        verdict = "ok" if median < TARGET_MS else "MISSED"
        print(f"{name:40} median {median:.3f} ms   p99 {slow:.3f} ms   target < {TARGET_MS} ms   {verdict}")
    return int(missed)


def fill(database: Database, layers: dict[str, dict[str, Any]]) -> list[Any]:
    """Store the layers and return their shapes for the peer."""
    with database.writing() as session:
        for layer, collection in layers.items():
            store(session, SYSTEM, layer, prepare(collection))
    return [shapely.geometry.shape(one["geometry"]) for found in layers.values() for one in found["features"]]


if __name__ == "__main__":
    sys.exit(main())
