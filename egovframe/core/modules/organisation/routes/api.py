"""``/api/v1/departments``: the city's offices and how to reach them."""

from __future__ import annotations

from typing import Any

from egovframe.core.auth import public
from egovframe.core.modules.organisation.queries import departments
from egovframe.core.modules.organisation.schemas import DepartmentsOut
from egovframe.core.web import ApiBlueprint, language, reading

blueprint = ApiBlueprint("organisation_api", __name__, url_prefix="/departments", description="The city's offices")


@blueprint.get("")
@public
@blueprint.response(200, DepartmentsOut)
def list_departments() -> dict[str, Any]:
    """List the departments in force by code, with their public contact; ``parent`` is the code of the one above."""
    found = departments(reading())
    codes = {department.id: department.code for department in found}
    return {
        "departments": [
            {
                "code": department.code,
                "name": department.name.pick(language()).text,
                "parent": codes.get(department.parent_id or 0),
                "phone": department.phone,
                "email": department.email,
            }
            for department in found
        ]
    }
