"""Organisation: departments, posts, officials, absences with substitutes, and who is in charge of what, where."""

from egovframe.core.auth import register_scope_parser, register_scope_resolver
from egovframe.core.modules.organisation.deputies import (
    absence_to_cover,
    lend,
    open_seats,
    posts_below,
    reports_to,
    seats,
    take_back,
)
from egovframe.core.modules.organisation.importing import ImportReport, RefusedRow, import_organisation
from egovframe.core.modules.organisation.loans import LoanView, loan_views, midnight
from egovframe.core.modules.organisation.models import (
    EVERYTHING,
    Absence,
    Department,
    Jurisdiction,
    Official,
    Post,
)
from egovframe.core.modules.organisation.places import Place, places_of
from egovframe.core.modules.organisation.queries import (
    HeldPost,
    Holder,
    department_by_code,
    department_id_of,
    department_names,
    departments,
    departments_above,
    departments_below,
    holder_of,
    jurisdictions_for,
    names_in_office,
    office_of,
    post_by_code,
    post_holder,
    posts_held,
    posts_of,
    reporting_line,
)
from egovframe.core.modules.organisation.reading import OrganisationFileError, Row, read_rows, rows_of
from egovframe.core.modules.organisation.services import (
    Put,
    end_seat,
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
    "HeldPost",
    "Holder",
    "ImportReport",
    "Jurisdiction",
    "LoanView",
    "Official",
    "OrganisationFileError",
    "Place",
    "Post",
    "Put",
    "RefusedRow",
    "Row",
    "absence_to_cover",
    "department_by_code",
    "department_id_of",
    "department_names",
    "departments",
    "departments_above",
    "departments_below",
    "end_seat",
    "holder_of",
    "import_organisation",
    "jurisdictions_for",
    "lend",
    "loan_views",
    "midnight",
    "names_in_office",
    "office_of",
    "open_seats",
    "places_of",
    "post_by_code",
    "post_holder",
    "posts_below",
    "posts_held",
    "posts_of",
    "put_absence",
    "put_department",
    "put_jurisdiction",
    "put_official",
    "put_post",
    "read_rows",
    "reporting_line",
    "reports_to",
    "rows_of",
    "seats",
    "take_back",
]
