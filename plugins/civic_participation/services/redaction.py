"""What strangers may read of a text: e-mail addresses, telephone and identity numbers are covered."""

from __future__ import annotations

import re

COVER = "•••"
# Bounded repetitions only, so that no text of any shape costs more than its length.
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_NUMBER = re.compile(r"(?<![\w-])\+?\d(?:[ ()./-]{0,2}\d){7,16}(?!\w)")
"""Eight to seventeen digits with the separators people use: telephones, resident numbers, cards."""


def public_text(text: str) -> str:
    """Return the text with what could identify or reach somebody covered."""
    return _NUMBER.sub(COVER, _EMAIL.sub(COVER, text))


def needs_cover(text: str) -> bool:
    """Whether a text holds anything that would be covered."""
    return public_text(text) != text
