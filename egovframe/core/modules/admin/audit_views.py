"""The audit record as an auditor reads it: who by post, what in words, before beside after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.core.auth import account_by_email
from egovframe.core.i18n import Text, day_begins, gettext
from egovframe.core.modules.audit import AuditEntry, AuditFilter, AuditSeal, action_title
from egovframe.core.modules.cases import all_types, case_by_reference
from egovframe.core.modules.organisation import Official, Post
from egovframe.core.persistence import unit_of

CASE_ACTION = "cases:case:"


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry with what makes it readable.

    Attributes:
        entry: the row.
        title: the action in words.
        post: the title of the post that the actor held at that time, or empty.
        link: number of the link that seals it; None while it waits.
    """

    entry: AuditEntry
    title: Text
    post: str = ""
    link: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the table "before and after"."""

    name: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether the two sides differ."""
        return self.before != self.after


def views_of(session: Session, entries: Sequence[AuditEntry]) -> list[EntryView]:
    """Return entries with titles, posts and links, with a fixed number of statements."""
    titles, posts, links = Titles(session), _posts(session, entries), _links(session, entries)
    return [EntryView(entry, titles.of(entry.action), _post_at(posts, entry), links.get(entry.id)) for entry in entries]


class Titles:
    """The titles of actions: declared ones, and those of the steps of cases, which their definitions name."""

    def __init__(self, session: Session) -> None:
        self._database = unit_of(session).database
        self._session = session
        self._steps: dict[str, str] | None = None

    def of(self, action: str) -> Text:
        """Return an action in words, or the action itself."""
        found = action_title(self._database, action)
        if found == action and action.startswith(CASE_ACTION):
            return self._step(action.removeprefix(CASE_ACTION)) or action
        return found

    def _step(self, action: str) -> str:
        if self._steps is None:
            definitions = [row.definition for row in all_types(self._session)]
            self._steps = {step.action: step.title for one in definitions for step in one.transitions}
        title = self._steps.get(action, "")
        return gettext("Case: %(step)s", step=gettext(title)) if title else ""


def filter_of(session: Session, given: Mapping[str, Any]) -> AuditFilter:
    """Return the filter that the form means: days in the city's zone, e-mail addresses and case numbers resolved."""
    return AuditFilter(
        actor=_actor(session, given["actor"]),
        action=given["action"],
        thing=_thing(session, given["thing"]),
        outcome=given["outcome"],
        since=day_begins(given["since"]),
        until=day_begins(given["until"], 1),
        request_id=given["request_id"],
    )


def changes_of(entry: AuditEntry) -> list[Change]:
    """Return what was and what is, name by name."""
    before, after = _flat(entry.before), _flat(entry.after)
    return [Change(name, before.get(name, ""), after.get(name, "")) for name in dict.fromkeys([*before, *after])]


def _flat(facts: Any, path: str = "") -> dict[str, str]:
    if not isinstance(facts, Mapping):
        return {path: _shown(facts)} if path else {}
    if set(facts) == {"personal"}:
        return {path: gettext("(personal, not kept here)")}
    found: dict[str, str] = {}
    for name, value in facts.items():
        here = f"{path}.{name}" if path else str(name)
        found |= _flat(value, here) if isinstance(value, Mapping) and value else {here: _shown(value)}
    return found


def _shown(value: Any) -> str:
    if value is None or value == [] or value == {}:
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value)
    return str(value)


def _actor(session: Session, given: str) -> str:
    if "@" not in given:
        return given
    account = account_by_email(session, given)
    return account.public_id if account is not None else "nobody"


def _thing(session: Session, given: str) -> str:
    if not given or ":" in given:
        return given
    case = case_by_reference(session, given)
    return f"case:{case.public_id}" if case is not None else given


def _links(session: Session, entries: Sequence[AuditEntry]) -> dict[int, int]:
    rows = session.execute(
        select(AuditSeal.audit_id, AuditSeal.n).where(AuditSeal.audit_id.in_([entry.id for entry in entries]))
    )
    return {row.audit_id: row.n for row in rows}


def _posts(session: Session, entries: Iterable[AuditEntry]) -> dict[int, list[tuple[Official, str]]]:
    accounts = sorted({entry.account_id for entry in entries if entry.account_id is not None})
    if not accounts:
        return {}
    found: dict[int, list[tuple[Official, str]]] = {}
    statement = select(Official, Post.title).join(Post, Post.id == Official.post_id)
    for official, title in session.execute(statement.where(Official.account_id.in_(accounts))):
        found.setdefault(official.account_id, []).append((official, str(title)))
    return found


def _post_at(posts: Mapping[int, list[tuple[Official, str]]], entry: AuditEntry) -> str:
    held = [
        title
        for official, title in posts.get(entry.account_id or 0, [])
        if official.valid_from <= entry.at and (official.valid_until is None or entry.at < official.valid_until)
    ]
    return ", ".join(held)
