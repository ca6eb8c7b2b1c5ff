"""Languages: the reader's choice, messages, translated content, dates and numbers."""

from egovframe.core.i18n.catalogues import CatalogueError, CatalogueSet, Messages
from egovframe.core.i18n.content import LocalText, Translated, TranslatedText, localized, source_text, translated_column
from egovframe.core.i18n.extension import CORE_CATALOGUES, I18n
from egovframe.core.i18n.formats import (
    city_zone,
    format_date,
    format_datetime,
    format_deadline,
    format_duration,
    format_number,
    format_percent,
    format_relative,
    format_time,
)
from egovframe.core.i18n.languages import (
    SOURCE_LANGUAGE,
    base_language,
    direction,
    is_language,
    language_name,
    locale_of,
    negotiate,
    related,
)
from egovframe.core.i18n.lazy import LazyText, Text
from egovframe.core.i18n.messages import (
    N_,
    gettext,
    lazy_gettext,
    lazy_ngettext,
    lazy_pgettext,
    ngettext,
    npgettext,
    pgettext,
)
from egovframe.core.i18n.speech import current_language, set_language, use_language

__all__ = [
    "CORE_CATALOGUES",
    "N_",
    "SOURCE_LANGUAGE",
    "CatalogueError",
    "CatalogueSet",
    "I18n",
    "LazyText",
    "LocalText",
    "Messages",
    "Text",
    "Translated",
    "TranslatedText",
    "base_language",
    "city_zone",
    "current_language",
    "direction",
    "format_date",
    "format_datetime",
    "format_deadline",
    "format_duration",
    "format_number",
    "format_percent",
    "format_relative",
    "format_time",
    "gettext",
    "is_language",
    "language_name",
    "lazy_gettext",
    "lazy_ngettext",
    "lazy_pgettext",
    "locale_of",
    "localized",
    "negotiate",
    "ngettext",
    "npgettext",
    "pgettext",
    "related",
    "set_language",
    "source_text",
    "translated_column",
    "use_language",
]
