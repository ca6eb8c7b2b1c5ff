"""Leases: rows that let one process at a time do a thing, and pass on when it dies."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_

from egovframe.core.modules.jobs.models import Lease
from egovframe.core.persistence import WORKER, Database, insert_for, now

LEASE = timedelta(seconds=9)
"""After a crash the next process waits this long at most."""


def hold(database: Database, name: str, holder: str, duration: timedelta = LEASE) -> bool:
    """Take or renew the lease; False while another holder has it."""
    with database.writing(WORKER) as session:
        at = now(session)
        statement = insert_for(session, Lease).values(name=name, holder=holder, held_until=at + duration)
        taken = session.execute(
            statement.on_conflict_do_update(
                index_elements=[Lease.name],
                set_={"holder": statement.excluded.holder, "held_until": statement.excluded.held_until},
                where=or_(Lease.holder == holder, Lease.held_until < at),
            ).returning(Lease.name)
        ).scalar_one_or_none()
        return taken is not None


def let_go(database: Database, name: str, holder: str) -> None:
    """Give the lease back, if it is still ours."""
    with database.writing(WORKER) as session:
        session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))
