"""What the areas' API takes and gives."""

from __future__ import annotations

from marshmallow import Schema, fields

from egovframe.fields import Code, Latitude, Longitude, StrictSchema


class LocateQuery(StrictSchema):
    """A point in WGS 84."""

    lat = Latitude(required=True)
    lon = Longitude(required=True)


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
