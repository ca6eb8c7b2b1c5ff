"""What ``egovframe doctor`` finds, and the looks at settings, secrets and the machine that need no database."""

from __future__ import annotations

import math
import os
import stat
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from egovframe.config import Settings, secret_problems
from egovframe.config_sections import MailSettings

LEAST_BITS = 100.0
"""Estimated strength below which a secret key counts as guessable."""
MANY_OLD_KEYS = 2
KNOWN_KEYS = ("only-for-tests-", "only-for-measuring")
"""Keys that stand in published code."""
COMMON_PASSWORDS = frozenset({"", "postgres", "password", "egovframe", "admin", "secret", "changeme", "city"})
CLOCK_SECONDS = 2.0
MAKE_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in one place: ``fine``, or ``wrong`` with what to do."""

    about: str
    state: Literal["fine", "wrong"]
    text: str
    remedy: str = ""


def in_service(settings: Settings) -> bool:
    """Whether people use this city, so that what is convenient while trying out is dangerous."""
    return settings.is_production or settings.is_https


def look_at_secrets(settings: Settings) -> Iterator[Finding]:
    """Yield weak, guessable, published, repeated and readable keys."""
    problems = [(problem, MAKE_KEY) for problem in secret_problems(settings)]
    if not problems:
        problems += _guessable(settings)
    if len(settings.old_secret_keys) > MANY_OLD_KEYS:
        told = f"{len(settings.old_secret_keys)} old_secret_keys are kept: whoever has one can read what it encrypted"
        problems.append((told, "keep the oldest, on which the audit chain stands, and drop those between"))
    key = settings.folder / "secret.key"
    if _others_may(key, stat.S_IRWXG | stat.S_IRWXO):
        problems.append((f"{key} can be read by others on this machine", f"chmod 600 {key}"))
    for text, remedy in problems:
        yield Finding("secrets", "wrong", text, remedy)
    if not problems:
        yield Finding("secrets", "fine", "the keys are long and random")


def strength(secret: str) -> float:
    """Return an estimate of a secret's strength in bits: of its shortest part that repeats, by its letters' entropy."""
    period = (secret + secret).find(secret, 1)
    part = secret[:period]
    counts = Counter(part)
    entropy = -sum(n / len(part) * math.log2(n / len(part)) for n in counts.values()) if part else 0.0
    return entropy * len(part)


def _guessable(settings: Settings) -> Iterator[tuple[str, str]]:
    named = [("secret_key", settings.secret_key), *(("old_secret_keys", key) for key in settings.old_secret_keys)]
    for name, key in named:
        if strength(key) < LEAST_BITS:
            yield f"{name}: repeats itself: it can be guessed", MAKE_KEY
        elif settings.environment != "test" and key.startswith(KNOWN_KEYS):
            yield f"{name}: stands in published code: everybody has it", MAKE_KEY
    if settings.secret_key in settings.old_secret_keys:
        yield "secret_key: stands among old_secret_keys too: nothing was rotated", "set a new secret_key"
    address = urlsplit(settings.database_url)
    far = address.scheme.startswith("postgres") and address.hostname not in {None, "localhost", "127.0.0.1", "::1"}
    if far and (address.password or "") in COMMON_PASSWORDS | {address.username}:
        yield "database_url: the password is one that everybody tries", "ALTER ROLE … PASSWORD, then database_url"


def look_at_mode(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what shows people the inside of the portal: debug switches, demo passwords."""
    found = [name for name in ("FLASK_DEBUG", "PYTHONDEVMODE") if environ.get(name, "0") not in {"", "0"}]
    for name in found:
        yield Finding("debug", "wrong", f"{name} is set: errors show the inside of the portal", f"unset {name}")
    if in_service(settings) and settings.log.level == "debug":
        told = "log.level is debug: it may print what people entered"
        yield Finding("debug", "wrong", told, 'set level = "info" in [log]')
        found.append("log.level")
    if in_service(settings) and settings.environment != "production":
        told = f"environment is {settings.environment}, but people reach {settings.public_url}"
        yield Finding("debug", "wrong", told, 'set environment = "production": it refuses what is unsafe')
        found.append("environment")
    if not found:
        yield Finding("debug", "fine", f"nothing shows the inside; environment is {settings.environment}")


def look_at_proxies(settings: Settings) -> Iterator[Finding]:
    """Yield settings by which visitors are confused with each other, or may say who they are."""
    if settings.is_https and settings.trusted_proxies == 0:
        told = (
            "people come over https, which a proxy must speak for us, but trusted_proxies is 0: all share its address"
        )
        yield Finding("proxies", "wrong", told, "set trusted_proxies to the number of proxies, usually 1")
    elif not settings.is_https and settings.trusted_proxies and settings.environment != "test":
        told = f"trusted_proxies is {settings.trusted_proxies}, but {settings.public_url} has no proxy before it"
        yield Finding("proxies", "wrong", f"{told}: anybody may claim any address", "set trusted_proxies = 0")
    elif any("*" in host for host in settings.trusted_hosts):
        yield Finding("proxies", "wrong", "trusted_hosts has a *: it means no host here", "name each host")
    else:
        yield Finding("proxies", "fine", f"{settings.trusted_proxies} proxies are believed")


def look_at_sender(mail: MailSettings, settings: Settings) -> Iterator[Finding]:
    """Yield what keeps messages from people although nothing fails."""
    if settings.demo:
        return
    if mail.adapter != "smtp" and in_service(settings):
        told = f"mail.adapter is {mail.adapter}: nobody gets a message, nobody can recover a password"
        yield Finding("mail", "wrong", told, 'set adapter = "smtp" with host and sender in [mail]')
    if mail.adapter == "smtp" and mail.sender.endswith(("localhost.localdomain", "@localhost", "example.com")):
        told = f"mail.sender is {mail.sender}: other servers refuse it"
        yield Finding("mail", "wrong", told, "set sender in [mail] to an address of the city")
    if (
        mail.adapter == "smtp"
        and mail.security == "none"
        and mail.password
        and mail.host not in {"localhost", "127.0.0.1"}
    ):
        told = f"the password of {mail.host} travels readable: mail.security is none"
        yield Finding("mail", "wrong", told, 'set security = "starttls" or "tls" in [mail]')


def look_at_folder(folder: Path) -> Iterator[Finding]:
    """Yield whether others on this machine may read what people entered."""
    if _others_may(folder, stat.S_IRWXO):
        told = f"{folder} can be entered by everybody on this machine"
        yield Finding("disk", "wrong", told, f"chmod 700 {folder}")


def look_at_file_clock(folder: Path) -> Iterator[Finding]:
    """Yield whether the file system's clock differs from this machine's."""
    seconds = file_clock(folder) - time.time()
    if abs(seconds) > CLOCK_SECONDS:
        told = f"the clock of the disk behind {folder} is off by {seconds:+.0f} seconds"
        yield Finding("clock", "wrong", told, "synchronise both machines with one time server (NTP)")


def file_clock(folder: Path) -> float:
    """Return the instant that the file system writes on a new file, seconds since 1970."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".clock-") as file:
        return Path(file.name).stat().st_mtime


def _others_may(path: Path, bits: int) -> bool:
    return os.name == "posix" and path.exists() and bool(path.stat().st_mode & bits)
