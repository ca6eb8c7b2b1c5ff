"""The looks of ``egovframe doctor`` that ask the database, and the one for a backup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Text, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from egovframe.cli.context import CityContext
from egovframe.cli.findings import CLOCK_SECONDS, Finding, in_service
from egovframe.config import Settings
from egovframe.core.auth import Account, Role, RoleGrant
from egovframe.core.modules.audit import chain_length, last_check, oldest_pending
from egovframe.core.persistence import MAINTENANCE, METADATA, EncryptedText, now

CHECK_EVERY = timedelta(days=2)
UNSEALED = timedelta(minutes=1)
MARKER = "last-backup.json"
"""In the data folder: ``{"at": "<ISO 8601>"}``, written by ``egovframe backup`` or whatever else makes them."""
BACK_UP = f"egovframe backup FILE, every day; other tools write data/{MARKER} or fill [backup] folder"


def look_at_clock(city: CityContext) -> Iterator[Finding]:
    """Yield whether the database's clock differs from this machine's: deadlines go by the database's."""
    database = city.database
    with database.reading() as session:
        before = datetime.now(UTC)
        seconds = (database.read_clock(session) - database.clock_offset - before).total_seconds()
    if abs(seconds) > CLOCK_SECONDS:
        told = f"the database's clock is {seconds:+.0f} seconds off this machine's"
        yield Finding("clock", "wrong", told, "synchronise both machines with one time server (NTP)")
    else:
        yield Finding("clock", "fine", "machine and database agree")


def look_at_accounts(city: CityContext) -> Iterator[Finding]:
    """Yield demo accounts outside a demo, and a city that nobody can administer."""
    with city.database.reading() as session:
        active = Account.state == "active"
        demo = session.scalar(select(func.count(Account.id)).where(Account.is_demo, active)) or 0
        anybody = session.scalar(select(func.count(Account.id)).where(active)) or 0
        able = administrators(session)
        bare = administrators(session, by_password_alone=True)
    if demo and not city.settings.demo:
        told = f"{demo} demo accounts can sign in with a password that everybody knows"
        yield Finding("accounts", "wrong", told, "egovframe user list, then egovframe user disable EMAIL for each")
    if not anybody:
        told = "there are none yet: egovframe user create EMAIL --role administrator"
        yield Finding("accounts", "fine", told)
    elif not able:
        remedy = "egovframe user set-password EMAIL, or egovframe user create EMAIL --role administrator"
        yield Finding("accounts", "wrong", "no administrator can sign in", remedy)
    else:
        yield Finding("accounts", "fine", f"{able} administrators can sign in")
    if bare and city.settings.is_production:
        told = f"{bare} of {able} administrators sign in with a password alone"
        yield Finding("accounts", "wrong", told, "each adds a passkey or an app on the page “Protect my account”")


def administrators(session: Session, *, by_password_alone: bool = False) -> int:
    """Return how many people hold the role everywhere, now, and have an address and a password to sign in with.

    Args:
        session: reading.
        by_password_alone: count only those without a second factor.
    """
    at = now(session)
    statement = (
        select(func.count(Account.id.distinct()))
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .join(Role, Role.id == RoleGrant.role_id)
        .where(
            Role.code == "administrator",
            Account.state == "active",
            Account.email_index.is_not(None),
            Account.password_hash.is_not(None),
            RoleGrant.scope == "[]",
            or_(RoleGrant.valid_from.is_(None), RoleGrant.valid_from <= at),
            or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > at),
        )
    )
    if by_password_alone:
        statement = statement.where(Account.second_factor.is_(False))
    return session.scalar(statement) or 0


def look_at_audit(city: CityContext) -> Iterator[Finding]:
    """Yield entries that nobody seals, and a chain that was not verified lately, or does not hold."""
    with city.database.reading() as session:
        at, length, waiting = now(session), chain_length(session), oldest_pending(session)
        check = last_check(session)
    troubles = []
    if waiting is not None and at - waiting > UNSEALED:
        told = f"entries have waited for their seal since {waiting:%Y-%m-%d %H:%M} UTC"
        troubles.append((told, "start egovframe serve or egovframe worker"))
    if check is not None and not check.ok:
        told = f"{check.first_bad} {check.why} (verified {check.at:%Y-%m-%d %H:%M} UTC)"
        troubles.append((told, "keep a copy of the database, then ask who could write to it; egovframe audit verify"))
    elif length and (check is None or at - check.at > CHECK_EVERY):
        since = f"since {check.at:%Y-%m-%d}" if check else "yet"
        troubles.append((f"the chain was not verified {since}", "egovframe audit verify; a worker does it daily"))
    for text, remedy in troubles:
        yield Finding("audit", "wrong", text, remedy)
    if not troubles:
        yield Finding("audit", "fine", f"{length:,} links" + (f", verified {check.at:%Y-%m-%d}" if check else ""))


def look_at_backup(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Yield whether a backup is known that is young enough; while nobody uses the city, none is needed."""
    made, limit = last_backup(settings), timedelta(hours=settings.backup.max_age_hours)
    if made is not None and at - made <= limit:
        yield Finding("backup", "fine", f"the newest is of {made:%Y-%m-%d %H:%M} UTC")
    elif made is not None:
        told = f"the newest is of {made:%Y-%m-%d %H:%M} UTC, older than {settings.backup.max_age_hours} hours"
        yield Finding("backup", "wrong", told, "see why no newer one was made")
    elif in_service(settings) or settings.backup.folder:
        yield Finding("backup", "wrong", "no backup is known", BACK_UP)
    else:
        yield Finding("backup", "fine", "no backup is known; none is needed while nobody uses the city")


def last_backup(settings: Settings) -> datetime | None:
    """Return when the newest backup was made, by the marker in the data folder or the files of ``[backup] folder``."""
    found = [instant for instant in (_marked(settings.data_dir / MARKER), _newest(settings)) if instant is not None]
    return max(found, default=None)


def _marked(marker: Path) -> datetime | None:
    try:
        instant = datetime.fromisoformat(json.loads(marker.read_text(encoding="utf-8"))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # nothing that can be read is nothing that can be relied on
    return instant if instant.tzinfo else None


def _newest(settings: Settings) -> datetime | None:
    if not settings.backup.folder:
        return None
    place = settings.folder / settings.backup.folder
    times = [path.stat().st_mtime for path in place.glob("*") if path.is_file()] if place.is_dir() else []
    return datetime.fromtimestamp(max(times), UTC) if times else None


def look_at_keys(city: CityContext) -> Iterator[Finding]:
    """Look whether every value that was encrypted names a key that the settings have."""
    known, lacking = set(city.database.keyring.names), set[str]()
    # The names of keys are no personal data, and no person's row is shown.
    with city.database.engine.connect().execution_options(**{MAINTENANCE: True}) as connection:
        for column in _encrypted_columns():
            lacking |= set(_keys_of(connection, column)) - known
    if lacking:
        told = f"stored values need secret keys that the settings do not have: {', '.join(sorted(lacking))}"
        yield Finding("keys", "wrong", told, "add the former keys to old_secret_keys and restart")
    else:
        yield Finding("keys", "fine", "every encrypted value names a key that is there")


def _encrypted_columns() -> Iterator[Column[Any]]:
    return (
        column for table in METADATA.sorted_tables for column in table.columns if isinstance(column.type, EncryptedText)
    )


def _keys_of(connection: Connection, column: Column[Any]) -> Iterator[str]:
    """Yield the names of keys in a column: the part between the dots, never what is encrypted."""
    stored = type_coerce(column, Text)
    found = connection.execute(select(func.substr(stored, 4, 8)).where(stored.like("v1.%")).distinct())
    return (str(name) for (name,) in found)
