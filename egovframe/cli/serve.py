"""``egovframe serve`` and ``egovframe demo``: a city that answers on this machine."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from egovframe.cli.context import CityContext, pass_city
from egovframe.cli.presence import is_served
from egovframe.core.persistence import Migrations
from egovframe.core.web import runtime
from egovframe.demo import PASSWORD, DemoFolder, Size, accounts, seed_city

if TYPE_CHECKING:
    from flask import Flask

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
LOCAL = ("127.0.0.1", "::1", "localhost")
PORT = click.IntRange(1, 65535)
THREADS = 8


@click.command(epilog="Example: egovframe serve --port 8080")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=PORT, default=8000, show_default=True, help="Port to listen on.")
@click.option("--threads", type=click.IntRange(1, 64), default=THREADS, show_default=True, help="Requests at once.")
@click.option("--safe-mode", is_flag=True, help="Start with the core only, without any plugin.")
@click.option("--no-worker", is_flag=True, help="Run no jobs here: egovframe worker does.")
@pass_city
def serve(city: CityContext, host: str, port: int, threads: int, safe_mode: bool, no_worker: bool) -> None:
    """Serve the city in the present folder, with one worker for its jobs."""
    refuse_old_schema(city.migrations())
    answer(city.app(safe_mode=safe_mode), host=host, port=port, threads=threads, worker=not no_worker)


@click.command(epilog="Example: egovframe demo --data ./demo --port 8000")
@click.option(
    "--data", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True,
    help="The demo city's folder; made when it is new.",
)  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=PORT, default=8000, show_default=True, help="Port to listen on.")
@click.option("--no-serve", is_flag=True, help="Only make and fill the city.")
@click.option("--small", is_flag=True, help="The least that every page needs: quicker.")
@click.option("--fresh", is_flag=True, help="Throw the demo city away and make it anew, with dates relative to today.")
def demo(folder: Path, host: str, port: int, no_serve: bool, small: bool, fresh: bool) -> None:
    """Make the fictional demo city of Saebit, fill it, and serve it. A second run keeps what is there."""
    place = DemoFolder(folder.resolve())
    if fresh:
        throw_away(place)
    place.make()
    city = CityContext(place.folder, overrides(host, port))
    try:
        app = filled(city, place, "small" if small else "full")
        tell_accounts()
        if no_serve:
            click.echo(f"Serve it with: egovframe --city {folder} serve --port {port}")
        else:
            answer(app, host=host, port=port, threads=THREADS, worker=True)
    finally:
        city.close()


def throw_away(place: DemoFolder) -> None:
    """Delete the demo city's data, unless a server uses them or they lie in a database of its own."""
    if is_served(place.data):
        raise click.ClickException(f"a server still uses {place.data}: stop it, then try again")
    if place.marker.exists() and not CityContext(place.folder).settings.database_url.startswith("sqlite"):
        raise click.ClickException("--fresh deletes SQLite files only: make an empty PostgreSQL database yourself")
    place.remove()


def overrides(host: str, port: int) -> dict[str, Any]:
    """Return the settings that follow from the command line: the public address, and the names it answers to."""
    values: dict[str, Any] = {}
    if not os.environ.get("EGOVFRAME_PUBLIC_URL"):
        values["public_url"] = address(port)
    if host not in LOCAL:
        values["trusted_hosts"] = own_names(host)
    return values


def own_names(host: str) -> list[str]:
    """Return under which names others in the network find this machine: a classroom opens the trainer's city."""
    names = {socket.gethostname()} | ({host} if host not in EVERYWHERE else set())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # documentation address: nothing is sent, the system only picks a way out
            names.add(probe.getsockname()[0])
        except OSError:
            pass
    return sorted(names)


def filled(city: CityContext, place: DemoFolder, size: Size) -> Flask:
    """Return the demo city's application with its schema up to date and everything filled in that is missing."""
    from egovframe.app import refresh  # noqa: PLC0415 - it brings every room

    migrations = city.migrations()
    if any(one.pending for one in migrations.status()):
        click.echo("Making the tables …")
        migrations.upgrade()
    app = city.app()
    refresh(app)
    began = time.monotonic()
    for step in seed_city(app, place, size):
        click.echo(f"Filled in: {step} ({time.monotonic() - began:.1f} s)")
    return app


def answer(app: Flask, *, host: str, port: int, threads: int, worker: bool) -> None:
    """Serve and say where."""
    from egovframe.cli.server import serve_app  # noqa: PLC0415 - the demo without serving needs no server

    city = runtime(app).settings.city
    click.echo(f"{city.name_in(city.default_language)}: {address(port)}  (stop with Ctrl-C)")
    for name in own_names(host) if host not in LOCAL else ():
        click.echo(f"In this network: http://{name}:{port}")
    serve_app(app, host=host, port=port, threads=threads, worker=worker)


def refuse_old_schema(migrations: Migrations) -> None:
    """Stop with one line when the tables do not fit this software."""
    problems = migrations.problems()
    if problems:
        raise click.ClickException("; ".join(problems))


def address(port: int) -> str:
    """Return where a browser on this machine finds the city."""
    return f"http://localhost:{port}"


def tell_accounts() -> None:
    """Print who may sign in."""
    click.echo(f"Accounts (password {PASSWORD}):")
    for account in accounts():
        click.echo(f"  {account.email:<26} {account.what}")
