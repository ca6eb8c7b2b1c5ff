"""What the areas' API takes and gives."""

from __future__ import annotations

from marshmallow import Schema, fields

from egovframe.fields import Code, Integer, Latitude, Longitude, StrictSchema

MOST_METRES = 1000
"""How far away a border may be asked for: up to there distances are right to 0.1 %."""


class LocateQuery(StrictSchema):
    """A point in WGS 84."""

    lat = Latitude(required=True)
    lon = Longitude(required=True)
    near = Integer(
        minimum=1,
        maximum=MOST_METRES,
        metadata={"description": "Also name, under `beside`, the areas whose border lies within so many metres"},
    )


class AreasQuery(StrictSchema):
    """Which layer's areas."""

    layer = Code(required=True, max_length=40)


class MapQuery(StrictSchema):
    """How far a drawn border may lie from the true one, in degrees (0.001 is about 100 m)."""

    tolerance = Latitude()


class AreaOut(Schema):
    """An area; the name is in the reader's language where there is one."""

    layer = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)


class AreasOut(Schema):
    """Areas, large ones first."""

    areas = fields.List(fields.Nested(AreaOut), required=True)


class AreaBesideOut(AreaOut):
    """An area that does not contain the point, and how many metres away its border lies."""

    metres = fields.Float(required=True)


class LocatedOut(AreasOut):
    """The areas of a point; ``beside``, the nearest first, only for those who ask with ``near``."""

    beside = fields.List(fields.Nested(AreaBesideOut))
