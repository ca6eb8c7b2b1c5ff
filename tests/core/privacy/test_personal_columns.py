"""Declared personal columns: deferred, listed, and refused without codes."""

from __future__ import annotations

import pytest
from sqlalchemy import MetaData, String, create_engine, inspect
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from egovframe.core.modules.privacy import Personal, PersonalDataRefused, personal, personal_columns
from egovframe.core.persistence import Database

DECLARED = Personal("contact", "case", "id")


class Base(DeclarativeBase):
    metadata = MetaData()


class Caller(Base):
    __tablename__ = "caller"
    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str | None] = personal(String(20), purpose="contact", retention="case", subject="id")
    email: Mapped[str] = personal(
        String(50), purpose="contact", retention="case", subject="id", index=True, info={"x": 1}
    )


def test_declared_columns_are_listed_and_others_are_not() -> None:
    assert personal_columns(Base.metadata) == {"caller.phone": DECLARED, "caller.email": DECLARED}
    assert Caller.__table__.c.email.index
    assert Caller.__table__.c.email.info["x"] == 1
    assert Caller.__table__.c.phone.nullable
    assert not Caller.__table__.c.email.nullable


def test_a_row_is_loaded_without_its_personal_columns_until_one_is_asked_for(database: Database) -> None:
    with database.writing() as session:
        Base.metadata.create_all(session.connection())
        session.add(Caller(id=1, topic="light", phone="+82 2 120", email="a@b.example"))
    with database.reading() as session:
        row = session.get_one(Caller, 1)
        assert {"phone", "email"} <= inspect(row).unloaded
        assert row.topic == "light"
        assert row.phone == "+82 2 120"
        assert "email" not in inspect(row).unloaded


def test_an_engine_of_ones_own_leads_past_nothing() -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Caller(id=1, topic="light", phone="+82 2 120", email="a@b.example"))
        session.commit()
        session.expunge_all()
        row = session.get_one(Caller, 1)
        assert row.topic == "light"
        with pytest.raises(PersonalDataRefused, match=r"caller\.\w+ is read without a unit of work"):
            _ = row.phone
    with engine.connect() as connection, pytest.raises(PersonalDataRefused):
        connection.exec_driver_sql("SELECT phone FROM caller")
    engine.dispose()


@pytest.mark.parametrize("bad", ["", "two words", "Contact", "a-b"])
def test_purpose_retention_and_subject_are_codes(bad: str) -> None:
    good = {"purpose": "contact", "retention": "case", "subject": "id"}
    for name in good:
        with pytest.raises(ValueError, match="is no code"):
            personal(String(10), **{**good, name: bad})
