"""The last administrator stays: whoever would take the last one away is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from egovframe.core.auth.models import Account, Role, RoleGrant
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import now
from egovframe.errors import Conflict

ADMINISTRATOR = "administrator"


@contextmanager
def keep_an_administrator(session: Session, account_id: int) -> Iterator[None]:
    """Run a change that may take administration from the account; refuse it when nobody would be left.

    Somebody who is one for good must remain, if there was one; else somebody who is one for the time being.

    Raises:
        Conflict: the account is the last administrator.
    """
    # Two administrators who remove each other at the same moment wait here for one another.
    session.execute(select(Role.id).where(Role.code == ADMINISTRATOR).with_for_update())
    before = _administrators(session)
    yield
    if not any(account == account_id for account, _for_good in before):
        return
    after = _administrators(session)
    lost_for_good = any(for_good for _a, for_good in before) and not any(for_good for _a, for_good in after)
    if not after or lost_for_good:
        raise Conflict(_("This is the last administrator. Make somebody else an administrator first."))


def _administrators(session: Session) -> list[tuple[int, bool]]:
    at = now(session)
    statement = (
        select(RoleGrant.account_id, RoleGrant.valid_until)
        .join(Role, Role.id == RoleGrant.role_id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            Role.code == ADMINISTRATOR,
            Account.state == "active",
            Account.kind != "service",
            RoleGrant.scope == "[]",
            or_(RoleGrant.valid_from.is_(None), RoleGrant.valid_from <= at),
            or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > at),
        )
    )
    return [(account, until is None) for account, until in session.execute(statement)]
