"""What personal data is looked at for, in words that the person reads."""

from __future__ import annotations

import re
from collections.abc import Mapping

from egovframe.core.i18n import Text, gettext
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy.looking import UNSTATED

CASE, PRIVATE_CASE, REVEAL, ACCOUNTS, OPERATION = "case", "private_case", "reveal", "accounts", "operation"
_CODE = re.compile(r"[a-z][a-z0-9_]*(:[a-z][a-z0-9_]*)?")
_titles: dict[str, Text] = {
    CASE: _("To handle your case"),
    PRIVATE_CASE: _("To work with a case that is not public"),
    REVEAL: _("To reach you, with a reason given"),
    ACCOUNTS: _("To look after accounts"),
    OPERATION: _("To run the system, by its operators"),
    UNSTATED: _("For work that the city has not described further"),
}


def declare_purpose(code: str, title: Text) -> str:
    """Give a purpose words; plugins name theirs ``plugin:purpose`` and declare them where their models are.

    Raises:
        ValueError: the code is no code, or others have declared it otherwise.
    """
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is no purpose: lower-case letters, digits, underscores, plugin:purpose")
    if code in _titles and str(_titles[code]) != str(title):
        raise ValueError(f"the purpose {code} is declared twice")
    _titles[code] = title
    return code


def declared_purposes() -> Mapping[str, Text]:
    """Return the title of every declared purpose by code, the core's first."""
    return dict(_titles)


def purpose_title(code: str) -> str:
    """Return a purpose in the current language; the code itself where its plugin is gone."""
    return str(_titles[code]) if code in _titles else gettext("Purpose: %(code)s", code=code)


__all__ = [
    "ACCOUNTS",
    "CASE",
    "OPERATION",
    "PRIVATE_CASE",
    "REVEAL",
    "declare_purpose",
    "declared_purposes",
    "purpose_title",
]
