"""The shapes that a hook's answer may have, checked on every call: garbage is refused, never passed on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
ATTRIBUTE = "egovframe_answer"
DEFAULT_PATIENCE = 2.0
"""Seconds a hook may take before it counts as slow."""


class Garbage(TypeError):
    """A hook answered with something that its specification does not allow."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one implementation of a hook returns, and how the framework takes it.

    Args:
        shape: ``many`` (list or tuple of ``of``), ``mapping`` (str -> ``of``), ``one`` (``of`` or None), ``none``.
        of: the type of the items; whatever isinstance understands; ``object`` allows anything.
        patience: seconds before a call counts as slow; None for long work such as filling a demo city.
        decides: the answer decides rights or money, so a failing implementation refuses the whole question.
    """

    shape: str
    of: Any = object
    patience: float | None = DEFAULT_PATIENCE
    decides: bool = False

    def check(self, value: Any) -> Any:
        """Return the answer in its plain form: a list, a dict, one value or None.

        Raises:
            Garbage: the answer has another shape or holds another type.
        """
        if value is None:
            return {"many": [], "mapping": {}}.get(self.shape)
        if self.shape == "many":
            return self._many(value)
        if self.shape == "mapping":
            return self._mapping(value)
        if self.shape == "none" or not isinstance(value, self.of):
            raise Garbage(f"answered {type(value).__name__}, expected {self.expected}")
        return value

    @property
    def expected(self) -> str:
        """The shape in words."""
        words = {"many": "a list of {}", "mapping": "a mapping of names to {}", "one": "{} or None", "none": "nothing"}
        return words[self.shape].format(self.of.__name__)

    def _many(self, value: Any) -> list[Any]:
        # A generator is refused: it would run plugin code later, outside the guard.
        if not isinstance(value, list | tuple) or not all(isinstance(item, self.of) for item in value):
            raise Garbage(f"answered {_describe(value)}, expected {self.expected}")
        return list(value)

    def _mapping(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Garbage(f"answered {_describe(value)}, expected {self.expected}")
        plain = dict(value)
        if not all(isinstance(key, str) and isinstance(item, self.of) for key, item in plain.items()):
            raise Garbage(f"answered {_describe(plain)}, expected {self.expected}")
        return plain


def many(of: Any) -> Answer:
    """A list or tuple."""
    return Answer("many", of)


def mapping(of: Any) -> Answer:
    """A mapping with string keys."""
    return Answer("mapping", of)


def one(of: Any) -> Answer:
    """One value, or None for "not mine"."""
    return Answer("one", of)


def answers(answer: Answer, *, since: str, asked_by: str) -> Callable[[F], F]:
    """Attach the shape, the version that introduced the hook, and who calls it, to a hook specification."""

    def attach(function: F) -> F:
        setattr(function, ATTRIBUTE, (answer, since, asked_by))
        return function

    return attach


def _describe(value: Any) -> str:
    if isinstance(value, list | tuple | dict):
        kinds = sorted({type(item).__name__ for item in (value.values() if isinstance(value, dict) else value)})
        return f"{type(value).__name__} of {', '.join(kinds) or 'nothing'}"
    return type(value).__name__
