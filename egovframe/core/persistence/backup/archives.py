"""A backup is one zip file: the database, the files, and a manifest with a checksum of each."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from egovframe.errors import EgovError

MANIFEST = "manifest.json"
DATABASE = "database"
FILES = "files/"
FORMAT = 1
BLOCK = 1024 * 1024
MOST_MANIFEST = 64 * 1024 * 1024


class BadArchive(EgovError):
    """The file is no backup, is damaged, or holds what its manifest does not name."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        made_at: when the database was copied, ISO 8601 in UTC.
        software: version that made it.
        dialect: ``sqlite`` or ``postgresql``.
        heads: schema revision of the core and of every plugin.
        keys: short public names of the secret keys that its encrypted values need.
        members: size in bytes and SHA-256 of every member, by name.
        format: version of this layout.
    """

    made_at: str
    software: str
    dialect: str
    heads: Mapping[str, str | None]
    keys: tuple[str, ...]
    members: dict[str, tuple[int, str]] = field(default_factory=dict)
    format: int = FORMAT


def write_archive(target: Path, manifest: Manifest, members: Iterable[tuple[str, Path]]) -> Manifest:
    """Write a backup that only its owner can read, complete or not at all; return the manifest with its checksums.

    Args:
        target: the new file; it must not exist.
        manifest: what is said of the whole.
        members: names inside and the files to take; one that vanishes meanwhile (a sent message) is left out.

    Raises:
        FileExistsError: there is such a file.
    """
    part = target.with_name(f".{target.name}.part")
    number = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(number, "wb") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                for name, path in members:
                    if (taken := _add(archive, name, path)) is not None:
                        manifest.members[name] = taken
                archive.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
            out.flush()
            os.fsync(out.fileno())
        os.link(part, target)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def read_manifest(source: Path) -> Manifest:
    """Return what a backup says of itself; raise BadArchive."""
    with _opened(source) as archive:
        return _manifest(archive)


def unpack(source: Path, folder: Path) -> Manifest:
    """Write every member below the folder and compare sizes and checksums; raise BadArchive at the first difference."""
    with _opened(source) as archive:
        manifest = _manifest(archive)
        for name, (size, digest) in manifest.members.items():
            place = folder / _safe(name)
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                found = _copy(archive, name, place, size)
            except (KeyError, zipfile.BadZipFile, EOFError, OSError) as error:
                raise BadArchive(f"{name} in this backup cannot be read: {error}") from error
            if found != (size, digest):
                raise BadArchive(f"{name} in this backup is not what its manifest says: the file is damaged")
    return manifest


def files_below(folder: Path, leave_out: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Yield (name, path) of every file below a folder but those below the given places, in a fixed order."""
    out = {path.resolve() for path in leave_out}
    for path in sorted(folder.rglob("*")):
        resolved = path.resolve()
        if path.is_file() and not path.is_symlink() and not any(resolved == o or o in resolved.parents for o in out):
            yield FILES + path.relative_to(folder).as_posix(), path


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile) as error:
        raise BadArchive(f"{source} is no backup: {error}") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        if archive.getinfo(MANIFEST).file_size > MOST_MANIFEST:
            raise BadArchive("this backup's manifest is too large")
        said: dict[str, Any] = json.loads(archive.read(MANIFEST))
        said["members"] = {str(name): (int(size), str(digest)) for name, (size, digest) in said["members"].items()}
        said["keys"] = tuple(said["keys"])
        manifest = Manifest(**said)
    except (KeyError, TypeError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise BadArchive("this file is no backup: it has no readable manifest") from error
    if manifest.format != FORMAT:
        raise BadArchive(f"this backup has the layout {manifest.format}; this software reads {FORMAT}")
    return manifest


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    plain = name == DATABASE or (name.startswith(FILES) and len(path.parts) > 1)
    if not plain or path.is_absolute() or ".." in path.parts or "\\" in name or ":" in path.parts[0]:
        raise BadArchive(f"this backup names {name!r}, which no backup holds")
    return path


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> tuple[int, str] | None:
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return None
    with source, archive.open(name, "w", force_zip64=True) as out:
        return _pass_on(source, out)


def _copy(archive: zipfile.ZipFile, name: str, place: Path, most: int) -> tuple[int, str]:
    with archive.open(name) as source, place.open("wb") as out:
        return _pass_on(source, out, most)


def _pass_on(source: IO[bytes], out: IO[bytes], most: int | None = None) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while block := source.read(BLOCK):
        size += len(block)
        if most is not None and size > most:
            break  # a member larger than it says: the caller sees that the size differs
        digest.update(block)
        out.write(block)
    return size, digest.hexdigest()
