"""Rooms and plugins meet at their faces: nobody imports another's inside (docs/decisions/0001)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = "egovframe.core.modules"
SINGLE = {
    "egovframe.actor",
    "egovframe.config",
    "egovframe.errors",
    "egovframe.fields",
    "egovframe.app",
    "egovframe.config_outside",
}
PACKAGES = {
    "egovframe.hooks",
    "egovframe.outgoing",
    "egovframe.extending",
    "egovframe.cli",
    "egovframe.testing",
    "egovframe.demo",
}
OPEN = {"egovframe.testing"}
"""Packages whose modules are themselves the face, because importing all of them would load test tools."""
MAY_SEE_ALL = {"egovframe.app", "egovframe.cli", "egovframe.testing", "egovframe.demo"}


@dataclass(frozen=True)
class Import:
    """One imported module and, for ``from … import``, the name taken from it."""

    module: str
    name: str | None
    line: int


def room_of(module: str) -> str | None:
    """Return the room that a module belongs to: a package below core or core.modules, or a single module."""
    parts = module.split(".")
    if module.startswith(MODULES + ".") and len(parts) >= 4:
        return ".".join(parts[:4])
    if module.startswith("egovframe.core.") and len(parts) >= 3:
        return ".".join(parts[:3])
    return next((room for room in SINGLE | PACKAGES if module == room or module.startswith(room + ".")), None)


def plugins() -> list[Path]:
    return sorted(path for path in (ROOT / "plugins").iterdir() if (path / "__init__.py").exists())


def module_name(path: Path) -> str:
    """Return the dotted name of a source file."""
    base = ROOT if path.is_relative_to(ROOT / "egovframe") else ROOT / "plugins"
    parts = path.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[Import]:
    """Yield every import of a file, inside functions too; relative ones are resolved."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, None, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            module = ".".join(filter(None, [above if node.level else "", node.module]))
            yield from (Import(module, alias.name, node.lineno) for alias in node.names)


def face(room: str) -> set[str] | None:
    """Return the ``__all__`` of a room's ``__init__``; None for a single module and where nothing is listed."""
    path = ROOT.joinpath(*room.split("."), "__init__.py")
    if not path.exists():
        return None
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    return None


def wrong(taken: Import) -> str | None:
    """Return what is wrong with an import from another room, None when it goes through the face."""
    room = room_of(taken.module)
    if room is None and taken.name is not None:  # from egovframe.core import auth
        return None
    if room is None or room in OPEN:
        return None
    if taken.module != room:
        return f"{taken.module} is inside {room}"
    names = face(room)
    if taken.name is not None and names is not None and taken.name not in names:
        return f"{taken.name} is not in the face of {room}"
    return None


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "migrations/versions" not in path.as_posix())


def test_rooms_import_only_faces_of_other_rooms() -> None:
    found = []
    for path in sources(ROOT / "egovframe"):
        own = room_of(module_name(path))
        if own in MAY_SEE_ALL:
            continue
        for taken in imports_of(path):
            if room_of(taken.module) != own and (problem := wrong(taken)):
                found.append(f"{path.relative_to(ROOT)}:{taken.line}: {problem}")
    assert found == []


@pytest.mark.parametrize("plugin", plugins(), ids=lambda path: path.name)
def test_plugins_import_only_the_public_api(plugin: Path) -> None:
    others = {path.name for path in plugins()} - {plugin.name}
    found = []
    for path in sources(plugin):
        for taken in imports_of(path):
            problem = "plugins meet through events and hooks" if taken.module.split(".")[0] in others else wrong(taken)
            if problem:
                found.append(f"{path.relative_to(ROOT)}:{taken.line}: {problem}")
    assert found == []


def test_faces_list_only_names_that_exist() -> None:
    rooms = {module_name(path) for path in (ROOT / "egovframe").rglob("__init__.py")}
    missing = [
        f"{room}.{name}"
        for room in sorted(rooms)
        for name in sorted(face(room) or ())
        if not hasattr(import_module(room), name) and find_spec(f"{room}.{name}") is None
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("from egovframe.core.auth import Account", True),
        ("from egovframe.core import auth", True),
        ("from egovframe.errors import NotFound", True),
        ("from egovframe.core.auth.models import Account", False),
        ("import egovframe.core.persistence.units", False),
        ("from egovframe.core.persistence import translated_faults", False),
        ("from egovframe.core.modules.cases.models import Case", False),
    ],
)
def test_the_test_itself_tells_right_from_wrong(tmp_path: Path, line: str, right: bool) -> None:
    node = ast.parse(line).body[0]
    assert isinstance(node, ast.Import | ast.ImportFrom)
    alias = node.names[0].name
    taken = Import(alias, None, 1) if isinstance(node, ast.Import) else Import(node.module or "", alias, 1)
    assert (wrong(taken) is None) is right
