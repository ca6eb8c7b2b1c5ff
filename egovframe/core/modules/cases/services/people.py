"""Who acts on a case, who answers for it, and who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import account_by_public_id
from egovframe.core.i18n import Translated
from egovframe.core.modules.cases.definition import Definition, Transition
from egovframe.core.modules.cases.models import Case
from egovframe.core.modules.notifications import notify
from egovframe.core.modules.organisation import Department, HeldPost, Post, post_holder, posts_held, reporting_line
from egovframe.core.persistence import moment


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote an entry: the name for colleagues, the title for everybody, and for which post it was done."""

    kind: str
    account_id: int | None
    label: str = ""
    title: Mapping[str, Any] | None = None
    stands_for: Mapping[str, Any] | None = None

    def columns(self) -> dict[str, Any]:
        """Return the entry's columns."""
        return {
            "author_kind": self.kind,
            "author_id": self.account_id,
            "author_label": self.label[:200],
            "author_title": self.title,
            "author_for": self.stands_for,
        }


def author_of(session: Session, actor: Actor, case: Case, *, as_reporter: bool = False) -> Author:
    """Return how the timeline names the actor: reporter, the system, or staff with post and name."""
    if actor.kind == "system":
        return Author("system", None)
    if as_reporter or not actor.is_signed_in or actor.account_id == case.reporter_account_id:
        return Author("reporter", actor.account_id)
    post = own_post(session, actor, case.department_id, moment(session))
    title = _stored(post.title) if post else None
    return Author("staff", actor.account_id, actor.name, title, _lenders_title(session, actor, case))


def _lenders_title(session: Session, actor: Actor, case: Case) -> Mapping[str, Any] | None:
    """Return the title of the post whose right the actor was lent and used for this, or None."""
    if not actor.decision.lender:
        return None
    lender = account_by_public_id(session, actor.decision.lender)
    post = _held(session, lender.id, case.department_id, moment(session))
    return _stored(post.title) if post else None


def own_post(session: Session, actor: Actor, department_id: int | None, at: datetime) -> HeldPost | None:
    """Return the post that the actor holds, one in the department before others; None for none."""
    return None if actor.account_id is None else _held(session, actor.account_id, department_id, at)


def _held(session: Session, account_id: int, department_id: int | None, at: datetime) -> HeldPost | None:
    # One action asks twice: for the post that takes the case, and for the line on the timeline.
    kept: dict[int, Sequence[HeldPost]] = session.info.setdefault("cases.own_posts", {})
    if account_id not in kept:
        kept[account_id] = posts_held(session, account_id, at)
    posts = kept[account_id]
    return next((post for post in posts if post.department_id == department_id), posts[0] if posts else None)


def tell_opened(session: Session, case: Case, definition: Definition) -> None:
    """Tell the reporter that the case is there, and the official that it is theirs."""
    _tell_reporter(session, case, definition, "cases.received", {})
    _tell_account(session, case, definition, case.assignee_id, "cases.assigned", {})


def tell_change(
    session: Session,
    case: Case,
    definition: Definition,
    transition: Transition,
    text: str,
    actor: Actor,
    *,
    at: datetime,
) -> None:
    """Tell whoever the case type names; nobody is told of what they did themselves."""
    facts = {"action": transition.action, "done": transition.done_title, "text": text if transition.public else ""}
    if "reporter" in transition.tell:
        _tell_reporter(session, case, definition, "cases.changed", facts)
    wanted: list[int | None] = []
    if "official" in transition.tell:
        wanted.append(case.assignee_id)
    if "department_head" in transition.tell:
        wanted.append(superior(session, case, 1, at))
    kind = "cases.assigned" if transition.effect == "pass_on" else "cases.news"
    for account_id in dict.fromkeys(wanted):
        if account_id != actor.account_id:
            _tell_account(session, case, definition, account_id, kind, facts)


def tell_escalation(session: Session, case: Case, definition: Definition, account_id: int, level: int) -> None:
    """Tell somebody up the line that a case is late."""
    _tell_account(session, case, definition, account_id, "cases.escalated", {"level": level})


def superior(session: Session, case: Case, level: int, at: datetime) -> int | None:
    """Return the account so many steps up the reporting line, or of the highest post that is held below that.

    A case with a department but no post begins with the head of the department, one step up.
    """
    if case.post_id is not None:
        line = reporting_line(session, session.get_one(Post, case.post_id), level)
    else:
        head = _head(session, case.department_id)
        line = [head, *reporting_line(session, head, level - 1)] if head else []
    holders = (post_holder(session, post, at) for post in reversed(line))
    return next((holder.account_id for holder in holders if holder), None)


def _head(session: Session, department_id: int | None) -> Post | None:
    if department_id is None:
        return None
    posts = session.scalars(select(Post).where(Post.department_id == department_id).order_by(Post.id)).all()
    own = {post.id for post in posts}
    return next((post for post in posts if post.reports_to_id not in own), None)


def department_of(session: Session, case: Case) -> Department | None:
    """Return the case's department."""
    return session.get(Department, case.department_id) if case.department_id is not None else None


def _tell_reporter(session: Session, case: Case, definition: Definition, kind: str, more: Mapping[str, Any]) -> None:
    if case.reporter_reference:
        facts = {
            **_facts(case, definition),
            "reporter_page": definition.reporter_page,
            "tracking_code": case.tracking_code,
        }
        notify(session, case.reporter_reference, kind, f"case:{case.public_id}", {**facts, **more})


def _tell_account(
    session: Session, case: Case, definition: Definition, account_id: int | None, kind: str, more: Mapping[str, Any]
) -> None:
    if account_id is not None:
        facts = {**_facts(case, definition), **more}
        notify(session, f"auth.account:{account_id}", kind, f"case:{case.public_id}", facts)


def _facts(case: Case, definition: Definition) -> dict[str, Any]:
    """Return what every message knows; ``type``, ``state`` and ``done`` are message ids, translated when rendered."""
    return {
        "reference": case.reference,
        "title": case.title,
        "type": definition.title,
        "state": definition.title_of(case.state),
        "due_at": case.due_at.isoformat() if case.due_at and case.kind == "open" else "",
    }


def _stored(title: Any) -> Any:
    return title.to_json() if isinstance(title, Translated) else title
