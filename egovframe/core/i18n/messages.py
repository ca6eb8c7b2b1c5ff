"""Messages in the language of the moment; placeholders are named: ``gettext("Due in %(days)s", days=…)``."""

from __future__ import annotations

from typing import Any

from egovframe.core.i18n.lazy import LazyText, lazy
from egovframe.core.i18n.speech import voice


def gettext(message: str, **variables: Any) -> str:
    """Return the message in the language of the moment; English where it is not translated."""
    text = voice().messages.gettext(message)
    return text % variables if variables else text


def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str:
    """Return the form for ``num``, which the message may show as ``%(num)s``."""
    variables.setdefault("num", num)
    return voice().messages.ngettext(singular, plural, num) % variables


def pgettext(context: str, message: str, **variables: Any) -> str:
    """Return the translation of a word that means different things in different places."""
    text = voice().messages.pgettext(context, message)
    return text % variables if variables else text


def npgettext(context: str, singular: str, plural: str, num: int, **variables: Any) -> str:
    """Return the form for ``num`` of a message that carries a context."""
    variables.setdefault("num", num)
    return voice().messages.npgettext(context, singular, plural, num) % variables


def lazy_gettext(message: str, **variables: Any) -> LazyText:
    """Return text that is translated when it is shown."""
    return lazy(gettext, message, **variables)


def lazy_ngettext(singular: str, plural: str, num: int, **variables: Any) -> LazyText:
    """Return text with a number that is translated when it is shown."""
    return lazy(ngettext, singular, plural, num, **variables)


def lazy_pgettext(context: str, message: str, **variables: Any) -> LazyText:
    """Return text with a context that is translated when it is shown."""
    return lazy(pgettext, context, message, **variables)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "to be translated where it is shown"
    """Mark a message for extraction and return it as it is."""
    return message
