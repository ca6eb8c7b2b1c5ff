"""Passwords: argon2id, no composition rules, and a refusal of what everybody tries first (NIST SP 800-63B, 5.1.1.2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from importlib.resources import files
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from egovframe.core.auth.policy import AuthPolicy
from egovframe.core.i18n import lazy_gettext as _
from egovframe.errors import Invalid

PasswordHash = NewType("PasswordHash", str)
"""argon2id in PHC format, made by ``hash_password`` only: the rules have been checked."""

MIN_LENGTH = 12
MAX_LENGTH = 200
LEAST_VARIETY = 5
"""Fewest different characters: keeps ``aaaaaaaaaaaa`` and ``121212121212`` out."""
LEAST_OWN = 6
"""Fewest characters that must be left when a well-known word is taken away."""
DISGUISES = str.maketrans("@4301!$57", "aaeoiisst")
"""Digits and signs that people write for letters."""
RUNS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "01234567890123456789", "98765432109876543210")


def hash_password(password: str, policy: AuthPolicy, *, email: str = "", field: str = "password") -> PasswordHash:
    """Check a new password and return its hash; takes tens of milliseconds, so call it outside any writing unit.

    Args:
        password: as typed.
        policy: the cost.
        email: the account's address, whose name part may not be the password.
        field: name of the form field that carries the message.

    Raises:
        Invalid: too short, too long, or among the first that an attacker tries.
    """
    problem = weakness(password, email)
    if problem is not None:
        raise Invalid(errors={field: [problem]})
    return PasswordHash(_hasher(policy).hash(_normal(password)))


def verify_password(stored: str | None, password: str, policy: AuthPolicy) -> bool:
    """Whether the password belongs to the hash. Without a hash a dummy is verified, so that both take as long."""
    hasher = _hasher(policy)
    try:
        matches = hasher.verify(stored or _dummy(policy), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return matches and stored is not None


def is_outdated(stored: str, policy: AuthPolicy) -> bool:
    """Whether the hash was made with another cost than today's."""
    return _hasher(policy).check_needs_rehash(stored)


def rehash(password: str, policy: AuthPolicy) -> PasswordHash:
    """Return the hash of an accepted password at today's cost; the rules of new passwords do not apply."""
    return PasswordHash(_hasher(policy).hash(_normal(password)))


def weakness(password: str, email: str = "") -> object | None:
    """Return what is wrong with a new password, or None."""
    if len(password) > MAX_LENGTH:
        return _("Use at most %(count)d characters.", count=MAX_LENGTH)
    if len(password) < MIN_LENGTH:
        return _("Use at least %(count)d characters; a few words in a row are easy to remember.", count=MIN_LENGTH)
    if _is_common(_normal(password).casefold(), email):
        return _("This password is easy to guess. Try a few words that do not belong together.")
    return None


def _is_common(password: str, email: str) -> bool:
    if len(set(password)) < LEAST_VARIETY or any(password in run * 2 for run in RUNS):
        return True
    name = email.partition("@")[0].casefold()
    words = {*common_words(), name} if len(name) >= 3 else common_words()
    return any(_is_decorated(form, words) for form in (password, password.translate(DISGUISES)))


def _is_decorated(password: str, words: Collection[str]) -> bool:
    # "password2026!" is "password" with decoration: what counts is what is left without the well-known word.
    letters = re.sub(r"[\W\d_]+", "", password)
    return any(word in password and len(letters.replace(word, "")) < LEAST_OWN for word in words)


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Return the words that lists of stolen passwords begin with."""
    text = files("egovframe.core.auth").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


@lru_cache(maxsize=4)
def _hasher(policy: AuthPolicy) -> PasswordHasher:
    return PasswordHasher(policy.argon2_time, policy.argon2_memory_kib, policy.argon2_parallelism)


@lru_cache(maxsize=4)
def _dummy(policy: AuthPolicy) -> str:
    return _hasher(policy).hash("no account has this password")


def _normal(password: str) -> str:
    """Return the one form that different keyboards' spellings of a character share."""
    return unicodedata.normalize("NFKC", password)
