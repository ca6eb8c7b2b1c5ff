"""``egovframe doctor``: what is wrong with this installation, and what to do."""

from __future__ import annotations

import os
import shutil
import smtplib
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.cli.examining import look_at_accounts, look_at_audit, look_at_backup, look_at_clock, look_at_keys
from egovframe.cli.findings import (
    Finding,
    look_at_file_clock,
    look_at_folder,
    look_at_mode,
    look_at_proxies,
    look_at_secrets,
    look_at_sender,
)
from egovframe.config import Settings
from egovframe.core.auth.outside import DOOR, OutsideRefused, Source
from egovframe.core.modules.jobs import job_counts, schedule_states
from egovframe.core.modules.notifications import delivery_counts
from egovframe.core.persistence import now
from egovframe.errors import EgovError, ProblemList
from egovframe.outgoing import OutgoingClient, OutgoingPolicy

LEAST_SPACE = 500 * 1024**2
"""Bytes that should be free for the database, its copy before an upgrade, and files."""
WORKER_LATE = timedelta(hours=1)
MAIL_SECONDS = 5.0


Look = Callable[[CityContext], Iterator[Finding]]


@click.command(epilog="Example: egovframe doctor --json")
@json_option
@pass_city
def doctor(city: CityContext, as_json: bool) -> None:
    """Look at everything that a city stands on; say what is wrong and what to do, and exit with 1 then."""
    findings = list(examine(city))
    print_facts([asdict(one) for one in findings], as_json, lambda: [_line(one) for one in findings])
    if any(one.state == "wrong" for one in findings):
        raise click.exceptions.Exit(1)


def examine(city: CityContext) -> Iterator[Finding]:
    """Yield what is found; what cannot be looked at because something before it is wrong is left out."""
    yield from _settings(city)
    if "settings" not in vars(city):
        return
    settings = city.settings
    yield from look_at_secrets(settings)
    yield from look_at_mode(settings, os.environ)
    yield from look_at_proxies(settings)
    yield from _disk(settings)
    yield from _mail(settings)
    yield from _providers(settings)
    yield from look_at_backup(settings, datetime.now(UTC))
    if not city.settings.secret_key:
        return
    if (yield from _asked(city, "database", _database, "see that it runs and that database_url is right")) and (
        yield from _asked(city, "schema", _schema, "egovframe db status")
    ):
        yield from _asked(city, "jobs", _jobs, "egovframe db check")
        yield from _asked(city, "clock", look_at_clock, "see that the database runs")
        yield from _asked(city, "accounts", look_at_accounts, "egovframe db check")
        yield from _asked(city, "audit", look_at_audit, "egovframe db check")
        yield from _asked(city, "keys", look_at_keys, "egovframe db check")


def _asked(city: CityContext, about: str, look: Look, remedy: str) -> Generator[Finding, None, bool]:
    """Yield what a look at the database finds, and return whether all of it is fine."""
    try:
        found = list(look(city))
    except EgovError as error:
        found = [Finding(about, "wrong", str(error), remedy)]
    yield from found
    return all(one.state == "fine" for one in found)


def _settings(city: CityContext) -> Iterator[Finding]:
    try:
        settings = city.settings
    except ProblemList as error:
        for problem in error.problems:
            yield Finding("settings", "wrong", problem, "correct egovframe.toml or the variable")
        return
    yield Finding("settings", "fine", f"{settings.folder}, {settings.environment}, {settings.public_url}")


def _disk(settings: Settings) -> Iterator[Finding]:
    place = settings.data_dir
    if not place.is_dir() or not os.access(place, os.W_OK):
        yield Finding("disk", "wrong", f"{place} is missing or cannot be written", f"make it: mkdir -p {place}")
        return
    free = shutil.disk_usage(place).free
    told = f"{free // 1024**2:,} MB free in {place}"
    if free < LEAST_SPACE:
        yield Finding("disk", "wrong", told, f"make room: at least {LEAST_SPACE // 1024**2} MB")
    else:
        yield Finding("disk", "fine", told)
    yield from look_at_folder(place)
    yield from look_at_file_clock(place)


def _mail(settings: Settings) -> Iterator[Finding]:
    mail, unheard = settings.mail, list(look_at_sender(settings.mail, settings))
    yield from unheard
    if mail.adapter != "smtp" or settings.demo:
        where = "data/outbox" if mail.adapter == "file" or settings.demo else "the console"
        if not unheard:
            yield Finding("mail", "fine", f"messages go to {where}, to nobody's mailbox")
        return
    kind = smtplib.SMTP_SSL if mail.security == "tls" else smtplib.SMTP
    try:
        with kind(mail.host, mail.port, timeout=MAIL_SECONDS) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        remedy = "see that the mail server runs and that [mail] host, port and security are right"
        yield Finding("mail", "wrong", f"{mail.host}:{mail.port} does not answer: {error}", remedy)
    else:
        if not unheard:
            yield Finding("mail", "fine", f"{mail.host}:{mail.port} answers")


def _providers(settings: Settings) -> Iterator[Finding]:
    client = OutgoingClient(OutgoingPolicy.of(settings.outgoing))
    for name, provider in settings.oidc.items():
        if not provider.enabled:
            continue
        source = Source(client, provider.issuer)
        try:
            source.metadata()
            usable = len(source.keys(None).entries)
        except OutsideRefused as error:
            remedy = f"see that [oidc.{name}] issuer is right and may be asked ([outgoing])"
            yield Finding("sign-in", "wrong", f"{name}: {error.finding}", remedy)
            continue
        back = f"{settings.public_url}{DOOR}/{name}/return"
        if usable:
            yield Finding("sign-in", "fine", f"{name} answers with {usable} keys; register {back} there")
        else:
            yield Finding("sign-in", "wrong", f"{name} publishes no usable key", "ask the provider for RSA or EC keys")


def _database(city: CityContext) -> Iterator[Finding]:
    with city.database.reading() as session:
        told = f"{city.database.dialect}, its clock says {now(session):%Y-%m-%d %H:%M:%S} UTC"
    yield Finding("database", "fine", told)


def _schema(city: CityContext) -> Iterator[Finding]:
    standing = city.migrations().status()
    for one in standing:
        if one.problem:
            yield Finding("schema", "wrong", f"{one.name}: {one.problem}", "egovframe db upgrade")
        else:
            pending = f", {len(one.pending)} revisions wait" if one.pending else ""
            yield Finding("schema", "fine", f"{one.name} at {one.current}{pending}")


def _jobs(city: CityContext) -> Iterator[Finding]:
    with city.database.reading() as session:
        counts, letters, schedules = job_counts(session), delivery_counts(session), schedule_states(session)
        late = schedules and now(session) - schedules[0].next_run > WORKER_LATE
    if late:
        told = f"no worker has run since {schedules[0].next_run:%Y-%m-%d %H:%M} UTC"
        yield Finding("jobs", "wrong", told, "start egovframe serve or egovframe worker")
    if counts.get("dead"):
        yield Finding("jobs", "wrong", f"{counts['dead']} jobs have given up", "see why in the worker's log")
    if letters.get("dead"):
        yield Finding("jobs", "wrong", f"{letters['dead']} messages were not delivered", "see [mail] and the log")
    waiting = counts.get("ready", 0)
    yield Finding("jobs", "fine", f"{waiting} jobs wait" if schedules else "no worker has run here yet")


def _line(one: Finding) -> str:
    mark = "ok   " if one.state == "fine" else "WRONG"
    return f"{mark} {one.about}: {one.text}" + (f"\n      to do: {one.remedy}" if one.remedy else "")
