"""What the revision files of one source say, read without importing them (nor Alembic): the web only looks."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from egovframe.errors import EgovError

NAMES = frozenset({"revision", "down_revision", "old_code_works", "new_code_works"})
MAX_LENGTH = 32
"""Alembic's version column holds 32 characters."""


class MigrationFailed(EgovError):
    """The schema could not be changed or read; the message is one line that says what to do."""

    code = "migration-failed"


class NewerSchema(MigrationFailed):
    """The database was upgraded by a newer version of the software than the one that runs."""

    code = "newer-schema"


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision file.

    Attributes:
        name: the revision, for example ``0001_foundation``.
        previous: the one before it, None for the first.
        old_code_works: software that knows only the revision before it works with the schema after it.
        new_code_works: this software works with the schema before it.
    """

    name: str
    previous: str | None
    old_code_works: bool = False
    new_code_works: bool = False


def read_line(versions: Path) -> tuple[Revision, ...]:
    """Return the revisions of a ``versions`` folder, oldest first; empty when there are none.

    Raises:
        MigrationFailed: a file cannot be read, or the revisions do not form one line.
    """
    if not versions.is_dir():
        return ()
    return _in_line([_read(path) for path in sorted(versions.glob("[!_]*.py"))], versions)


def _read(path: Path) -> Revision:
    try:
        found = dict(_told_by(path.read_text(encoding="utf-8")))
        revision = Revision(
            found["revision"],
            found["down_revision"],
            found.get("old_code_works") is True,
            found.get("new_code_works") is True,
        )
    except (OSError, SyntaxError, ValueError, KeyError) as error:
        raise MigrationFailed(f"{path}: not a revision file ({error!r}): repair or remove it") from error
    if not isinstance(revision.name, str) or len(revision.name) > MAX_LENGTH:
        raise MigrationFailed(f"{path}: a revision's name is text of at most {MAX_LENGTH} characters")
    return revision


@lru_cache(maxsize=512)
def _told_by(source: str) -> tuple[tuple[str, Any], ...]:
    """Return what a revision file says of itself; the same text is read once by a process.

    Python 3.11 counts the depth of a tree for all threads together: a traceback that another thread, or a finaliser,
    writes meanwhile makes reading one fail. So a process that assembles the portal often does not read again.
    """
    return tuple(_assignments(ast.parse(source)))


def _assignments(tree: ast.Module) -> Iterable[tuple[str, Any]]:
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) and target.id in NAMES:
            yield target.id, ast.literal_eval(node.value) if node.value else None


def _in_line(revisions: list[Revision], folder: Path) -> tuple[Revision, ...]:
    following = {revision.previous: revision for revision in revisions}
    line: list[Revision] = []
    while (step := following.get(line[-1].name if line else None)) is not None and step not in line:
        line.append(step)
    if len(line) != len(revisions) or len({revision.name for revision in line}) != len(line):
        raise MigrationFailed(f"{folder}: the revisions do not form one line: let each name the one before it")
    return tuple(line)


__all__ = ["MAX_LENGTH", "MigrationFailed", "NewerSchema", "Revision", "read_line"]
