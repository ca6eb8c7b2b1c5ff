"""Privacy: personal data is declared on its column; what the city owes for it is read from that declaration."""

from egovframe.core.modules.privacy.declaration import Personal, personal, personal_columns, personal_of

__all__ = ["Personal", "personal", "personal_columns", "personal_of"]
