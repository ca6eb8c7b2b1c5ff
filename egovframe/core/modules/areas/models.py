"""Layers of areas and the areas themselves, with their geometry in WGS 84."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from egovframe.core.i18n import Translated, translated_column
from egovframe.core.persistence import BigId, BoundedJSON, CoreBase, Keyed, new_public_id

GEOMETRY_BYTES = 8_000_000
"""Largest geometry of one area as stored: about 300,000 points."""


class Layer(CoreBase):
    """One way to divide the city: districts, neighbourhoods, school zones. Areas of a layer may tile it or not."""

    __tablename__ = "core_area_layer"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[Translated] = translated_column(200)
    position: Mapped[int] = mapped_column(default=0)
    """Order in which layers answer; small numbers are the large areas (district before neighbourhood)."""
    stamp: Mapped[str] = mapped_column(String(32), default=new_public_id)
    """A new random text at every change of the layer's areas: what is kept in memory is kept under it."""


class Area(Keyed, CoreBase):
    """An area of one layer, inside an area of a higher one; most have a border, those known by name only have none."""

    __tablename__ = "core_area"
    __table_args__ = (
        UniqueConstraint("layer_id", "code"),
        CheckConstraint("south <= north AND west <= east", name="box"),
        CheckConstraint("(geometry IS NULL) = (west IS NULL)", name="border"),
        Index("ix_core_area_box", "west", "east", "south", "north"),
    )

    layer_id: Mapped[int] = mapped_column(ForeignKey(Layer.id), index=True)
    code: Mapped[str] = mapped_column(String(60), index=True)
    name: Mapped[Translated] = translated_column(200)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("core_area.id"), index=True)
    geometry: Mapped[dict[str, Any] | None] = mapped_column(BoundedJSON(GEOMETRY_BYTES), deferred=True)
    """GeoJSON MultiPolygon, longitude and latitude in degrees, 7 decimals (1 cm)."""
    fine: Mapped[dict[str, Any] | None] = mapped_column(BoundedJSON(GEOMETRY_BYTES), deferred=True)
    """The same simplified by about 10 m, for maps of a district."""
    coarse: Mapped[dict[str, Any] | None] = mapped_column(BoundedJSON(GEOMETRY_BYTES), deferred=True)
    """The same simplified by about 100 m, for maps of the city."""
    west: Mapped[float | None]
    south: Mapped[float | None]
    east: Mapped[float | None]
    north: Mapped[float | None]
    latitude: Mapped[float | None]
    """Of a point inside the area, for labels and for finding its parent."""
    longitude: Mapped[float | None]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]

    layer: Mapped[Layer] = relationship(lazy="joined", innerjoin=True)
    parent: Mapped[Area | None] = relationship(remote_side="Area.id", lazy="raise")
