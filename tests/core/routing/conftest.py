"""A small city for routing: two districts with a neighbourhood, two departments, posts and officials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.auth import Account
from egovframe.core.i18n import Translated
from egovframe.core.modules.areas import Area, Layer
from egovframe.core.modules.organisation import (
    Department,
    Post,
    put_absence,
    put_department,
    put_jurisdiction,
    put_official,
    put_post,
)
from egovframe.core.modules.routing import Matter, area_refs
from egovframe.core.persistence import Database

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
"""A Saturday."""
EMPTY = {"type": "MultiPolygon", "coordinates": []}


def text(english: str) -> Translated:
    return Translated.of("en", en=english)


@dataclass
class City:
    """Makes the rows that a test needs inside one writing unit."""

    session: Session

    def account(self, name: str) -> Account:
        account = Account(display_name=name, kind="staff", created_at=AT)
        self.session.add(account)
        self.session.flush()
        return account

    def layer(self, code: str, position: int) -> Layer:
        layer = Layer(code=code, title=text(code), position=position)
        self.session.add(layer)
        self.session.flush()
        return layer

    def area(self, layer: Layer, code: str, parent: Area | None = None) -> Area:
        area = Area(
            layer=layer,
            code=code,
            name=text(code.title()),
            parent_id=parent.id if parent else None,
            geometry=EMPTY,
            fine=EMPTY,
            coarse=EMPTY,
            west=0,
            south=0,
            east=1,
            north=1,
            latitude=0.5,
            longitude=0.5,
        )
        self.session.add(area)
        self.session.flush()
        return area

    def department(self, code: str, **more: Any) -> Department:
        return put_department(self.session, SYSTEM, code=code, name=text(code.title()), **more).row

    def post(self, code: str, department: Department, holder: str = "", reports_to: Post | None = None) -> Post:
        post = put_post(
            self.session, SYSTEM, code=code, title=text(code), department=department, reports_to=reports_to
        ).row
        if holder:
            self.official(post, self.account(holder))
        return post

    def official(self, post: Post, account: Account) -> None:
        put_official(self.session, SYSTEM, post=post, account=account, valid_from=AT - timedelta(days=900))

    def away(self, post: Post, substitute: Post | None, days: int = 5) -> None:
        put_absence(
            self.session,
            SYSTEM,
            post=post,
            substitute=substitute,
            valid_from=AT - timedelta(days=1),
            valid_until=AT + timedelta(days=days),
        )

    def owns(self, office: Post | Department, subject: str, area: Area | None = None, **more: Any) -> None:
        put_jurisdiction(self.session, SYSTEM, office, subject, area, **more)

    def matter(self, subject: str, *areas: Area, **more: Any) -> Matter:
        return Matter(subject=subject, areas=area_refs(self.session, areas), at=more.pop("at", AT), **more)


@pytest.fixture
def in_city(database: Database) -> Callable[[], Any]:
    """Open a writing unit and give the city in it."""

    class _Unit:
        def __enter__(self) -> City:
            self._manager = database.writing()
            return City(self._manager.__enter__())

        def __exit__(self, *reason: Any) -> Any:
            return self._manager.__exit__(*reason)

    return _Unit
