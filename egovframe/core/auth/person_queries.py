"""Reads about persons: who stands behind an account, how many persons accounts are, what waits for an official."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Load, Session, undefer_group

from egovframe.core.auth.models import Account
from egovframe.core.auth.persons import Letter, Person, PersonClash, Verification
from egovframe.core.auth.queries import found
from egovframe.core.persistence import now


@dataclass(frozen=True, slots=True)
class LetterDoubts:
    """Why a letter is to be looked at twice.

    Attributes:
        door: different accounts that asked for letters to this postal address, this one among them.
        name: different accounts that asked for letters in this name, this one among them.
        before: letters that the same account asked for before.
        incomplete: what the letter will prove is not there to be compared (asked for before an upgrade).
    """

    door: int
    name: int
    before: int
    incomplete: bool

    def __bool__(self) -> bool:
        return self.door > 1 or self.name > 1 or self.before > 0 or self.incomplete


def in_force(at: datetime) -> ColumnElement[bool]:
    """Return the condition under which a verification holds at the instant."""
    lasting = or_(Verification.expires_at.is_(None), Verification.expires_at > at)
    return Verification.ended_at.is_(None) & lasting


def verification_of(session: Session, account: Account, at: datetime | None = None) -> Verification | None:
    """Return what binds an account to its person, or None."""
    statement = select(Verification).where(Verification.account_id == account.id, in_force(at or now(session)))
    return session.scalar(statement)


def person_of(session: Session, account: Account, at: datetime | None = None) -> Person | None:
    """Return the person behind an account, or None while nobody has been verified."""
    statement = select(Person).join(Verification, Verification.person_id == Person.id)
    return session.scalar(statement.where(Verification.account_id == account.id, in_force(at or now(session))))


def persons_behind(accounts: Select[Any] | Collection[int], at: datetime) -> Select[Any]:
    """Return the statement of the different persons behind accounts; accounts without a person do not count.

    Args:
        accounts: numbers of accounts, or a statement that selects them, such as those of a proposal's supporters.
    """
    statement = select(Verification.person_id).where(Verification.account_id.in_(accounts), in_force(at))
    return statement.distinct()


def count_persons(session: Session, accounts: Select[Any] | Collection[int], at: datetime | None = None) -> int:
    """Return how many different persons stand behind accounts: several accounts of one person count once."""
    behind = persons_behind(accounts, at or now(session)).subquery()
    return int(session.scalar(select(func.count()).select_from(behind)) or 0)


def accounts_of_persons(session: Session, person_ids: Collection[int]) -> Mapping[int, Sequence[Account]]:
    """Return the accounts bound to each person now, oldest first, with their personal columns."""
    statement = (
        select(Verification.person_id, Account)
        .join(Account, Account.id == Verification.account_id)
        .where(Verification.person_id.in_(sorted(person_ids)), in_force(now(session)))
        .order_by(Account.id)
        .options(Load(Account).undefer_group("personal"))
    )
    grouped: dict[int, list[Account]] = {person_id: [] for person_id in person_ids}
    for person_id, account in session.execute(statement):
        grouped[person_id].append(account)
    return grouped


def open_clashes(session: Session, limit: int = 100) -> Sequence[tuple[PersonClash, Account]]:
    """Return what waits for an official's decision, oldest first, with the accounts and their personal columns."""
    statement = (
        select(PersonClash, Account)
        .join(Account, Account.id == PersonClash.account_id)
        .where(PersonClash.decided_at.is_(None))
        .order_by(PersonClash.id)
        .limit(limit)
        .options(Load(Account).undefer_group("personal"))
    )
    return [(clash, account) for clash, account in session.execute(statement)]


def clash_by_public_id(session: Session, public_id: str) -> PersonClash:
    """Return a clash; raise NotFound."""
    return found(session.scalar(select(PersonClash).where(PersonClash.public_id == public_id)))


def persons_among(session: Session, person_ids: Collection[int]) -> Sequence[Person]:
    """Return persons by number; those merged away are left out."""
    statement = select(Person).where(Person.id.in_(sorted(person_ids)), Person.merged_into_id.is_(None))
    return session.scalars(statement.order_by(Person.id)).all()


def open_letter(session: Session, account_id: int) -> Letter | None:
    """Return the letter that is asked for or under way to an account, without its personal columns."""
    statement = select(Letter).where(
        Letter.account_id == account_id, Letter.state.in_(("asked", "sent")), Letter.expires_at > now(session)
    )
    return session.scalar(statement)


def open_clash(session: Session, account_id: int) -> PersonClash | None:
    """Return what an official has still to decide about an account."""
    statement = select(PersonClash).where(PersonClash.account_id == account_id, PersonClash.decided_at.is_(None))
    return session.scalar(statement.order_by(PersonClash.id).limit(1))


def letters_to_print(session: Session, limit: int = 100) -> Sequence[Letter]:
    """Return letters that wait to be printed, oldest first, with what was typed for them."""
    statement = select(Letter).where(Letter.state == "asked", Letter.expires_at > now(session))
    return session.scalars(statement.order_by(Letter.id).limit(limit).options(undefer_group("personal"))).all()


def letters_waiting(session: Session) -> int:
    """Return how many letters wait to be printed, looking at nobody's name."""
    waiting = (Letter.state == "asked") & (Letter.expires_at > now(session))
    return int(session.scalar(select(func.count()).select_from(Letter).where(waiting)) or 0)


def letter_doubts(session: Session, letters: Collection[Letter]) -> Mapping[str, LetterDoubts]:
    """Return what speaks for looking twice at each letter, by its public id, with a fixed number of statements.

    What an applicant chooses freely does not decide alone: doors are told apart by the postal address that the letter
    really goes to, and names are counted wherever their letters go.
    """
    doors = _accounts_by(session, Letter.address_digest, {row.address_digest for row in letters})
    names = _accounts_by(session, Letter.name_digest, {row.name_digest for row in letters} - {""})
    counted = select(Letter.account_id, func.count()).where(Letter.account_id.in_({row.account_id for row in letters}))
    asked = dict(iter(session.execute(counted.group_by(Letter.account_id))))
    return {
        row.public_id: LetterDoubts(
            door=doors.get(row.address_digest, 1),
            name=names.get(row.name_digest, 1),
            before=asked.get(row.account_id, 1) - 1,
            incomplete=row.birth_date is None or row.address_code is None,
        )
        for row in letters
    }


def _accounts_by(session: Session, column: InstrumentedAttribute[str], digests: Collection[str]) -> Mapping[str, int]:
    """Return how many different accounts share each digest."""
    counted = select(column, func.count(Letter.account_id.distinct())).where(column.in_(sorted(digests)))
    return dict(iter(session.execute(counted.group_by(column))))
