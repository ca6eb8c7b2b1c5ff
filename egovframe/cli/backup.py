"""``egovframe backup`` and ``egovframe restore``: database and files in one checked file."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from egovframe import __version__
from egovframe.actor import SYSTEM
from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.cli.examining import MARKER
from egovframe.cli.presence import LOCK, is_served
from egovframe.core.modules.audit import audit
from egovframe.core.persistence.backup import (
    Manifest,
    dump_database,
    files_below,
    has_tables,
    read_manifest,
    restore_database,
    unpack,
    write_archive,
)

MEMBER = "database"


@click.command(epilog="Example: egovframe backup /safe/saebit-2026-11-21.zip")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@pass_city
def backup(city: CityContext, file: Path, as_json: bool) -> None:
    """Write database and files into one new FILE while the city goes on being served. Secret keys are not in it."""
    if file.exists():
        raise click.ClickException(f"{file} exists: choose another name, or remove it first")
    if not file.parent.is_dir():
        raise click.ClickException(f"{file.parent} does not exist: make it first")
    data, database = city.settings.data_dir, city.database
    with _scratch(data) as scratch:
        made_at = datetime.now(UTC)
        dump_database(database, scratch / MEMBER)
        heads = {one.name: one.current for one in city.migrations().status()}
        manifest = Manifest(made_at.isoformat(), __version__, database.dialect, heads, database.keyring.names)
        members = [(MEMBER, scratch / MEMBER), *files_below(data, _not_files(city, scratch, file))]
        written = write_archive(file, manifest, members)
    facts = {"file": str(file), "made_at": written.made_at, "members": len(written.members)}
    (data / MARKER).write_text(json.dumps({"at": written.made_at, "name": file.name}), encoding="utf-8")
    with database.writing() as session:
        audit(session, SYSTEM, "core:backup:make", f"backup:{file.name}", after={"members": len(written.members)})
    told = f"{file}: database and {len(written.members) - 1} files, {file.stat().st_size / 1024**2:.1f} MB"
    keys = "keep the secret keys in another safe place: without them the backup cannot be read"
    print_facts(facts, as_json, lambda: [told, keys])


@click.command(epilog="Example: egovframe restore /safe/saebit-2026-11-21.zip --replace")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--replace", is_flag=True, help="Put it in the place of what the city holds; the old files are kept aside."
)
@json_option
@pass_city
def restore(city: CityContext, file: Path, replace: bool, as_json: bool) -> None:
    """Put the backup FILE back, after every checksum in it has been compared; a city with data needs --replace."""
    data = city.settings.data_dir
    data.mkdir(parents=True, exist_ok=True)
    _refuse_unfit(city, read_manifest(file), replace=replace)
    with _scratch(data) as scratch:
        manifest = unpack(file, scratch)
        aside = _set_aside(city, scratch) if replace else None
        restore_database(city.database, scratch / MEMBER)
        _put_files(scratch / "files", data)
    problems = city.migrations().problems()
    with city.database.writing() as session:
        audit(session, SYSTEM, "core:backup:restore", f"backup:{file.name}", after={"made_at": manifest.made_at})
    facts = {
        "file": str(file),
        "made_at": manifest.made_at,
        "members": len(manifest.members),
        "aside": str(aside) if aside else None,
        "problems": problems,
    }
    print_facts(facts, as_json, lambda: _lines(manifest, aside, problems))


def _lines(manifest: Manifest, aside: Path | None, problems: list[str]) -> list[str]:
    lines = [
        f"restored: the city as it was at {manifest.made_at}, {len(manifest.members) - 1} files, all checksums equal"
    ]
    if aside is not None:
        lines.append(f"what was there before lies in {aside}: delete it when all is well")
    return [*lines, *problems]


def _refuse_unfit(city: CityContext, manifest: Manifest, *, replace: bool) -> None:
    database = city.database
    if is_served(city.settings.data_dir):
        raise click.ClickException("this city is being served: stop the server first")
    if manifest.dialect != database.dialect:
        raise click.ClickException(f"this backup is of {manifest.dialect}; database_url names {database.dialect}")
    if lacking := set(manifest.keys) - set(database.keyring.names):
        told = f"this backup needs secret keys that this city does not have ({', '.join(sorted(lacking))})"
        raise click.ClickException(f"{told}: set them in secret_key or old_secret_keys")
    if has_tables(database) and not replace:
        raise click.ClickException("this city has data: add --replace to put the backup in their place")
    known = {source.name: {revision.name for revision in source.line} for source in city.migrations().sources}
    for name, head in manifest.heads.items():
        if head is not None and name in known and head not in known[name]:
            raise click.ClickException(f"this backup holds {name} at {head}, which is newer than this software")


def _set_aside(city: CityContext, scratch: Path) -> Path:
    """Move what the city holds out of the way; on PostgreSQL, where tables are replaced, dump them first."""
    data, database = city.settings.data_dir, city.database
    aside = data.parent / f"{data.name}-before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    aside.mkdir(mode=0o700)
    dump_database(database, aside / MEMBER)
    for path in list(data.iterdir()):
        if path not in {scratch, data / LOCK, data / "write.lock", *_database_files(city)}:
            shutil.move(path, aside / path.name)
    return aside


def _put_files(source: Path, data: Path) -> None:
    for path in sorted(source.iterdir()) if source.is_dir() else []:
        shutil.move(path, data / path.name)


def _not_files(city: CityContext, scratch: Path, target: Path) -> list[Path]:
    data = city.settings.data_dir
    return [scratch, target, data / LOCK, data / "write.lock", data / MARKER, *_database_files(city)]


def _database_files(city: CityContext) -> list[Path]:
    file = city.database.file
    return [] if file is None else [file.with_name(file.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")]


@contextmanager
def _scratch(data: Path) -> Iterator[Path]:
    # Beside the data, so that the copy is moved into place and not copied once more.
    with tempfile.TemporaryDirectory(dir=data, prefix=".backup-") as folder:
        yield Path(folder)
