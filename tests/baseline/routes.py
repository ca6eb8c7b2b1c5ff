"""Every route of the real application with what it declares, found by introspection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from egovframe.core.auth import Guard, guard_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    method: str
    rule: Rule
    guard: Guard | None

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule} [{self.rule.endpoint}]"

    @property
    def endpoint(self) -> str:
        """The name of the view."""
        return str(self.rule.endpoint)

    @property
    def is_page(self) -> bool:
        """Whether it lies below a language: only such routes read cookies."""
        return "lang" in self.rule.arguments or self.endpoint == "core.root"

    @property
    def is_api(self) -> bool:
        """Whether it lies below ``/api/``."""
        return self.rule.rule.startswith("/api/")

    @property
    def is_safe(self) -> bool:
        """Whether the method must change nothing."""
        return self.method in SAFE

    @property
    def parameters(self) -> list[str]:
        """What the address needs besides the language."""
        return sorted(self.rule.arguments - {"lang"})


def routes(app: Flask) -> Iterator[Route]:
    """Yield every method of every route but the ones that Flask adds by itself."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: (each.rule, each.endpoint)):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(method, rule, guard_of(app.view_functions[rule.endpoint], method))
