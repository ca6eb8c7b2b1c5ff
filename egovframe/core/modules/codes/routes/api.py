"""``/api/v1/codes/{table}``: what may be chosen, in the reader's language."""

from __future__ import annotations

from typing import Any

from egovframe.core.auth import public
from egovframe.core.modules.codes.models import Code
from egovframe.core.modules.codes.queries import code_table, codes, parents_of
from egovframe.core.modules.codes.schemas import AtSchema, CodeTableSchema
from egovframe.core.persistence import now
from egovframe.core.web import ApiBlueprint, reading

blueprint = ApiBlueprint("codes_api", __name__, url_prefix="/codes", description="Code tables")


@blueprint.get("/<string:table>")
@public
@blueprint.arguments(AtSchema, location="query")
@blueprint.response(200, CodeTableSchema)
def get_code_table(query: dict[str, Any], table: str) -> dict[str, Any]:
    """Read a code table, each code followed by those below it."""
    session = reading()
    owner = code_table(session, table)
    rows = codes(session, table, None if query["all"] else query["at"] or now(session))
    parents = parents_of(rows)
    title = owner.title.pick()
    return {
        "code": owner.code,
        "title": title.text,
        "language": title.lang,
        "codes": [_shown(row, parents[row.id]) for row in rows],
    }


def _shown(row: Code, parent: str | None) -> dict[str, Any]:
    title = row.title.pick()
    return {
        "code": row.code,
        "title": title.text,
        "language": title.lang,
        "parent": parent,
        "position": row.position,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
    }
