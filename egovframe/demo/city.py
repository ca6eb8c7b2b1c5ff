"""Fills the demo city: first what every service stands on, then each plugin's part, each in one transaction."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.auth import (
    Account,
    Evidence,
    PasswordHash,
    account_by_email,
    create_account,
    grant_role,
    grants_of,
    hash_password,
    policy_of,
    roles,
    verify_resident,
)
from egovframe.core.i18n import Translated
from egovframe.core.modules.areas import areas_of, prepare, store
from egovframe.core.modules.organisation import departments, import_organisation, rows_of
from egovframe.core.modules.worktime import put_calendar, put_holiday
from egovframe.core.persistence import Database, now
from egovframe.core.web import Runtime, runtime
from egovframe.demo.folder import DemoFolder
from egovframe.demo.geometry import district_collection, random_point
from egovframe.demo.notices import publish_demo_notice
from egovframe.demo.people import (
    ACCOUNTS,
    DEPARTMENTS,
    PASSWORD,
    DemoAccount,
    accounts,
    organisation,
    post_codes,
    staff,
)
from egovframe.errors import EgovError
from egovframe.hooks import DemoContext

Size = Literal["small", "full"]
SEED = 2026
LAYER = "district"
NAMES = {"en": "name", "ko": "name_ko", "ar": "name_ar"}
LAYER_TITLE = {"en": "District", "ko": "자치구", "ar": "الحي"}
SECONDS = 600.0
"""How long one part may take: the first start of a demo has the database for itself."""
CORE = "core"
BORN = date(1990, 5, 5)
"""Of every resident of the demo city; who they are is told apart by name and address."""
HOLIDAYS = (
    (1, 1, {"en": "New Year", "ko": "새해 첫날", "ar": "رأس السنة"}),
    (3, 12, {"en": "Day of the Spring", "ko": "샘의 날", "ar": "يوم النبع"}),
    (6, 21, {"en": "Lantern Day", "ko": "등불의 날", "ar": "يوم الفوانيس"}),
    (10, 9, {"en": "Founding Day of Saebit", "ko": "새빛시 창립일", "ar": "يوم تأسيس سيبيت"}),
    (12, 24, {"en": "Longest Night", "ko": "긴 밤", "ar": "أطول ليلة"}),
)
"""Invented, every year on the same day."""


class DemoFailed(EgovError):
    """A part of the demo city could not be filled in."""


def seed_city(app: Flask, place: DemoFolder, size: Size) -> Iterator[str]:
    """Fill in what is missing and yield the name of each part when it has been committed; safe to repeat.

    An interrupted part leaves nothing, so the next run makes it whole; a part that is there is kept as it is. Accounts
    and their roles are looked after every time: a plugin that comes later brings roles.

    Args:
        app: with its schema up to date and roles and case types written.
        place: where it is noted what has been filled in.
        size: ``small`` for tests.
    """
    present = runtime(app)
    with app.app_context():
        with present.database.reading() as session:
            known = account_by_email(session, ACCOUNTS[-1].email) is not None
        # The database says whether the core's part is there: the note may be lost, or belong to another database.
        done = [CORE, *(name for name in place.done() if name != CORE)] if known else []
        if not known:
            _fill_core(present)
            done = [CORE]
            place.note(done)
            yield "districts, departments, accounts"
        _look_after_roles(present.database)
        yield from _plugins(present, place, done, size)


def _plugins(present: Runtime, place: DemoFolder, done: list[str], size: Size) -> Iterator[str]:
    for name in present.hooks.names:
        if name in done or name.startswith("core."):
            continue
        with present.database.writing(seconds=SECONDS) as session:
            present.hooks.ask(name, "seed_demo", session=session, demo=context(session, present, name, size))
        done.append(name)
        place.note(done)
        yield name


def context(session: Session, present: Runtime, filler: str, size: Size) -> DemoContext:
    """Return what a filler works with; each has a chance of its own, so that what one makes never moves another."""
    return DemoContext(
        random=random.Random(f"{SEED}-{filler}"),  # noqa: S311 - a story, not a secret
        now=now(session),
        size=size,
        languages=present.settings.city.languages,
        accounts=_demo_accounts(session),
        areas={f"{LAYER}:{area.code}": area for area in areas_of(session, LAYER)},
        departments={department.code: department for department in departments(session)},
        things={"areas.point": point_in(district_collection(SEED)), "organisation.posts": _posts()},
    )


def point_in(districts: dict[str, Any]) -> Callable[[str, random.Random], tuple[float, float]]:
    """Return a function (district code, chance) that gives a latitude and longitude inside the district."""
    rings = {one["properties"]["code"]: one["geometry"]["coordinates"][0] for one in districts["features"]}

    def point(code: str, chance: random.Random) -> tuple[float, float]:
        longitude, latitude = random_point([(lon, lat) for lon, lat in rings[code]], chance)
        return latitude, longitude

    return point


def _posts() -> dict[str, list[tuple[str, str | None]]]:
    """Return by department the posts that work for it, each with its district, or None for the whole city."""
    return {department.code: post_codes(department.code) for department in DEPARTMENTS}


def _demo_accounts(session: Session) -> dict[str, Account]:
    found = ((one.email, account_by_email(session, one.email)) for one in (*accounts(), *staff()))
    return {email: account for email, account in found if account is not None}


def _fill_core(present: Runtime) -> None:
    database, zone = present.database, present.settings.city.timezone
    prepared = prepare(district_collection(SEED), code_field="code", names=NAMES)
    password = hash_password(PASSWORD, policy_of(database))
    with database.writing(seconds=SECONDS) as session:
        store(session, SYSTEM, LAYER, prepared, title=Translated.from_texts("en", LAYER_TITLE))
        session.flush()
        for account in (*accounts(), *staff()):
            _open_account(session, account, password)
        report = import_organisation(session, SYSTEM, rows_of(organisation(now(session))), zone=ZoneInfo(zone))
        if not report.applied:
            raise DemoFailed(f"the demo organisation does not fit: {report.refused[0]}")
        _keep_time(session, zone)
        publish_demo_notice(session)


def _open_account(session: Session, account: DemoAccount, password: PasswordHash) -> None:
    if account_by_email(session, account.email) is not None:
        return
    resident = account.assurance == "resident_verified"
    made = create_account(
        session,
        SYSTEM,
        email=account.email,
        display_name=account.name,
        kind=account.kind,
        password=password,
        assurance="contact_verified" if resident else account.assurance,
        is_demo=True,
    )
    if resident:
        evidence = Evidence(account.name, BORN, account.local)
        verify_resident(session, SYSTEM, made, evidence, source="identity_card", quiet=True)


def _look_after_roles(database: Database) -> None:
    """Give the accounts the roles that exist by now; those of a plugin that is not here wait for it."""
    with database.reading() as session:
        missing = _without_role(session)
    if missing:
        with database.writing() as session:
            for account, role in _without_role(session):
                grant_role(session, SYSTEM, account, role)


def _without_role(session: Session) -> list[tuple[Account, str]]:
    at, known = now(session), {role.code for role in roles(session)}
    missing = []
    for one in ACCOUNTS:
        account = account_by_email(session, one.email)
        if account is None or one.role not in known:
            continue
        if all(grant.role.code != one.role for grant in grants_of(session, account.id, at)):
            missing.append((account, str(one.role)))
    return missing


def _keep_time(session: Session, zone: str) -> None:
    title = {"en": "City offices", "ko": "시청 근무 시간", "ar": "مكاتب المدينة"}
    calendar = put_calendar(
        session, SYSTEM, code="city", title=Translated.from_texts("en", title), timezone=zone, is_default=True
    )
    today = now(session).astimezone(ZoneInfo(zone)).date()
    for day, name in holidays(today):
        put_holiday(session, SYSTEM, calendar, day, Translated.from_texts("en", name))


def holidays(today: date) -> Iterator[tuple[date, dict[str, str]]]:
    """Yield the invented public holidays from two years ago to two years ahead."""
    for year in range(today.year - 2, today.year + 3):
        for month, day, name in HOLIDAYS:
            yield date(year, month, day), name


__all__ = ["DemoFailed", "Size", "context", "point_in", "seed_city"]
