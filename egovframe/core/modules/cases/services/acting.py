"""Verb: take an action on a case. Two people at once: one wins, the other is told what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import Schema
from sqlalchemy import Update, bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from egovframe.actor import Actor
from egovframe.core.auth import can
from egovframe.core.i18n import format_datetime, gettext
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.cases.clock import enter_state, move_clock, start_clock
from egovframe.core.modules.cases.definition import ActionField, Definition, Transition
from egovframe.core.modules.cases.events import CaseChanged as CaseChangedEvent
from egovframe.core.modules.cases.models import Case, CaseEntry
from egovframe.core.modules.cases.permissions import READ
from egovframe.core.modules.cases.services.asking import Asked, check_asked, schema_of
from egovframe.core.modules.cases.services.opening import facts_of
from egovframe.core.modules.cases.services.people import author_of, own_post, tell_change
from egovframe.core.modules.cases.tracking import digest_of
from egovframe.core.modules.cases.types import definition_of
from egovframe.core.modules.events import record
from egovframe.core.modules.routing import Step, holding_of
from egovframe.core.persistence import insert_rows, kept, moment, now, quick_change
from egovframe.errors import Changed, Forbidden, NotFound


class CaseChanged(Changed):
    """The case is no longer at the version that the caller saw (409): says who changed it and what it is now.

    Args:
        version: the present version.
        state: code of the present state.
        by_caller: the last change was the caller's own, such as the same button pressed twice.
    """

    code = "case-changed"

    def __init__(self, detail: Any, *, version: int, state: str, by_caller: bool) -> None:
        super().__init__(detail)
        self.version = version
        self.state = state
        self.by_caller = by_caller


@dataclass(frozen=True, slots=True)
class ActionView:
    """One action that the actor may take now, as pages and the API offer it."""

    action: str
    title: str
    style: str
    text: str
    text_title: str
    fields: tuple[ActionField, ...]
    public: bool
    schema: Schema
    """Draws the action's form and checks it."""

    @property
    def requires_text(self) -> bool:
        """Whether a text must be written."""
        return self.text == "required"


def act(
    session: Session,
    actor: Actor,
    case_id: int,
    action: str,
    *,
    version: int,
    text: str = "",
    fields: Mapping[str, Any] | None = None,
    tracking_code: str = "",
    quiet: bool = False,
) -> Case:
    """Take an action on a case in the session's writing unit: state, clock, timeline, event, audit, messages.

    Args:
        actor: who acts.
        case_id: the case's ``id``.
        action: code of a transition of the case's own version of its type.
        version: the version that the actor saw.
        text: the answer, question, reason or note, where the action takes one.
        fields: the action's own fields by name; departments and posts by their codes.
        tracking_code: proves an anonymous reporter.
        quiet: tell nobody.

    Raises:
        NotFound: no such case, or not one that the actor may see.
        Forbidden: the actor may see the case and not do this.
        CaseChanged: somebody was faster, or the action is not possible in the case's present state.
        Invalid: text or fields are missing or wrong.
    """
    at = now(session)
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound
    as_reporter = is_reporter(session, actor, case, tracking_code)
    if not as_reporter and not can(actor, READ, case, at=at):
        raise NotFound
    definition = definition_of(session, case)
    if case.version != version:
        raise _changed(session, case, definition, actor)
    transition = definition.transition(action, case.state)
    if transition is None:
        raise _changed(session, case, definition, actor)
    if not _may(actor, case, transition, as_reporter=as_reporter, at=at):
        raise Forbidden(_("You can see this case, and this step is for others to take."))
    clean, asked = check_asked(session, transition, text, fields or {})
    before = facts_of(case)
    if not as_reporter:
        own_post(session, actor, case.department_id, at)  # remembered: asked later, it would flush half of the change
    _claim(session, case, definition, actor)
    _apply(session, actor, case, definition, transition, asked, at)
    _remember(session, actor, case, transition, clean, asked, before, as_reporter=as_reporter, at=at)
    if not quiet:
        tell_change(session, case, definition, transition, clean, actor, at=at)
    return case


def actions_for(session: Session, actor: Actor, case: Case, *, tracking_code: str = "") -> list[ActionView]:
    """Return the actions that the actor may take now, in the order of the case type, titles in the current language."""
    at = moment(session)
    as_reporter = is_reporter(session, actor, case, tracking_code)
    readable = can(actor, READ, case, at=at)
    if not (as_reporter or readable):
        return []
    definition = definition_of(session, case)
    return [
        _view(transition)
        for transition in definition.from_state(case.state)
        if _may(actor, case, transition, as_reporter=as_reporter, at=at)
    ]


def is_reporter(session: Session, actor: Actor, case: Case, tracking_code: str = "") -> bool:
    """Whether the actor is the case's reporter: signed in as such, or with the case's tracking code."""
    if actor.account_id is not None and actor.account_id == case.reporter_account_id:
        return True
    return bool(tracking_code) and digest_of(session, tracking_code) == case.tracking_digest


def _may(actor: Actor, case: Case, transition: Transition, *, as_reporter: bool, at: datetime) -> bool:
    if as_reporter and "reporter" in transition.by:
        return True
    if actor.kind == "system":
        return "system" in transition.by or "staff" in transition.by
    return "staff" in transition.by and can(actor, READ, case, at=at) and can(actor, transition.permission, case, at=at)


def _claim(session: Session, case: Case, definition: Definition, actor: Actor) -> None:
    """Raise the version by one, only from what the caller saw: the one place that decides between two at once."""
    seen = {"seen_id": case.id, "seen_version": case.version, "seen_state": case.state}
    if quick_change(session, _raised(), seen) != 1:
        session.refresh(case)
        raise _changed(session, case, definition, actor)
    set_committed_value(case, "version", case.version + 1)


@kept
def _raised() -> Update:
    seen = Case.id == bindparam("seen_id"), Case.version == bindparam("seen_version")
    return update(Case).where(*seen, Case.state == bindparam("seen_state")).values(version=Case.version + 1)


def _apply(
    session: Session,
    actor: Actor,
    case: Case,
    definition: Definition,
    transition: Transition,
    asked: Asked,
    at: datetime,
) -> None:
    state_before, kind_before = case.state, case.kind
    case.state = transition.target or case.state
    case.kind = definition.states[case.state].kind
    case.updated_at = at
    _effect(session, actor, case, transition, asked, at)
    move_clock(session, case, kind_before, at)
    if case.state != state_before:
        enter_state(session, case, definition, at)
    if transition.clock == "restart":
        start_clock(session, case, at)


def _effect(session: Session, actor: Actor, case: Case, transition: Transition, asked: Asked, at: datetime) -> None:
    if transition.effect == "take":
        post = own_post(session, actor, case.department_id, at)
        case.assignee_id = actor.account_id
        case.post_id = post.id if post and post.department_id == case.department_id else case.post_id
    elif transition.effect == "release":
        case.assignee_id = None
    elif transition.effect == "pass_on" and asked.department is not None:
        case.department_id = asked.department.id
        case.post_id = case.assignee_id = None
        steps = [Step("assigned", {"office": asked.post.title if asked.post else asked.department.name})]
        if asked.post is not None:
            held = holding_of(session, asked.post, at)
            case.post_id = held.post_id if held else asked.post.id
            case.assignee_id = held.account_id if held else None
            steps += [held.step] if held else []
        case.routing = [step.as_data() for step in steps]
        case.is_triage = False


def _remember(
    session: Session,
    actor: Actor,
    case: Case,
    transition: Transition,
    text: str,
    asked: Asked,
    before: Mapping[str, Any],
    *,
    as_reporter: bool,
    at: datetime,
) -> None:
    entry = {
        "case_id": case.id,
        "case_version": case.version,
        "at": at,
        "kind": "action",
        "public": transition.public,
        "action": transition.action,
        "from_state": before["state"],
        "to_state": case.state,
        "text": text,
        "data": asked.data,
        **author_of(session, actor, case, as_reporter=as_reporter and "reporter" in transition.by).columns(),
    }
    insert_rows(session, CaseEntry, entry)
    told = CaseChangedEvent(case.id, case.type_code, transition.action, before["state"], case.state, case.version)
    record(session, told, actor)
    audit(
        session, actor, f"cases:case:{transition.action}", f"case:{case.public_id}", before=before, after=facts_of(case)
    )


def _changed(session: Session, case: Case, definition: Definition, actor: Actor) -> CaseChanged:
    last = session.scalars(
        select(CaseEntry).where(CaseEntry.case_id == case.id).order_by(CaseEntry.id.desc()).limit(1)
    ).first()
    own = last is not None and last.author_id is not None and last.author_id == actor.account_id
    return CaseChanged(
        " ".join(_what_happened(definition, case, last, own=own)), version=case.version, state=case.state, by_caller=own
    )


def _what_happened(definition: Definition, case: Case, last: CaseEntry | None, *, own: bool) -> Iterator[str]:
    if last is not None:
        move = definition.transition(last.action, last.from_state)
        values = {
            "what": gettext(move.done_title) if move else gettext("Changed"),
            "when": format_datetime(last.at, "medium"),
        }
        if own:
            yield gettext("You already did this: “%(what)s”, %(when)s.", **values)
        elif last.author_kind == "staff":
            yield gettext("%(who)s was faster: “%(what)s”, %(when)s.", who=last.author_label or "–", **values)
        else:
            yield gettext("This changed while you were reading: “%(what)s”, %(when)s.", **values)
    yield gettext("The case is now “%(state)s”.", state=gettext(definition.title_of(case.state)))


def _view(transition: Transition) -> ActionView:
    return ActionView(
        action=transition.action,
        title=gettext(transition.title),
        style=transition.style,
        text=transition.text,
        text_title=gettext(transition.text_title) if transition.text_title else gettext("Text"),
        fields=transition.fields,
        public=transition.public,
        schema=schema_of(transition),
    )
