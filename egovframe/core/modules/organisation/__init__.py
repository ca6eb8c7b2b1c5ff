"""Organisation: departments, posts, officials, absences with substitutes, and who is in charge of what, where."""

from egovframe.core.auth import register_scope_parser, register_scope_resolver
from egovframe.core.modules.organisation.importing import ImportReport, RefusedRow, import_organisation
from egovframe.core.modules.organisation.models import (
    EVERYTHING,
    Absence,
    Department,
    Jurisdiction,
    Official,
    Post,
)
from egovframe.core.modules.organisation.queries import (
    Holder,
    department_by_code,
    department_id_of,
    department_names,
    departments,
    departments_above,
    departments_below,
    holder_of,
    jurisdictions_for,
    post_by_code,
    post_holder,
    posts_of,
    reporting_line,
)
from egovframe.core.modules.organisation.reading import OrganisationFileError, Row, read_rows, rows_of
from egovframe.core.modules.organisation.services import (
    Put,
    put_absence,
    put_department,
    put_jurisdiction,
    put_official,
    put_post,
)

register_scope_resolver("department", departments_below)
register_scope_parser("department", department_id_of)

__all__ = [
    "EVERYTHING",
    "Absence",
    "Department",
    "Holder",
    "ImportReport",
    "Jurisdiction",
    "Official",
    "OrganisationFileError",
    "Post",
    "Put",
    "RefusedRow",
    "Row",
    "department_by_code",
    "department_id_of",
    "department_names",
    "departments",
    "departments_above",
    "departments_below",
    "holder_of",
    "import_organisation",
    "jurisdictions_for",
    "post_by_code",
    "post_holder",
    "posts_of",
    "put_absence",
    "put_department",
    "put_jurisdiction",
    "put_official",
    "put_post",
    "read_rows",
    "reporting_line",
    "rows_of",
]
