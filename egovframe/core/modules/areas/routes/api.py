"""``/api/v1/areas``: the city's areas, and those in which a point lies."""

from __future__ import annotations

from typing import Any

from egovframe.core.auth import public
from egovframe.core.modules.areas.models import Area
from egovframe.core.modules.areas.queries import areas_beside, areas_of, locate
from egovframe.core.modules.areas.schemas import AreasOut, AreasQuery, LocatedOut, LocateQuery
from egovframe.core.web import ApiBlueprint, language, reading

blueprint = ApiBlueprint("areas_api", __name__, url_prefix="/areas", description="The city's areas")


@blueprint.get("/locate")
@public
@blueprint.arguments(LocateQuery, location="query")
@blueprint.response(200, LocatedOut)
def locate_point(query: dict[str, Any]) -> dict[str, Any]:
    """Say in which areas a point lies, large ones first; with `near`, also which lie beside it."""
    session, lat, lon = reading(), query["lat"], query["lon"]
    found: dict[str, Any] = {"areas": [_named(area) for area in locate(session, lat, lon)]}
    if "near" in query:
        beside = areas_beside(session, lat, lon, query["near"])
        found["beside"] = [{**_named(area), "metres": round(metres, 1)} for area, metres in beside]
    return found


@blueprint.get("")
@public
@blueprint.arguments(AreasQuery, location="query")
@blueprint.response(200, AreasOut)
def list_areas(query: dict[str, Any]) -> dict[str, Any]:
    """List the areas of a layer by code; empty for an unknown layer."""
    return {"areas": [_named(area) for area in areas_of(reading(), query["layer"])]}


def _named(area: Area) -> dict[str, Any]:
    return {"layer": area.layer.code, "code": area.code, "name": area.name.pick(language()).text}
