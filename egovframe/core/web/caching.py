"""How a view's answers may be kept, noted on the view itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def caches(policy: str) -> Callable[[View], View]:
    """Note on a view how its answers may be kept where it sets ``Cache-Control`` itself, for the table of routes.

    Args:
        policy: ``public`` for what is the same for everybody, whoever asks; ``no-store`` for what one person may see.
    """

    def decorate(view: View) -> View:
        view.__cache__ = policy  # type: ignore[attr-defined]
        return view

    return decorate
