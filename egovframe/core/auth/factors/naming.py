"""Verbs on the names that people give their passkeys."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.factors.changes import need_fresh
from egovframe.core.auth.factors.models import Passkey
from egovframe.core.auth.queries import account_of, found
from egovframe.core.modules.audit import audit


def own_passkey(session: Session, actor: Actor, public_id: str, present: int) -> Passkey:
    """Return one of the actor's own passkeys, to be changed.

    Raises:
        ProofNeeded: the person has not proved who they are within the last minutes.
        NotFound: it is not the actor's.
    """
    need_fresh(session, actor, present)
    account = account_of(session, actor)
    mine = select(Passkey).where(Passkey.account_id == account.id, Passkey.public_id == public_id)
    return found(session.scalar(mine))


def rename_passkey(session: Session, actor: Actor, public_id: str, name: str, present: int) -> None:
    """Call one of the actor's own passkeys by another name; what it opens stays as it was, and so do sessions.

    A fresh proof is asked for all the same: by names people choose which key to take away, and whoever swaps them on
    a borrowed browser makes them take away the wrong one. The audit names the key, not the words: they may be personal.

    Raises:
        ProofNeeded: the person has not proved who they are within the last minutes.
        NotFound: it is not the actor's.
    """
    key = own_passkey(session, actor, public_id, present)
    if key.name == name:
        return
    key.name = name
    facts = {"change": "passkey_renamed", "passkey": key.public_id}
    audit(session, actor, "auth:factor:change", f"account:{actor.public_id}", after=facts)
