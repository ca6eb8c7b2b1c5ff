"""From where somebody has signed in lately: there, a stranger's wrong passwords elsewhere do not stand in the way.

A place is account and network address together, kept as keyed digests for a month beside the counts of attempts:
nobody can read one out of the table, and nobody but the limits of sign-in asks.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from egovframe.core.persistence import Keyring, dialect_of, insert_on, now, unit_of
from egovframe.core.web.models import RateCount

NAME = "sign-in-place"
KEPT = timedelta(days=30)


def remember_place(session: Session, subject: str, address: str) -> None:
    """Note that the owner of an account has been at a network address: signed in there, or read the mailbox there."""
    values = {"bucket": _bucket(unit_of(session).database.keyring, subject, address), "hits": 1}
    values["expires_at"] = now(session) + KEPT
    statement = insert_on(dialect_of(session), RateCount).values(values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[RateCount.bucket], set_={"expires_at": statement.excluded.expires_at}
        )
    )


def knows_place(session: Session, subject: str, address: str) -> bool:
    """Whether the owner has been there within the month; the same work for accounts that nobody has."""
    bucket = _bucket(unit_of(session).database.keyring, subject, address)
    return bool(session.scalar(select(exists().where(RateCount.bucket == bucket, RateCount.expires_at > now(session)))))


def _bucket(keyring: Keyring, subject: str, address: str) -> str:
    return f"{NAME}:{keyring.blind_index('sign-in-place', f'{subject} {address}')}"
