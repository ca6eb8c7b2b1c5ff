"""Terms, privacy notices and consents: published by version, put before people once, remembered, taken back."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, joinedload

from egovframe.actor import Actor
from egovframe.core.i18n import Translated
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.privacy.keeping.models import NOTICE_KINDS, Consent, Notice, NoticeVersion
from egovframe.core.modules.privacy.permissions import MANAGE_NOTICES
from egovframe.core.modules.privacy.services.people import need
from egovframe.core.persistence import Database, insert_for, new_public_id, now, unit_of
from egovframe.errors import Conflict, Invalid, NotFound, NotSignedIn

REQUIRED = ("terms", "privacy")
FRESH = 10.0
"""Seconds for which a process trusts what it knows of the newest version that asks."""


class Board:
    """What a process knows of the newest version that asks people, so that ordinary requests need no question.

    Attributes:
        good_for: seconds for which it does not ask again; a test that counts statements makes it endless.
    """

    def __init__(self) -> None:
        self._newest = 0
        self._read_at = -math.inf
        self.good_for = FRESH

    def newest(self, session: Session) -> int:
        """Return the id of the newest version that people are asked about, 0 when there is none."""
        if time.monotonic() - self._read_at >= self.good_for:
            statement = select(func.max(NoticeVersion.id)).join(Notice).where(NoticeVersion.asks, _required())
            self._newest = session.scalar(statement) or 0
            self._read_at = time.monotonic()
        return self._newest

    def forget(self) -> None:
        """Look again at the next question."""
        self._read_at = -math.inf


def newest_asking(session: Session) -> int:
    """Return the id of the newest version that asks people, 0 for none; remembered for some seconds."""
    return unit_of(session).database.service(Board).newest(session)


def publish_notice(
    session: Session,
    actor: Actor,
    code: str,
    *,
    kind: str,
    title: Translated,
    body: Translated,
    asks: bool = True,
) -> NoticeVersion:
    """Publish a version of a notice, the first one too; earlier versions stay readable and are never changed.

    Args:
        session: of a writing unit.
        actor: who publishes.
        code: of the notice: ``privacy``, ``terms``, ``newsletter`` …
        kind: ``terms``, ``privacy`` or ``consent``; fixed with the first version.
        title: in the city's languages.
        body: the wording; blank lines part paragraphs.
        asks: whether people who know an earlier version are asked again.

    Raises:
        Forbidden: the actor may not publish notices.
        Invalid: the kind is unknown, or the text is empty.
        Conflict: the notice is of another kind.
    """
    need(session, actor, MANAGE_NOTICES)
    if kind not in NOTICE_KINDS or not title or not body:
        raise Invalid(errors={"kind": [_("Choose what this is, and write its text.")]})
    notice = _notice(session, code, kind)
    if notice.kind != kind:
        raise Conflict(_("This notice is of another kind."))
    last = session.scalar(select(func.max(NoticeVersion.number)).where(NoticeVersion.notice_id == notice.id)) or 0
    row = NoticeVersion(
        notice=notice,
        number=last + 1,
        title=title,
        body=body,
        asks=asks or not last,
        published_at=now(session),
        published_by=actor.label,
    )
    session.add(row)
    session.flush()
    audit(session, actor, "privacy:notice:publish", f"notice:{code}", after={"number": row.number, "asks": row.asks})
    database = unit_of(session).database
    unit_of(session).after_commit(lambda: database.service(Board).forget())
    return row


def newest_versions(session: Session) -> Sequence[NoticeVersion]:
    """Return the newest version of every notice: what holds today, in the order of their codes."""
    newest = select(func.max(NoticeVersion.id)).group_by(NoticeVersion.notice_id)
    statement = select(NoticeVersion).join(Notice).where(NoticeVersion.id.in_(newest)).order_by(Notice.code)
    return session.scalars(statement).all()


def required_notices(session: Session) -> Sequence[NoticeVersion]:
    """Return the newest wording of every notice that people with an account agree to."""
    return [version for version in newest_versions(session) if version.notice.kind in REQUIRED]


def versions_of(session: Session, code: str) -> Sequence[NoticeVersion]:
    """Return every version of a notice, newest first; raise NotFound when there is none."""
    statement = select(NoticeVersion).join(Notice).where(Notice.code == code).order_by(NoticeVersion.number.desc())
    found = session.scalars(statement).all()
    if not found:
        raise NotFound
    return found


def unanswered(session: Session, account_id: int) -> Sequence[NoticeVersion]:
    """Return the newest wording of each required notice that somebody has not agreed to, as far as it asks."""
    statement = (
        select(NoticeVersion.notice_id, func.max(NoticeVersion.number))
        .join(Notice)
        .where(NoticeVersion.asks, _required())
        .group_by(NoticeVersion.notice_id)
    )
    asked = {row[0]: row[1] for row in session.execute(statement)}
    if not asked:
        return ()
    known = _agreed(session, account_id)
    return [
        version
        for version in newest_versions(session)
        if version.notice_id in asked and known.get(version.notice_id, 0) < asked[version.notice_id]
    ]


def give_consent(session: Session, actor: Actor, account_id: int, versions: Sequence[int]) -> None:
    """Remember that somebody agreed to versions; what is agreed to already is not written twice.

    Raises:
        NotFound: there is no such version.
    """
    at = now(session)
    for version_id in dict.fromkeys(versions):
        version = session.get(NoticeVersion, version_id)
        if version is None:
            raise NotFound
        standing = select(Consent.id).where(
            Consent.account_id == account_id, Consent.version_id == version_id, Consent.withdrawn_at.is_(None)
        )
        if session.scalar(standing) is not None:
            continue
        session.add(Consent(account_id=account_id, version_id=version_id, given_at=at))
        facts = {"number": version.number}
        audit(session, actor, "privacy:consent:give", f"notice:{version.notice.code}", after=facts)
    session.flush()


def consent_to_newest(session: Session, actor: Actor, account_id: int) -> None:
    """Remember that somebody was shown every required notice as it stands, such as with the registration."""
    give_consent(session, actor, account_id, [version.id for version in unanswered(session, account_id)])


def withdraw_consent(session: Session, actor: Actor, public_id: str) -> None:
    """Take one's own consent back; what was done with it until now stays lawful.

    Raises:
        NotSignedIn: the actor has no account.
        NotFound: it is not the actor's, or was taken back before.
    """
    if actor.account_id is None:
        raise NotSignedIn
    statement = (
        update(Consent)
        .where(Consent.public_id == public_id, Consent.account_id == actor.account_id, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now(session))
        .returning(Consent.version_id)
    )
    version_id = session.execute(statement.execution_options(synchronize_session=False)).scalar_one_or_none()
    if version_id is None:
        raise NotFound
    version = session.get_one(NoticeVersion, version_id)
    facts = {"number": version.number}
    audit(session, actor, "privacy:consent:withdraw", f"notice:{version.notice.code}", after=facts)


def consents_of(session: Session, account_id: int) -> Sequence[Consent]:
    """Return what somebody said to notices, newest first, with the versions."""
    statement = select(Consent).options(joinedload(Consent.version)).where(Consent.account_id == account_id)
    return session.scalars(statement.order_by(Consent.id.desc())).all()


def forget_board(database: Database) -> None:
    """Let the process look again at what is published; for tests and after a restore."""
    database.service(Board).forget()


def _required() -> ColumnElement[bool]:
    return Notice.kind.in_(REQUIRED)


def _agreed(session: Session, account_id: int) -> dict[int, int]:
    statement = (
        select(NoticeVersion.notice_id, func.max(NoticeVersion.number))
        .join(Consent, Consent.version_id == NoticeVersion.id)
        .where(Consent.account_id == account_id, Consent.withdrawn_at.is_(None))
        .group_by(NoticeVersion.notice_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _notice(session: Session, code: str, kind: str) -> Notice:
    statement = insert_for(session, Notice).values(public_id=new_public_id(), code=code, kind=kind)
    session.execute(statement.on_conflict_do_nothing(index_elements=["code"]))
    # The row is locked, so that two who publish at once get numbers one after the other.
    return session.scalars(select(Notice).where(Notice.code == code).with_for_update()).one()
