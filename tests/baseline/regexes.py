"""Every regular expression of the project, and texts made of its own letters that make a careless one run for hours."""

from __future__ import annotations

import ast
import functools
import importlib
import itertools
import operator
import pkgutil
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import FrameType, ModuleType
from typing import Any

METHODS = frozenset({"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"})
LENGTH = 100_000
MOST_SECONDS = 0.1
ROOM = 4
"""Letters of one pattern that are tried in pairs; all are tried alone."""
SAMPLES = {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "w"}


@dataclass(frozen=True, slots=True)
class Use:
    """One pattern as the project uses it."""

    where: str
    pattern: re.Pattern[str]
    method: str


class TooLong(Exception):
    """The alarm rang."""


def uses() -> Iterator[Use]:
    """Yield every use: patterns spelt out in a call, and compiled ones by the methods called on their names."""
    modules = [module for package in packages() for module in modules_of(package)]
    trees = {module.__name__: ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")) for module in modules}
    called = _methods_by_name(trees.values())
    for module in modules:
        yield from _spelt_out(module.__name__, trees[module.__name__])
        yield from compiled_inside(module.__name__, trees[module.__name__], called)
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                for method in sorted(called.get(name, {"fullmatch", "search"})):
                    yield Use(f"{module.__name__}.{name}", value, method)


def packages() -> list[str]:
    """Return the framework, every plugin that is installed, and every plugin of this repository."""
    installed = {entry.value.partition(":")[0] for entry in entry_points(group="egovframe.plugins")}
    here = {place.parent.name for place in Path(__file__).parents[2].glob("plugins/*/plugin.toml")}
    return ["egovframe", *sorted({name.partition(".")[0] for name in installed | here})]


def compiled_inside(where: str, tree: ast.Module, called: dict[str, set[str]]) -> Iterator[Use]:
    """Yield patterns that a class or a function compiles from text spelt out there."""
    for outer in ast.walk(tree):
        if not isinstance(outer, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        names = {id(node.value): target_of(node) for node in ast.walk(outer) if isinstance(node, ast.Assign)}
        for node in ast.walk(outer):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile" and _is_literal(node):
                pattern = re.compile(node.args[0].value, _flags(node))  # type: ignore[attr-defined]
                for method in sorted(called.get(names.get(id(node), ""), {"fullmatch", "search"})):
                    yield Use(f"{where}:{node.lineno}", pattern, method)


def target_of(node: ast.Assign) -> str:
    """Return the name that is assigned to, the last part of it."""
    target = node.targets[0]
    return target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")


def _is_literal(node: ast.Call) -> bool:
    return bool(node.args) and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)


def _flags(node: ast.Call) -> int:
    """Return the flags of a call, where they are spelt out as ``re.A | re.B``."""
    given = [*node.args[1:2], *(each.value for each in node.keywords if each.arg == "flags")]
    names = [part.attr for each in given for part in ast.walk(each) if isinstance(part, ast.Attribute)]
    return functools.reduce(operator.or_, (int(getattr(re, name)) for name in names), 0)


def modules_of(package: str) -> Iterator[ModuleType]:
    """Yield a package and all modules below it, but for revisions and programs, which run when imported."""
    root = importlib.import_module(package)
    yield root
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        if ".versions." not in found.name and not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def _methods_by_name(trees: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for node in itertools.chain.from_iterable(ast.walk(tree) for tree in trees):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            holder = node.func.value
            name = holder.id if isinstance(holder, ast.Name) else getattr(holder, "attr", "")
            found.setdefault(name, set()).add(node.func.attr)
    return found


def _spelt_out(where: str, tree: ast.Module) -> Iterator[Use]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        first, function = node.args[0], node.func
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            continue
        of_re = isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == "re"
        if of_re and isinstance(function, ast.Attribute) and function.attr in METHODS:
            yield Use(f"{where}:{node.lineno}", re.compile(first.value), function.attr)
        elif getattr(function, "attr", getattr(function, "id", "")) == "Regexp":
            yield Use(f"{where}:{node.lineno}", re.compile(first.value), "match")


def letters_of(pattern: re.Pattern[str]) -> list[str]:
    """Return one letter for everything that a pattern speaks of, in order."""
    found: dict[str, None] = {}

    def visit(items: Any) -> None:
        for code, value in items:
            if code in (codes.LITERAL, codes.NOT_LITERAL):
                found[chr(value)] = None
            elif code is codes.RANGE:
                found[chr(value[0])] = None
            elif code is codes.CATEGORY:
                found[SAMPLES.get(str(value), "-")] = None
            elif code is codes.ANY:
                found["x"] = None
            elif code is codes.IN:
                visit(value)
            else:
                _visit_inside(value, visit)

    visit(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))
    return list(found)


def _visit_inside(value: Any, visit: Any) -> None:
    parts = value if isinstance(value, tuple | list) else (value,)
    for part in parts:
        if isinstance(part, parser.SubPattern):
            visit(part)
        elif isinstance(part, list | tuple):
            _visit_inside(part, visit)


def attacks(pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield long texts of a pattern's letters that nearly fit, to the last sign."""
    letters = letters_of(pattern)
    for letter in letters:
        yield letter * LENGTH + "\x00"
    for pair in itertools.permutations(letters[:ROOM], 2):
        yield "".join(pair) * (LENGTH // 2) + "\x00"


def slowest(use: Use) -> float:
    """Return the CPU seconds of the slowest attack; it is cut off soon after the limit."""
    call = getattr(use.pattern, use.method)
    worst = 0.0
    for text in attacks(use.pattern):
        begun = time.process_time()
        with cut_off(2 * MOST_SECONDS):
            found = call("", text) if use.method in {"sub", "subn"} else call(text)
            if use.method == "finditer":
                sum(1 for _match in found)
        worst = max(worst, time.process_time() - begun)
        if worst > MOST_SECONDS:
            break
    return worst


@contextmanager
def cut_off(seconds: float) -> Iterator[None]:
    """End the block after so many seconds of CPU: the engine of ``re`` lets signals through."""
    before = signal.signal(signal.SIGVTALRM, _ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        with suppress(TooLong):
            yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise TooLong
