"""What an action asks for: its text and fields, checked before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from marshmallow import fields as base
from sqlalchemy.orm import Session

from egovframe import fields as strict
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.cases.definition import ActionField, Transition
from egovframe.core.modules.organisation import Department, Post, department_by_code, post_by_code
from egovframe.core.persistence import now
from egovframe.errors import Invalid

MAX_TEXT = 8_000
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


def clean_text_of(transition: Transition, text: str) -> str:
    """Return the text as it will be stored; raise Invalid when it is missing, too long or not wanted."""
    if transition.text == "none":
        return ""
    wanted = transition.text == "required"
    return str(_load({"text": strict.LongText(max_length=MAX_TEXT, required=wanted)}, {"text": text})["text"])


def clean_fields(session: Session, transition: Transition, given: Mapping[str, Any]) -> Asked:
    """Return the action's fields; raise Invalid that names every wrong one."""
    present = {name: value for name, value in given.items() if value not in (None, "")}
    loaded = _load({asked.name: _field(asked) for asked in transition.fields}, present)
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


def _field(asked: ActionField) -> base.Field[Any]:
    return FIELDS[asked.type](required=asked.required)


def _load(fields: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    schema = strict.StrictSchema.from_dict(dict(fields))()
    try:
        loaded: dict[str, Any] = schema.load(dict(given))
    except ValidationError as error:
        raise Invalid(
            errors={name: list(_each(found)) for name, found in error.normalized_messages().items()}  # type: ignore[no-untyped-call]
        ) from error
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
    return office.valid_until is not None and office.valid_until <= now(session)


def _plain(value: Any) -> Any:
    if isinstance(value, Department):
        return {"code": value.code, "name": _stored(value.name)}
    if isinstance(value, Post):
        return {"code": value.code, "name": _stored(value.title)}
    return value.isoformat() if isinstance(value, datetime) or hasattr(value, "isoformat") else value


def _stored(content: Any) -> Any:
    return content.to_json() if hasattr(content, "to_json") else content


__all__ = ["Asked", "clean_fields", "clean_text_of"]
