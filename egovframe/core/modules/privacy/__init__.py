"""Privacy: personal data is declared on its column; what the city owes for it is read from that declaration.

This face holds the declarations, which models use. The verbs (download, erase, hold, notices …) stand in
``egovframe.core.modules.privacy.services``: they write the audit, which stands on the declarations.
"""

from egovframe.core.modules.privacy.declaration import Personal, personal, personal_columns, personal_of
from egovframe.core.modules.privacy.subjects import ACCOUNT, Subject, Unresolvable, facets, matches, subjects

__all__ = [
    "ACCOUNT",
    "Personal",
    "Subject",
    "Unresolvable",
    "facets",
    "matches",
    "personal",
    "personal_columns",
    "personal_of",
    "subjects",
]
