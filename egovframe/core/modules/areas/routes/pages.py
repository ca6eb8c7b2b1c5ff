"""``/{lang}/areas/<layer>.geojson``: the borders that public maps draw."""

from __future__ import annotations

from flask import Blueprint, Response, request

from egovframe.core.auth import public
from egovframe.core.modules.areas.queries import FINE_FROM, map_geojson
from egovframe.core.modules.areas.schemas import MapQuery
from egovframe.core.web import caches, language, load, reading

blueprint = Blueprint("areas", __name__)

MAX_AGE = "public, max-age=300"
"""Borders change seldom: five minutes without asking, then a question that the ETag answers."""


@blueprint.get("/areas/<string:layer>.geojson")
@public
@caches("public")
def layer_geojson(layer: str) -> Response:
    """Answer a layer's present areas as GeoJSON, simplified for maps, from memory."""
    query = load(MapQuery(), request.args.to_dict())
    tolerance = query.get("tolerance")
    file = map_geojson(reading(), layer, FINE_FROM if tolerance is None else tolerance, language())
    response = Response(file.body, content_type="application/geo+json")
    response.headers["ETag"] = file.etag
    response.headers["Cache-Control"] = MAX_AGE
    return response.make_conditional(request)  # type: ignore[return-value]
