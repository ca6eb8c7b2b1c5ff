"""Areas: layers of districts and neighbourhoods with their borders, and where a point lies."""

from egovframe.core.modules.areas.models import Area, Layer

__all__ = ["Area", "Layer"]
