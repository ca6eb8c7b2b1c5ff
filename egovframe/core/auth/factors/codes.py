"""Recovery codes: ten on paper for the day the phone is lost. And how typed codes of every kind are read."""

from __future__ import annotations

import secrets
import unicodedata

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from egovframe.core.auth.factors.models import RecoveryCode
from egovframe.core.persistence import now, unit_of

COUNT = 10
LENGTH = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letters or digits that look alike on paper; ten of them carry 49 bits, and the digest is keyed."""


def plain(typed: str) -> str:
    """Return a typed code in its one form: digits of every script as ASCII, lower case, no spaces or hyphens."""
    text = unicodedata.normalize("NFKC", typed).casefold()
    digits = (str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
    return "".join(sign for sign in digits if sign.isalnum())


def new_codes(session: Session, account_id: int) -> list[str]:
    """Replace an account's recovery codes; return the new ones as they are printed, which are never shown again."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(COUNT)]
    at = now(session)
    for code in codes:
        session.add(RecoveryCode(account_id=account_id, code_hash=_digest(session, account_id, code), created_at=at))
    session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def use_code(session: Session, account_id: int, code: str) -> bool:
    """Use a code up, given in its plain form; False when it is none, was used, or is somebody else's."""
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == _digest(session, account_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now(session))
        .returning(RecoveryCode.id)
    )
    return used.first() is not None


def codes_left(session: Session, account_id: int) -> int:
    """Return how many codes are still good."""
    unused = select(func.count(RecoveryCode.id)).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(unused) or 0


def _digest(session: Session, account_id: int, code: str) -> str:
    return unit_of(session).database.keyring.blind_index("recovery-code", f"{account_id}:{code}")
