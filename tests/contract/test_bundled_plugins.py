"""Every bundled plugin, and the plugin template, keeps every promise; a plugin that breaks one is caught."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import pytest

from egovframe.cli.new import PLACEHOLDER, starter
from egovframe.testing.contract import check_plugin

BUNDLED = sorted({point.value for point in entry_points(group="egovframe.plugins")})
TEMPLATE = starter("plugin") / PLACEHOLDER


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled(name: str) -> None:
    spec = find_spec(name)
    assert spec is not None
    assert check_plugin(Path(next(iter(spec.submodule_search_locations or ())))) == []


def rewrite(file: str, old: str, new: str) -> Callable[[Path], None]:
    """Change one word of one file."""

    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} no longer has {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def write(file: str, text: str) -> Callable[[Path], None]:
    """Add or replace a file."""

    def change(folder: Path) -> None:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return change


ARABIC = "translations/ar/LC_MESSAGES/messages.po"
MARRED: dict[str, tuple[Callable[[Path], None], str]] = {
    "title": (rewrite("plugin.toml", 'ko = "분실물 센터"\n', ""), "manifest: title: say it in ko"),
    "core range": (rewrite("plugin.toml", ">=0.1,<1", "<0.0.1"), "manifest: it needs egovframe <0.0.1"),
    "import": (rewrite("hooks.py", "from __future__", "import nowhere_to_be_found\nfrom __future__"), "code: "),
    "guard": (rewrite("routes/pages.py", "@public\n", ""), "code: declare @public"),
    "template": (write("templates/lost_and_found/broken.html", "{% if %}"), "code: "),
    "room": (write("helpers.py", '"""A drawer."""\n'), "rooms: helpers.py"),
    "folder": (write("stuff/notes.txt", "x"), "rooms: stuff/"),
    "undeclared right": (
        rewrite("permissions.py", '"lost_and_found:item:manage"', '"lost_and_found:item:rule"'),
        "permissions: lost_and_found:item:rule: plugin.toml does not name it",
    ),
    "right used in passing": (
        rewrite("queries.py", "def count_kept", 'SECRET = "lost_and_found:item:peek"\n\n\ndef count_kept'),
        "permissions: queries.py: lost_and_found:item:peek is not declared",
    ),
    "menu": (rewrite("hooks.py", '"lost_and_found.listing", order', '"lost_and_found.nowhere", order'), "endpoints: "),
    "inside a room": (
        rewrite("queries.py", "core.persistence import", "core.persistence.paging import"),
        "imports: queries.py: egovframe.core.persistence.paging lies inside a room",
    ),
    "not on the face": (
        rewrite("queries.py", "import NumberedPage, numbered_page", "import NumberedPage, numbered_page, units"),
        "imports: queries.py: egovframe.core.persistence does not offer units",
    ),
    "another plugin": (
        rewrite("seeds.py", "from egovframe.hooks", "import civic_participation\nfrom egovframe.hooks"),
        "imports: seeds.py: civic_participation is another plugin",
    ),
    "no revision": (lambda folder: shutil.rmtree(folder / "migrations"), "tables: write the first revision"),
    "models ran ahead": (rewrite("models.py", "place: M", "colour: Mapped[str]\n    place: M"), "tables: "),
    "silent event": (rewrite("plugin.toml", ', "lost_and_found.ItemReturned@1"', ""), "events: lost_and_found."),
    "translation": (rewrite(ARABIC, 'msgid "Record it"', 'msgid "Record"'), "translations: ar"),
    "readme": (lambda folder: (folder / "README.md").unlink(), "papers: README.md is missing"),
    "quality": (lambda folder: (folder / "quality.toml").unlink(), "papers: quality.toml is missing"),
    "too much promised": (rewrite("quality.toml", 'tests = "done"', 'tests = "todo"'), "papers: quality.toml: bronze"),
    "tier": (rewrite("plugin.toml", 'quality = "bronze"', 'quality = "gold"'), "papers: "),
}  # fmt: skip


CHECK_EACH = """
import gc, json, os, sys
from pathlib import Path
from egovframe.testing.contract import check_plugin, core_tables
from egovframe.testing.schema import import_models

# What every check needs of the core is made once, and inherited.
import_models()
core_tables()
gc.freeze()
for folder in sys.argv[1:]:
    # Forked: what a plugin leaves in the process (modules, tables) is gone with the child.
    child = os.fork()
    if child == 0:
        sys.stdout.write(json.dumps([folder, check_plugin(Path(folder))]) + "\\n")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What is found in the template as it is ("") and after each spoiling."""
    folders = {}
    for mark in ("", *MARRED):
        folder = tmp_path_factory.mktemp("marred") / PLACEHOLDER
        shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        if mark:
            MARRED[mark][0](folder)
        folders[str(folder)] = mark
    done = subprocess.run(
        [sys.executable, "-c", CHECK_EACH, *folders], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    found = dict(json.loads(line) for line in done.stdout.splitlines())
    assert set(found) == set(folders), done.stderr
    return {mark: found[folder] for folder, mark in folders.items()}


def test_the_template_keeps_every_promise(findings: dict[str, list[str]]) -> None:
    assert findings[""] == []


@pytest.mark.parametrize("mark", MARRED)
def test_a_broken_promise_is_named(findings: dict[str, list[str]], mark: str) -> None:
    assert any(line.startswith(MARRED[mark][1]) for line in findings[mark]), findings[mark]
