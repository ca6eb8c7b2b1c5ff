"""Reference numbers that people read aloud, and tracking codes that nobody can guess."""

from __future__ import annotations

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U (https://www.crockford.com/base32.html)."""
TRACKING_LENGTH = 16
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212_.]+")

# A totally anti-symmetric quasigroup of order 10: H. M. Damm, "Total anti-symmetrische Quasigruppen", Marburg 2004.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def check_digit(digits: str) -> str:
    """Return the Damm check digit: one digit that detects every wrong digit and every swap of two neighbours."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)


def make_reference(pattern: str, year: int, number: int) -> str:
    """Return a reference such as ``C-2026-004812-7`` from a pattern such as ``C-{year}-{number:06}-{check}``."""
    padded = re.search(r"\{number:0(\d)\}", pattern)
    width = int(padded.group(1)) if padded else 6
    digits = f"{year:04}{number:0{width}}"
    return pattern.format(year=f"{year:04}", number=number, check=check_digit(digits))


def normal_reference(text: str) -> str | None:
    """Return the reference as stored, or None when the text cannot be one (wrong shape or check digit).

    Case, surrounding space and the kind of dash do not matter.
    """
    if len(text) > 60:
        return None
    parts = [part for part in _SEPARATORS.split(text.strip().upper()) if part]
    digits = "".join(parts[1:])
    if len(parts) != 4 or not (digits.isascii() and digits.isdigit()) or not parts[0].isascii():
        return None
    return "-".join(parts) if check_digit(digits) == "0" else None


def new_tracking_code() -> str:
    """Return a code of 80 random bits in four groups: ``7K3M-9QXA-…``."""
    raw = "".join(secrets.choice(ALPHABET) for _ in range(TRACKING_LENGTH))
    return "-".join(raw[i : i + 4] for i in range(0, TRACKING_LENGTH, 4))


def normal_tracking_code(text: str) -> str | None:
    """Return the 16 characters of a code as somebody typed it, or None when it cannot be one.

    Upper or lower case, spaces and dashes do not matter; O is read as 0, I and L as 1.
    """
    if len(text) > 60:
        return None
    code = _SEPARATORS.sub("", text).upper().translate(_LOOK_ALIKES)
    return code if len(code) == TRACKING_LENGTH and all(sign in ALPHABET for sign in code) else None
