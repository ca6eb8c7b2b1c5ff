"""``/api/v1/lost-and-found``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from egovframe.core.auth import public
from egovframe.core.web import (
    ApiBlueprint,
    actor,
    caller,
    idempotent,
    limit,
    paged,
    plugin_settings,
    reading,
    writing,
)
from lost_and_found.queries import kept_items
from lost_and_found.schemas import ItemIn, ItemOut, ListQuery
from lost_and_found.services import record_item

PLUGIN = "lost_and_found"
api = ApiBlueprint("lost_and_found_api", __name__, url_prefix="/lost-and-found", description="Found things")
LISTED = ItemOut(many=True)
"""Made once: building a schema costs more than filling it."""


@api.get("")
@public
@api.arguments(ListQuery, location="query")
@api.response(200, ItemOut(many=True))
def listing(query: dict[str, Any]) -> Any:
    """List what waits for its owner."""
    page = kept_items(reading(), query["page"], query["page_size"])
    return paged(page, LISTED.dump(page.items))


@api.post("")
@public
@idempotent
@api.arguments(ItemIn)
@api.response(201, ItemOut)
def create(found: dict[str, Any]) -> Any:
    """Record a found thing."""
    limit(caller(), PLUGIN, plugin_settings(PLUGIN)["records_per_hour"], timedelta(hours=1))
    with writing() as session:
        return record_item(session, actor(), **found)
