"""A GeoJSON file (RFC 7946) as checked features: a fault of the file stops at once, a fault of a feature is listed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from egovframe.errors import Invalid
from egovframe.fields import FieldError, clean_text

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_FEATURES = 50_000
MAX_POINTS = 150_000
"""Most points of one feature; simplify a finer border before importing it."""
MAX_NAME = 200
DECIMALS = 7
"""Decimals of a degree that are kept: 7 are about one centimetre."""
CODE = re.compile(r"\w[\w .:/-]{0,59}")
EXPECTED = "Areas are expected in WGS 84 longitude and latitude (EPSG:4326)"
CONVERT = "convert the file first, for example: ogr2ogr -t_srs EPSG:4326 out.geojson in.geojson"
WGS84 = frozenset(
    {
        "urn:ogc:def:crs:ogc:1.3:crs84",
        "urn:ogc:def:crs:ogc::crs84",
        "urn:ogc:def:crs:epsg::4326",
        "http://www.opengis.net/def/crs/ogc/1.3/crs84",
        "http://www.opengis.net/def/crs/epsg/0/4326",
        "ogc:crs84",
        "crs84",
        "epsg:4326",
        "wgs84",
    }
)

Point = tuple[float, float]
Polygon = list[list[Point]]


class AreaFileError(Invalid):
    """The file as a whole cannot be used; one line says what to do."""

    code = "area-file"


class _Refused(Exception):
    """One feature cannot be used; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A feature that was not taken: its number in the file (from 1), its code where it has one, and why."""

    index: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature whose properties and positions are sound; its border has not been checked for crossings yet.

    Attributes:
        index: number in the file, from 1.
        code: unique in the file.
        names: text by language.
        geometry: GeoJSON MultiPolygon, closed rings, at most `DECIMALS` decimals.
    """

    index: int
    code: str
    names: dict[str, str]
    geometry: dict[str, Any]


def read_collection(path: Path) -> dict[str, Any]:
    """Read a GeoJSON file as it is.

    Raises:
        AreaFileError: it is missing, too large, not UTF-8, or no JSON.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise AreaFileError(
                f"{path.name} is larger than {MAX_FILE_BYTES // 1024 // 1024} MB: "
                "simplify its borders or import it in parts."
            )
        text = path.read_text(encoding="utf-8-sig")
        found = json.loads(text, parse_constant=_no_constant)
    except OSError as error:
        raise AreaFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise AreaFileError(f"{path.name} is not UTF-8 text: GeoJSON must be; convert it first.") from error
    except json.JSONDecodeError as error:
        raise AreaFileError(f"{path.name} is not complete JSON (line {error.lineno}: {error.msg}).") from error
    except (ValueError, RecursionError) as error:
        raise AreaFileError(f"{path.name} is no GeoJSON: it holds {_wording(error)}.") from error
    if not isinstance(found, dict):
        raise AreaFileError(f"{path.name} is no GeoJSON: a FeatureCollection is expected.")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"the number {name}")


def _wording(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "lists nested far too deeply"
    return str(error) if str(error).startswith("the number") else "a number that is far too long"


def features_of(
    collection: Mapping[str, Any], code_field: str, name_fields: Mapping[str, str]
) -> Iterator[Feature | Refusal]:
    """Check the features one by one.

    Args:
        collection: a GeoJSON FeatureCollection.
        code_field: the property with the area's code.
        name_fields: language -> the property with the name in it; the first one must be filled.

    Raises:
        AreaFileError: it is no FeatureCollection, has no features, too many, or another projection.
    """
    features = _features(collection)
    _check_projection(collection)
    _check_fields(features, code_field, name_fields)
    seen: dict[str, int] = {}
    for index, feature in enumerate(features, start=1):
        code = ""
        try:
            properties = _properties(feature)
            code = _code(properties.get(code_field), code_field)
            if code in seen:
                raise _Refused(f"the code stands already at feature {seen[code]}")
            seen[code] = index
            names = _names(properties, name_fields)
            yield Feature(index, code, names, _multipolygon(feature.get("geometry")))
        except _Refused as error:
            yield Refusal(index, code, str(error))


def _features(collection: Mapping[str, Any]) -> list[Any]:
    kind = collection.get("type")
    features = collection.get("features")
    if kind != "FeatureCollection" or not isinstance(features, list):
        raise AreaFileError(f"A GeoJSON FeatureCollection is expected, this is {str(kind)[:40] or 'something else'!r}.")
    if not features:
        raise AreaFileError("The file holds no feature: nothing to import.")
    if len(features) > MAX_FEATURES:
        raise AreaFileError(f"The file holds {len(features)} features: import at most {MAX_FEATURES} at once.")
    return features


def _check_projection(collection: Mapping[str, Any]) -> None:
    if "crs" not in collection or collection["crs"] is None:
        return
    crs = collection["crs"]
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or name.strip().lower() not in WGS84:
        raise AreaFileError(f"{EXPECTED}; this file says {str(name)[:80]!r}: {CONVERT}")


def _check_fields(features: list[Any], code_field: str, name_fields: Mapping[str, str]) -> None:
    known = {str(key) for feature in features if isinstance(feature, dict) for key in (feature.get("properties") or ())}
    for option, field in (("--code-field", code_field), *(("--name-field", field) for field in name_fields.values())):
        if field not in known:
            listed = ", ".join(sorted(known)[:20]) or "no properties"
            raise AreaFileError(f"No feature has a property {field!r}: choose another {option} ({listed}).")


def _properties(feature: Any) -> dict[str, Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Refused("it is no GeoJSON Feature")
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        raise _Refused("it has no properties")
    return properties


def _code(value: Any, field: str) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Refused(f"its property {field!r} is missing or no code")
    code = str(value).strip() if isinstance(value, str) else _digits(value)
    if not CODE.fullmatch(code):
        raise _Refused(f"its code {code[:60]!r} is empty, longer than 60 characters, or holds unusual characters")
    return code


def _digits(value: int) -> str:
    return str(value) if abs(value) < 10**60 else ""


def _names(properties: Mapping[str, Any], name_fields: Mapping[str, str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for language, field in name_fields.items():
        value = properties.get(field)
        if value is None and names:
            continue
        if not isinstance(value, str) or not value.strip():
            raise _Refused(f"its property {field!r} is missing or no text")
        try:
            names[language] = " ".join(clean_text(value).split())
        except FieldError as error:
            raise _Refused(f"its property {field!r} holds characters that cannot be stored") from error
        if len(names[language]) > MAX_NAME:
            raise _Refused(f"its name is longer than {MAX_NAME} characters")
    return names


def _multipolygon(geometry: Any) -> dict[str, Any]:
    if not isinstance(geometry, dict):
        raise _Refused("it has no geometry")
    coordinates = geometry.get("coordinates")
    if geometry.get("type") == "Polygon":
        coordinates = [coordinates]
    elif geometry.get("type") != "MultiPolygon":
        raise _Refused(f"its geometry is {str(geometry.get('type'))[:40]!r}: Polygon or MultiPolygon is expected")
    polygons = [_polygon(polygon) for polygon in _listed(coordinates)]
    if sum(len(ring) for polygon in polygons for ring in polygon) > MAX_POINTS:
        raise _Refused(f"its border has more than {MAX_POINTS} points: simplify it first")
    return {"type": "MultiPolygon", "coordinates": polygons}


def _polygon(polygon: Any) -> Polygon:
    return [_ring(ring) for ring in _listed(polygon)]


def _ring(ring: Any) -> list[Point]:
    points: list[Point] = []
    for position in _listed(ring):
        point = _point(position)
        if not points or points[-1] != point:
            points.append(point)
    if len(points) < 4:
        raise _Refused("a ring has fewer than four different positions")
    if points[0] != points[-1]:
        raise _Refused(f"a ring is not closed: it begins at {points[0]} and ends at {points[-1]}")
    return points


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _Refused("its coordinates are not lists of positions as deep as its type needs")
    return value


def _point(position: Any) -> Point:
    if not isinstance(position, list) or not 2 <= len(position) <= 4:
        raise _Refused("its coordinates are not lists of positions as deep as its type needs")
    lon, lat = _degrees(position[0]), _degrees(position[1])
    if abs(lon) > 180 or abs(lat) > 90:
        hint = "latitude and longitude may be swapped" if abs(lon) <= 90 and abs(lat) <= 180 else CONVERT
        raise AreaFileError(f"{EXPECTED}; this file has positions such as {lon:g}, {lat:g}: {hint}")
    return lon, lat


def _degrees(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _Refused("a coordinate is no number")
    return round(float(value), DECIMALS) if abs(value) < 1e15 else math.copysign(1e15, value)


Progress = Callable[[int, int], None]
"""Told (features done, features in all) from time to time."""
