"""Organisation: departments, posts, officials, absences with substitutes, and who is in charge of what, where."""

from egovframe.core.modules.organisation.models import (
    EVERYTHING,
    Absence,
    Department,
    Jurisdiction,
    Official,
    Post,
)

__all__ = ["EVERYTHING", "Absence", "Department", "Jurisdiction", "Official", "Post"]
