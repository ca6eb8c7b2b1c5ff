"""Which column of a foreign file means what: Boston's and New York's 311 exports are known, others are mapped by hand.

Column names after the cities' open-data portals ("311 Service Requests").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from egovframe.errors import BadRequest

FIELDS = (
    "id",
    "opened",
    "due",
    "closed",
    "status",
    "resolution",
    "title",
    "category",
    "category_group",
    "department",
    "department_name",
    "address",
    "area",
    "latitude",
    "longitude",
    "channel",
    "description",
)
REQUIRED = ("id", "opened", "category")

BOSTON = {
    "case_enquiry_id": "id",
    "open_dt": "opened",
    "target_dt": "due",
    "sla_target_dt": "due",
    "closed_dt": "closed",
    "case_status": "status",
    "closure_reason": "resolution",
    "case_title": "title",
    "type": "category",
    "reason": "category_group",
    "department": "department",
    "subject": "department_name",
    "location": "address",
    "neighborhood": "area",
    "latitude": "latitude",
    "longitude": "longitude",
    "source": "channel",
}
NEW_YORK = {
    "unique key": "id",
    "created date": "opened",
    "due date": "due",
    "closed date": "closed",
    "status": "status",
    "resolution description": "resolution",
    "descriptor": "title",
    "complaint type": "category",
    "agency": "department",
    "agency name": "department_name",
    "incident address": "address",
    "borough": "area",
    "latitude": "latitude",
    "longitude": "longitude",
    "open data channel type": "channel",
}
KNOWN = (BOSTON, NEW_YORK)


def recognise(headings: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return field → heading for a file.

    Args:
        headings: the file's own column names.
        chosen: heading → field as given by ``--map``; wins over what is recognised.

    Raises:
        BadRequest: an unknown field or column is named, or a needed field has no column.
    """
    by_name = {heading.strip().lower().replace("_", " "): heading for heading in headings}
    found: dict[str, str] = {}
    best = max(KNOWN, key=lambda known: sum(column.replace("_", " ") in by_name for column in known))
    for column, field in best.items():
        heading = by_name.get(column.replace("_", " "))
        if heading is not None:
            found.setdefault(field, heading)
    for field in FIELDS:
        if field in by_name:
            found.setdefault(field, by_name[field])
    for heading, field in (chosen or {}).items():
        if field not in FIELDS:
            raise BadRequest(f"--map: {field} is no field; choose from {', '.join(FIELDS)}")
        if heading not in headings:
            raise BadRequest(f"--map: the file has no column {heading}; it has {', '.join(headings)}")
        found[field] = heading
    missing = [field for field in REQUIRED if field not in found]
    if missing:
        raise BadRequest(
            f"no column was recognised for {', '.join(missing)}: name it with --map COLUMN=FIELD"
            f" (columns: {', '.join(headings)})"
        )
    return found
