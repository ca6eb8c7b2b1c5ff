"""Privacy: personal data is declared on its column; what the city owes for it is read from that declaration.

This face holds the declarations, which models use. The verbs (download, erase, hold, notices …) stand in
``egovframe.core.modules.privacy.services``: they write the audit, which stands on the declarations.
"""

from egovframe.core.modules.privacy.declaration import Personal, personal, personal_columns, personal_of
from egovframe.core.modules.privacy.gate import PersonalDataRefused
from egovframe.core.modules.privacy.looking import (
    Looking,
    by_order_of,
    by_the_person,
    by_the_system,
    is_held_back,
    purpose_stated,
    state_purpose,
)
from egovframe.core.modules.privacy.masking import MASK, asked, is_masked, masked
from egovframe.core.modules.privacy.models import Look, LookSubject
from egovframe.core.modules.privacy.purposes import CASE, OPERATION, REVEAL, declare_purpose, purpose_title
from egovframe.core.modules.privacy.queries import SeenLook, is_untouched, looks, looks_at
from egovframe.core.modules.privacy.recording import name_offices, write_down
from egovframe.core.modules.privacy.subjects import ACCOUNT, Subject, Unresolvable, facets, matches, subjects

__all__ = [
    "ACCOUNT",
    "CASE",
    "MASK",
    "OPERATION",
    "REVEAL",
    "Look",
    "LookSubject",
    "Looking",
    "Personal",
    "PersonalDataRefused",
    "SeenLook",
    "Subject",
    "Unresolvable",
    "asked",
    "by_order_of",
    "by_the_person",
    "by_the_system",
    "declare_purpose",
    "facets",
    "is_held_back",
    "is_masked",
    "is_untouched",
    "looks",
    "looks_at",
    "masked",
    "matches",
    "name_offices",
    "personal",
    "personal_columns",
    "personal_of",
    "purpose_stated",
    "purpose_title",
    "state_purpose",
    "subjects",
    "write_down",
]
