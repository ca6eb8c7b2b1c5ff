"""Areas: layers of districts and neighbourhoods with their borders, and where a point lies."""

from egovframe.core.auth import register_scope_parser, register_scope_resolver
from egovframe.core.modules.areas.models import Area, Layer
from egovframe.core.modules.areas.queries import (
    BaseMap,
    MapFile,
    ancestors,
    area_by_code,
    area_id_of,
    areas_beside,
    areas_of,
    areas_within,
    base_map,
    has_boundaries,
    layers,
    locate,
    map_geojson,
    offered_areas,
)
from egovframe.core.modules.areas.reading import AreaFileError, Refusal
from egovframe.core.modules.areas.report import ImportReport, Prepared
from egovframe.core.modules.areas.services import import_geojson, prepare, put_named_area, store

register_scope_resolver("area", areas_within)
register_scope_parser("area", area_id_of)

__all__ = [
    "Area",
    "AreaFileError",
    "BaseMap",
    "ImportReport",
    "Layer",
    "MapFile",
    "Prepared",
    "Refusal",
    "ancestors",
    "area_by_code",
    "area_id_of",
    "areas_beside",
    "areas_of",
    "areas_within",
    "base_map",
    "has_boundaries",
    "import_geojson",
    "layers",
    "locate",
    "map_geojson",
    "offered_areas",
    "prepare",
    "put_named_area",
    "store",
]
