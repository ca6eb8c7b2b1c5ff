"""The map of the city that pages draw."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from egovframe.core.modules.areas import base_map
from egovframe.core.web import language, url

EMPTY: dict[str, Any] = {"type": "FeatureCollection", "features": []}


def city_map(session: Session, name: str = "areas") -> dict[str, Any]:
    """Return the template values of the city's map: its areas under the name, and where a script gets them."""
    found = base_map(session, language())
    if found is None:
        return {name: EMPTY, "source": ""}
    return {name: found.collection, "source": url("areas.layer_geojson", layer=found.layer, tolerance="0.001")}
