"""Every action that the code writes into the record has a title that an auditor can read, in every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import egovframe
from egovframe.app import core_hooks, room_modules
from egovframe.core.i18n import use_language
from egovframe.core.modules.audit import ActionTitles, action_title
from egovframe.core.modules.audit.titles import ACTIONS
from egovframe.core.modules.cases import Transition, read_definitions
from egovframe.core.web import runtime

ROOT = Path(egovframe.__file__).parents[1]
ACTION = re.compile(r"[a-z][a-z0-9_]*:[a-z0-9_]+:[a-z0-9_]+")
WRITERS = {"audit", "audit_refusal", "_audit"}
PATTERNS = {"cases:case:", "organisation:"}
"""Beginnings of actions that are put together when they are written; what they can become is tried below."""


def written(source: str) -> Iterator[str]:
    """Yield what looks like an action in a file that writes into the record, and beginnings of computed ones."""
    tree = ast.parse(source)
    calls = {getattr(node.func, "id", "") for node in ast.walk(tree) if isinstance(node, ast.Call)}
    if not calls & WRITERS:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ACTION.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            begun = str(node.values[0].value)
            if re.fullmatch(r"[a-z_]+:([a-z_]+:)?", begun) and _is_action(tree, node):
                yield begun


def _is_action(tree: ast.Module, joined: ast.JoinedStr) -> bool:
    """Whether a computed text is the action of a call, itself or by the name that it was given."""
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and node.value is joined
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") in WRITERS]
    return any(arg is joined or getattr(arg, "id", "") in names for call in calls for arg in call.args[2:3])


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (ROOT / folder).rglob("*.py")


def core_titles() -> set[str]:
    return {*ACTIONS, *(name for _room, module in room_modules("actions") for name in module.ACTIONS)}


def test_every_action_of_the_core_has_a_title() -> None:
    found = {action for path in sources("egovframe") for action in written(path.read_text(encoding="utf-8"))}
    assert len(found) > 40
    rights = {right.name for right in core_hooks(strict=True).collect("permissions")}
    missing = found - core_titles() - PATTERNS - rights
    assert not missing, f"name them in the room's actions.py: {sorted(missing)}"


def test_no_title_is_left_over() -> None:
    found = {action for path in sources("egovframe") for action in written(path.read_text(encoding="utf-8"))}
    idle = {name for name in core_titles() - found if not name.startswith(tuple(PATTERNS))}
    assert not idle, f"nobody writes {sorted(idle)}"


@pytest.mark.parametrize("plugin", ["plugins/civic_participation", "templates/plugin/lost_and_found"])
def test_every_action_of_a_plugin_has_a_title(plugin: str) -> None:
    found = {action for path in sources(plugin) for action in written(path.read_text(encoding="utf-8"))}
    hooks = (ROOT / plugin / "hooks.py").read_text(encoding="utf-8")
    assert found
    assert [action for action in found if f'"{action}": _(' not in hooks] == []


def test_an_action_without_a_title_is_seen() -> None:
    source = 'action = "a:b:c" if x else "d:e:f"\naudit(session, actor, action, "x:1")\n'
    assert set(written(source)) == {"a:b:c", "d:e:f"}
    assert list(written('action = f"new:{kind}:put"\naudit(session, actor, action, "x")')) == ["new:"]
    assert list(written('audit(session, actor, f"new:thing:{verb}", f"case:{number}")')) == ["new:thing:"]
    assert list(written('x = "a:b:c"')) == []


def test_computed_actions_have_titles_too(app: Flask) -> None:
    database = runtime(app).database
    for kind in ("department", "post", "official", "absence", "jurisdiction"):
        assert action_title(database, f"organisation:{kind}:put") != f"organisation:{kind}:put"
    steps: list[Transition] = [
        step for one in read_definitions(runtime(app).hooks.collect("case_types")) for step in one.transitions
    ]
    assert steps
    assert all(step.title for step in steps)


@pytest.mark.parametrize("lang", ["ko", "ar"])
def test_titles_are_translated(app: Flask, lang: str) -> None:
    titles = runtime(app).database.service(ActionTitles).by_action
    with app.app_context():
        english = {name: str(title) for name, title in titles.items()}
        with use_language(lang):
            same = [name for name, title in titles.items() if str(title) == english[name]]
    assert same == []
