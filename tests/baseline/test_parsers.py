"""Parsers: no regular expression runs away, and nothing is read by a parser that runs what it reads."""

from __future__ import annotations

import ast
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from baseline.regexes import MOST_SECONDS, Use, compiled_inside, letters_of, modules_of, packages, slowest, uses

RUNNING = {"pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle", "yaml", "ruamel", "joblib"}
"""Modules that make objects of any kind, or run code, from what they read."""
XML = {"xml", "lxml", "defusedxml"}
"""Who reads XML decides about outside entities first; nobody does yet."""

needs_alarm = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no alarm")


@needs_alarm
def test_no_regular_expression_runs_away() -> None:
    found = {(use.pattern, use.method): use for use in uses()}.values()
    assert len(found) > 60, "the search for patterns finds too few"
    slow = {f"{use.where} {use.method} {use.pattern.pattern[:60]}" for use in found if slowest(use) > MOST_SECONDS}
    assert slow == set()


@needs_alarm
@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(a+)+$", "match"),
        (r"(x|xx)*y", "fullmatch"),
        (r"\s+$", "search"),
        (r"<[^>]*>;", "sub"),
        (r"(\d+)*-", "match"),
    ],
)
def test_a_pattern_that_runs_away_is_found(pattern: str, method: str) -> None:
    assert slowest(Use("here", re.compile(pattern), method)) > MOST_SECONDS


def test_patterns_inside_of_classes_and_functions_are_found() -> None:
    source = """
class Door:
    KEY = re.compile("(a+)+$", re.IGNORECASE | re.ASCII)
    def open(self, text):
        own = re.compile("b")
        return own.search(text), self.KEY.match(text)
"""
    found = {
        (use.pattern.pattern, use.method): use.pattern.flags
        for use in compiled_inside("door", ast.parse(source), {"KEY": {"match"}, "own": {"search"}})
    }
    assert set(found) == {("(a+)+$", "match"), ("b", "search")}
    assert found["(a+)+$", "match"] & re.IGNORECASE


def test_every_plugin_is_looked_through() -> None:
    assert {"egovframe", "civic_participation"} <= set(packages())


def test_letters_are_those_of_the_pattern() -> None:
    assert letters_of(re.compile(r"(?:ab|[x-z]\d+)(?=q)")) == ["a", "b", "x", "7", "q"]


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the first part of every imported name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def called(tree: ast.AST) -> Iterator[str]:
    """Yield the names of functions that are called by their name alone."""
    return (node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))


def faults_of(source: str) -> set[str]:
    """Return what a source uses that runs what it reads."""
    tree = ast.parse(source)
    return (set(imported(tree)) & (RUNNING | XML)) | (set(called(tree)) & {"eval", "exec", "__import__"})


def test_nothing_is_read_by_what_runs_it() -> None:
    wrong = {
        module.__name__: faults
        for package in packages()
        for module in modules_of(package)
        if (faults := faults_of(Path(str(module.__file__)).read_text(encoding="utf-8")))
    }
    assert wrong == {}


@pytest.mark.parametrize("source", ["import pickle", "from yaml import load", "import xml.sax", "eval('1')", "exec(x)"])
def test_a_source_that_runs_what_it_reads_is_found(source: str) -> None:
    assert faults_of(source)
