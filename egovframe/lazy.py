"""Text that is translated when it is shown: what module-level titles and messages are made of.

It stands below every room, so that errors and fields can speak as well; the words come from ``egovframe.core.i18n``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask_babel
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape


class LazyText(LazyString):  # type: ignore[misc]
    """A message that becomes text in the language of the moment; equal parts are equal and hash alike."""

    def __hash__(self) -> int:
        return hash((self._func, self._args, tuple(sorted(self._kwargs.items()))))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LazyText):
            return bool((self._func, self._args, self._kwargs) == (other._func, other._args, other._kwargs))
        return bool(str(self) == other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __mod__(self, values: Any) -> str:
        return str(str(self) % values)

    def __html__(self) -> Markup:
        """Return the text escaped. Flask-Babel's own trusts it, with whatever was filled in: a title somebody wrote."""
        return escape(str(self))

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)


Text = str | LazyText
"""What a person reads: a string, or a message still to be translated."""


def lazy(function: Callable[..., str], *args: Any, **variables: Any) -> LazyText:
    """Return text that is made by ``function`` each time it is shown."""
    return LazyText(function, *args, **variables)


def lazy_gettext(message: str, /, **variables: Any) -> LazyText:
    """Return a message that is translated and filled in each time it is shown."""
    return LazyText(flask_babel.gettext, message, **variables)
