"""Routes whose addresses are assembled by code that is compiled when first needed, not at the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LateRule(Rule):
    """A rule that compiles its two address builders on their first call.

    Werkzeug writes and compiles two functions for every rule as it is added. With some hundred routes that is a third
    of the time an application takes to stand, and most routes are never linked to by the process that has them.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if not made:
                # Two threads may both compile; they compile the same.
                made.append(super(LateRule, self)._compile_builder(append_unknown))
            return made[0](rule, **values)

        return build
