"""Text that is translated when it is shown; it stands below every room, in ``egovframe.lazy``."""

from __future__ import annotations

from egovframe.lazy import LazyText, Text, lazy

__all__ = ["LazyText", "Text", "lazy"]
