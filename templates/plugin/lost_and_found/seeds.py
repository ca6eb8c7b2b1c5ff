"""A few found things for the demo city."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from egovframe.hooks import DemoContext
from lost_and_found.models import KEPT, Item

THINGS = (
    ("Black umbrella with a wooden handle", "Harbour station, platform 2"),
    ("Child's red backpack", "City library, second floor"),
    ("Set of keys with a blue ribbon", "Market square"),
    ("Silver bicycle bell", "Riverside path"),
)


def seed(session: Session, demo: DemoContext) -> None:
    """Record things found in the last weeks; does nothing the second time."""
    if session.execute(select(func.count()).select_from(Item)).scalar_one():
        return
    for what, place in THINGS[: demo.amount(full=len(THINGS), small=1)]:
        found = demo.now - timedelta(hours=demo.random.randrange(1, 500))
        session.add(Item(what=what, place=place, state=KEPT, created_at=found))
