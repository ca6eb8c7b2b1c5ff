"""``/api/v1/areas``: the city's areas, and those in which a point lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from egovframe.core.auth import public
from egovframe.core.modules.areas.models import Area
from egovframe.core.modules.areas.queries import areas_of, locate
from egovframe.core.modules.areas.schemas import AreasOut, AreasQuery, LocateQuery
from egovframe.core.web import ApiBlueprint, language, reading

blueprint = ApiBlueprint("areas_api", __name__, url_prefix="/areas", description="The city's areas")


@blueprint.get("/locate")
@public
@blueprint.arguments(LocateQuery, location="query")
@blueprint.response(200, AreasOut)
def locate_point(query: dict[str, Any]) -> dict[str, Any]:
    """Say in which areas a point lies, large ones first; an empty list outside of the city."""
    return _areas(locate(reading(), query["lat"], query["lon"]))


@blueprint.get("")
@public
@blueprint.arguments(AreasQuery, location="query")
@blueprint.response(200, AreasOut)
def list_areas(query: dict[str, Any]) -> dict[str, Any]:
    """List the areas of a layer by code; empty for an unknown layer."""
    return _areas(areas_of(reading(), query["layer"]))


def _areas(areas: Sequence[Area]) -> dict[str, Any]:
    return {
        "areas": [
            {"layer": area.layer.code, "code": area.code, "name": area.name.pick(language()).text} for area in areas
        ]
    }
