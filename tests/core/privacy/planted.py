"""A table of a plugin that exists only here, with personal columns planted in it, and a neighbour that points to it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, MetaData, String, func, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column, query_expression, relationship

from egovframe.actor import Actor
from egovframe.core.modules.privacy import Looking, personal
from egovframe.core.modules.privacy.recording import write_down
from egovframe.core.persistence import Database, on_errand

OFFICIAL = Actor(kind="account", account_id=901, public_id="official901", name="Han")
ANNA, BORA = 501, 502
"""Accounts of the persons; the third caller has none."""
PHONE, EMAIL = "+82 2 555 0101", "anna@people.example"


class Base(DeclarativeBase):
    metadata = MetaData()


class Caller(Base):
    __tablename__ = "planted_caller"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None]
    phone: Mapped[str | None] = personal(String(30), purpose="contact", retention="case", subject="account_id")
    email: Mapped[str | None] = personal(String(60), purpose="contact", retention="case", subject="account_id")
    story: Mapped[str | None] = personal(
        String(60), purpose="contact", retention="case", subject="account_id", openly=True
    )
    form: Mapped[str | None] = personal(
        String(60), purpose="contact", retention="case", subject="account_id", document=True, nullable=True
    )
    blank: Mapped[str | None] = query_expression()

    calls: Mapped[list[Call]] = relationship(back_populates="caller")


class Call(Base):
    __tablename__ = "planted_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    caller_id: Mapped[int] = mapped_column(ForeignKey(Caller.id))
    note: Mapped[str] = mapped_column(String(60), default="")

    caller: Mapped[Caller] = relationship(back_populates="calls")


class Directory(Base):
    """The same rows through another model, with the telephone under another name."""

    __table__ = Caller.__table__
    __mapper_args__: dict[str, Any] = {"include_properties": ["id", "account_id"]}
    number = column_property(Caller.__table__.c.phone)


class Shouting(Base):
    """A model that hides the address in an expression."""

    __table__ = Caller.__table__
    __mapper_args__: dict[str, Any] = {"include_properties": ["id", "account_id"]}
    loud = column_property(func.upper(Caller.__table__.c.email))


def plant(database: Database) -> None:
    """Make the tables and three callers, each with a call."""
    with database.writing() as session:
        Base.metadata.create_all(session.connection())
        callers = [
            {"id": 1, "topic": "light", "account_id": ANNA, "phone": PHONE, "email": EMAIL, "story": "dark"},
            {"id": 2, "topic": "water", "account_id": BORA, "phone": "+82 2 555 0102", "email": "bora@people.example"},
            {
                "id": 3,
                "topic": "light",
                "account_id": None,
                "phone": "+82 2 555 0103",
                "email": "nobody@people.example",
            },
        ]
        session.execute(insert(Caller), [{"story": "wet", **caller} for caller in callers])
        session.execute(insert(Call), [{"id": n, "caller_id": n, "note": "rang"} for n in (1, 2, 3)])


class Desk:
    """An official at work: reads in units, and has what was seen written down."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.errand = Looking(OFFICIAL, route="/desk", purpose="case", thing="case:T-1")

    def read(self, way: Any) -> Any:
        """Run a way of reading in a reading unit of the official, and write the looks down."""
        with on_errand(self.errand):
            with self.database.reading() as session:
                answer = way(session)
            write_down(self.errand, self.database)
        return answer
