"""What an action asks for: its text and fields, checked before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from marshmallow import Schema, ValidationError
from marshmallow import fields as base
from sqlalchemy.orm import Session

from egovframe import fields as strict
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.cases.definition import Transition
from egovframe.core.modules.organisation import Department, Post, department_by_code, post_by_code
from egovframe.core.persistence import moment
from egovframe.errors import Invalid

MAX_TEXT = 8_000
TEXT = "text"
FIELDS: Mapping[str, Callable[..., base.Field[Any]]] = {
    "text": lambda **more: strict.Text(max_length=300, **more),
    "long_text": lambda **more: strict.LongText(max_length=4_000, **more),
    "date": strict.Date,
    "instant": strict.Instant,
    "department": lambda **more: strict.Text(max_length=60, **more),
    "post": lambda **more: strict.Text(max_length=60, **more),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of an action as checked: for the entry, and the office where one was named."""

    data: dict[str, Any] = field(default_factory=dict)
    department: Department | None = None
    post: Post | None = None


@lru_cache(maxsize=1024)
def schema_of(transition: Transition) -> Schema:
    """Return what an action asks for as one schema: it draws the form and checks what comes back.

    Made once for each action of each version, since making a schema is slow; its words are translated when shown.
    """
    fields: dict[str, Any] = {}
    if transition.text != "none":
        label = _(transition.text_title) if transition.text_title else _("Text")
        wanted = transition.text == "required"
        fields[TEXT] = strict.LongText(max_length=MAX_TEXT, required=wanted, metadata={"label": label, "rows": 5})
    for asked in transition.fields:
        words = {"label": _(asked.title), "hint": _(asked.hint) if asked.hint else ""}
        fields[asked.name] = FIELDS[asked.type](required=asked.required, metadata=words)
    return strict.StrictSchema.from_dict(fields)()


def check_asked(session: Session, transition: Transition, text: str, given: Mapping[str, Any]) -> tuple[str, Asked]:
    """Return the action's text and fields as they will be stored; raise Invalid that names everything wrong."""
    values = {name: value for name, value in given.items() if value not in (None, "")}
    if transition.text != "none":
        values[TEXT] = text
    loaded = _load(schema_of(transition), values)
    return str(loaded.pop(TEXT, "")), _offices(session, transition, loaded)


def _offices(session: Session, transition: Transition, loaded: Mapping[str, Any]) -> Asked:
    department = post = None
    data: dict[str, dict[str, Any]] = {"public": {}, "internal": {}}
    for asked in transition.fields:
        if asked.name not in loaded:
            continue
        value = loaded[asked.name]
        if asked.type == "department":
            department = value = _department(session, asked.name, value)
        elif asked.type == "post":
            post = value = _post(session, asked.name, value)
        data["public" if asked.public else "internal"][asked.name] = _plain(value)
    if post is not None and department is not None and post.department_id != department.id:
        raise Invalid(errors={"post": [_("This post belongs to another department.")]})
    return Asked(data if transition.fields else {}, department, post)


def _load(schema: Schema, given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(dict(given))
    except ValidationError as error:
        found = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(errors={name: list(_each(messages)) for name, messages in found.items()}) from error
    return loaded


def _each(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


def _department(session: Session, name: str, code: str) -> Department:
    found = department_by_code(session, code)
    if found is None or _ended(session, found):
        raise Invalid(errors={name: [_("There is no department with this code.")]})
    return found


def _post(session: Session, name: str, code: str) -> Post:
    found = post_by_code(session, code)
    if found is None or _ended(session, found):
        raise Invalid(errors={name: [_("There is no post with this code.")]})
    return found


def _ended(session: Session, office: Department | Post) -> bool:
    return office.valid_until is not None and office.valid_until <= moment(session)


def _plain(value: Any) -> Any:
    if isinstance(value, Department):
        return {"code": value.code, "name": _stored(value.name)}
    if isinstance(value, Post):
        return {"code": value.code, "name": _stored(value.title)}
    return value.isoformat() if isinstance(value, datetime) or hasattr(value, "isoformat") else value


def _stored(content: Any) -> Any:
    return content.to_json() if hasattr(content, "to_json") else content


__all__ = ["Asked", "check_asked", "schema_of"]
