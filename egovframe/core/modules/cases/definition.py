"""Case types as data: the TOML format, read and checked with every problem reported at once.

A definition says which states a case can be in, which actions lead from one to another, who may do them, what they
require and who is told. The format is described for authors in ``docs/reference/case_types.md``; strings that people
read (``title``, ``done`` …) are gettext message ids of the plugin that ships the file.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from egovframe.errors import ProblemList

StateKind = Literal["open", "waiting", "terminal"]
Mode = Literal["calendar", "working"]
STATE_KINDS = ("open", "waiting", "terminal")
MODES = ("calendar", "working")
PARTIES = ("staff", "reporter", "system")
TELLABLE = ("reporter", "official", "department_head")
EFFECTS = ("none", "take", "pass_on", "release")
FIELD_TYPES = ("text", "long_text", "date", "instant", "department", "post")
STYLES = ("primary", "secondary", "danger")
TEXT_RULES = ("none", "optional", "required")
CODE = re.compile(r"^[a-z][a-z0-9_]{0,39}\Z")
REFERENCE = re.compile(r"^[A-Z][A-Z0-9]{0,5}-\{year\}-\{number:0[4-9]\}-\{check\}\Z")
ENDPOINT = re.compile(r"^([a-z_]{1,60}\.[a-z_]{1,60})?\Z")
WORDS = re.compile(r"^[^%\x00-\x1f]+\Z")
RESERVED = frozenset({"text", "version", "csrf_token"})
MAX_LEVELS = 3
MAX_HOURS = 24 * 366 * 10


class CaseTypeError(ProblemList):
    """A case type file cannot be used; every problem is listed."""


@dataclass(frozen=True, slots=True)
class State:
    """A state of a case: the clock runs in ``open`` ones, pauses in ``waiting`` ones and ends in ``terminal`` ones."""

    code: str
    title: str
    kind: StateKind
    hours: float | None = None
    """Hours by which a case must leave this open state, in the deadline's mode; None for no limit of its own."""


@dataclass(frozen=True, slots=True)
class ActionField:
    """Something an action asks for besides its text; ``department`` and ``post`` take codes of the organisation."""

    name: str
    title: str
    type: str = "text"
    required: bool = True
    public: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """One action: from which states, to which, by whom, what it asks for, who is told."""

    action: str
    title: str
    sources: tuple[str, ...]
    target: str | None
    done: str = ""
    by: tuple[str, ...] = ("staff",)
    permission: str = "cases:case:work"
    text: str = "none"
    text_title: str = ""
    fields: tuple[ActionField, ...] = ()
    public: bool = True
    tell: tuple[str, ...] = ()
    style: str = "secondary"
    effect: str = "none"
    clock: str = "keep"

    @property
    def done_title(self) -> str:
        """What the timeline calls it once it has happened."""
        return self.done or self.title


@dataclass(frozen=True, slots=True)
class Automatic:
    """An action that the system takes when a case has rested in a state for a time (calendar hours)."""

    action: str
    state: str
    after_hours: float


@dataclass(frozen=True, slots=True)
class Escalation:
    """After so many calendar hours past the deadline, tell the superior this many steps up the reporting line."""

    after_hours: float
    level: int


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole case type of one version."""

    code: str
    title: str
    reference: str
    start: str
    start_assigned: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    deadline_hours: float | None = None
    deadline_mode: Mode = "calendar"
    automatic: tuple[Automatic, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    stale_hours: float = 72
    """A threshold passed longer ago than this (a worker that stood still) is noted without telling anybody."""
    reporter_page: str = ""
    """Flask endpoint where the reporter follows a case by tracking code (``code``); messages lead there."""
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def transition(self, action: str, state: str) -> Transition | None:
        """Return the transition for an action in a state, or None when the action is not possible there."""
        return next((t for t in self.transitions if t.action == action and state in t.sources), None)

    def from_state(self, state: str) -> list[Transition]:
        """Return the transitions that start in a state, in the order of the file."""
        return [t for t in self.transitions if state in t.sources]

    def title_of(self, state: str) -> str:
        """Return the message id of a state's title."""
        return self.states[state].title

    def messages(self) -> Iterator[str]:
        """Yield every message id, for the extraction into catalogues."""
        yield self.title
        for state in self.states.values():
            yield state.title
        for transition in self.transitions:
            asked = (text for f in transition.fields for text in (f.title, f.hint))
            yield from filter(None, (transition.title, transition.done, transition.text_title, *asked))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: two files with the same meaning are one version."""
        return hashlib.sha256(canonical(self.raw).encode()).hexdigest()


class _Strict(Schema):
    class Meta:
        unknown = RAISE


def _one_of(*choices: str) -> validate.OneOf:
    return validate.OneOf(choices)


def _code(**more: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(CODE, error="use lower-case letters, digits and _"), **more)


def _title(**more: Any) -> fields.String:
    words = validate.Regexp(WORDS, error="write one line without %")
    return fields.String(validate=[validate.Length(min=1, max=200), words], **more)


def _hours(**more: Any) -> fields.Float:
    return fields.Float(validate=validate.Range(min=0, max=MAX_HOURS), **more)


class _StateSchema(_Strict):
    title = _title(required=True)
    kind = fields.String(required=True, validate=_one_of(*STATE_KINDS))
    hours = _hours(allow_none=True)


class _FieldSchema(_Strict):
    name = _code(required=True)
    title = _title(required=True)
    type = fields.String(load_default="text", validate=_one_of(*FIELD_TYPES))
    required = fields.Boolean(load_default=True)
    public = fields.Boolean(load_default=False)
    hint = fields.String(load_default="", validate=validate.Length(max=400))


class _TransitionSchema(_Strict):
    action = _code(required=True)
    title = _title(required=True)
    done = fields.String(load_default="", validate=validate.Length(max=200))
    sources = fields.List(_code(), required=True, data_key="from", validate=validate.Length(min=1))
    target = _code(load_default=None, allow_none=True, data_key="to")
    by = fields.List(fields.String(validate=_one_of(*PARTIES)), load_default=lambda: ["staff"])
    permission = fields.String(
        load_default="cases:case:work", validate=validate.Regexp(r"^[a-z_]+:[a-z_]+:[a-z_]+\Z", error="write a:b:c")
    )
    text = fields.String(load_default="none", validate=_one_of(*TEXT_RULES))
    text_title = fields.String(load_default="", validate=validate.Length(max=200))
    fields_ = fields.List(fields.Nested(_FieldSchema), load_default=list, data_key="fields")
    public = fields.Boolean(load_default=True)
    tell = fields.List(fields.String(validate=_one_of(*TELLABLE)), load_default=list)
    style = fields.String(load_default="secondary", validate=_one_of(*STYLES))
    effect = fields.String(load_default="none", validate=_one_of(*EFFECTS))
    clock = fields.String(load_default="keep", validate=_one_of("keep", "restart"))


class _DeadlineSchema(_Strict):
    hours = _hours(load_default=None, allow_none=True)
    mode = fields.String(load_default="calendar", validate=_one_of(*MODES))


class _AutomaticSchema(_Strict):
    action = _code(required=True)
    state = _code(required=True)
    after_hours = _hours(required=True)


class _EscalationSchema(_Strict):
    after_hours = _hours(required=True)
    level = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=MAX_LEVELS))


class _DefinitionSchema(_Strict):
    code = _code(required=True)
    title = _title(required=True)
    reference = fields.String(
        required=True,
        validate=validate.Regexp(REFERENCE, error="write it like C-{{year}}-{{number:06}}-{{check}}"),
    )
    start = _code(required=True)
    start_assigned = _code(load_default=None, allow_none=True)
    deadline = fields.Nested(_DeadlineSchema, load_default=lambda: _DeadlineSchema().load({}))
    stale_hours = _hours(load_default=72.0)
    reporter_page = fields.String(
        load_default="", validate=validate.Regexp(ENDPOINT, error="write an endpoint like my_plugin.follow")
    )
    states = fields.Dict(keys=_code(), values=fields.Nested(_StateSchema), required=True)
    transitions = fields.List(fields.Nested(_TransitionSchema), required=True)
    automatic = fields.List(fields.Nested(_AutomaticSchema), load_default=list)
    escalation = fields.List(
        fields.Nested(_EscalationSchema), load_default=list, validate=validate.Length(max=MAX_LEVELS)
    )


def load_definition(path: Path) -> Definition:
    """Read one TOML file.

    Raises:
        CaseTypeError: unreadable or wrong; lists everything at once.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CaseTypeError(f"The case type {path.name} cannot be read:", [str(error)]) from error
    return parse_definition(raw, name=path.name)


def parse_definition(raw: Mapping[str, Any], *, name: str = "definition") -> Definition:
    """Check a parsed definition and return it.

    Raises:
        CaseTypeError: lists every problem of shape, or else every problem of meaning.
    """
    try:
        loaded = _DefinitionSchema().load(raw)
    except ValidationError as error:
        raise CaseTypeError(f"The case type {name} cannot be used:", list(_flat(error.messages))) from error
    definition = _build(loaded, raw)
    problems = list(_problems(definition))
    if problems:
        raise CaseTypeError(f"The case type {name} cannot be used:", problems)
    return definition


def canonical(raw: Mapping[str, Any]) -> str:
    """Return the definition as JSON text with sorted keys."""
    return json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=256)
def definition_from_json(text: str) -> Definition:
    """Return the definition stored as JSON; parsed once per process since a version never changes."""
    return parse_definition(json.loads(text))


def _build(loaded: Mapping[str, Any], raw: Mapping[str, Any]) -> Definition:
    return Definition(
        code=loaded["code"],
        title=loaded["title"],
        reference=loaded["reference"],
        start=loaded["start"],
        start_assigned=loaded["start_assigned"] or loaded["start"],
        states={code: State(code, **values) for code, values in loaded["states"].items()},
        transitions=tuple(_transition(values) for values in loaded["transitions"]),
        deadline_hours=loaded["deadline"]["hours"],
        deadline_mode=loaded["deadline"]["mode"],
        automatic=tuple(Automatic(**values) for values in loaded["automatic"]),
        escalations=tuple(
            sorted((Escalation(**values) for values in loaded["escalation"]), key=lambda step: step.after_hours)
        ),
        stale_hours=loaded["stale_hours"],
        reporter_page=loaded["reporter_page"],
        raw=raw,
    )


def _transition(values: Mapping[str, Any]) -> Transition:
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    asked = tuple(ActionField(**one) for one in plain.pop("fields_"))
    return Transition(fields=asked, **plain)


def _problems(definition: Definition) -> Iterator[str]:
    states = definition.states
    for key, code in (("start", definition.start), ("start_assigned", definition.start_assigned)):
        if code not in states:
            yield f"{key}: there is no state {code!r}"
        elif states[code].kind != "open":
            yield f"{key}: {code!r} must be an open state"
    for state in states.values():
        if state.hours is not None and state.kind != "open":
            yield f"states: {state.code!r} cannot have hours, since the clock only runs in open states"
    if not any(state.kind == "terminal" for state in states.values()):
        yield "states: at least one must be terminal, or no case could ever end"
    seen: set[tuple[str, str]] = set()
    for number, transition in enumerate(definition.transitions, 1):
        yield from _transition_problems(number, transition, states, seen)
    yield from _reach_problems(definition)
    for step in definition.automatic:
        move = definition.transition(step.action, step.state)
        if move is None or "system" not in move.by:
            yield f"automatic: no action {step.action!r} from {step.state!r} that the system may take"
        elif move.text == "required" or any(asked.required for asked in move.fields):
            yield f"automatic: {step.action!r} asks for something that only a person can write"
    if len({step.level for step in definition.escalations}) < len(definition.escalations):
        yield "escalation: each level may be named once"


def _transition_problems(
    number: int, transition: Transition, states: Mapping[str, State], seen: set[tuple[str, str]]
) -> Iterator[str]:
    where = f"transition {number} ({transition.action})"
    for state in (*transition.sources, *([transition.target] if transition.target else [])):
        if state not in states:
            yield f"{where}: there is no state {state!r}"
    for source in transition.sources:
        if (transition.action, source) in seen:
            yield f"{where}: a second {transition.action!r} from {source!r}"
        seen.add((transition.action, source))
    taken = sorted({asked.name for asked in transition.fields} & RESERVED)
    if taken:
        yield f"{where}: call the field something else than {', '.join(taken)}"
    if len({asked.name for asked in transition.fields}) < len(transition.fields):
        yield f"{where}: two fields of the same name"
    if transition.effect == "pass_on" and not any(asked.type == "department" for asked in transition.fields):
        yield f"{where}: passing on needs a field of type 'department'"
    if transition.effect == "take" and set(transition.by) != {"staff"}:
        yield f"{where}: only staff can take a case"
    if not transition.by:
        yield f"{where}: nobody may do it"


def _reach_problems(definition: Definition) -> Iterator[str]:
    reached = {definition.start, definition.start_assigned}
    while True:
        more = {t.target for t in definition.transitions if t.target and reached & set(t.sources)} - reached
        if not more:
            break
        reached |= more
    for code in definition.states:
        if code not in reached:
            yield f"states: {code!r} can never be reached"
    for code, state in definition.states.items():
        leaves = any(t.target not in (None, code) for t in definition.from_state(code))
        if state.kind != "terminal" and not leaves:
            yield f"states: a case could never leave {code!r}"


def _flat(messages: Any, path: str = "") -> Iterator[str]:
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            yield from _flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(messages, list):
        for value in messages:
            yield from _flat(value, path)
    else:
        yield f"{path}: {messages}"
