"""The code of authentication of a look, which the audit chain repeats."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from egovframe.core.persistence import Keyring


def mac_of(keyring: Keyring, values: Mapping[str, Any], subjects: Sequence[Mapping[str, Any]]) -> str:
    """Return the authentication code over everything that a look says, its persons included."""
    said = {name: _plain(value) for name, value in values.items() if name != "mac"}
    text = json.dumps([said, list(subjects)], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return keyring.mac("look", text.encode())


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


__all__ = ["mac_of"]
