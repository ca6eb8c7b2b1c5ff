"""Tools for translators and maintainers, apart from the room's face so that serving a page imports none of them."""

from egovframe.core.i18n.tools.extraction import (
    ExtractionError,
    Message,
    MessageKey,
    Package,
    extract,
    language_tables,
    source_files,
)
from egovframe.core.i18n.tools.merging import merged, read_po, template, template_path, update
from egovframe.core.i18n.tools.status import CatalogueState, catalogue_status, problem, state_of

__all__ = [
    "CatalogueState",
    "ExtractionError",
    "Message",
    "MessageKey",
    "Package",
    "catalogue_status",
    "extract",
    "language_tables",
    "merged",
    "problem",
    "read_po",
    "source_files",
    "state_of",
    "template",
    "template_path",
    "update",
]
